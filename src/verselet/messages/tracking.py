"""What clients that follow the changes of a table ask for.

In:        made by web.tracking
Out:       frozen messages, as those of messages.request
Not here:  the rows that changed: those are an ordinary query (query.tree)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import ReadingRequest, Response


class RetrieveVersionsSeen(ReadingRequest, frozen=True, tag=True):
    """Up to which version a client that reads `table` from now on will have seen everything. [DT-2]"""

    table: str


class VersionsSeenResponse(Response, frozen=True):
    """The version, when it was asked for in wire form, and for how many days it can be built upon. [DT-6]"""

    version: int
    at: str
    valid_days: int


class RetrieveDeletedRows(ReadingRequest, frozen=True, tag=True):
    """Which rows of a table were deleted after one version and up to another, `limit` at most. [DT-3]"""

    table: str
    after: int
    up_to: int
    limit: int


class DeletedRow(msgspec.Struct, frozen=True):
    """A row that is gone, and the version of its end."""

    id: str
    version: int


class DeletedRowsResponse(Response, frozen=True):
    """The rows in the order of their ends."""

    rows: tuple[DeletedRow, ...]


class CountChanges(ReadingRequest, frozen=True, tag=True):
    """How many rows of a table were made, changed or deleted after a version. [DT-4]"""

    table: str
    after: int


class CountChangesResponse(Response, frozen=True):
    """Their number."""

    number: int
