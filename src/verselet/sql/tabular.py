"""Write a tabular plan as SQL that answers with JSON.

In:        query.tabular.Tabular, metadata.schema.Schema, a dialect
Out:       `TabularStatements`
Not here:  the JSON of one row (sql.tabular_rows), running (store.session)

The values are picked, grouped, sorted and cut in an inner select; the JSON is written for the rows that are left.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema
from verselet.query import plan
from verselet.query.tabular import Aggregated, Expression, OrderedBy, Shown, Tabular
from verselet.sql.aggregates import aggregate_order, aggregate_sql, too_large
from verselet.sql.columns import kept_name, target_column
from verselet.sql.conditions import Sources, linked_sql
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import finish, mark
from verselet.sql.pages import is_small, joined, told_with_ends
from verselet.sql.statement import Statement
from verselet.sql.tabular_rows import VERSION, has_target, tabular_json
from verselet.sql.ways import Asked, Way, each_way, over_the_table, way_to_count, ways_to


class TabularStatements(msgspec.Struct, frozen=True):
    """What a page of a tabular plan needs.

    `rows` gives one row: the JSON of the rows joined by commas, their number, and how many rows went into aggregates,
    −1 where a sum is too large. If it `tells_ends` its number counts one row that is not shown, if one follows, and
    behind it stand the order values of the first row and those of the last.
    `ends` gives the order values of rows of the page. Behind the plan's own values `rows` takes how many rows to skip,
    `ends` also how many to give and how many to skip.
    """

    rows: Statement
    ends: Statement
    count: Statement
    tells_ends: bool


def compile_tabular(
    asked: Tabular, schema: Schema, dialect: Dialect, offset_position: int, most: int
) -> TabularStatements:
    """The statements of a page; counting stops at `most`. [CT-1]

    As with pages of tables the ends come with the rows where they would be filtered and sorted again. (sql.select)
    """
    with_ends = None if _reads_in_order(asked, schema) else _rows_and_ends(asked, schema, dialect, offset_position)
    return TabularStatements(
        with_ends or _rows(asked, schema, dialect, offset_position),
        _ends(asked, schema, dialect, offset_position + 1),
        _count(asked, schema, dialect, most),
        with_ends is not None,
    )


def _rows(asked: Tabular, schema: Schema, dialect: Dialect, offset_position: int) -> Statement:
    sources = _sources(asked, schema, dialect)
    skipped = f" OFFSET {mark(offset_position)}"
    picked = _in_order(", ".join(_values(asked, sources)), asked, sources, mark(plan.LIMIT), skipped)
    rows = f"SELECT {tabular_json(asked, sources)} AS j{', taken' if asked.is_aggregate else ''} FROM ({picked}) g"
    taken = "coalesce(min(taken), 0)" if asked.is_aggregate else "0"
    return finish(f"SELECT {joined(sources)}, count(*), {taken} FROM ({rows}) page", dialect)


def _rows_and_ends(asked: Tabular, schema: Schema, dialect: Dialect, offset_position: int) -> Statement | None:
    """None where the rows would be much to look at several times."""
    sources = _sources(asked, schema, dialect)
    most, skipped = mark(plan.LIMIT), f" OFFSET {mark(offset_position)}"
    told = [_stored(item.by, sources) for item in asked.order if asked.paged_by_values]
    ends = [f"o{at}" for at in range(len(told))]
    values = [*_values(asked, sources), *[f"{text} AS {name}" for text, name in zip(told, ends, strict=True)]]
    picked = _in_order(", ".join(values), asked, sources, f"{most} + 1", skipped)
    if not is_small(picked, ends, sources):
        return None
    rows = f"SELECT {tabular_json(asked, sources)} AS j FROM (SELECT * FROM picked LIMIT {most}) g"
    taken = "(SELECT coalesce(min(taken), 0) FROM picked)" if asked.is_aggregate else "0"
    return told_with_ends(picked, rows, [taken], ends, sources)


def _values(asked: Tabular, sources: Sources) -> list[str]:
    """What the rows are made of, each under a name of its own."""
    values = [piece for at, output in enumerate(asked.outputs) for piece in _picked(asked, output, f"c{at}", sources)]
    if asked.tagged and "versionnumber" in sources.schema.tables[asked.table].columns:
        values.append(f"t{asked.source}.{quoted('versionnumber')} AS {VERSION}")
    if asked.is_aggregate:
        values.append(f"{_taken(asked, sources)} AS taken")
    return values


def _reads_in_order(asked: Tabular, schema: Schema) -> bool:
    """The index of the key gives the rows in their order."""
    key = plan.ColumnOf(asked.source, schema.tables[asked.table].primary_id)
    alone = not (asked.grouped or asked.is_aggregate or asked.links or asked.from_bin or asked.from_lake)
    return alone and isinstance(asked.where, plan.Always) and [item.by for item in asked.order] == [key]


def _sources(asked: Tabular, schema: Schema, dialect: Dialect) -> Sources:
    sources = Sources(schema, dialect, asked.hidden, names_beside=asked.from_lake)
    sources.add(asked.source, asked.table)
    linked_sql(asked.links, sources)
    return sources


def _taken(asked: Tabular, sources: Sources) -> str:
    """How many rows went into all groups, or −1 for a group with a sum that is too large."""
    number = "sum(count(*)) OVER ()"
    found = [too_large(output.by, sources) for output in asked.outputs if isinstance(output.by, Aggregated)]
    conditions = [condition for condition in found if condition is not None]
    return f"CASE WHEN {' OR '.join(conditions)} THEN -1 ELSE {number} END" if conditions else number


def _ends(asked: Tabular, schema: Schema, dialect: Dialect, position: int) -> Statement:
    sources = _sources(asked, schema, dialect)
    names = [_stored(item.by, sources) for item in asked.order if asked.paged_by_values] or [_anything(asked)]
    skipped = f" OFFSET {mark(position + 1)}"
    return finish(_in_order(", ".join(names), asked, sources, mark(position), skipped), dialect)


def _count(asked: Tabular, schema: Schema, dialect: Dialect, most: int) -> Statement:
    sources = _sources(asked, schema, dialect)
    found = Asked(asked.table, asked.source, asked.where, binned=asked.from_bin)
    ways: Sequence[Way]
    if _is_of_another_place(asked):
        ways = [over_the_table(found, sources)]
    elif asked.grouped:
        ways = ways_to(found, sources, by_key=False)
    else:
        ways = [way_to_count(found, sources, alone=not asked.links)]
    shown, limit = f"{_anything(asked)} AS n", str(int(most))
    inner = each_way(ways, lambda way: f"{_selected(shown, way, asked, sources)} LIMIT {way.limit(limit)}")
    return finish(f"SELECT count(*) FROM ({inner}) counted", dialect)


def _anything(asked: Tabular) -> str:
    """A value for each row of the answer: an aggregate without keys has one row."""
    return "count(*)" if asked.is_aggregate else "1"


def _is_of_another_place(asked: Tabular) -> bool:
    """The rows are not in the table itself, but in the recycle bin or the lake."""
    return asked.from_bin or asked.from_lake


def _in_order(shown: str, asked: Tabular, sources: Sources, most: str, skipped: str) -> str:
    """The rows of the answer, without those of pages before, in order, each as `shown`."""
    where = asked.where if isinstance(asked.after, plan.Always) else plan.All((asked.where, asked.after))
    found = Asked(asked.table, asked.source, where, binned=asked.from_bin)
    key = plan.ColumnOf(asked.source, sources.schema.tables[asked.table].primary_id)
    # With links the database may begin with another table: only an order that is asked for is kept.
    by_key = not (asked.grouped or asked.links) and asked.order == (OrderedBy(key, descending=False),)
    ways = [over_the_table(found, sources)] if _is_of_another_place(asked) else ways_to(found, sources, by_key=by_key)

    def written(way: Way) -> str:
        order = _order(asked, sources) if way.order is None else way.order
        return f"{_selected(shown, way, asked, sources)}{order} LIMIT {way.limit(most)}{skipped}"

    return each_way(ways, written)


def _selected(shown: str, way: Way, asked: Tabular, sources: Sources) -> str:
    """The rows of one way, or their groups."""
    linked, grouping = linked_sql(asked.links, sources), _grouping(asked, sources)
    return f"SELECT {shown} FROM {way.origin}{linked} WHERE {way.where}{grouping}"


def _picked(asked: Tabular, output: Shown, name: str, sources: Sources) -> list[str]:
    """The stored values behind an output, under names of the inner select."""
    by = output.by
    if isinstance(by, Aggregated):
        return [f"{aggregate_sql(by, sources)} AS {name}"]
    text = sources.text(by)
    if asked.grouped and sources.kind(by) in {"text", "code"}:
        # Texts that differ in letter case only are one group; the first one in binary order stands for it.
        text = f"min({text} COLLATE {_binary(sources)})"
    found = [f"{text} AS {name}"]
    if isinstance(by, plan.ColumnOf) and has_target(sources.column(by)):
        found.append(f"t{by.source}.{quoted(target_column(by.column))} AS {quoted(target_column(name))}")
    if asked.from_lake and isinstance(by, plan.ColumnOf) and isinstance(sources.column(by), LookupColumn):
        found.append(f"t{by.source}.{quoted(kept_name(by.column))} AS {quoted(kept_name(name))}")
    return found


def _binary(sources: Sources) -> str:
    return '"C"' if sources.dialect.name == "postgresql" else "BINARY"


def _stored(by: Expression, sources: Sources) -> str:
    return aggregate_sql(by, sources) if isinstance(by, Aggregated) else sources.text(by)


def _grouping(asked: Tabular, sources: Sources) -> str:
    if not asked.grouped:
        return ""
    keys = dict.fromkeys(key for by in _keys(asked) for key in _key_texts(by, sources))
    return f" GROUP BY {', '.join(keys)}" if keys else ""


def _keys(asked: Tabular) -> list[plan.Comparable]:
    """What rows of a group agree in: the outputs, and the columns that the order needs beside them."""
    shown = [output.by for output in asked.outputs if not isinstance(output.by, Aggregated)]
    for item in asked.order:
        by = item.by
        if isinstance(by, Aggregated) or by in shown:
            continue
        column = plan.ColumnOf(by.source, by.column)
        if column not in shown:
            shown.append(column)
    return shown


def _key_texts(by: plan.Comparable, sources: Sources) -> list[str]:
    found = [sources.comparable(by)]
    if isinstance(by, plan.ColumnOf) and has_target(sources.column(by)):
        found.append(f"t{by.source}.{quoted(target_column(by.column))}")
    return found


def _order(asked: Tabular, sources: Sources) -> str:
    key = plan.ColumnOf(asked.source, sources.schema.tables[asked.table].primary_id)
    parts = [_ordered(item, key, sources) for item in asked.order]
    return f" ORDER BY {', '.join(parts)}" if parts else ""


def _ordered(item: OrderedBy, key: plan.ColumnOf, sources: Sources) -> str:
    by = item.by
    text = aggregate_order(by, sources) if isinstance(by, Aggregated) else sources.comparable(by)
    # A key is never null, and with the place of nulls in the text PostgreSQL would not take the key's index.
    if sources.dialect.name == "postgresql" and by != key:
        return f"{text} DESC NULLS LAST" if item.descending else f"{text} ASC NULLS FIRST"
    return f"{text} DESC" if item.descending else text
