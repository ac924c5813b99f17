"""Write a plan as SQL that answers with JSON.

In:        query.plan.Plan, metadata.schema.Schema, a dialect
Out:       `Statement`s: the page, one row, the count, the order values of a page's ends, plain rows
Not here:  the JSON of one row (sql.rows), running (store.session)
"""

from __future__ import annotations

import msgspec

from verselet.metadata.schema import Schema
from verselet.query import plan
from verselet.sql.columns import stored_columns
from verselet.sql.conditions import Sources, condition_sql, joins_sql
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import finish, mark
from verselet.sql.rows import joined_rows, order_sql, row_json
from verselet.sql.statement import Statement


class PageStatements(msgspec.Struct, frozen=True):
    """What a page of rows needs.

    `rows` gives one row of two values: the JSON of the rows joined by commas, as bytes, and their number.
    `ends` gives the order values of rows of the page; its last two parameters are how many rows and how many to skip.
    """

    rows: Statement
    ends: Statement


def compile_page(asked: plan.Plan, schema: Schema, dialect: Dialect, offset_position: int) -> PageStatements:
    """The statements of a page.

    The rows are sorted by their keys alone, then the page's rows are fetched: a wide row is never sorted.
    (performance.md §4)
    """
    return PageStatements(_page(asked, schema, dialect), _ends(asked, schema, dialect, offset_position))


def compile_row(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement:
    """One row by its key: its JSON as bytes, or no row."""
    sources = Sources(schema, dialect, asked.hidden)
    origin = _origin(asked, sources)
    where = condition_sql(asked.where, sources)
    shown = _bytes(row_json(asked, sources), dialect)
    return finish(f"SELECT {shown} FROM {origin} WHERE {where}", dialect)


def compile_count(asked: plan.Plan, schema: Schema, dialect: Dialect, most: int) -> Statement:
    """How many rows there are; counting stops at `most`. [CT-1]"""
    sources = Sources(schema, dialect, asked.hidden)
    origin = _origin(asked, sources)
    where = condition_sql(asked.where, sources)
    return finish(f"SELECT count(*) FROM (SELECT 1 FROM {origin} WHERE {where} LIMIT {int(most)}) counted", dialect)


def compile_rows(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement:
    """The stored values of the plan's outputs, one row each, in order: for code inside the server."""
    sources = Sources(schema, dialect, asked.hidden)
    origin = _origin(asked, sources)
    where = condition_sql(asked.where, sources)
    table = schema.tables[asked.table]
    names = [
        f"t{asked.source}.{quoted(stored.name)}"
        for output in asked.outputs
        for stored in stored_columns(table, table.columns[output.column])
    ]
    text = f"SELECT {', '.join(names)} FROM {origin} WHERE {where}"
    if asked.order:
        text += f" ORDER BY {order_sql(asked, sources)}"
    if asked.limit is not None:
        text += f" LIMIT {mark(asked.limit.position)}"
    return finish(text, dialect)


def _origin(asked: plan.Plan, sources: Sources) -> str:
    alias = sources.add(asked.source, asked.table)
    return f"{sources.origin(asked.table)} {alias}{joins_sql(asked.joins, sources)}"


def _bytes(text: str, dialect: Dialect) -> str:
    return f"convert_to({text}, 'UTF8')" if dialect.name == "postgresql" else f"cast({text} as blob)"


def _limit(asked: plan.Plan) -> str:
    return "" if asked.limit is None else f" LIMIT {mark(asked.limit.position)}"


def _page(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement:
    sources = Sources(schema, dialect, asked.hidden)
    origin = _origin(asked, sources)
    where = condition_sql(asked.where, sources)
    order = order_sql(asked, sources)
    joined = _bytes(f"coalesce({joined_rows(sources)}, '')", dialect)
    if dialect.name == "postgresql" or _reads_in_order(asked, schema):
        row = row_json(asked, sources)
        inner = f"SELECT {row} AS j FROM {origin} WHERE {where} ORDER BY {order}{_limit(asked)}"
        return finish(f"SELECT {joined}, count(*) FROM ({inner}) page", dialect)
    keys = f"SELECT t{asked.source}.rowid AS r FROM {origin} WHERE {where} ORDER BY {order}{_limit(asked)}"
    alias = sources.add(asked.source, asked.table)
    row = row_json(asked, sources)
    picked = f"({keys}) picked CROSS JOIN {sources.origin(asked.table)} {alias} ON {alias}.rowid = picked.r"
    inner = f"SELECT {row} AS j FROM {picked}"
    return finish(f"SELECT {joined}, count(*) FROM ({inner}) page", dialect)


def _reads_in_order(asked: plan.Plan, schema: Schema) -> bool:
    """The primary key's index gives the order, or the table is a view without row numbers."""
    table = schema.tables[asked.table]
    if table.name in {"owner", "activitypointer"}:
        return True
    return isinstance(asked.where, plan.Always) and len(asked.order) == 1


def _ends(asked: plan.Plan, schema: Schema, dialect: Dialect, offset_position: int) -> Statement:
    sources = Sources(schema, dialect, asked.hidden)
    origin = _origin(asked, sources)
    where = condition_sql(asked.where, sources)
    names = ", ".join([sources.text(item.by) for item in asked.order]) or "1"
    return finish(
        f"SELECT {names} FROM {origin} WHERE {where} ORDER BY {order_sql(asked, sources)} "
        f"LIMIT {mark(offset_position)} OFFSET {mark(offset_position + 1)}",
        dialect,
    )
