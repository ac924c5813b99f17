"""Find duplicates, and say which rules find them.

In:        made by web
Out:       frozen messages
Not here:  refusing a write, which its own message asks for (messages.request)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import ReadingRequest, Request, Response, RowKey
from verselet.query.fetchxml.tree import Fetch
from verselet.values import Row


class RetrieveDuplicates(ReadingRequest, frozen=True, tag=True):
    """The rows that count as the same as `row`, which need not be stored. [DD-3], [JOB-20]

    `page` counts from 1, `size` is the number of rows on one.
    """

    row: Row
    matching_table: str
    page: int = 1
    size: int = 5_000


class Duplicates(Response, frozen=True):
    """The ids of the rows, sorted."""

    table: str
    ids: tuple[str, ...]


class PublishDuplicateRule(Request, frozen=True, tag=True):
    """From now on the rule finds duplicates. [JOB-17]"""

    rule: RowKey


class UnpublishDuplicateRule(Request, frozen=True, tag=True):
    """From now on the rule finds nothing. [JOB-17]"""

    rule: RowKey


class BulkDetectDuplicates(Request, frozen=True, tag=True):
    """Look for the duplicates of what a query finds, later, as the caller. [JOB-21] Times as in `BulkDelete`."""

    name: str
    query: Fetch
    start: str | None = None
    recurrence: str = ""


class BulkDetection(msgspec.Struct, frozen=True):
    """What the job keeps."""

    query: Fetch


class NoteDuplicates(Request, frozen=True, tag=True):
    """Keep the duplicates of one row as rows of `duplicaterecord`. For the server itself, as the one who asked."""

    job: str
    table: str
    row_id: str
