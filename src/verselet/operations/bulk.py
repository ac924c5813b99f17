"""Change several rows in one message: UpdateMultiple and UpsertMultiple.

In:        the messages for the single rows
Out:       all of them done, or none
Not here:  what one of them does (operations.update), making rows (operations.create)

Rows are written together, in as many statements as one of them takes, as long as no step waits for the single messages
and none of them does to a row what the next one could see. Whatever is refused on that way is undone and tried again
one by one: so the refusal is that of the first row that deserves one, and both ways leave the same rows behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from verselet.errors import ServiceError
from verselet.messages.request import ALONE, Precondition, Response, Update, UpdateMultiple, Upsert, UpsertMultiple
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.changing import OWNER_ALONE, check_changes, values_of, write_changes
from verselet.operations.create import create_rows, new_versions
from verselet.operations.finding import settled_key
from verselet.operations.rules.references import ids_by_key, present_ids
from verselet.operations.table_rules.catalogue import TABLE_RULES
from verselet.operations.update import made_by, values_to_change
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view
from verselet.values import Row

CHANGING: Final = ("Update", "Assign", "SetState", "SetStateDynamicEntity")
"""What a single update raises beside the event of the whole message. [EVT-16]"""

CHANGING_OR_MAKING: Final = (*CHANGING, "UpdateMultiple", "Create", "CreateMultiple")
"""What a single upsert raises."""

_NO_CONDITION: Final = frozenset({Precondition(), Precondition(exists=True)})


class _OneByOneError(Exception):
    """The rows must be taken one after the other."""


def update_multiple(run: Execution) -> Response:
    """Change several rows; one that is missing undoes all. [BM-3], [BM-6]"""
    request = cast(UpdateMultiple, run.request)
    if not _goes_together(run, request.table, CHANGING) or not _together(run, request):
        for single in request.updates:
            run.send(single)
    return Response()


def upsert_multiple(run: Execution) -> Response:
    """Change or make several rows. [BM-4], [BM-6]"""
    request = cast(UpsertMultiple, run.request)
    if not _goes_together(run, request.table, CHANGING_OR_MAKING) or not _together(run, request):
        for single in request.upserts:
            run.send(single)
    return Response()


def _goes_together(run: Execution, name: str, events: Sequence[str]) -> bool:
    """Neither a step nor a rule of the table looks at single rows."""
    if name in TABLE_RULES or is_view(run.schema.tables[name]):
        return False
    return not any(run.surroundings.waits(event, name) for event in events)


def _together(run: Execution, request: UpdateMultiple | UpsertMultiple) -> bool:
    """Write all rows at once; if that cannot be, nothing has happened."""
    table = run.schema.tables[request.table]
    try:
        with run.session.savepoint():
            if isinstance(request, UpdateMultiple):
                _update_together(run, table, request.updates)
            else:
                _upsert_together(run, table, request.upserts)
    except (_OneByOneError, ServiceError):
        return False
    return True


def _update_together(run: Execution, table: Table, updates: Sequence[Update]) -> None:
    if not {single.when for single in updates} <= _NO_CONDITION:
        raise _OneByOneError
    ids = _meant(run, table, updates)
    if None in ids:
        raise _OneByOneError
    rows = [Row(table.name, row_id, dict(single.target.values)) for row_id, single in zip(ids, updates, strict=True)]
    _prepare(run, table, rows)
    if not write_changes(run, table, rows):
        raise _OneByOneError


def _upsert_together(run: Execution, table: Table, upserts: Sequence[Upsert]) -> None:
    """New rows are made first; so those that are changed are checked before, and cannot refer to them."""
    if [single for single in upserts if single.companions != ALONE or single.when != Precondition()]:
        raise _OneByOneError
    ids = _meant(run, table, upserts)
    present = present_ids(table, {row_id for row_id in ids if row_id is not None}, run.session)
    changed: dict[int, Row] = {}
    new: dict[int, Row] = {}
    for place, (row_id, single) in enumerate(zip(ids, upserts, strict=True)):
        if row_id in present:
            changed[place] = Row(table.name, row_id, values_to_change(table, single))
        else:
            new[place] = made_by(table, single)
    _prepare(run, table, list(changed.values()))
    versions = new_versions(run, upserts)
    if new:
        create_rows(run, table, list(new.values()), versions=[versions[place] for place in new])
    if not write_changes(run, table, list(changed.values()), versions=[versions[place] for place in changed]):
        raise _OneByOneError


def _meant(run: Execution, table: Table, singles: Sequence[Update] | Sequence[Upsert]) -> list[str | None]:
    """The ids of the rows that are meant, None where a key names none; each row is meant once.

    Rows are looked for before any is written: so they are named in one way, and none gets another name.
    """
    if {(single.target.table, single.detects_duplicates) for single in singles} != {(table.name, False)}:
        raise _OneByOneError
    names = tuple([name for name, _ in singles[0].key.values])
    ids = _by_values(run, table, names, singles) if names else [single.key.id for single in singles]
    known = [row_id for row_id in ids if row_id is not None]
    if len(set(known)) < len(known) or (not names and len(known) < len(ids)):
        raise _OneByOneError
    return ids


def _by_values(
    run: Execution, table: Table, names: tuple[str, ...], singles: Sequence[Update] | Sequence[Upsert]
) -> list[str | None]:
    for single in singles:
        values, key = single.target.values, single.key.values
        if tuple([name for name, _ in key]) != names or any(values.get(name, value) != value for name, value in key):
            raise _OneByOneError
    return ids_by_key(table, names, [settled_key(run, single.key) for single in singles], run.session)


def _prepare(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """Check the rows. None of them goes to another owner, nor comes to inherit from rows that may inherit from it."""
    if OWNER_ALONE in [row.values.keys() for row in rows]:
        raise _OneByOneError
    check_changes(run, table, rows)
    lookups = run.schema.parental_lookups.get(table.name, frozenset())
    kept = lookups if _is_in_circle(run.schema, table.name) else frozenset()
    if table.ownership == "user":
        kept |= OWNER_ALONE
    kept = kept.intersection([name for row in rows for name in row.values])
    if not kept:
        return
    present = values_of(run, table, tuple(sorted(kept)), rows)
    for row in rows:
        before = present.get(row.id or "", {})
        if any(before.get(name) != row.values[name] for name in kept & row.values.keys()):
            raise _OneByOneError
        if "ownerid" in kept:
            row.values.pop("ownerid", None)


def _is_in_circle(schema: Schema, name: str) -> bool:
    """Rows of the table can inherit from others of it, over however many tables. [SEC-73]"""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        parents = {parent for _, parent in schema.inheriting.get(waiting.pop(), {})} - seen
        if name in parents:
            return True
        seen |= parents
        waiting += parents
    return False
