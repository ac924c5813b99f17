"""Ask for rows by the values of their columns, for operations that need other rows than their own.

In:        a table, columns, conditions
Out:       rows; conditions made of values
Not here:  questions of clients (query), finding one row by its key (operations.finding)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.metadata.columns import Column, DateTimeColumn, IdColumn, LookupColumn
from verselet.metadata.tables import Table
from verselet.pipeline.execution import Execution
from verselet.query.outputs import property_name
from verselet.query.tree import And, Comparison, ComparisonOperator, Condition, Literal, Path, Query
from verselet.values import Reference, Row, Value

MOST = 5_000
"""More rows than that are not asked for at once."""


def rows_where(run: Execution, table_name: str, select: tuple[str, ...], equal: Mapping[str, Value]) -> tuple[Row, ...]:
    """The rows whose columns hold those values."""
    table = run.schema.tables[table_name]
    return rows_that(run, table, select, tuple([compared(table, name, value) for name, value in equal.items()]))


def rows_that(
    run: Execution, table: Table, select: tuple[str, ...], conditions: tuple[Condition, ...], most: int = MOST
) -> tuple[Row, ...]:
    """The rows that fulfil all the conditions, `most` of them, whoever may see them: the server itself asks."""
    shown = tuple([property_name(table.columns[name]) for name in select])
    query = Query(table=table.name, select=shown, filter=And(conditions) if conditions else None, top=most)
    return cast(RetrieveMultipleResponse, run.send_elevated(RetrieveMultiple(query))).rows


def compared(table: Table, name: str, value: Value, operator: ComparisonOperator = "eq") -> Comparison:
    """The column stands in that relation to the value."""
    column = table.columns[name]
    return Comparison(operator, path_to(table, name), _literal(column, value))


def path_to(table: Table, name: str) -> Path:
    """The column as questions name it."""
    return Path((property_name(table.columns[name]),), 0, 0)


def _literal(column: Column, value: Value) -> Literal:
    match value:
        case None:
            return Literal("null", "null", 0, 0)
        case Reference(id=row_id):
            return Literal("guid", row_id, 0, 0)
        case bool():
            return Literal("yesno", "true" if value else "false", 0, 0)
        case int() | float() | Decimal():
            return Literal("number", str(value), 0, 0)
        case _:
            text = str(value)
    if isinstance(column, IdColumn | LookupColumn):
        return Literal("guid", text, 0, 0)
    if isinstance(column, DateTimeColumn):
        return Literal("date" if column.behavior == "date_only" else "datetime", text, 0, 0)
    return Literal("text", text, 0, 0)
