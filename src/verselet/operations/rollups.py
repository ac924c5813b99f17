"""Work out rollups.

In:        a row and one of its rollup columns, or all rows of its table
Out:       the value, when it was worked out and how that ended; kept in the row, which does not count as changed
Not here:  which rollups there can be (metadata.formulas), the question (sql.rollups), when (operations.rollup_jobs)
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, cast

from verselet.errors import InvalidArgument
from verselet.messages.access import AccessRights
from verselet.messages.rollups import (
    CalculateRollupField,
    CalculateRollupFieldResponse,
    RefreshRollup,
    RollupRefreshed,
)
from verselet.metadata.changes.editing import column_named
from verselet.metadata.columns import Column, DateTimeColumn, DecimalColumn, IntegerColumn, Rollup
from verselet.metadata.companions import rollup_date, rollup_state
from verselet.metadata.tables import Table
from verselet.operations.finding import named_row
from verselet.operations.rights import must_reach
from verselet.operations.rules.listed import readers
from verselet.operations.secured_columns import unreadable
from verselet.pipeline.execution import Execution
from verselet.sql.columns import stored_columns
from verselet.sql.rollups import rollup_sql, rollups_sql, says_table
from verselet.sql.write import update_sql
from verselet.store.codecs import row_encoder
from verselet.values import Row, Stored, Value

CALCULATED: Final = 1
OVERFLOW: Final = 2
"""How working out a rollup ends. [JOB-62]"""

AT_ONCE: Final = 500
"""So many rows are looked at in one transaction when rollups are refreshed."""

BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"


def calculate_rollup_field(run: Execution) -> CalculateRollupFieldResponse:
    """Work out one rollup of one row, keep it, and give it back. [JOB-63]

    It counts all rows, whoever asks; the row does not count as changed. [JOB-64]

    Raises:
        RowDoesNotExist, KeyDoesNotExist, NotFound: there is no such row or column.
        InvalidArgument: the column is no rollup.
    """
    request = cast(CalculateRollupField, run.request)
    table, row_id = named_row(run, request.row)
    must_reach(run, table, (row_id,), AccessRights.ReadAccess)
    column = column_named(run.schema, table.name, request.column)
    if column.rollup is None:
        raise InvalidArgument(f"The column '{column.name}' of '{table.name}' is not a rollup column.")
    value, state = _result(column, _added_up(run, table, row_id, column.rollup))
    values = _worked_out(run, table, column, value, state)
    _keep(run, table, [Row(table.name, row_id, values)])
    # Who may not read the column is told nothing of what it comes to. [SEC-103]
    told = {**values, **dict.fromkeys(unreadable(run, table, row_id, values))}
    return CalculateRollupFieldResponse(Row(table.name, row_id, {table.primary_id: row_id, **told}))


def refresh_rollup(run: Execution) -> RollupRefreshed:
    """Work out a rollup of the next rows; those are written whose value or state is another now. [JOB-62], [JOB-64]"""
    request = cast(RefreshRollup, run.request)
    table = run.schema.tables[request.table]
    column = table.columns[request.column]
    assert column.rollup is not None
    rows, lookup = _summed(run, column.rollup)
    kept = tuple([name for name in (column.name, rollup_state(column.name)) if name in table.columns])
    shown = (table.primary_id, *kept)
    ways = readers(table, shown, run.session.dialect)
    named = (table.name,) if says_table(rows, lookup) else ()
    text = rollups_sql(table, shown, (rows, lookup, column.rollup), run.session.dialect)
    lines = run.session.run(text, (*named, request.after or BEFORE_ALL, AT_ONCE))
    found = []
    for line in lines:
        present = {name: decode(line[start:stop]) for name, start, stop, decode in ways}
        value, state = _result(column, _as_number(run, rows, column.rollup, line[-1]))
        values = _worked_out(run, table, column, value, state)
        if request.everything or any(values[name] != present[name] for name in kept):
            found.append(Row(table.name, str(present[table.primary_id]), values))
    _keep(run, table, found)
    return RollupRefreshed(len(found), str(lines[-1][0]) if len(lines) == AT_ONCE else None)


def _worked_out(run: Execution, table: Table, column: Column, value: Value, state: int) -> dict[str, Value]:
    """The columns of the rollup: its value, when it was worked out, and how that ended. [JOB-62]"""
    found: dict[str, Value] = {column.name: value}
    kept: dict[str, Value] = {rollup_date(column.name): run.clock.now_on_wire(), rollup_state(column.name): state}
    return {**found, **{name: fact for name, fact in kept.items() if name in table.columns}}


def _summed(run: Execution, rollup: Rollup) -> tuple[Table, str]:
    """The table of the rows that are added up, and what they refer with."""
    relationship = next(found for found in run.schema.relationships if found.schema_name == rollup.relationship)
    return run.schema.tables[relationship.referencing_table], relationship.referencing_column


def _added_up(run: Execution, table: Table, row_id: str, rollup: Rollup) -> Decimal | str | None:
    """What refers to one row."""
    rows, lookup = _summed(run, rollup)
    named = (row_id, table.name) if says_table(rows, lookup) else (row_id,)
    value = run.session.run(rollup_sql(rows, lookup, rollup, run.session.dialect), named)[0][0]
    return _as_number(run, rows, rollup, value)


def _as_number(run: Execution, rows: Table, rollup: Rollup, value: Stored) -> Decimal | str | None:
    """What the store says, as a number with its point in the right place, or a time."""
    if value is None:
        return Decimal(0) if rollup.function in {"COUNT", "SUM"} else None
    if isinstance(value, str):
        return value
    assert isinstance(value, int | float | Decimal)
    stored = stored_columns(rows, rows.columns[rollup.column])[0]
    scaled = run.session.dialect.name == "sqlite" and stored.kind == "decimal" and rollup.function != "COUNT"
    return Decimal(str(value)).scaleb(-stored.scale) if scaled else Decimal(str(value))


def _result(column: Column, found: Decimal | str | None) -> tuple[Value, int]:
    """The value the column takes, and how it ended: what the column cannot hold is an overflow."""
    if found is None or isinstance(found, str):
        assert isinstance(column, DateTimeColumn) or found is None
        return found, CALCULATED
    assert isinstance(column, IntegerColumn | DecimalColumn)
    if not column.min <= found <= column.max:
        return None, OVERFLOW
    if isinstance(column, IntegerColumn):
        return int(found.quantize(Decimal(1), ROUND_HALF_UP)), CALCULATED
    return found.quantize(Decimal(1).scaleb(-column.precision), ROUND_HALF_UP), CALCULATED


def _keep(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """Write the values into the rows and nothing else: no version, no time, no user. [JOB-64]"""
    if not rows:
        return
    columns = tuple(rows[0].values)
    dialect = run.session.dialect
    encode = row_encoder(table, columns, dialect)
    stored = [[*encode(row.values), row.id] for row in rows]
    run.session.run_many(update_sql(table, columns, dialect, versioned=False), stored)
