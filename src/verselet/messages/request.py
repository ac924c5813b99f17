"""What travels into and out of the pipeline.

In:        made by web, seeding, ui from what they were asked
Out:       frozen messages: requests and responses, one struct per message
Not here:  what a message does (operations), who may send it (security)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from verselet.query.tree import Query
from verselet.values import Row, Value


class RowKey(msgspec.Struct, frozen=True):
    """How a row is named: by `id`, or by the columns of an alternate key. [U-9], [K-1]"""

    id: str | None = None
    values: tuple[tuple[str, Value], ...] = ()


class Precondition(msgspec.Struct, frozen=True):
    """What must hold before a write or read. [WF-1] to [WF-6]

    `version` is the number of an entity tag; `exists` is True for `If-Match: *`, False for `If-None-Match: *`.
    """

    version: int | None = None
    exists: bool | None = None


class Request(msgspec.Struct, frozen=True, tag_field="message"):
    """The root of all requests."""


class ReadingRequest(Request, frozen=True):
    """The root of requests that change nothing, so that they wait for no writer."""


class Response(msgspec.Struct, frozen=True):
    """The root of all responses; a plain one says only that it was done."""


class Related(msgspec.Struct, frozen=True):
    """A row that is made together with another one. [C-9]

    `column` is the lookup between the two: of the new row for what it points to, of the related row for what points
    to the new row.
    """

    column: str
    create: Create


class Paired(msgspec.Struct, frozen=True):
    """A row that is made and connected to a new one through a many-to-many collection of it. [C-9]"""

    navigation: str
    create: Create


class Linked(msgspec.Struct, frozen=True):
    """A row that is there and is connected to a new one through a collection of it. [AS-10]"""

    navigation: str
    table: str
    key: RowKey


class Companions(msgspec.Struct, frozen=True):
    """What comes with a new row. [C-9]

    `parents` are made first and pointed to, `children` afterwards and point to it; then `pairs` are made and connected,
    and `links` connected.
    """

    parents: tuple[Related, ...] = ()
    children: tuple[Related, ...] = ()
    pairs: tuple[Paired, ...] = ()
    links: tuple[Linked, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parents or self.children or self.pairs or self.links)


ALONE: Final = Companions()


class Create(Request, frozen=True, tag=True):
    """Make one row, and its companions; `target.id` may be given. [C-1], [C-9]

    `detects_duplicates`: refused where a published rule finds a duplicate; so for the other writes. [DD-1]
    """

    target: Row
    companions: Companions = ALONE
    detects_duplicates: bool = False


class CreateResponse(Response, frozen=True):
    """The id of the new row."""

    id: str


class CreateMultiple(Request, frozen=True, tag=True):
    """Make several rows of one table, all or none. [BM-1], [BM-6]"""

    table: str
    targets: tuple[Row, ...]


class CreateMultipleResponse(Response, frozen=True):
    """The ids in the order of the targets."""

    ids: tuple[str, ...]


class Update(Request, frozen=True, tag=True):
    """Change the given columns of one row. [UP-1]"""

    target: Row
    key: RowKey
    when: Precondition = Precondition()
    detects_duplicates: bool = False


class UpdateMultiple(Request, frozen=True, tag=True):
    """Change several rows of one table, all or none. [BM-3], [BM-6]"""

    table: str
    updates: tuple[Update, ...]


class Upsert(Request, frozen=True, tag=True):
    """Change the row, or make it where it is missing. [US-1]

    The companions are for a new row; a row that is there takes none. [US-8], [UP-9]
    """

    target: Row
    key: RowKey
    when: Precondition = Precondition()
    companions: Companions = ALONE
    detects_duplicates: bool = False


class UpsertResponse(Response, frozen=True):
    """The id, and whether the row was made."""

    id: str
    created: bool


class UpsertMultiple(Request, frozen=True, tag=True):
    """Change or make several rows of one table, all or none. [BM-4], [BM-6]"""

    table: str
    upserts: tuple[Upsert, ...]


class Delete(Request, frozen=True, tag=True):
    """Remove one row, with what its relationships say. [D-1]

    `by_retention`: it lies in the lake. [RET-7] `skips_bin`: the recycle bin does not keep it. [BIN-3]
    """

    table: str
    key: RowKey
    when: Precondition = Precondition()
    by_retention: bool = False
    skips_bin: bool = False


class Associate(Request, frozen=True, tag=True):
    """Connect two rows through a navigation of the first. [AS-1], [AS-2]"""

    table: str
    key: RowKey
    navigation: str
    other_table: str
    other: RowKey


class Disassociate(Request, frozen=True, tag=True):
    """Disconnect two rows; no `other` where the navigation leads to one row. [AS-3], [AS-4]"""

    table: str
    key: RowKey
    navigation: str
    other_table: str | None = None
    other: RowKey | None = None


class RetrieveMultiple(Request, frozen=True, tag=True):
    """Ask a query and get rows with Python values, for code inside the server."""

    query: Query


class RetrieveMultipleResponse(Response, frozen=True):
    """The rows in order."""

    rows: tuple[Row, ...]


class WhoAmI(Request, frozen=True, tag=True):
    """Who is calling. [FN-10]"""


class RetrieveVersion(Request, frozen=True, tag=True):
    """The version the server speaks for. [FN-11]"""


class RetrieveCurrentOrganization(Request, frozen=True, tag=True):
    """What the organization is. [FN-13]"""


class RetrieveTotalRecordCount(Request, frozen=True, tag=True):
    """How many rows whole tables have. [FN-12]"""

    tables: tuple[str, ...]


class PropertiesResponse(Response, frozen=True):
    """Named values, written as they are; the answer of a function or action. [FN-5]"""

    name: str
    properties: Mapping[str, object]


READING: tuple[type[Request], ...] = (
    ReadingRequest,
    RetrieveMultiple,
    WhoAmI,
    RetrieveVersion,
    RetrieveCurrentOrganization,
    RetrieveTotalRecordCount,
)
"""Messages that change nothing."""
