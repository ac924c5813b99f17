"""Delete rows in the background.

In:        made by web
Out:       frozen messages; what a job keeps of its question
Not here:  doing it (jobs)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import Request
from verselet.query.fetchxml.tree import Fetch


class BulkDelete(Request, frozen=True, tag=True):
    """Delete what the queries find, later, as the caller. [BM-10], [JOB-1]

    `start` is a point in time in wire form, or nothing for now; `recurrence` is empty, or as `FREQ=DAILY;INTERVAL=1`.
    `skips_bin`: the recycle bin keeps nothing of it. [BIN-3]
    """

    name: str
    queries: tuple[Fetch, ...]
    start: str | None = None
    recurrence: str = ""
    skips_bin: bool = False


class BulkDeletion(msgspec.Struct, frozen=True):
    """What a job keeps: the queries in their order, and whether what they find is gone for good."""

    queries: tuple[Fetch, ...]
    skips_bin: bool = False
