"""Follow the changes of tables: note what is deleted, and answer what was.

In:        ids of rows that go; messages.tracking
Out:       rows remembered; versions and ids
Not here:  rows that are there (operations.reads), tokens and links (web.tracking)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, cast

from verselet.clock import wire_form
from verselet.errors.content import ChangesNotTracked
from verselet.messages.tracking import (
    CountChanges,
    CountChangesResponse,
    DeletedRow,
    DeletedRowsResponse,
    RetrieveDeletedRows,
    RetrieveVersionsSeen,
    VersionsSeenResponse,
)
from verselet.metadata.tables import Table
from verselet.operations.rights import READ, must_reach_all
from verselet.pipeline.execution import Execution
from verselet.sql.write import count_after_sql
from verselet.store.deleted_rows import count_deleted, deleted_rows, forget_deleted, remember_deleted, versions_seen

VALID_DAYS: Final = 7
"""How long a deleted row is remembered, unless the organization says otherwise. [DT-6]"""

SWEEP_EVERY: Final = 256
"""How many deleted rows pass until those nobody can ask for any more are looked for."""


def note_deleted(run: Execution, table: Table, ids: Sequence[str]) -> None:
    """Remember rows that are deleted in this very transaction, if changes of their table are tracked. [DT-3]"""
    if not table.is_tracked or not ids:
        return
    first = run.session.next_versions(len(ids))
    remember_deleted(run.session, table.name, ids, first, run.clock.now_on_wire())
    if first // SWEEP_EVERY != (first + len(ids)) // SWEEP_EVERY:
        forget_deleted(run.session, wire_form(run.clock.now() - timedelta(days=_valid_days(run))))


def retrieve_versions_seen(run: Execution) -> VersionsSeenResponse:
    """The version from which a client can ask for changes later. [DT-2]

    Raises:
        ChangesNotTracked: [DT-1]
    """
    _tracked(run, cast(RetrieveVersionsSeen, run.request).table)
    return VersionsSeenResponse(versions_seen(run.session), run.clock.now_on_wire(), _valid_days(run))


def retrieve_deleted_rows(run: Execution) -> DeletedRowsResponse:
    """The deleted rows. [DT-3], [DT-7]"""
    request = cast(RetrieveDeletedRows, run.request)
    table = _tracked(run, request.table)
    rows = deleted_rows(run.session, table, after=request.after, up_to=request.up_to, limit=request.limit)
    return DeletedRowsResponse(tuple([DeletedRow(row_id, version) for version, row_id in rows]))


def count_changes(run: Execution) -> CountChangesResponse:
    """The number of changes. [DT-4]"""
    request = cast(CountChanges, run.request)
    table = _tracked(run, request.table)
    ((present,),) = run.session.run(count_after_sql(table, run.session.dialect), (request.after,))
    return CountChangesResponse(int(str(present)) + count_deleted(run.session, table, after=request.after))


def _tracked(run: Execution, name: str) -> Table:
    table = run.schema.tables[name]
    # A row that is gone has no owner any more: who may see all rows may learn of it, nobody else.
    must_reach_all(run, table, READ)
    if not table.is_tracked:
        raise ChangesNotTracked(table.name)
    return table


def _valid_days(run: Execution) -> int:
    found = run.read_values("organization", run.facts.id, ("expirechangetrackingindays",))
    days = None if found is None else found["expirechangetrackingindays"]
    return days if isinstance(days, int) else VALID_DAYS
