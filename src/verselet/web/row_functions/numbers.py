"""Read and answer the operations on the counters of auto-number columns.

In:        a call
Out:       an `Answer`
Not here:  what they do (operations.numbers)
"""

from __future__ import annotations

from typing import Final

from verselet.messages.numbers import GetAutoNumberSeed, GetNextAutoNumberValue, SetAutoNumberSeed
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import number_of, text_of

COLUMN: Final = ("EntityName", "AttributeName")


def set_seed(call: Call) -> Answer:
    """Count anew. [JOB-68]"""
    return call.done(SetAutoNumberSeed(*_column(call), number_of(call.given, "Value")))


def get_seed(call: Call) -> Answer:
    """Where counting began. [JOB-68]"""
    return call.properties(GetAutoNumberSeed(*_column(call)))


def get_next(call: Call) -> Answer:
    """What comes next. [JOB-68]"""
    return call.properties(GetNextAutoNumberValue(*_column(call)))


def _column(call: Call) -> tuple[str, str]:
    table, column = (text_of(call.given, name) for name in COLUMN)
    return table, column
