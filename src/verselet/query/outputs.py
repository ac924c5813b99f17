"""Say which properties a query answers with.

In:        a table and the names of `$select`
Out:       outputs of query.plan
Not here:  their JSON form (sql.json_forms)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.columns import Column, LookupColumn, MoneyColumn, is_property
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.plan import Output


def property_name(column: Column) -> str:
    """The column's name on the wire: `_x_value` for a lookup. [Q-3]"""
    return f"_{column.name}_value" if isinstance(column, LookupColumn) else column.name


def outputs(schema: Schema, table: Table, select: tuple[str, ...] | None) -> tuple[Output, ...]:
    """The properties of an answer, in order: as selected, then what always comes. [Q-4], [T-25]

    Raises:
        UnknownColumn: a selected name is no property. [E-6]
    """
    if select is None:
        return all_outputs(table)
    columns = [schema.property_column(table, name) for name in select]
    names = dict.fromkeys(column.name for column in columns)
    names[table.primary_id] = None
    if "transactioncurrencyid" in table.columns and any(isinstance(column, MoneyColumn) for column in columns):
        names["transactioncurrencyid"] = None
    return (*[_output(table.columns[name]) for name in names], *_principal_id(table))


@lru_cache(maxsize=1024)
def all_outputs(table: Table) -> tuple[Output, ...]:
    """Every property of the table."""
    own = [_output(column) for column in table.columns.values() if is_property(column)]
    return (*own, *_principal_id(table))


def _output(column: Column) -> Output:
    return Output(column.name, property_name(column))


def _principal_id(table: Table) -> tuple[Output, ...]:
    """Users and teams are owners, and show their id as that of an owner too. [T-25]"""
    if table.name in {"systemuser", "team"} and "ownerid" not in table.columns:
        return (Output(table.primary_id, "ownerid"),)
    return ()
