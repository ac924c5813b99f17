"""Refuse to bring deleted rows back.

In:        the facts of a refusal
Out:       400
Not here:  deciding it (operations.restore)
"""

from __future__ import annotations

from verselet.errors.requests import BadRequest


class NotInBin(BadRequest):
    """Nothing was deleted under that id, or it went along with another row. [BIN-13], [BIN-12]"""

    code = 0x80049959

    def __init__(self, table: str, row_id: str) -> None:
        super().__init__(
            f"The record of '{table}' with Id = {row_id} cannot be restored: it was not found in the recycle bin.",
            hint="Rows that went along with another row come back with that one.",
        )


class AliveAgain(BadRequest):
    """There is a row with that id. [BIN-13]"""

    code = 0x80044A02

    def __init__(self, table: str, row_id: str) -> None:
        super().__init__(f"The record cannot be restored: a record of '{table}' with Id = {row_id} exists already.")


class KeyTakenMeanwhile(BadRequest):
    """Another row has the values of an alternate key by now. [BIN-13]"""

    code = 0x80049929

    def __init__(self, table: str) -> None:
        super().__init__(
            f"The record of '{table}' cannot be restored: another record has the same values of an alternate key.",
            hint="Send other values for the columns of the key along.",
        )


class ChoiceGone(BadRequest):
    """A value that the choice does not have any more. [BIN-13]"""

    code = 0x80049949

    def __init__(self, table: str, column: str, value: object) -> None:
        super().__init__(
            f"The record of '{table}' cannot be restored: the choice '{column}' has no value {value} any more.",
            hint="Send another value for the column along.",
        )


class BinRefused(BadRequest):
    """A setting of the recycle bin that cannot be. [BIN-1], [BIN-7]"""

    code = 0x80040203
