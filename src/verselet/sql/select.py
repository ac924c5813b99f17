"""Write a plan as SQL that answers with JSON.

In:        query.plan.Plan, metadata.schema.Schema, a dialect
Out:       `Statement`s: the page, one row, the count, the order values of a page's ends, plain rows
Not here:  the JSON of one row (sql.rows), running (store.session)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.metadata.schema import Schema
from verselet.query import plan
from verselet.sql.columns import is_view, stored_columns
from verselet.sql.conditions import Sources, condition_sql, joins_sql
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import finish, mark
from verselet.sql.pages import as_bytes, is_small, joined, told_with_ends
from verselet.sql.rows import order_sql, row_json
from verselet.sql.statement import Statement
from verselet.sql.ways import Asked, Way, each_way, everything, way_to_count, ways_to

_HANDLE: Final = "t{}.rowid AS r"
"""The number by which SQLite finds a row again."""


class PageStatements(msgspec.Struct, frozen=True):
    """What a page of rows needs.

    `rows` gives one row: the JSON of the rows joined by commas, as bytes, and their number.
    `ends` gives the order values of rows of the page; its last two parameters are how many rows and how many to skip.
    Where it is None `rows` tells the ends too: its number counts one row that is not shown, if one follows, and behind
    it stand the order values of the first row and those of the last.
    """

    rows: Statement
    ends: Statement | None


def compile_page(
    asked: plan.Plan, schema: Schema, dialect: Dialect, offset_position: int, *, sized: bool
) -> PageStatements:
    """The statements of a page.

    The rows are sorted by their keys alone, then the page's rows are fetched: a wide row is never sorted.
    The ends of a page that is likely to be full come with its rows: apart they would be filtered and sorted again.
    Where an index gives the order, they are found again for next to nothing. (performance.md §4)
    """
    together = sized and not _reads_in_order(asked, schema)
    with_ends = _page_and_ends(asked, schema, dialect) if together else None
    if with_ends is not None:
        return PageStatements(with_ends, None)
    return PageStatements(_page(asked, schema, dialect), _ends(asked, schema, dialect, offset_position))


def compile_row(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement:
    """One row by its key: its JSON as bytes, or no row."""
    sources = Sources(schema, dialect, asked.hidden)
    origin = _origin(asked, sources)
    where = condition_sql(asked.where, sources)
    shown = as_bytes(row_json(asked, sources), dialect)
    return finish(f"SELECT {shown} FROM {origin} WHERE {where}", dialect)


def compile_count(asked: plan.Plan, schema: Schema, dialect: Dialect, most: int) -> Statement:
    """How many rows there are; counting stops at `most`. [CT-1]"""
    sources = Sources(schema, dialect, asked.hidden)
    _origin(asked, sources)
    way = way_to_count(_asked(asked), sources, alone=not asked.joins)
    rows = f"SELECT 1 FROM {way.origin}{joins_sql(asked.joins, sources)} WHERE {way.where} LIMIT {int(most)}"
    return finish(f"SELECT count(*) FROM ({rows}) counted", dialect)


def compile_rows(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement:
    """The stored values of the plan's outputs, one row each, in order: for code inside the server."""
    sources = Sources(schema, dialect, asked.hidden)
    table = schema.tables[asked.table]
    names = [
        f"t{asked.source}.{quoted(stored.name)}"
        for output in asked.outputs
        for stored in stored_columns(table, table.columns[output.column])
    ]
    return finish(_in_order(", ".join(names), asked, sources, _most(asked)), dialect)


def _asked(asked: plan.Plan) -> Asked:
    return Asked(asked.table, asked.source, asked.where)


def _origin(asked: plan.Plan, sources: Sources) -> str:
    alias = sources.add(asked.source, asked.table)
    return f"{sources.origin(asked.table)} {alias}{joins_sql(asked.joins, sources)}"


def _in_order(
    shown: str, asked: plan.Plan, sources: Sources, most: str | None, skipped: str = "", *, is_narrow: bool = False
) -> str:
    """The rows the plan asks for, in order, each as `shown`; all of them where nobody says how many at most.

    `is_narrow`: nothing is shown but what the rows are ordered by, and the number by which SQLite finds them again.
    """
    _origin(asked, sources)
    key = plan.ColumnOf(asked.source, sources.schema.tables[asked.table].primary_id)
    # With joins the database may begin with another table: only an order that is asked for is kept.
    by_key = asked.order == (plan.OrderBy(key, descending=False),) and not asked.joins

    def written(way: Way) -> str:
        order = f" ORDER BY {order_sql(asked, sources)}" if way.order is None else way.order
        limit = way.limit(most or everything(sources.dialect))
        limited = f" LIMIT {limit}{skipped}" if most or way.is_one_of_many else ""
        return f"SELECT {shown} FROM {way.origin}{joins_sql(asked.joins, sources)} WHERE {way.where}{order}{limited}"

    return each_way(ways_to(_asked(asked), sources, by_key=by_key, keys_alone=is_narrow), written)


def _most(asked: plan.Plan) -> str | None:
    return None if asked.limit is None else mark(asked.limit.position)


def _page(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement:
    sources = Sources(schema, dialect, asked.hidden)
    _origin(asked, sources)
    by_handle = dialect.name == "sqlite" and not _reads_in_order(asked, schema)
    shown = _HANDLE.format(asked.source) if by_handle else f"{row_json(asked, sources)} AS j"
    if is_view(schema.tables[asked.table]):
        # SQLite takes the tables of a view in turns, each by its index, only where it sees what they are ordered by.
        shown = ", ".join([shown, *[sources.text(item.by) for item in asked.order]])
    rows = _in_order(shown, asked, sources, _most(asked), is_narrow=by_handle)
    if by_handle:
        rows = _rows_of(f"({rows})", asked, sources)
    return finish(f"SELECT {joined(sources)}, count(*) FROM ({rows}) page", dialect)


def _page_and_ends(asked: plan.Plan, schema: Schema, dialect: Dialect) -> Statement | None:
    """None where the rows would be much to look at several times."""
    sources = Sources(schema, dialect, asked.hidden)
    _origin(asked, sources)
    most, by_handle = mark(plan.LIMIT), dialect.name == "sqlite"
    shown = _HANDLE.format(asked.source) if by_handle else f"{row_json(asked, sources)} AS j"
    ends = [f"o{at}" for at in range(len(asked.order))]
    names = [f"{sources.text(item.by)} AS {end}" for item, end in zip(asked.order, ends, strict=True)]
    picked = _in_order(", ".join([shown, *names]), asked, sources, f"{most} + 1", is_narrow=by_handle)
    if not is_small(picked, ends, sources):
        return None
    handles = f"(SELECT r FROM picked LIMIT {most})"
    rows = _rows_of(handles, asked, sources) if by_handle else f"SELECT j FROM picked LIMIT {most}"
    return told_with_ends(picked, rows, (), ends, sources)


def _rows_of(handles: str, asked: plan.Plan, sources: Sources) -> str:
    """The JSON of the rows with those numbers, in their order."""
    alias = sources.add(asked.source, asked.table)
    found = f"{handles} picked CROSS JOIN {sources.origin(asked.table)} {alias} ON {alias}.rowid = picked.r"
    return f"SELECT {row_json(asked, sources)} AS j FROM {found}"


def _reads_in_order(asked: plan.Plan, schema: Schema) -> bool:
    """The primary key's index gives the order; or the table is a view, whose rows have no numbers."""
    if is_view(schema.tables[asked.table]):
        return True
    return isinstance(asked.where, plan.Always) and len(asked.order) == 1


def _ends(asked: plan.Plan, schema: Schema, dialect: Dialect, offset_position: int) -> Statement:
    sources = Sources(schema, dialect, asked.hidden)
    _origin(asked, sources)
    names = ", ".join([sources.text(item.by) for item in asked.order]) or "1"
    skipped = f" OFFSET {mark(offset_position + 1)}"
    return finish(_in_order(names, asked, sources, mark(offset_position), skipped, is_narrow=True), dialect)
