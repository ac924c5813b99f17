"""Change rows: Update, and Upsert, which makes what is missing.

In:        the changed columns of one row
Out:       the row as it is afterwards, in the store
Not here:  JSON (operations.reading), steps (pipeline)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import BodyRefused, DuplicateRow, InvalidArgument, MethodNotAllowed, VersionMismatch
from verselet.messages.request import Create, CreateResponse, RowKey, Update, Upsert, UpsertResponse
from verselet.metadata.tables import Table
from verselet.operations.changing import check_changes, write_changes
from verselet.operations.duplicates import refuse_duplicates
from verselet.operations.finding import find_id, missing, must_find_id, version_of
from verselet.operations.rules.assigning import assign_rows
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view
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
    message = Update(
        Row(table.name, row_id, values_to_change(table, request)),
        RowKey(row_id),
        request.when,
        request.detects_duplicates,
    )
    return cast(UpsertResponse, run.send(message))


def values_to_change(table: Table, request: Upsert) -> dict[str, Value]:
    """What an upsert changes of a row that is there: the address decides about the columns it names. [US-3]"""
    named = {name for name, _ in request.key.values}
    return {
        name: value for name, value in request.target.values.items() if name not in named and table.columns[name].update
    }


def made_by(table: Table, request: Upsert) -> Row:
    """The row an upsert makes where there is none: with the values that the address names. [US-2]"""
    values = dict(request.target.values)
    for name, value in request.key.values:
        values.setdefault(name, value)
    return Row(table.name, request.key.id or request.target.id, values)


def _make(run: Execution, table: Table, request: Upsert) -> UpsertResponse:
    message = Create(made_by(table, request), request.companions, request.detects_duplicates)
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
    check_changes(run, table, (row,))
    names_owner = table.ownership == "user" and "ownerid" in row.values
    owner = _new_owner(run, table, row, key) if names_owner else None
    if names_owner and owner is None and not row.values:
        # Assigned to whom it belongs to: no change at all. [SEC-64]
        if version is not None and version_of(run, table, row.id or "") != version:
            raise VersionMismatch
        return
    if (row.values or version is not None or not names_owner) and not write_changes(
        run, table, (row,), version=version
    ):
        if version is not None and find_id(run, table, RowKey(row.id)) is not None:
            raise VersionMismatch
        raise missing(table, key)
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
