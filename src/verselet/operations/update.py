"""Change rows: Update, and Upsert, which makes what is missing.

In:        the changed columns of one row
Out:       the row as it is afterwards, in the store
Not here:  JSON (operations.reading), steps (pipeline)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import BodyRefused, DuplicateRow, InvalidArgument, MethodNotAllowed, VersionMismatch
from verselet.messages.request import Create, CreateResponse, RowKey, Update, Upsert, UpsertResponse
from verselet.metadata.columns import MoneyColumn
from verselet.metadata.tables import Table
from verselet.operations.create import check_rows, duplicate
from verselet.operations.duplicates import refuse_duplicates
from verselet.operations.finding import find_id, missing, must_find_id, version_of
from verselet.operations.rights import ASSIGN, WRITE, must_append, must_reach, pointing
from verselet.operations.rules.assigning import assign_rows
from verselet.operations.rules.auditing import Change, audited_among, is_audited, note_updated
from verselet.operations.rules.computed import base_amounts, compute, in_base_currency, inputs_of, parts_of
from verselet.operations.rules.defaults import acting_user, exchange_rate
from verselet.operations.rules.images import settle_images
from verselet.operations.rules.references import settle_references
from verselet.operations.rules.reparenting import Move, settle_moves
from verselet.operations.rules.states import STATES, settle_state
from verselet.operations.secured_columns import must_update_columns
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view
from verselet.sql.write import update_sql
from verselet.store.codecs import row_encoder
from verselet.store.session import UniqueViolation
from verselet.values import Reference, Row, Value


def update(run: Execution) -> UpsertResponse:
    """Change one row that is there. [UP-1]"""
    request = cast(Update, run.request)
    table = run.schema.tables[request.target.table]
    if request.key.id is None:
        row_id = must_find_id(run, table, request.key)
    else:
        row_id = request.key.id
    _change(run, table, Row(table.name, row_id, request.target.values), request.when.version, request.key)
    if request.detects_duplicates:
        refuse_duplicates(run, table, row_id)
    return UpsertResponse(row_id, created=False)


def upsert(run: Execution) -> UpsertResponse:
    """Change the row, or make it. [US-1] to [US-8]"""
    request = cast(Upsert, run.request)
    table = run.schema.tables[request.target.table]
    row_id = find_id(run, table, request.key)
    if row_id is None:
        if request.when.exists or request.when.version is not None:
            raise missing(table, request.key)
        return _make(run, table, request)
    if request.when.exists is False:
        raise DuplicateRow("A record with matching key values already exists.")
    if request.companions:
        raise BodyRefused(table.set_name, "Deep update of navigation properties is not allowed.")
    # On update the key's own columns are decided by the address. [US-3]
    named = {name for name, _ in request.key.values}
    values = {
        name: value for name, value in request.target.values.items() if name not in named and table.columns[name].update
    }
    message = Update(Row(table.name, row_id, values), RowKey(row_id), request.when, request.detects_duplicates)
    return cast(UpsertResponse, run.send(message))


def _make(run: Execution, table: Table, request: Upsert) -> UpsertResponse:
    values = dict(request.target.values)
    for name, value in request.key.values:
        values.setdefault(name, value)
    target = Row(table.name, request.key.id or request.target.id, values)
    message = Create(target, request.companions, request.detects_duplicates)
    response = cast(CreateResponse, run.send(message))
    return UpsertResponse(response.id, created=True)


def _change(run: Execution, table: Table, row: Row, version: int | None, key: RowKey) -> None:
    """Check, complete and write the changes.

    Raises:
        VersionMismatch: the row is not of that version any more. [E-15]
        RowDoesNotExist, KeyDoesNotExist: it is not there.
    """
    if is_view(table):
        raise MethodNotAllowed("PATCH", table.set_name)
    if "versionnumber" not in table.columns:
        # Rows without versions are of no other version either. [ET-6]
        version = None
    check_rows(table, (row,))
    _must_keep_values(table, row)
    # Who names the present owner among other columns assigns nothing; another one is asked for when it comes to that.
    must_reach(run, table, (row.id or "",), ASSIGN if row.values.keys() == {"ownerid"} else WRITE)
    must_update_columns(run, table, row.id or "", row.values)
    settle_references((row,), run.schema, run.session, frozenset())
    must_append(run, table, pointing(run, table, (row,), is_new=False))
    names_owner = table.ownership == "user" and "ownerid" in row.values
    owner = _new_owner(run, table, row, key) if names_owner else None
    if names_owner and owner is None and not row.values:
        # Assigned to whom it belongs to: no change at all. [SEC-64]
        if version is not None and version_of(run, table, row.id or "") != version:
            raise VersionMismatch
        return
    if row.values or version is not None or not names_owner:
        _write(run, table, row, version, key)
    if owner is not None:
        assign_rows(run, table, (row.id or "",), owner)


def _new_owner(run: Execution, table: Table, row: Row, key: RowKey) -> Reference | None:
    """The owner that the changes name, taken out of them; None where it is the owner already. [SEC-60], [SEC-64]"""
    owner = row.values.pop("ownerid")
    if not isinstance(owner, Reference):
        raise InvalidArgument("The owner of a row cannot be cleared.")
    present = run.read_values(table.name, row.id or "", ("ownerid",))
    if present is None:
        raise missing(table, key)
    return None if owner == present["ownerid"] else owner


def _write(run: Execution, table: Table, row: Row, version: int | None, key: RowKey) -> None:
    """Write all but the owner."""
    lookups = run.schema.parental_lookups.get(table.name, frozenset()) & row.values.keys()
    before = _read_parents(run, table, row, lookups)
    _complete(run, table, row, key)
    settle_images(run, table, row, is_new=False)
    columns = tuple(row.values)
    changes = _watched(run, table, row)
    dialect = run.session.dialect
    stored = row_encoder(table, columns, dialect)(row.values)
    stored.append(row.id)
    if version is not None:
        stored.append(version)
    try:
        run.session.run(update_sql(table, columns, dialect, versioned=version is not None), stored)
    except UniqueViolation as violation:
        raise duplicate(table, violation) from violation
    if run.session.row_count == 0:
        if version is not None and find_id(run, table, RowKey(row.id)) is not None:
            raise VersionMismatch
        raise missing(table, key)
    note_updated(run, table, changes)
    if lookups:
        moves = [Move(row.id or "", name, before[name], _reference(row.values[name])) for name in lookups]
        settle_moves(run, table, moves)


def _watched(run: Execution, table: Table, row: Row) -> tuple[Change, ...]:
    """The change that is to be written down, read before it happens. [JOB-43]"""
    columns = audited_among(table, row.values) if is_audited(run, table) else ()
    if not columns:
        return ()
    before = run.read_values(table.name, row.id or "", columns) or {}
    return (Change(row.id or "", before, {name: row.values[name] for name in columns}),)


def _read_parents(run: Execution, table: Table, row: Row, lookups: frozenset[str]) -> dict[str, Reference | None]:
    """Where those lookups of the row lead now."""
    found = run.read_values(table.name, row.id or "", tuple(sorted(lookups))) if lookups else None
    return {name: _reference((found or {}).get(name)) for name in lookups}


def _reference(value: Value) -> Reference | None:
    return value if isinstance(value, Reference) else None


def _must_keep_values(table: Table, row: Row) -> None:
    """What the system needs cannot be cleared. [T-22]"""
    for name, value in row.values.items():
        if value is None and table.columns[name].required == "system":
            raise InvalidArgument(f"The column '{name}' of '{table.name}' must have a value.")


def _complete(run: Execution, table: Table, row: Row, key: RowKey) -> None:
    """What changes along: who and when, state, computed columns, converted amounts."""
    values = row.values
    values.pop(table.primary_id, None)
    present = _read_present(run, table, row, key)
    if STATES & values.keys():
        settle_state(table, row, present)
    for name in _computed_along(table, row):
        value = compute(table, name, {**present, **values})
        if value is not None or name not in values:
            values[name] = value
    if base_amounts(table).keys() & values.keys() or "transactioncurrencyid" in values:
        _convert_amounts(run, table, values, present)
    stamps: dict[str, Value] = {
        "modifiedon": run.clock.now_on_wire(),
        "modifiedby": Reference("systemuser", run.caller.user_id),
        "modifiedonbehalfby": acting_user(run),
        "versionnumber": run.session.next_versions(),
    }
    values.update({name: value for name, value in stamps.items() if name in table.columns})


def _computed_along(table: Table, row: Row) -> set[str]:
    """The computed columns whose parts change, and those that are given."""
    inputs = inputs_of(table)
    given = parts_of(table).keys() & row.values.keys()
    return {*given, *(computed for name in row.values for computed in inputs.get(name, ()))}


def _read_present(run: Execution, table: Table, row: Row, key: RowKey) -> dict[str, Value]:
    """The present values of the columns that the changes must be seen together with; nothing if there are none."""
    wanted: set[str] = set()
    if STATES & row.values.keys():
        wanted |= STATES & table.columns.keys()
    for computed in _computed_along(table, row):
        wanted.update(parts_of(table)[computed])
    if base_amounts(table).keys() & row.values.keys() or "transactioncurrencyid" in row.values:
        wanted |= {"transactioncurrencyid", *base_amounts(table)} & table.columns.keys()
    if not wanted:
        return {}
    found = run.read_values(table.name, row.id or "", tuple(sorted(wanted)))
    if found is None:
        raise missing(table, key)
    return found


def _convert_amounts(run: Execution, table: Table, values: dict[str, Value], present: dict[str, Value]) -> None:
    currency = values.get("transactioncurrencyid") or present.get("transactioncurrencyid")
    if currency is None:
        currency = values["transactioncurrencyid"] = run.facts.base_currency
    rate = exchange_rate(run, currency)
    if "exchangerate" in table.columns:
        values["exchangerate"] = rate
    moved = "transactioncurrencyid" in values
    for name, base in base_amounts(table).items():
        column = table.columns[base]
        if isinstance(column, MoneyColumn) and (moved or name in values):
            values[base] = in_base_currency(values.get(name, present.get(name)), rate, column.precision)
