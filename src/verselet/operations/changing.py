"""Change rows that are there: one or many take the same steps and the same number of statements.

In:        rows with the columns that change
Out:       the rows as they are afterwards, in the store
Not here:  which rows, and the messages (operations.update, operations.bulk); owners (operations.rules.assigning)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

import msgspec

from verselet.errors import InvalidArgument
from verselet.metadata.columns import MoneyColumn
from verselet.metadata.tables import Table
from verselet.operations.create import check_rows, duplicate, new_versions
from verselet.operations.rights import ASSIGN, WRITE, must_append, must_reach, pointing
from verselet.operations.rules.auditing import Change, audited_among, is_audited, note_updated
from verselet.operations.rules.computed import base_amounts, compute, in_base_currency, inputs_of, parts_of
from verselet.operations.rules.defaults import acting_user, exchange_rate
from verselet.operations.rules.images import image_columns, settle_images
from verselet.operations.rules.listed import read_listed
from verselet.operations.rules.references import settle_references
from verselet.operations.rules.reparenting import Move, settle_moves
from verselet.operations.rules.states import STATES, settle_state
from verselet.operations.secured_columns import must_update_columns
from verselet.pipeline.execution import Execution
from verselet.sql.write import update_sql
from verselet.store.codecs import row_encoder, rows_encoder
from verselet.store.session import UniqueViolation
from verselet.values import Reference, Row, Value

Present: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Id of a row → what some of its columns hold before the change."""

OWNER_ALONE = frozenset({"ownerid"})


class Along(msgspec.Struct, frozen=True):
    """What a change of some columns takes along: found out once for each set of columns.

    `given` are the columns themselves. `computed` are computed anew, `seen` are columns whose present values count too.
    """

    given: frozenset[str]
    computed: tuple[str, ...]
    seen: frozenset[str]
    sets_state: bool
    converts: bool
    has_images: bool


@lru_cache(maxsize=4096)
def along(table: Table, columns: tuple[str, ...]) -> Along:
    """What a change of those columns takes along."""
    given = frozenset(columns)
    inputs, parts, amounts = inputs_of(table), parts_of(table), base_amounts(table)
    computed = dict.fromkeys(name for name in columns if name in parts)
    computed |= dict.fromkeys(name for column in columns for name in inputs.get(column, ()))
    sets_state = not STATES.isdisjoint(given)
    converts = "transactioncurrencyid" in given or not amounts.keys().isdisjoint(given | computed.keys())
    seen = {part for name in computed for part in parts[name]}
    if sets_state:
        seen |= STATES & table.columns.keys()
    if converts:
        seen |= {"transactioncurrencyid", *amounts} & table.columns.keys()
    has_images = any(column.name in given for column in image_columns(table))
    return Along(given, tuple(computed), frozenset(seen), sets_state, converts, has_images)


def check_changes(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """Hold rows that are to be changed to their columns, and to what the caller may do with them.

    Refusals as `check_rows`, `must_reach`, `must_update_columns`, `settle_references`.
    """
    check_rows(table, rows)
    for row in rows:
        if None in row.values.values():
            _must_keep_values(table, row)
    below = not run.caller.is_administrator
    if below:
        # Who names the present owner among other columns assigns nothing; a new one is asked for when it comes to that.
        for right, is_meant in ((ASSIGN, True), (WRITE, False)):
            ids = [row.id or "" for row in rows if (len(row.values) == 1 and "ownerid" in row.values) is is_meant]
            must_reach(run, table, ids, right)
        if table.name in run.schema.guards:
            for row in rows:
                must_update_columns(run, table, row.id or "", row.values)
    settle_references(rows, run.schema, run.session, frozenset())
    if below:
        must_append(run, table, pointing(run, table, rows, is_new=False))


def _must_keep_values(table: Table, row: Row) -> None:
    """What the system needs cannot be cleared. [T-22]"""
    for name, value in row.values.items():
        if value is None and table.columns[name].required == "system":
            raise InvalidArgument(f"The column '{name}' of '{table.name}' must have a value.")


def write_changes(
    run: Execution,
    table: Table,
    rows: Sequence[Row],
    *,
    versions: Sequence[int] | None = None,
    version: int | None = None,
) -> bool:
    """Complete and write all that changes but owners; False where a row is not there, or not of that version.

    No row may come twice. The rows get those `versions`, or new ones in their order.

    Raises:
        DuplicateKey: the values of an alternate key are there already. [K-5]
    """
    if not rows:
        return True
    columns_of_rows = [tuple(row.values) for row in rows]
    ways = {columns: along(table, columns) for columns in set(columns_of_rows)}
    lookups = run.schema.parental_lookups.get(table.name, frozenset())
    wanted = frozenset().union(*[way.seen | (lookups & way.given) for way in ways.values()])
    present = values_of(run, table, tuple(sorted(wanted)), rows) if wanted else {}
    if wanted and len(present) != len(rows):
        return False
    moving = [(row, name) for row in rows for name in lookups & row.values.keys()] if lookups else []
    way_of_each = [ways[columns] for columns in columns_of_rows]
    _complete(run, table, zip(rows, way_of_each, versions or new_versions(run, rows), strict=True), present)
    changes = _watched(run, table, rows)
    try:
        if _write(run, table, rows, version) != len(rows):
            return False
    except UniqueViolation as violation:
        raise duplicate(table, violation) from violation
    if changes:
        note_updated(run, table, changes)
    if moving:
        settle_moves(run, table, [_move(row, name, present) for row, name in moving])
    return True


def values_of(run: Execution, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> Present:
    """Some columns of the rows as they are in the store, of those that are there."""
    if len(rows) > 1:
        return read_listed(run, table, columns, [row.id or "" for row in rows])
    row_id = rows[0].id or ""
    values = run.read_values(table.name, row_id, columns)
    return {} if values is None else {row_id: values}


def _move(row: Row, lookup: str, present: Present) -> Move:
    before, after = present[row.id or ""][lookup], row.values[lookup]
    return Move(
        row.id or "",
        lookup,
        before if isinstance(before, Reference) else None,
        after if isinstance(after, Reference) else None,
    )


def _complete(run: Execution, table: Table, rows: Iterable[tuple[Row, Along, int]], present: Present) -> None:
    """What changes along: state, computed columns, converted amounts, images, who and when; each row gets a version."""
    stamps: dict[str, Value] = {
        "modifiedon": run.clock.now_on_wire(),
        "modifiedby": Reference("systemuser", run.caller.user_id),
        "modifiedonbehalfby": acting_user(run),
    }
    stamps = {name: value for name, value in stamps.items() if name in table.columns}
    has_version = "versionnumber" in table.columns
    for row, way, version in rows:
        values = row.values
        values.pop(table.primary_id, None)
        before = present.get(row.id or "", {}) if way.seen else {}
        if way.sets_state:
            settle_state(table, row, before)
        for name in way.computed:
            value = compute(table, name, {**before, **values})
            if value is not None or name not in values:
                values[name] = value
        if way.converts:
            _convert_amounts(run, table, values, before)
        values.update(stamps)
        if has_version:
            values["versionnumber"] = version
        if way.has_images:
            settle_images(run, table, row, is_new=False)


def _convert_amounts(run: Execution, table: Table, values: dict[str, Value], present: Mapping[str, Value]) -> None:
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


def _watched(run: Execution, table: Table, rows: Sequence[Row]) -> list[Change]:
    """The changes that are to be written down, read before they happen. [JOB-43]"""
    if not is_audited(run, table):
        return []
    audited = audited_among(table, dict.fromkeys(name for row in rows for name in row.values))
    if not audited:
        return []
    present = values_of(run, table, audited, rows)
    changes = []
    for row in rows:
        before, columns = present.get(row.id or "", {}), [name for name in audited if name in row.values]
        after = {name: row.values[name] for name in columns}
        changes.append(Change(row.id or "", {name: before.get(name) for name in columns}, after))
    return changes


def _write(run: Execution, table: Table, rows: Sequence[Row], version: int | None) -> int:
    """Write the rows; how many there were.

    Values that must be unique are taken and given up in the order of the rows, so that it does not matter whether they
    come one by one.
    """
    dialect, is_versioned = run.session.dialect, version is not None
    count = 0
    for columns, members in _alike(table, rows):
        text = update_sql(table, columns, dialect, versioned=is_versioned)
        if len(members) == 1:
            stored = row_encoder(table, columns, dialect)(members[0].values)
            stored += [members[0].id, version] if is_versioned else [members[0].id]
            run.session.run(text, stored)
            count += run.session.row_count
        else:
            several = rows_encoder(table, columns, dialect)([row.values for row in members])
            count += run.session.run_many(text, list(zip(*several, [row.id for row in members], strict=True)))
    return count


def _alike(table: Table, rows: Sequence[Row]) -> Iterable[tuple[tuple[str, ...], Sequence[Row]]]:
    """The rows that change the same columns: all of them, or as they come where values must be unique."""
    if len(rows) == 1:
        return [(tuple(rows[0].values), rows)]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values), []).append(row)
    unique = frozenset([name for key in table.keys for name in key.columns])
    if len(groups) > 1 and not unique.isdisjoint([name for columns in groups for name in columns]):
        return [(columns, list(members)) for columns, members in groupby(rows, key=lambda row: tuple(row.values))]
    # Whoever changes many of the same rows at once takes them in one order, so that no two wait for each other.
    return [(columns, sorted(members, key=attrgetter("id"))) for columns, members in groups.items()]
