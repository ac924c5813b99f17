"""Move rows to the lake.

In:        made by jobs
Out:       frozen messages
Not here:  doing it (operations.retention), when it is done (jobs.retention)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import Request, Response
from verselet.query.fetchxml.tree import Fetch
from verselet.values import Reference, Row

MARK, COPY, DELETE = 10, 20, 30
"""At what a row failed. [RET-24]"""


class Marked(msgspec.Struct, frozen=True):
    """A row that is to go, in the version it has now."""

    table: str
    id: str
    version: int


class Family(msgspec.Struct, frozen=True):
    """Rows that go together or stay together: a root and those that its deletion would take along, root first."""

    rows: tuple[Marked, ...]

    @property
    def root(self) -> Marked:
        """The row that the policy found."""
        return self.rows[0]


class Failure(msgspec.Struct, frozen=True):
    """Why a row stays. [RET-24]"""

    operation: int
    table: str
    id: str
    reason: str


class BulkRetain(Request, frozen=True, tag=True):
    """Mark a page of the rows that a policy finds, and their children. [RET-2], [RET-30]

    `last` is the id of the last row of the page before, None for the first page.
    """

    table: str
    fetch: Fetch
    text: str
    operation: str
    page_size: int
    last: str | None = None


class BulkRetained(Response, frozen=True):
    """The rows that are marked, those that failed, and where the next page begins; None where none follows."""

    families: tuple[Family, ...]
    failures: tuple[Failure, ...]
    last: str | None


class Retain(Request, frozen=True, tag=True):
    """Mark one row. [RET-31]"""

    target: Reference
    operation: str


class RollbackRetain(Request, frozen=True, tag=True):
    """Mark one row no longer: it stays. [RET-32]"""

    target: Reference
    operation: str


class PurgeRetainedContent(Request, frozen=True, tag=True):
    """Delete the rows that were copied. [RET-33] Rows with a version above `newest` changed meanwhile. [RET-4]"""

    table: str
    operation: str
    families: tuple[Family, ...]
    newest: int


class Purged(Response, frozen=True):
    """The rows that are gone, and those that stay."""

    families: tuple[Family, ...]
    failures: tuple[Failure, ...]


class ValidateRetentionConfig(Request, frozen=True, tag=True):
    """May this policy be saved? [RET-34]"""

    target: Row
    table: str
    text: str
