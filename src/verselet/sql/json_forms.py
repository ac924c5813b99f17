"""Write a stored value as JSON text, inside the database.

In:        a column and the SQL expression of its stored value
Out:       an SQL expression: JSON text, `null` where there is no value
Not here:  values for people (sql.formats), the object around the values (sql.rows)

The database writes the JSON, so that no Python object is made per value. (performance.md §4)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from verselet.metadata.columns import Column, ManagedPropertyColumn
from verselet.metadata.tables import Table
from verselet.sql.columns import Kind, stored_columns
from verselet.sql.dialects import Dialect
from verselet.sql.fragments import text_literal


def json_form(table: Table, column: Column, value: str, dialect: Dialect) -> str:
    """The JSON text of a column's stored value; never SQL null. [T-1] to [T-19]"""
    stored = stored_columns(table, column)[0]
    if isinstance(column, ManagedPropertyColumn):
        return _managed(column, value, dialect)
    if stored.kind == "decimal" and dialect.name == "sqlite":
        return f"ifnull({scaled_text(value, stored.scale)}, 'null')"
    forms = SQLITE_FORMS if dialect.name == "sqlite" else POSTGRESQL_FORMS
    return forms[stored.kind](value)


def scaled_text(value: str, scale: int) -> str:
    """A scaled whole number as a decimal text; null stays null."""
    if scale == 0:
        return f"cast({value} as text)"
    whole = 10**scale
    digits = f"printf('%s%d.%0{scale}d', iif({value} < 0, '-', ''), abs({value}) / {whole}, abs({value}) % {whole})"
    return f"iif({value} IS NULL, NULL, {digits})"


def _managed(column: Column, value: str, dialect: Dialect) -> str:
    yes, no = (
        text_literal(f'{{"Value":{word},"CanBeChanged":true,"ManagedPropertyLogicalName":"{column.name}"}}')
        for word in ("true", "false")
    )
    return f"CASE WHEN {value} = {dialect.true} THEN {yes} WHEN {value} = {dialect.false} THEN {no} ELSE 'null' END"


def _quoted_sqlite(value: str) -> str:
    return f"json_quote({value})"


def _quoted_postgresql(value: str) -> str:
    return f"coalesce('\"' || {value}::text || '\"', 'null')"


def _shortest_float(value: str) -> str:
    """The fewest digits that read back as the same number, as PostgreSQL writes it."""
    fifteen, sixteen, seventeen = (f"printf('%!.{digits}g', {value})" for digits in (15, 16, 17))
    return (
        f"CASE WHEN {value} IS NULL THEN 'null' WHEN cast({fifteen} AS REAL) = {value} THEN {fifteen} "
        f"WHEN cast({sixteen} AS REAL) = {value} THEN {sixteen} ELSE {seventeen} END"
    )


SQLITE_FORMS: Final[dict[Kind, Callable[[str], str]]] = {
    "guid": _quoted_sqlite,
    "text": _quoted_sqlite,
    "code": _quoted_sqlite,
    "integer": lambda value: f"ifnull({value}, 'null')",
    "bigint": lambda value: f"ifnull({value}, 'null')",
    "float": _shortest_float,
    "decimal": lambda value: f"ifnull({value}, 'null')",
    "datetime": _quoted_sqlite,
    "date": _quoted_sqlite,
    "yesno": lambda value: f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END",
    # Base64 by a function of ours: SQLite has none. [T-18]
    "bytes": lambda value: f"iif({value} IS NULL, 'null', '\"' || verselet_base64({value}) || '\"')",
}
POSTGRESQL_FORMS: Final[dict[Kind, Callable[[str], str]]] = {
    "guid": _quoted_postgresql,
    "text": lambda value: f"coalesce(to_json({value})::text, 'null')",
    "code": lambda value: f"coalesce(to_json({value})::text, 'null')",
    "integer": lambda value: f"coalesce({value}::text, 'null')",
    "bigint": lambda value: f"coalesce({value}::text, 'null')",
    "float": lambda value: f"coalesce({value}::text, 'null')",
    "decimal": lambda value: f"coalesce({value}::text, 'null')",
    "datetime": lambda value: (
        f"coalesce('\"' || to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') || '\"', 'null')"
    ),
    "date": _quoted_postgresql,
    "yesno": lambda value: f"coalesce({value}::text, 'null')",
    # PostgreSQL breaks base64 into lines. [T-18]
    "bytes": lambda value: f"coalesce('\"' || translate(encode({value}, 'base64'), chr(10), '') || '\"', 'null')",
}
