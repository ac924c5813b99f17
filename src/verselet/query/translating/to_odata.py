"""Say a question of FetchXML or SQL as OData would.

In:        `Fetch`, the schema
Out:       `Question`
Not here:  conditions (query.translating.odata_conditions), texts (query.printers)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.errors import CannotBeSaid, FetchRefused, QueryTableUnknown
from verselet.metadata.columns import ChoiceColumn, StateColumn, StatusColumn
from verselet.metadata.schema import Schema
from verselet.query.apply import METHODS
from verselet.query.fetchxml.tree import Attribute, Body, Fetch, Link, Order
from verselet.query.odata.apply import AggregateItem, Apply
from verselet.query.outputs import property_name
from verselet.query.translating.odata_conditions import all_said, odata_filter, register
from verselet.query.translating.odata_places import ODATA, Place, Places
from verselet.query.translating.question import Question
from verselet.query.tree import Condition, Expand, Ordering, Path, Query

METHOD_OF: Final[Mapping[tuple[str, bool], str]] = MappingProxyType({found: name for name, found in METHODS.items()})
"""Aggregate of FetchXML, and whether it is distinct → method of `$apply`. [A-2]"""


def question_of(fetch: Fetch, schema: Schema) -> Question:
    """The same question as options of an address.

    Columns of links become expanded rows: they are the same values in the shape of OData.

    Raises:
        CannotBeSaid: a part that OData has no words for, such as a column under another name.
        FetchRefused: the question itself cannot be understood.
    """
    _refuse_windows(fetch)
    table = schema.tables.get(fetch.table) or schema.tables.get(fetch.table.lower())
    if table is None:
        raise QueryTableUnknown(fetch.table, schema.tables)
    root = Place(table)
    places = Places(schema, root)
    conditions = register(fetch.body.links, root, places)
    conditions += [said for item in fetch.body.filters if (said := odata_filter(item, root, places)) is not None]
    where = all_said(conditions) if conditions else None
    found = _places_in_order(fetch.body, root, places)
    orders = tuple([_ordering(order, place, places, fetch) for place, body in found for order in body.orders])
    if fetch.aggregate or fetch.distinct:
        return _grouped(fetch, found, where, orders)
    query = Query(
        table=table.name,
        select=_select(fetch.body, root),
        filter=where,
        orderby=orders,
        expand=_expands(fetch.body.links, root, places),
        top=fetch.top,
        count=fetch.totals,
    )
    return Question(query)


def _refuse_windows(fetch: Fetch) -> None:
    for what, given in (
        ("rows in the recycle bin", fetch.from_bin),
        ("a page size", fetch.size),
        ("a page", fetch.page),
        ("a paging cookie", fetch.cookie),
        ("rows to be skipped", fetch.skipped),
        ("a limit of aggregates", fetch.aggregate_limit),
        ("the number of all rows of groups", fetch.totals and (fetch.aggregate or fetch.distinct)),
    ):
        if given:
            raise CannotBeSaid(what, ODATA)


def _places_in_order(body: Body, place: Place, places: Places) -> list[tuple[Place, Body]]:
    """The tables whose columns are shown: the root, then links, each before those inside it."""
    found = [(place, body)]
    for link in body.links:
        if link.kind not in {"exists", "in"}:
            found += _places_in_order(link.body, _place_of(link, place, places), places)
    return found


def _place_of(link: Link, outer: Place, places: Places) -> Place:
    path = (*outer.path, places.to_one(link, outer) or "")
    return next(place for place in places.by_alias.values() if place.path == path and place.link == link)


# --- rows of the table -----------------------------------------------------------------------------------------------


def _select(body: Body, place: Place) -> tuple[str, ...] | None:
    """The properties of a `$select`; None for all of them."""
    for item in body.attributes:
        if item.children:
            raise CannotBeSaid("the number of children", ODATA)
        name = place.column(item.name).name
        own = {None, property_name(place.column(item.name))} | (set() if place.link is None else {name})
        if item.alias not in own:
            raise CannotBeSaid(f"the name '{item.alias}' for the column '{item.name}'", ODATA)
    if body.everything or (place.link is None and not body.attributes):
        return None
    return tuple(dict.fromkeys(property_name(place.column(item.name)) for item in body.attributes))


def _expands(links: tuple[Link, ...], outer: Place, places: Places) -> tuple[Expand, ...]:
    found = []
    for link in links:
        if link.kind in {"exists", "in"}:
            continue
        place = _place_of(link, outer, places)
        inside = _expands(link.body.links, place, places)
        if not (link.body.attributes or link.body.everything or inside):
            continue
        found.append(_expand(link, place, places, inside))
    names = [item.navigation for item in found]
    if len(set(names)) < len(names):
        raise CannotBeSaid("two links along one lookup", ODATA)
    return tuple(found)


def _expand(link: Link, place: Place, places: Places, inside: tuple[Expand, ...]) -> Expand:
    """One expanded row. A filter of an outer link chooses whether the row is shown. [X-16]"""
    own = Place(place.table, link=link)
    filters = link.body.filters if link.kind == "outer" else ()
    said = [
        condition
        for item in filters
        if (condition := odata_filter(item, own, Places(places.schema, own, places.variables))) is not None
    ]
    select = _select(link.body, place)
    return Expand(
        navigation=place.path[-1],
        start=0,
        stop=0,
        select=(place.table.primary_id,) if select == () else select,
        filter=all_said(said) if said else None,
        expand=inside,
    )


def _ordering(order: Order, place: Place, places: Places, fetch: Fetch) -> Ordering:
    name, at = order.attribute or "", places.named(order.link, place)
    if order.alias is not None and (order.attribute is None or fetch.aggregate):
        at, attribute = _by_alias(order.alias, fetch, places)
        if attribute.aggregate is not None:
            raise CannotBeSaid(f"an order by the result '{order.alias}'", ODATA)
        name = attribute.name
    if not at.nameable:
        raise CannotBeSaid(f"an order by a column of '{at.table.name}', which has a filter of its own", ODATA)
    if isinstance(at.column(name), ChoiceColumn | StateColumn | StatusColumn) and not fetch.raw_order:
        raise CannotBeSaid(f"the order by the labels of '{name}'", ODATA)
    return Ordering(at.path_to(name), order.descending)


def _by_alias(alias: str, fetch: Fetch, places: Places) -> tuple[Place, Attribute]:
    for place, body in _places_in_order(fetch.body, places.root, places):
        for attribute in body.attributes:
            if attribute.alias == alias:
                return place, attribute
    raise FetchRefused(f"The order names the alias '{alias[:100]}', which no attribute has. [FX-14]")


# --- groups ----------------------------------------------------------------------------------------------------------


def _grouped(
    fetch: Fetch, found: list[tuple[Place, Body]], where: Condition | None, orders: tuple[Ordering, ...]
) -> Question:
    """Groups, or rows without repetition, as `$apply`. [A-1], [A-7]"""
    keys: list[Path] = []
    results: list[AggregateItem] = []
    for place, body in found:
        if body.everything or (place.link is None and not body.attributes and not fetch.aggregate):
            raise CannotBeSaid("all columns without repetition", ODATA)
        if place.link is not None and place.link.kind == "outer" and place.link.body.filters and body.attributes:
            raise CannotBeSaid(f"groups over '{place.table.name}', which has a filter of its own", ODATA)
        for item in body.attributes:
            if item.aggregate is None:
                keys.append(_key(item, place))
            else:
                results.append(_result(item, place))
    if any(ordering.by not in keys for ordering in orders):
        raise CannotBeSaid("an order by what is no key", ODATA)
    apply = Apply(
        filters=() if where is None else (where,), keys=tuple(keys) if keys else None, aggregates=tuple(results)
    )
    return Question(Query(table=fetch.table, orderby=orders, top=fetch.top), apply)


def _key(item: Attribute, place: Place) -> Path:
    if item.date_grouping is not None or item.children:
        raise CannotBeSaid("a group by a part of a date" if item.date_grouping else "the number of children", ODATA)
    path = place.path_to(item.name)
    linked = f"{place.table.name}_{path.names[-1]}"
    allowed = {None, path.names[-1]} if place.link is None else {None, linked, item.name}
    if item.alias not in allowed:
        raise CannotBeSaid(f"the name '{item.alias}' for the key '{item.name}'", ODATA)
    return path


def _result(item: Attribute, place: Place) -> AggregateItem:
    alias = item.alias or ""
    if item.aggregate == "count":
        return AggregateItem("count", None, alias)
    method = METHOD_OF.get((item.aggregate or "", item.distinct))
    if method is None:
        raise CannotBeSaid(f"the aggregate '{item.aggregate}'", ODATA)
    return AggregateItem(method, place.path_to(item.name), alias)
