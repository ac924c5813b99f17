"""Refuse what columns cannot be or do.

In:        the facts of a refusal
Out:       400
Not here:  values that do not fit their column (errors.requests)
"""

from __future__ import annotations

from verselet.errors.requests import BadRequest


class ColumnNotSecurable(BadRequest):
    """A column that everybody who sees the row must see cannot be secured. [SEC-100]"""

    code = 0x8004F501

    def __init__(self, column: str, table: str) -> None:
        super().__init__(f"The attribute '{column}' of the entity '{table}' cannot be secured.")


class KeyColumnSecured(BadRequest):
    """A column cannot be secured and belong to an alternate key, by which rows can be found. [SEC-100]"""

    code = 0x80060896

    def __init__(self, column: str, key: str) -> None:
        super().__init__(f"The attribute '{column}' cannot be secured and belong to the entity key '{key}'.")
