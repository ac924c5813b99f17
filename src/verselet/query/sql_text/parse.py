"""Parse a SELECT.

In:        the text of `?sql=`
Out:       `Fetch`, with names in small letters
Not here:  whether names exist (query.fetchxml.resolve), SQL for the stores (sql)

sqlglot reads the text; what is not on the list here is refused, so the text itself never reaches a database. [SQL-7]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from sqlglot import exp

from verselet.errors import FetchRefused
from verselet.metadata.schema import Schema
from verselet.query.fetchxml.tree import Attribute, Body, Fetch, Filter, Link, LinkType, Order
from verselet.query.sql_text.conditions import literal_text, read_where
from verselet.query.sql_text.names import Names, shown
from verselet.query.sql_text.reading import read_statements

LONGEST: Final = 20_000
DEEPEST: Final = 60
MAX_TOP: Final = 5_000
"""[SQL-5]"""

ALLOWED: Final = frozenset(
    {"expressions", "from_", "joins", "where", "group", "order", "limit", "offset", "distinct", "kind"}
)
"""The parts a SELECT may have. [SQL-3], [SQL-4]"""

AGGREGATES: Mapping[type[exp.Expression], str] = MappingProxyType(
    {exp.Count: "countcolumn", exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max"}
)
BEGINNING: Final = re.compile(r"\s*select\b", re.IGNORECASE)


class Item(msgspec.Struct, frozen=True):
    """One item of the select list: a column or an aggregate, and the link it is of."""

    link: str | None
    attribute: Attribute


class Joining(msgspec.Struct, frozen=True):
    """One JOIN: the new table, and the column of a table before that it is joined to."""

    alias: str
    table: str
    inner: str
    outer_link: str | None
    outer: str
    kind: LinkType


def parse_sql(text: str, schema: Schema) -> Fetch:
    """The query a SELECT states, as FetchXML would state it.

    Raises:
        FetchRefused: it is no SELECT, or one with parts that are not supported. [SQL-4], [SQL-7]
    """
    select = _select(text)
    for name, value in select.args.items():
        if value and name not in ALLOWED:
            raise FetchRefused(f"'{name.strip('_').upper()}' is not supported in SQL queries. [SQL-4]")
    root = select.args["from_"].this if select.args.get("from_") else None
    if not isinstance(root, exp.Table):
        raise FetchRefused("A SQL query reads FROM a table. [SQL-2]")
    names = Names(schema, root)
    joined = [_joining(join, names) for join in select.args.get("joins") or ()]
    items = _items(select, names)
    aggregate = any(item.attribute.aggregate for item in items) or bool(select.args.get("group"))
    if aggregate:
        items = _grouped(items, select, names)
    where = select.args.get("where")
    found = read_where(where.this, names) if where else None
    filters = () if found is None else (found if isinstance(found, Filter) else Filter("and", (found,)),)
    skipped, top = _window(select)
    return Fetch(
        table=names.root,
        body=Body(
            attributes=tuple([item.attribute for item in items if item.link is None]),
            orders=_orders(select, items, names, aggregate=aggregate),
            filters=filters,
            links=_links(joined, None, items),
        ),
        top=top,
        skipped=skipped,
        distinct=bool(select.args.get("distinct")) and not aggregate,
        aggregate=aggregate,
        raw_order=True,
    )


def _select(text: str) -> exp.Select:
    if len(text) > LONGEST or text.count("(") > DEEPEST:
        raise FetchRefused("The SQL query is too long or nested too deeply.")
    if BEGINNING.match(text) is None:
        raise FetchRefused("Only a single SELECT is supported. [SQL-7]")
    statements = read_statements(text)
    if len(statements) != 1 or type(statements[0]) is not exp.Select:
        raise FetchRefused("Only a single SELECT is supported. [SQL-7]")
    return statements[0]


# --- what is shown ---------------------------------------------------------------------------------------------------


def _items(select: exp.Select, names: Names) -> list[Item]:
    found: list[Item] = []
    for node in select.expressions:
        alias = node.alias if isinstance(node, exp.Alias) else None
        inner = node.this if isinstance(node, exp.Alias) else node
        found.append(_aggregate(inner, alias, names) if type(inner) in AGGREGATES else _plain(inner, alias, names))
    return _named(found)


def _named(items: list[Item]) -> list[Item]:
    """A column of a joined table goes by its own name, as in any SQL, unless another is called so. [PS-12]"""
    times = Counter(item.attribute.alias or item.attribute.name for item in items)
    return [
        Item(item.link, msgspec.structs.replace(item.attribute, alias=item.attribute.name))
        if item.link is not None and item.attribute.alias is None and times[item.attribute.name] == 1
        else item
        for item in items
    ]


def _plain(node: exp.Expression, alias: str | None, names: Names) -> Item:
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        raise FetchRefused("SELECT * is not supported: name the columns. [SQL-4]")
    named = names.of(node)
    return Item(named.link, Attribute(name=named.column, alias=alias))


def _aggregate(node: exp.Expression, alias: str | None, names: Names) -> Item:
    method, inner, distinct = AGGREGATES[type(node)], node.this, False
    if isinstance(inner, exp.Distinct):
        if method != "countcolumn" or len(inner.expressions) != 1:
            raise FetchRefused(f"'{shown(node)}' is not supported. [SQL-4]")
        inner, distinct = inner.expressions[0], True
    if isinstance(inner, exp.Star):
        if method != "countcolumn":
            raise FetchRefused(f"'{shown(node)}' is not supported. [SQL-4]")
        return Item(None, Attribute(name="", alias=alias or "count", aggregate="count"))
    named = names.of(inner)
    word = "count" if method == "countcolumn" else method
    name = alias or f"{word}_{named.column}"
    return Item(named.link, Attribute(name=named.column, alias=name, aggregate=method, distinct=distinct))


def _grouped(items: list[Item], select: exp.Select, names: Names) -> list[Item]:
    """The items of a query that groups: each plain column is a key, and each key is shown."""
    group = select.args.get("group")
    keys = []
    if group is not None:
        if any(value for name, value in group.args.items() if name != "expressions"):
            raise FetchRefused("Only plain columns can be grouped by. [SQL-4]")
        keys = [names.of(node) for node in group.expressions]
    found = []
    for item in items:
        attribute = item.attribute
        if not attribute.aggregate:
            if all((key.link, key.column) != (item.link, attribute.name) for key in keys):
                raise FetchRefused(f"The column '{attribute.name}' is neither grouped by nor aggregated.")
            attribute = msgspec.structs.replace(attribute, alias=attribute.alias or attribute.name, grouped=True)
        found.append(Item(item.link, attribute))
    shown_keys = {(item.link, item.attribute.name) for item in found if item.attribute.grouped}
    for key in keys:
        if (key.link, key.column) not in shown_keys:
            raise FetchRefused(f"The column '{key.column}' is grouped by, so it must be selected too.")
    return found


# --- the tables ------------------------------------------------------------------------------------------------------


def _joining(join: exp.Join, names: Names) -> Joining:
    """One JOIN on the equality of two columns. [SQL-3]"""
    side, kind = (join.side or "").upper(), (join.kind or "").upper()
    others = [name for name, value in join.args.items() if value and name not in {"this", "on", "side", "kind"}]
    if side not in {"", "LEFT"} or kind not in {"", "INNER", "OUTER"} or others:
        raise FetchRefused(f"The join '{shown(join)}' is not supported. [SQL-4]")
    condition = join.args.get("on")
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if not isinstance(join.this, exp.Table) or not isinstance(condition, exp.EQ):
        raise FetchRefused(f"The join '{shown(join)}' needs ON with two columns that are equal. [SQL-3]")
    alias = names.join(join.this)
    first, second = names.of(condition.this), names.of(condition.expression)
    if first.link != alias:
        first, second = second, first
    if first.link != alias or second.link == alias:
        raise FetchRefused(f"The join '{shown(join)}' must compare the new table with one before it.")
    name = join.this.name.lower()
    return Joining(alias, name, first.column, second.link, second.column, "outer" if side == "LEFT" else "inner")


def _links(joined: list[Joining], outer: str | None, items: list[Item]) -> tuple[Link, ...]:
    return tuple(
        [
            Link(
                table=join.table,
                inner=join.inner,
                outer=join.outer,
                alias=join.alias,
                kind=join.kind,
                body=Body(
                    attributes=tuple([item.attribute for item in items if item.link == join.alias]),
                    links=_links(joined, join.alias, items),
                ),
            )
            for join in joined
            if join.outer_link == outer
        ]
    )


# --- order and window ------------------------------------------------------------------------------------------------


def _orders(select: exp.Select, items: list[Item], names: Names, *, aggregate: bool) -> tuple[Order, ...]:
    order = select.args.get("order")
    found = []
    for node in order.expressions if order is not None else ():
        by, descending = (node.this, bool(node.args.get("desc"))) if isinstance(node, exp.Ordered) else (node, False)
        found.append(_order(by, items, names, descending=descending, aggregate=aggregate))
    return tuple(found)


def _order(by: exp.Expression, items: list[Item], names: Names, *, descending: bool, aggregate: bool) -> Order:
    if isinstance(by, exp.Column) and not by.table:
        aliases = {item.attribute.alias.lower(): item.attribute.alias for item in items if item.attribute.alias}
        if by.name.lower() in aliases:
            return Order(alias=aliases[by.name.lower()], descending=descending)
    named = names.of(by)
    if aggregate:
        for item in items:
            if (item.link, item.attribute.name) == (named.link, named.column) and item.attribute.grouped:
                return Order(alias=item.attribute.alias, descending=descending)
        raise FetchRefused(f"The query is ordered by '{named.column}', which is not grouped by.")
    return Order(attribute=named.column, link=named.link, descending=descending)


def _window(select: exp.Select) -> tuple[int, int | None]:
    """How many rows are skipped, and how many are wanted at most. [SQL-5]"""
    offset, limit = select.args.get("offset"), select.args.get("limit")
    skipped = 0 if offset is None else _whole(offset.expression)
    if limit is None:
        return skipped, None
    options = limit.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        raise FetchRefused("TOP with PERCENT or TIES is not supported. [SQL-4]")
    top = _whole(limit.args["count"] if isinstance(limit, exp.Fetch) else limit.expression)
    if top > MAX_TOP:
        raise FetchRefused(f"TOP takes at most {MAX_TOP} rows. [SQL-5]")
    return skipped, top


def _whole(node: exp.Expression) -> int:
    text = literal_text(node)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise FetchRefused(f"'{text[:60]}' is no number of rows. [SQL-5]")
    return int(text)
