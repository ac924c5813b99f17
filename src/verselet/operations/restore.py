"""Bring deleted rows back from the recycle bin.

In:        the id of a deleted row, and values it shall come back with
Out:       the row and what went along with it are there again
Not here:  how they came into the bin (operations.rules.keeping)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, cast

import msgspec

from verselet.errors import DuplicateKey, RowAccessDenied
from verselet.errors.recycle_bin import AliveAgain, ChoiceGone, KeyTakenMeanwhile, NotInBin
from verselet.messages.lifecycle import Restore
from verselet.messages.request import PropertiesResponse, RowKey, Update
from verselet.metadata.columns import ChoiceColumn, ChoicesColumn, StateColumn, StatusColumn
from verselet.metadata.tables import Table
from verselet.operations.create import insert_rows
from verselet.operations.rights import CREATE, may, must_hold
from verselet.operations.rules.auditing import note_restored
from verselet.operations.rules.cascades import delete_with_children
from verselet.operations.rules.defaults import acting_user
from verselet.operations.rules.listed import readers
from verselet.operations.rules.reparenting import settle_new_rows
from verselet.operations.update import update
from verselet.pipeline.execution import Execution
from verselet.security.access import RowFacts
from verselet.security.privileges import unit_column
from verselet.sql.columns import primary_key_name, stored_columns
from verselet.sql.write import present_sql
from verselet.store.recycle_bin import REFERENCES, forget_group, group_of, kept_values, tables_of_group
from verselet.store.session import UniqueViolation
from verselet.values import Reference, Row, Value

Returning: TypeAlias = Mapping[str, Sequence[Row]]
"""Table → its rows that come back."""

OWNER_COLUMNS: Final = ("ownerid", "owningbusinessunit")
json_text = msgspec.json.Encoder().encode


def restore(run: Execution) -> PropertiesResponse:
    """The row is as it was, with its id and what its deletion took along. [BIN-10], [BIN-11]

    Raises:
        NotInBin: nothing that was deleted for itself has that id. [BIN-12], [BIN-13]
        AliveAgain: a row has that id, or that of one that comes along. [BIN-13]
        KeyTakenMeanwhile: another row has the values of an alternate key. [BIN-13]
        ChoiceGone: a choice has one of the values no more. [BIN-13]
        PrivilegeMissing, RowAccessDenied: the caller may not make such a row. [BIN-14]
    """
    target = cast(Restore, run.request).target
    table, row_id = run.schema.tables[target.table], target.id or ""
    must_hold(run, table, CREATE)
    group = group_of(run.session, table.name, row_id)
    if group is None:
        raise NotInBin(table.name, row_id)
    found = {name: _kept(run, run.schema.tables[name], group) for name in _tables(run, group)}
    top = next(row for row in found[table.name] if row.id == row_id)
    _must_be_allowed(run, table, top)
    _refuse_ids_in_use(run, found)
    _take_over(table, top, target)
    for name, rows in found.items():
        _refuse_lost_choices(run.schema.tables[name], rows)
    _settle(run, found)
    _insert(run, found)
    forget_group(run.session, group)
    delete_with_children(run.elevated(), run.schema.tables[REFERENCES], [group])
    if target.values:
        _override(run, table, target)
    return PropertiesResponse("RestoreResponse", {"id": row_id})


def _tables(run: Execution, group: str) -> Iterator[str]:
    """The tables of a group that are still there."""
    return (name for name in tables_of_group(run.session, group) if name in run.schema.tables)


def _kept(run: Execution, table: Table, group: str) -> list[Row]:
    """The rows of one table in a group, with the columns that have values."""
    names = tuple(
        [column.name for column in table.columns.values() if column.formula is None and stored_columns(table, column)]
    )
    ways = readers(table, names, run.session.dialect)
    found = []
    for line in kept_values(run.session, table, names, group):
        values = {name: decode(line[start:stop]) for name, start, stop, decode in ways}
        held: dict[str, Value] = {name: value for name, value in values.items() if value is not None}
        found.append(Row(table.name, str(held[table.primary_id]), held))
    return found


def _must_be_allowed(run: Execution, table: Table, row: Row) -> None:
    """The caller may make the row for the owner it had. [BIN-14]"""
    if run.caller.is_administrator:
        return
    owner, unit = row.values.get("ownerid"), row.values.get(unit_column(table) or "")
    facts = RowFacts(row.id or "", _id(owner), _id(unit))
    if not may(run.caller, table, facts, CREATE):
        raise RowAccessDenied(run.caller.user_id, str(CREATE.name), table.name, facts.id)


def _id(value: Value) -> str | None:
    return value.id if isinstance(value, Reference) else None


def _refuse_ids_in_use(run: Execution, found: Returning) -> None:
    for name, rows in found.items():
        present = _present(run, name, [row.id or "" for row in rows])
        if present:
            raise AliveAgain(name, min(present))


def _present(run: Execution, table: str, ids: Iterable[str]) -> set[str]:
    """Those of the ids that rows have; none where the table is gone."""
    if table not in run.schema.tables:
        return set()
    text = present_sql(run.schema.tables[table], run.session.dialect)
    return {str(row[0]) for row in run.session.run(text, (json_text(sorted(ids)).decode(),))}


def _take_over(table: Table, top: Row, target: Row) -> None:
    """What the caller gives anew is left empty where the old value may be in the way; it is written as an update."""
    in_keys = {name for key in table.keys for name in key.columns}
    for name in target.values:
        column = table.columns[name]
        if name in in_keys or isinstance(column, ChoiceColumn | ChoicesColumn):
            top.values.pop(name, None)


def _refuse_lost_choices(table: Table, rows: Sequence[Row]) -> None:
    for column in table.columns.values():
        if not isinstance(column, ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn):
            continue
        known = {str(option.value) for option in column.options}
        for row in rows:
            value = row.values.get(column.name)
            lost = [] if value is None else [one for one in str(value).split(",") if one not in known]
            if lost:
                raise ChoiceGone(table.name, column.name, lost[0])


def _settle(run: Execution, found: Returning) -> None:
    """New versions and stamps; lookups to rows that are gone lead nowhere. [BIN-11], [BIN-15]"""
    _drop_dead(run, found)
    for name, rows in found.items():
        table = run.schema.tables[name]
        version = run.session.next_versions(len(rows))
        for number, row in enumerate(rows):
            stamps: dict[str, Value] = {
                "modifiedon": run.clock.now_on_wire(),
                "modifiedby": Reference("systemuser", run.caller.user_id),
                "modifiedonbehalfby": acting_user(run),
                "versionnumber": version + number,
            }
            row.values.update({key: value for key, value in stamps.items() if key in table.columns})
            if table.ownership == "user" and any(key not in row.values for key in OWNER_COLUMNS):
                _give_to_caller(run, row)


def _drop_dead(run: Execution, found: Returning) -> None:
    wanted: dict[str, set[str]] = {}
    for row in _all(found):
        for value in row.values.values():
            if isinstance(value, Reference):
                wanted.setdefault(value.table, set()).add(value.id)
    coming = {(row.table, row.id or "") for row in _all(found)}
    there = {(name, row_id) for name, ids in wanted.items() for row_id in _present(run, name, ids)} | coming
    for row in _all(found):
        for name, value in list(row.values.items()):
            if isinstance(value, Reference) and (value.table, value.id) not in there:
                del row.values[name]


def _all(found: Returning) -> Iterator[Row]:
    return (row for rows in found.values() for row in rows)


def _give_to_caller(run: Execution, row: Row) -> None:
    """A row whose owner is gone belongs to whoever brings it back."""
    caller = Reference("systemuser", run.caller.user_id)
    row.values.pop("owningteam", None)
    row.values["ownerid"] = row.values["owninguser"] = caller
    row.values["owningbusinessunit"] = Reference("businessunit", run.caller.business_unit_id)


def _insert(run: Execution, found: Returning) -> None:
    for name, rows in found.items():
        try:
            insert_rows(run, run.schema.tables[name], rows)
        except UniqueViolation as violation:
            if violation.index_name == primary_key_name(name):
                raise AliveAgain(name, rows[0].id or "") from violation
            raise KeyTakenMeanwhile(name) from violation
    for name, rows in found.items():
        settle_new_rows(run, run.schema.tables[name], rows)
        note_restored(run, run.schema.tables[name], rows)


def _override(run: Execution, table: Table, target: Row) -> None:
    """The values that the caller gives are written by the rules of an update. [BIN-10], [BIN-14]"""
    changes = Row(table.name, target.id, dict(target.values))
    try:
        update(run.about(Update(changes, RowKey(target.id))))
    except DuplicateKey as refusal:
        raise KeyTakenMeanwhile(table.name) from refusal
