"""Connect and disconnect rows.

In:        two rows and the navigation between them
Out:       a lookup written or cleared, a row of an intersect table made or removed
Not here:  navigation inside bodies (operations.reading)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import BadRequest, DuplicateRow, ResourceNotFound
from verselet.messages.request import Associate, Create, Delete, Disassociate, Response, RowKey, Update
from verselet.metadata.tables import ManyToMany, Table
from verselet.operations.finding import must_find_id
from verselet.operations.rights import APPEND, must_reach
from verselet.operations.rules.auditing import note_pair
from verselet.operations.secured_columns import must_update_columns
from verselet.pipeline.execution import Execution
from verselet.sql.write import values_sql
from verselet.values import Reference, Row, Value


def associate(run: Execution) -> Response:
    """Connect two rows. [AS-1], [AS-2], [AS-5]"""
    request = cast(Associate, run.request)
    table, other = run.schema.tables[request.table], run.schema.tables[request.other_table]
    row_id = must_find_id(run, table, request.key)
    other_id = must_find_id(run, other, request.other)
    to_one = run.schema.to_one[table.name].get(request.navigation)
    if to_one is not None:
        _must_lead_to(to_one.referenced_table, other, request.navigation)
        return _write_lookup(run, table, row_id, to_one.referencing_column, Reference(other.name, other_id))
    to_many = run.schema.to_many[table.name].get(request.navigation)
    if to_many is not None:
        _must_lead_to(to_many.referencing_table, other, request.navigation)
        return _write_lookup(run, other, other_id, to_many.referencing_column, Reference(table.name, row_id))
    pair, columns = _pair(run, table, request.navigation)
    # Both sides may call the navigation the same, as systemuserroles_association: the columns tell the sides apart.
    _must_lead_to(pair.table2 if columns[0] == pair.column1 else pair.table1, other, request.navigation)
    _must_pair(run, (table, row_id), (other, other_id))
    intersect = run.schema.tables[pair.intersect_table]
    ids = dict(zip(columns, (row_id, other_id), strict=True))
    text = values_sql(intersect, (intersect.primary_id,), tuple(ids), run.session.dialect)
    if run.session.run(text, tuple(ids.values())):
        raise DuplicateRow
    run.send_elevated(Create(Row(intersect.name, None, _as_values(intersect, ids))))
    note_pair(run, pair, (Reference(table.name, row_id), Reference(other.name, other_id)), made=True)
    return Response()


def disassociate(run: Execution) -> Response:
    """Disconnect two rows; nothing to disconnect is no fault. [AS-3], [AS-4]"""
    request = cast(Disassociate, run.request)
    table = run.schema.tables[request.table]
    row_id = must_find_id(run, table, request.key)
    to_one = run.schema.to_one[table.name].get(request.navigation)
    if to_one is not None:
        return _write_lookup(run, table, row_id, to_one.referencing_column, None)
    if request.other is None or request.other_table is None:
        raise BadRequest(f"The navigation property '{request.navigation}' needs the row to remove.")
    other = run.schema.tables[request.other_table]
    other_id = must_find_id(run, other, request.other)
    to_many = run.schema.to_many[table.name].get(request.navigation)
    if to_many is not None:
        # Before it is known whether there is anything to disconnect: that would tell the value. [SEC-105]
        must_update_columns(run, other, other_id, (to_many.referencing_column,))
        present = run.read_values(other.name, other_id, (to_many.referencing_column,))
        if present is not None and present[to_many.referencing_column] == Reference(table.name, row_id):
            return _write_lookup(run, other, other_id, to_many.referencing_column, None)
        return Response()
    pair, columns = _pair(run, table, request.navigation)
    _must_pair(run, (table, row_id), (other, other_id))
    intersect = run.schema.tables[pair.intersect_table]
    text = values_sql(intersect, (intersect.primary_id,), columns, run.session.dialect)
    for (pair_id,) in run.session.run(text, (row_id, other_id)):
        run.send_elevated(Delete(intersect.name, RowKey(str(pair_id))))
        note_pair(run, pair, (Reference(table.name, row_id), Reference(other.name, other_id)), made=False)
    return Response()


def _must_pair(run: Execution, *ends: tuple[Table, str]) -> None:
    """A pair takes Append on both rows. [SEC-30]"""
    for table, row_id in ends:
        must_reach(run, table, (row_id,), APPEND)


def _write_lookup(run: Execution, table: Table, row_id: str, column: str, value: Reference | None) -> Response:
    if not table.columns[column].update:
        raise BadRequest(f"The lookup '{column}' of '{table.name}' is set by the system and cannot be changed.")
    return run.send(Update(Row(table.name, row_id, {column: value}), RowKey(row_id)))


def _must_lead_to(target: str, other: Table, navigation: str) -> None:
    if target not in {other.name, "owner"}:
        raise BadRequest(f"The navigation property '{navigation}' leads to '{target}', not to '{other.name}'.")


def _pair(run: Execution, table: Table, navigation: str) -> tuple[ManyToMany, tuple[str, str]]:
    """The relationship, and its columns for this side and the other."""
    pair = run.schema.across[table.name].get(navigation)
    if pair is None:
        raise ResourceNotFound(navigation, run.schema.across[table.name])
    if pair.table1 == table.name and pair.navigation1 == navigation:
        return pair, (pair.column1, pair.column2)
    return pair, (pair.column2, pair.column1)


def _as_values(intersect: Table, ids: dict[str, str]) -> dict[str, Value]:
    """The two ids; the columns of an intersect table are plain GUIDs."""
    found: dict[str, Value] = {}
    for name, row_id in ids.items():
        if name not in intersect.columns:
            raise ResourceNotFound(name)
        found[name] = row_id
    return found
