"""Refuse what takes something for granted that does not hold.

In:        the facts of a refusal
Out:       412
Not here:  checking it (operations)
"""

from __future__ import annotations

from collections.abc import Iterable

from verselet.errors.root import ServiceError


class PreconditionFailed(ServiceError):
    """What the request takes for granted does not hold."""

    code = 0x80040237
    status = 412


class DuplicateRow(PreconditionFailed):
    """A row with that primary key is there already. [E-14]"""

    code = 0x80040237

    def __init__(self, message: str = "Cannot insert duplicate key.") -> None:
        super().__init__(message)


class DuplicateKey(PreconditionFailed):
    """A row with the values of an alternate key is there already. [E-14]"""

    code = 0x80060892

    def __init__(self, key: str, columns: Iterable[str]) -> None:
        super().__init__(
            f"A record that has the attribute values {', '.join(columns)} already exists. The entity key {key} "
            "requires that this set of attributes contains unique values. Select unique values and try again."
        )


class VersionMismatch(PreconditionFailed):
    """The row was changed since the caller read it. [E-15]"""

    code = 0x80060882

    def __init__(self) -> None:
        super().__init__("The version of the existing record doesn't match the RowVersion property provided.")
