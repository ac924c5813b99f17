"""What is to be done with the counters of auto-number columns.

In:        made by web.row_functions
Out:       frozen messages
Not here:  counting (store.numbers), the formats, which are definitions (messages.definitions)
"""

from __future__ import annotations

from verselet.messages.request import ReadingRequest, Request


class SetAutoNumberSeed(Request, frozen=True, tag=True):
    """Count anew from `value`, which the next row gets. [JOB-68]"""

    table: str
    column: str
    value: int


class GetAutoNumberSeed(ReadingRequest, frozen=True, tag=True):
    """The number counting began with. [JOB-68]"""

    table: str
    column: str


class GetNextAutoNumberValue(ReadingRequest, frozen=True, tag=True):
    """The number the next row would get. [JOB-68]"""

    table: str
    column: str
