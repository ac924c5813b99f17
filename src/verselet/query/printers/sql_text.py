"""Write a question as a SELECT.

In:        `Fetch` of query.fetchxml.tree, the schema
Out:       SQL that query.sql_text.parse reads as a question with the same answer
Not here:  the SQL that stores are asked in (sql)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from verselet.errors import CannotBeSaid, FetchRefused
from verselet.metadata.columns import ChoiceColumn, Column, StateColumn, StatusColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.fetchxml.joining import only_pair
from verselet.query.fetchxml.tree import Attribute, Body, Condition, Fetch, Filter, Link, Order
from verselet.query.outputs import all_outputs

SQL: Final = "SQL"

SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {"eq": "=", "ne": "<>", "neq": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
)
FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "like": "{} LIKE {}",
        "not-like": "{} NOT LIKE {}",
        "between": "{} BETWEEN {} AND {}",
        "not-between": "{} NOT BETWEEN {} AND {}",
        "null": "{} IS NULL",
        "not-null": "{} IS NOT NULL",
        **{operator: f"{{}} {sign} {{}}" for operator, sign in SIGNS.items()},
    }
)
"""Operator → its form, with a place for the column and for each value."""

LISTS: Final = MappingProxyType({"in": "IN", "not-in": "NOT IN"})
PATTERNS: Final = MappingProxyType(
    {
        "begins-with": ("like", "", "%"),
        "not-begin-with": ("not-like", "", "%"),
        "ends-with": ("like", "%", ""),
        "not-end-with": ("not-like", "%", ""),
    }
)
"""Operator → the one with a whole pattern, and what stands before and behind the text. [FX-42]"""

METHODS: Final = MappingProxyType({"countcolumn": "COUNT", "sum": "SUM", "avg": "AVG", "min": "MIN", "max": "MAX"})


class Joined(msgspec.Struct, frozen=True):
    """A table of the SELECT: the name it goes by, and its link; None for the table after FROM."""

    name: str
    table: Table
    body: Body
    link: Link | None = None
    outer: str = ""


def print_sql(fetch: Fetch, schema: Schema) -> str:
    """The text. [SQL-3], [SQL-5]

    Raises:
        CannotBeSaid: a part that SQL has no words for here, such as a link that only tests. [SQL-4]
    """
    return _Select(fetch, schema).text()


class _Select:
    def __init__(self, fetch: Fetch, schema: Schema) -> None:
        self.fetch = fetch
        self.schema = schema
        self._number = 0
        self.root = Joined(fetch.table, _table(schema, fetch.table), fetch.body)
        self.tables = [self.root, *self._joined(self.root)]
        self.by_name = {joined.name: joined for joined in self.tables}

    def text(self) -> str:
        fetch = self.fetch
        for what, given in (
            ("a page size", fetch.size),
            ("a page", fetch.page),
            ("a paging cookie", fetch.cookie),
            ("the number of all rows", fetch.totals),
            ("a limit of aggregates", fetch.aggregate_limit),
        ):
            if given:
                raise CannotBeSaid(what, SQL)
        where = [text for joined in self.tables if (text := self._where(joined))]
        parts = [
            f"SELECT {'DISTINCT ' if fetch.distinct else ''}{self._top()}{', '.join(self._items())}",
            f"FROM {fetch.table}",
            *[_join(joined) for joined in self.tables[1:]],
            *([f"WHERE {' AND '.join(where)}"] if where else []),
            *self._group(),
            *self._order(),
        ]
        return " ".join(parts)

    # --- tables -------------------------------------------------------------------------------------------------------

    def _joined(self, outer: Joined) -> list[Joined]:
        """The links inside, each before those inside it: the order in which they are numbered. [FX-29]"""
        found: list[Joined] = []
        for link in outer.body.links:
            if link.kind not in {"inner", "outer"}:
                raise CannotBeSaid(f"a link of the type '{link.kind}'", SQL)
            if link.kind == "outer" and link.body.filters:
                raise CannotBeSaid("an outer link with a filter", SQL)
            self._number += 1
            table = _table(self.schema, link.table)
            pair = link.inner, link.outer
            if link.inner is None or link.outer is None:
                pair = only_pair(link, outer.table, table, self.schema)
            name = link.alias or f"{link.table}{self._number}"
            whole = msgspec.structs.replace(link, inner=pair[0], outer=pair[1])
            joined = Joined(name, table, link.body, whole, outer.name)
            found += [joined, *self._joined(joined)]
        return found

    def _top(self) -> str:
        return "" if self.fetch.top is None or self.fetch.skipped else f"TOP {self.fetch.top} "

    # --- items --------------------------------------------------------------------------------------------------------

    def _items(self) -> list[str]:
        found = [item for joined in self.tables for item in self._items_of(joined)]
        if not found:
            raise CannotBeSaid("a question without columns", SQL)
        return found

    def _items_of(self, joined: Joined) -> list[str]:
        body = joined.body
        if body.everything or (joined is self.root and not body.attributes and not self.fetch.aggregate):
            shown = tuple([Attribute(name=output.column) for output in all_outputs(joined.table)])
            return [self._item(joined, item) for item in (*shown, *body.attributes)]
        return [self._item(joined, item) for item in body.attributes]

    def _item(self, joined: Joined, item: Attribute) -> str:
        if item.date_grouping is not None or item.children:
            raise CannotBeSaid("a part of a date" if item.date_grouping else "the number of children", SQL)
        alias = item.alias
        if item.aggregate == "count":
            return f"COUNT(*) AS {_name(alias or 'count')}"
        column = f"{_name(joined.name)}.{_name(item.name)}"
        if item.aggregate is not None:
            if item.aggregate not in METHODS:
                raise FetchRefused(f"Invalid aggregate '{item.aggregate[:60]}'.")
            inside = f"DISTINCT {column}" if item.distinct else column
            return f"{METHODS[item.aggregate]}({inside}) AS {_name(alias or item.name)}"
        if alias is None and joined is not self.root:
            alias = f"{joined.name}.{item.name}"
        return column if alias is None else f"{column} AS {_name(alias)}"

    def _group(self) -> list[str]:
        keys = [
            f"{_name(joined.name)}.{_name(item.name)}"
            for joined in self.tables
            for item in joined.body.attributes
            if item.grouped
        ]
        return [f"GROUP BY {', '.join(keys)}"] if keys else []

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _where(self, joined: Joined) -> str:
        return " AND ".join([text for item in joined.body.filters if (text := self._filter(item, joined))])

    def _filter(self, item: Filter, joined: Joined) -> str:
        parts = []
        for part in item.items:
            if isinstance(part, Link):
                raise CannotBeSaid(f"a link of the type '{part.kind}'", SQL)
            text = self._filter(part, joined) if isinstance(part, Filter) else self._condition(part, joined)
            parts += [text] if text else []
        if len(parts) < 2:
            return "".join(parts)
        return "(" + f" {item.kind.upper()} ".join(parts) + ")"

    def _condition(self, item: Condition, joined: Joined) -> str:
        if item.other is not None:
            raise CannotBeSaid("a comparison of two columns", SQL)
        name = joined.name if item.link is None else item.link
        if name not in self.by_name:
            raise FetchRefused(f"No link-entity has the name or alias '{name[:100]}'.")
        column = f"{_name(name)}.{_name(item.attribute)}"
        operator, values = item.operator, item.values
        if operator in PATTERNS and len(values) == 1:
            operator, before, behind = PATTERNS[operator]
            values = (before + values[0] + behind,)
        quoted = [_quoted(value) for value in values]
        if operator in LISTS and quoted:
            return f"{column} {LISTS[operator]} ({', '.join(quoted)})"
        form = FORMS.get(operator)
        if form is None or form.count("{}") != 1 + len(quoted):
            raise CannotBeSaid(f"the operator '{operator[:60]}'", SQL)
        return form.format(column, *quoted)

    # --- order and window ---------------------------------------------------------------------------------------------

    def _order(self) -> list[str]:
        orders = [self._ordered(item, joined) for joined in self.tables for item in joined.body.orders]
        parts = [f"ORDER BY {', '.join(orders)}"] if orders else []
        if self.fetch.skipped:
            parts.append(f"OFFSET {self.fetch.skipped} ROWS")
            if self.fetch.top is not None:
                parts.append(f"FETCH NEXT {self.fetch.top} ROWS ONLY")
        return parts

    def _ordered(self, item: Order, joined: Joined) -> str:
        name, place = item.attribute or "", joined if item.link is None else self.by_name[item.link]
        if item.alias is not None and (item.attribute is None or self.fetch.aggregate):
            place, named = self._by_alias(item.alias)
            if named.aggregate is not None:
                return f"{_name(item.alias)}{' DESC' if item.descending else ''}"
            name = named.name
        self._must_sort_alike(place.table.columns.get(name))
        return f"{_name(place.name)}.{_name(name)}{' DESC' if item.descending else ''}"

    def _by_alias(self, alias: str) -> tuple[Joined, Attribute]:
        for joined in self.tables:
            for item in joined.body.attributes:
                if item.alias == alias:
                    return joined, item
        raise FetchRefused(f"The order names the alias '{alias[:100]}', which no attribute has. [FX-14]")

    def _must_sort_alike(self, column: Column | None) -> None:
        if isinstance(column, ChoiceColumn | StateColumn | StatusColumn) and not self.fetch.raw_order:
            raise CannotBeSaid(f"the order by the labels of '{column.name}'", SQL)


def _join(joined: Joined) -> str:
    link = joined.link
    if link is None:
        return ""
    word = "LEFT JOIN" if link.kind == "outer" else "JOIN"
    name = _name(joined.name)
    pair = f"{name}.{_name(link.inner or '')} = {_name(joined.outer)}.{_name(link.outer or '')}"
    return f"{word} {link.table} AS {name} ON {pair}"


def _table(schema: Schema, name: str) -> Table:
    found = schema.tables.get(name.lower())
    if found is None:
        raise FetchRefused(f"There is no table '{name[:100]}'.")
    return found


def _name(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
