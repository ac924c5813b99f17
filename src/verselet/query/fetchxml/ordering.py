"""Resolve the order of a FetchXML query.

In:        orders with names as written
Out:       the order of query.tabular, made definite
Not here:  the page that begins after a row (query.fetchxml.cookies)
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from verselet.errors import FetchRefused
from verselet.metadata.columns import (
    ChoiceColumn,
    ChoicesColumn,
    Column,
    FileColumn,
    ImageColumn,
    LookupColumn,
    StateColumn,
    StatusColumn,
)
from verselet.query import plan
from verselet.query.fetchxml.joining import Joined
from verselet.query.fetchxml.places import Place, Places
from verselet.query.fetchxml.tree import Body, Fetch, Order
from verselet.query.ordering import effective
from verselet.query.tabular import Aggregated, Expression, OrderedBy, Shown


class Sequence(msgspec.Struct, frozen=True):
    """The order, and whether pages can begin after the values of a row. [FX-34]"""

    items: tuple[OrderedBy, ...]
    by_values: bool


def resolve_sequence(fetch: Fetch, places: Places, links: Iterable[Joined], shown: tuple[Shown, ...]) -> Sequence:
    """The order of a query: that of the root, then that of links, then what makes it definite. [FX-14] to [FX-16]

    Raises:
        FetchRefused: an alias that no result has, a column that has no order.
    """
    links = tuple(links)
    items: list[OrderedBy] = []
    for place, order in _all_orders(fetch.body, places.root, links):
        items.append(OrderedBy(_by(order, place, places, shown, fetch), order.descending))
    grouped = fetch.aggregate or fetch.distinct
    by_values = not grouped and all(
        not isinstance(item.by, Aggregated) and item.by.source == places.root.source for item in items
    )
    ties = _keys_of_groups(shown) if grouped else _keys_of_rows(places.root, links)
    items += [OrderedBy(tie, descending=False) for tie in ties]
    return Sequence(effective(items), by_values)


def _all_orders(body: Body, place: Place, links: Iterable[Joined]) -> list[tuple[Place, Order]]:
    found = [(place, order) for order in body.orders]
    for joined in links:
        found += _all_orders(joined.link.body, joined.place, joined.inside)
    return found


def _by(order: Order, place: Place, places: Places, shown: tuple[Shown, ...], fetch: Fetch) -> Expression:
    if order.alias is not None and (order.attribute is None or fetch.aggregate):
        return _by_alias(order.alias, places, shown, raw=fetch.raw_order)
    if fetch.aggregate:
        raise FetchRefused(f"An aggregate query is ordered by aliases, not by '{order.attribute}'. [FX-14]")
    found = places.named(order.link, place)
    column = found.column(order.attribute or "")
    return order_of(plan.ColumnOf(found.source, column.name), column, raw=fetch.raw_order)


def _by_alias(alias: str, places: Places, shown: tuple[Shown, ...], *, raw: bool) -> Expression:
    found = next((item for item in shown if item.name == alias), None)
    if found is None:
        raise FetchRefused(f"The order names the alias '{alias[:100]}', which no attribute has. [FX-14]")
    if not isinstance(found.by, plan.ColumnOf):
        return found.by
    source = found.by.source
    place = next((place for place in places.by_alias.values() if place.source == source), places.root)
    return order_of(found.by, place.table.columns[found.by.column], raw=raw)


def order_of(of: plan.ColumnOf, column: Column, *, raw: bool) -> plan.Comparable:
    """What rows are sorted by for a column: lookups by name, choices by label unless `raw`. [FX-11], [FX-16]

    Raises:
        FetchRefused: the column has no order.
    """
    if isinstance(column, ChoicesColumn | ImageColumn | FileColumn):
        raise FetchRefused(f"The column '{column.name}' cannot be ordered by.")
    if isinstance(column, LookupColumn):
        return plan.NameOf(of.source, of.column)
    if isinstance(column, ChoiceColumn | StateColumn | StatusColumn) and not raw:
        return plan.LabelOf(of.source, of.column)
    return of


def _keys_of_rows(root: Place, links: Iterable[Joined]) -> list[plan.Comparable]:
    found: list[plan.Comparable] = [plan.ColumnOf(root.source, root.table.primary_id)]
    return found + _keys_of_links(links)


def _keys_of_links(links: Iterable[Joined]) -> list[plan.Comparable]:
    found: list[plan.Comparable] = []
    for joined in links:
        if joined.multiplies:
            found.append(plan.ColumnOf(joined.place.source, joined.place.table.primary_id))
        found += _keys_of_links(joined.inside)
    return found


def _keys_of_groups(shown: tuple[Shown, ...]) -> list[plan.Comparable]:
    return [item.by for item in shown if not isinstance(item.by, Aggregated)]
