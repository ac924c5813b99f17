"""Resolve what a FetchXML query shows.

In:        attributes with names as written
Out:       `Shown` outputs of query.tabular
Not here:  the order of the rows (query.fetchxml.ordering), their JSON (sql.tabular)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, cast, get_args

import msgspec

from verselet.errors import AliasTaken, DateGroupingUnknown, DistinctImage, FetchRefused, GroupAliasTaken
from verselet.metadata.columns import (
    BigIntColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    ImageColumn,
    IntegerColumn,
    MemoColumn,
    MoneyColumn,
    TextColumn,
)
from verselet.query import plan
from verselet.query.calendar import GREENWICH, Calendar
from verselet.query.fetchxml.joining import Joined
from verselet.query.fetchxml.places import Place, Places
from verselet.query.fetchxml.tree import Attribute, Body
from verselet.query.operators import parent_column
from verselet.query.outputs import all_outputs, property_name
from verselet.query.spans import part_of
from verselet.query.tabular import Aggregated, Method, Shown

NUMBERS: Final = (IntegerColumn, BigIntColumn, DecimalColumn, FloatColumn, MoneyColumn)
ALIAS: Final = re.compile(r"[^\W\d][\w.]{0,127}\Z")

DATE_PARTS: Final = frozenset(get_args(plan.DatePart))
"""[FX-39]"""


class Outputs:
    """The outputs of one query, in order, each name once."""

    def __init__(self) -> None:
        self.shown: dict[str, Shown] = {}

    def add(self, by: plan.Comparable | Aggregated, name: str) -> None:
        """One output more; the same one twice is one.

        Raises:
            AliasTaken: another one has the name already. [FX-40]
        """
        if self.shown.setdefault(name, Shown(by, name)).by != by:
            raise AliasTaken(name)


def plain_outputs(body: Body, places: Places, links: Iterable[Joined], *, distinct: bool) -> tuple[Shown, ...]:
    """The outputs of a query that computes nothing. [FX-3], [FX-5], [FX-29]

    Raises:
        DistinctImage: an image or a file in a distinct query. [FX-9]
    """
    root = places.root
    found = Outputs()
    if body.everything or not body.attributes:
        for output in all_outputs(root.table):
            if not (distinct and isinstance(root.table.columns[output.column], ImageColumn | FileColumn)):
                found.add(plan.ColumnOf(root.source, output.column), output.property)
    for attribute in body.attributes:
        _must_be_plain(attribute)
        if attribute.children:
            found.add(_children(attribute, places, distinct=distinct), _alias(attribute) or "")
            continue
        column = root.column(attribute.name)
        _must_be_comparable(column, distinct=distinct)
        found.add(plan.ColumnOf(root.source, column.name), _alias(attribute) or property_name(column))
    _linked_outputs(links, found, distinct=distinct)
    return tuple(found.shown.values()) if distinct else _with_what_always_comes(found, root)


def _children(attribute: Attribute, places: Places, *, distinct: bool) -> plan.ChildrenOf:
    """How many rows stand directly below the row. [FX-12]"""
    root, schema = places.root, places.gathered.schema
    parent = parent_column(schema, root.table.name)
    if attribute.name != root.table.primary_id or not parent or attribute.alias is None or distinct:
        raise FetchRefused(
            "CountChildren needs the key of a table with a hierarchy, an alias, and rows that are not distinct."
        )
    inner = next(places.gathered.sources)
    return plan.ChildrenOf(root.source, attribute.name, root.table.name, parent, inner, plan.Always())


def _with_what_always_comes(found: Outputs, root: Place) -> tuple[Shown, ...]:
    """The key, and what money and owners bring along. [FX-3], [T-25]"""
    own = [
        property_name(root.table.columns[shown.by.column])
        for shown in found.shown.values()
        if isinstance(shown.by, plan.ColumnOf) and shown.by.source == root.source
    ]
    for output in _always(root, tuple(own)):
        found.shown.setdefault(output.name, output)
    return tuple(found.shown.values())


def _always(root: Place, own: tuple[str, ...]) -> list[Shown]:
    table, names = root.table, set(own)
    columns = [column for column in table.columns.values() if property_name(column) in names]
    wanted = [table.primary_id]
    if any(isinstance(column, MoneyColumn) for column in columns) and "transactioncurrencyid" in table.columns:
        wanted.append("transactioncurrencyid")
    if table.name in {"systemuser", "team"} and "ownerid" in table.columns:
        wanted.append("ownerid")
    return [Shown(plan.ColumnOf(root.source, name), property_name(table.columns[name])) for name in wanted]


def _linked_outputs(links: Iterable[Joined], found: Outputs, *, distinct: bool) -> None:
    for joined in links:
        place, body = joined.place, joined.link.body
        if body.everything:
            for output in all_outputs(place.table):
                if not (distinct and isinstance(place.table.columns[output.column], ImageColumn | FileColumn)):
                    found.add(plan.ColumnOf(place.source, output.column), f"{place.alias}.{output.column}")
        for attribute in body.attributes:
            _must_be_plain(attribute)
            if attribute.children:
                raise FetchRefused("CountChildren cannot stand in a link.")
            column = place.column(attribute.name)
            _must_be_comparable(column, distinct=distinct)
            name = _alias(attribute) or f"{place.alias}.{column.name}"
            found.add(plan.ColumnOf(place.source, column.name), name)
        _linked_outputs(joined.inside, found, distinct=distinct)


def _must_be_plain(attribute: Attribute) -> None:
    if attribute.aggregate is not None or attribute.grouped or attribute.date_grouping is not None:
        raise FetchRefused(
            f"The attribute '{attribute.name}' aggregates or groups, so the fetch needs aggregate='true'."
        )


def _must_be_comparable(column: Column, *, distinct: bool) -> None:
    if distinct and isinstance(column, ImageColumn | FileColumn):
        raise DistinctImage(column.name)


def _alias(attribute: Attribute) -> str | None:
    if attribute.alias is not None and ALIAS.match(attribute.alias) is None:
        raise FetchRefused(f"The alias '{attribute.alias[:100]}' is no name.")
    return attribute.alias


# --- aggregates ------------------------------------------------------------------------------------------------------


def aggregate_outputs(body: Body, root: Place, links: Iterable[Joined], calendar: Calendar) -> tuple[Shown, ...]:
    """The outputs of a query that aggregates. [FX-37] to [FX-40]

    Raises:
        AliasTaken, GroupAliasTaken: two results with one name. [FX-40]
        DateGroupingUnknown: [FX-45]
        FetchRefused: a column without an alias, or neither grouped by nor aggregated. [FX-37]
    """
    found: dict[str, Shown] = {}
    grouped: set[str] = set()
    for place, attribute in _all_attributes(body, root, links):
        if attribute.alias is None:
            raise FetchRefused(f"The attribute '{attribute.name}' needs an alias in an aggregate query. [FX-37]")
        name = _alias(attribute) or ""
        if name in found:
            raise GroupAliasTaken(name) if attribute.grouped and name in grouped else AliasTaken(name)
        if attribute.grouped:
            grouped.add(name)
        found[name] = Shown(_computed(place, attribute, calendar), name)
    if not found:
        raise FetchRefused("An aggregate query needs at least one attribute. [FX-37]")
    return tuple(found.values())


def _all_attributes(body: Body, place: Place, links: Iterable[Joined]) -> list[tuple[Place, Attribute]]:
    if body.everything:
        raise FetchRefused("An aggregate query cannot ask for all attributes.")
    found = [(place, attribute) for attribute in body.attributes]
    for joined in links:
        found += _all_attributes(joined.link.body, joined.place, joined.inside)
    return found


def _computed(place: Place, attribute: Attribute, calendar: Calendar) -> plan.Comparable | Aggregated:
    if attribute.aggregate == "count" and not attribute.name:
        return Aggregated("count", None)
    if attribute.children:
        raise FetchRefused("CountChildren cannot stand in an aggregate query.")
    column = place.column(attribute.name)
    of = plan.ColumnOf(place.source, column.name)
    if attribute.grouped:
        _must_be_comparable(column, distinct=True)
        return _group_key(of, column, attribute, calendar)
    if attribute.aggregate is None:
        raise FetchRefused(f"The attribute '{attribute.name}' is neither grouped by nor aggregated. [FX-37]")
    return aggregated(attribute.aggregate, of, column, distinct=attribute.distinct)


def _group_key(of: plan.ColumnOf, column: Column, attribute: Attribute, calendar: Calendar) -> plan.Comparable:
    if attribute.date_grouping is None:
        return of
    part = attribute.date_grouping
    if part not in DATE_PARTS or not isinstance(column, DateTimeColumn):
        raise DateGroupingUnknown(f"Invalid date grouping '{attribute.date_grouping[:60]}' of '{column.name}'.")
    if not attribute.user_time:
        calendar = msgspec.structs.replace(calendar, zone=GREENWICH)
    return part_of(of, column, cast("plan.DatePart", part), calendar)  # looked up above


def aggregated(method: str, of: plan.ColumnOf, column: Column, *, distinct: bool = False) -> Aggregated:
    """A method over a column. [FX-37], [A-2]

    Raises:
        FetchRefused: no such method, or none for that type of column.
    """
    if method not in get_args(Method):
        raise FetchRefused(f"Invalid aggregate '{method[:60]}'.")
    if distinct and method != "countcolumn":
        raise FetchRefused("Only countcolumn can be distinct. [FX-37]")
    if method in {"sum", "avg"} and not isinstance(column, NUMBERS):
        raise FetchRefused(f"The column '{column.name}' holds no numbers, so '{method}' cannot be computed.")
    if method in {"min", "max"} and not isinstance(column, (*NUMBERS, DateTimeColumn, TextColumn, MemoColumn)):
        raise FetchRefused(f"The column '{column.name}' has no order, so '{method}' cannot be computed.")
    if method == "countcolumn":
        _must_be_comparable(column, distinct=distinct)
    return Aggregated(cast("Method", method), None if method == "count" else of, distinct)  # looked up above


def context_of(set_name: str, root: Place, shown: Iterable[Shown], *, everything: bool) -> str:
    """The context of the answer: the columns of the table that were chosen. [J-3]"""
    names = [item.name for item in shown if isinstance(item.by, plan.ColumnOf) and item.by.source == root.source]
    return set_name if everything or not names else f"{set_name}({','.join(names)})"
