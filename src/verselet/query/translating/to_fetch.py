"""Say a question of OData as FetchXML and SQL would.

In:        `Question`, the schema
Out:       `Fetch`
Not here:  conditions (query.translating.fetch_conditions), texts (query.printers)
"""

from __future__ import annotations

from typing import Final

from verselet.errors import CannotBeSaid
from verselet.metadata.schema import Schema
from verselet.query.apply import METHODS, key_name
from verselet.query.fetchxml.places import MAX_LINKS
from verselet.query.fetchxml.tree import Attribute, Body, Condition, Fetch, Filter, Link, Order
from verselet.query.odata.apply import AggregateItem, Apply
from verselet.query.plan import MAX_PAGE
from verselet.query.scope import Gathered, Scope
from verselet.query.translating.fetch_conditions import FETCH, fetch_condition
from verselet.query.translating.fetch_places import Around, Place
from verselet.query.translating.question import Question
from verselet.query.tree import And, Expand, Ordering, Query
from verselet.query.tree import Condition as Asked

COUNT: Final = "count"


def fetch_of(question: Question, schema: Schema) -> Fetch:
    """The same question as a `Fetch`, which sorts choices by their values, as OData does. [O-4], [FX-11]

    Raises:
        CannotBeSaid: a part that FetchXML has no words for, such as an expanded collection.
        QueryRefused, UnknownColumn: the question itself cannot be understood.
    """
    query = question.query
    around = Around(schema, dict(query.aliases))
    root = Place(around, schema.tables[query.table])
    _refuse_windows(query)
    if question.apply is None:
        # First, so that what is shown is called as the navigation is.
        _expand(query.expand, root)
    attributes = _selected(query, root) if question.apply is None else _grouped(question.apply, root)
    orders = _orders(query.orderby, root) if question.apply is None else _group_orders(query.orderby, root, attributes)
    condition = _whole_filter(question)
    found = None if condition is None else fetch_condition(condition, root)
    filters = () if found is None else (found if isinstance(found, Filter) else Filter("and", (found,)),)
    body = Body(
        attributes=attributes,
        everything=question.apply is None and query.select is None,
        orders=orders,
        filters=filters,
        links=root.links(),
    )
    if _links_in(body) > MAX_LINKS:
        raise CannotBeSaid(f"more than {MAX_LINKS} links", FETCH)
    return Fetch(
        table=query.table,
        body=body,
        top=None if query.top is None else min(query.top, MAX_PAGE),
        totals=query.count,
        aggregate=question.apply is not None,
        raw_order=True,
    )


def _links_in(body: Body) -> int:
    """How many links there are, those in filters counted. [FX-20]"""
    items: tuple[Filter | Link, ...] = (*body.filters, *body.links)
    return sum(_links_of(item) for item in items)


def _links_of(item: Condition | Filter | Link) -> int:
    match item:
        case Link():
            return 1 + _links_in(item.body)
        case Filter():
            return sum(_links_of(part) for part in item.items)
        case Condition():
            return 0


def _refuse_windows(query: Query) -> None:
    if query.skip_token is not None:
        raise CannotBeSaid("a page that $skiptoken leads to", FETCH)
    if query.top == 0:
        raise CannotBeSaid("$top=0", FETCH)
    if query.count and query.top is not None:
        raise CannotBeSaid("$count together with $top", FETCH)


def _whole_filter(question: Question) -> Asked | None:
    """The filter, and those of `$apply` behind it. [A-8]"""
    items = [] if question.query.filter is None else [question.query.filter]
    items += [] if question.apply is None else question.apply.filters
    if not items:
        return None
    return items[0] if len(items) == 1 else And(tuple(items))


# --- rows of the table -----------------------------------------------------------------------------------------------


def _selected(query: Query, root: Place) -> tuple[Attribute, ...]:
    return tuple([Attribute(name=root.property(name).name) for name in dict.fromkeys(query.select or ())])


def _orders(items: tuple[Ordering, ...], root: Place) -> tuple[Order, ...]:
    found = []
    for item in items:
        place, column = root.column(root.path(item.by))
        found.append(Order(attribute=column.name, link=place.alias, descending=item.descending))
    return tuple(found)


def _expand(items: tuple[Expand, ...], place: Place) -> None:
    """Show rows that lookups point to, as columns of links."""
    for item in items:
        if item.reference:
            raise CannotBeSaid(f"$expand={item.navigation}/$ref", FETCH)
        if not place.is_to_one(item.navigation):
            raise CannotBeSaid(f"the expanded collection '{item.navigation}'", FETCH)
        link = place.follow_alone(item.navigation) if item.filter is not None else place.follow(item.navigation)
        if item.filter is not None:
            condition = fetch_condition(item.filter, link)
            link.filters.append(condition if isinstance(condition, Filter) else Filter("and", (condition,)))
        link.everything = link.everything or item.select is None
        link.attributes += [Attribute(name=link.property(name).name) for name in item.select or ()]
        _expand(item.expand, link)


# --- groups ----------------------------------------------------------------------------------------------------------


def _grouped(apply: Apply, root: Place) -> tuple[Attribute, ...]:
    """Keys and results; those of other tables go to their links."""
    own: list[Attribute] = []
    scope = Scope(Gathered(root.around.schema, root.around.aliases), root.table)
    for path in apply.keys or ():
        place, column = root.column(path)
        attribute = Attribute(name=column.name, alias=key_name(path, scope), grouped=True)
        (own if place is root else place.attributes).append(attribute)
    for item in apply.aggregates:
        place, attribute = _aggregate(item, root)
        (own if place is root else place.attributes).append(attribute)
    return tuple(own)


def _aggregate(item: AggregateItem, root: Place) -> tuple[Place, Attribute]:
    if item.path is None:
        return root, Attribute(name=root.table.primary_id, alias=item.alias, aggregate=COUNT)
    place, column = root.column(item.path)
    if item.method not in METHODS:
        raise CannotBeSaid(f"the method '{item.method[:60]}'", FETCH)
    method, distinct = METHODS[item.method]
    return place, Attribute(name=column.name, alias=item.alias, aggregate=method, distinct=distinct)


def _group_orders(items: tuple[Ordering, ...], root: Place, attributes: tuple[Attribute, ...]) -> tuple[Order, ...]:
    """Orders by keys, named by their aliases. [A-9], [FX-14]"""
    found = []
    for item in items:
        path = root.path(item.by)
        place, column = root.column(path)
        keys = [
            attribute.alias
            for attribute in (attributes if place is root else place.attributes)
            if attribute.grouped and attribute.name == column.name
        ]
        if not keys:
            raise CannotBeSaid(f"an order by '{'/'.join(path.names)}', which is no key", FETCH)
        found.append(Order(alias=keys[0], descending=item.descending))
    return tuple(found)
