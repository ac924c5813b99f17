"""Resolve the filters and links of FetchXML.

In:        filters and links with names as written
Out:       joins and conditions of query.plan
Not here:  single conditions (query.fetchxml.conditions), what is shown (query.fetchxml.outputs)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, assert_never

from verselet.errors import FetchRefused, LinkColumnsDiffer
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.query.fetchxml.conditions import resolve_condition
from verselet.query.fetchxml.places import Place, Places
from verselet.query.fetchxml.tree import Condition, Filter, Link
from verselet.query.typing_literals import edm_type

ONLY_TESTED: Final = frozenset({"exists", "in"})
"""Links outside of filters whose columns cannot be shown. [FX-23]"""


Pair: TypeAlias = tuple[str, str]
"""The linked column, and the column around that it equals."""


class Joined:
    """A link whose rows are joined, with the links inside it. `candidate` as in `plan.Linked`."""

    def __init__(self, link: Link, outer: Place, place: Place, candidate: Place, pair: Pair) -> None:
        self.link = link
        self.outer = outer
        self.place = place
        self.candidate = candidate
        self.pair = pair
        self.inside: list[Joined] = []

    @property
    def multiplies(self) -> bool:
        """One row around can meet several of these."""
        return self.link.kind in {"inner", "outer"} and self.pair[0] != self.place.table.primary_id


def register(links: Iterable[Link], outer: Place, places: Places) -> list[Joined]:
    """Give every joined link its place, so that conditions anywhere can name it. [FX-19]"""
    found = []
    for link in links:
        if link.kind in ONLY_TESTED:
            continue
        place = places.add(link.table, link.alias)
        candidate = place
        if link.kind == "matchfirstrowusingcrossapply":
            candidate = Place(next(places.gathered.sources), place.table, place.alias)
        joined = Joined(link, outer, place, candidate, _pair_of(link, outer, place, places))
        joined.inside = register(link.body.links, place, places)
        found.append(joined)
    return found


def joins(found: Iterable[Joined], places: Places) -> list[plan.Linked]:
    """The joins, each before those inside it."""
    made: list[plan.Linked] = []
    for joined in found:
        link = joined.link
        conditions = [_meeting(joined.pair, joined.outer, joined.candidate)]
        conditions += restrictions(link.body.filters, link.body.links, joined.candidate, places)
        match link.kind:
            case "outer":
                made.append(plan.Linked(joined.place.source, joined.place.table.name, "left", plan.all_of(conditions)))
            case "matchfirstrowusingcrossapply":
                source, table = joined.place.source, joined.place.table.name
                made.append(plan.Linked(source, table, "first", plan.all_of(conditions), joined.candidate.source))
            case _:
                made.append(plan.Linked(joined.place.source, joined.place.table.name, "inner", plan.all_of(conditions)))
        made += joins(joined.inside, places)
    return made


def restrictions(
    filters: Iterable[Filter], links: Iterable[Link], place: Place, places: Places
) -> list[plan.Condition]:
    """What the filters of a place say, and its links that only test."""
    conditions = [_filter(item, place, places) for item in filters]
    conditions += [_tested(link, place, places) for link in links if link.kind in ONLY_TESTED]
    return [condition for condition in conditions if not isinstance(condition, plan.Always)]


def _filter(item: Filter, place: Place, places: Places) -> plan.Condition:
    conditions: list[plan.Condition] = []
    for part in item.items:
        match part:
            case Condition():
                conditions.append(resolve_condition(part, place, places))
            case Filter():
                found = _filter(part, place, places)
                # An empty filter says nothing, also among alternatives.
                conditions += [] if isinstance(found, plan.Always) else [found]
            case Link():
                conditions.append(_tested(part, place, places))
            case _:
                assert_never(part)
    if item.kind == "or" and len(conditions) > 1:
        return plan.Either(tuple(conditions))
    return plan.all_of(conditions)


def _tested(link: Link, outer: Place, places: Places) -> plan.Condition:
    """A link that only tests whether rows are there. [FX-23], [FX-25] to [FX-28]"""
    match link.kind:
        case "exists" | "in" | "any" | "not all":
            return _exists(link, outer, places, filtered=True)
        case "not any":
            return plan.Negate(_exists(link, outer, places, filtered=True))
        case "all":
            # Linked rows are there, but none satisfies the filter: the name misleads. [FX-28]
            some = _exists(link, outer, places, filtered=False)
            return plan.All((some, plan.Negate(_exists(link, outer, places, filtered=True))))
        case _:
            raise FetchRefused(f"A link of the type '{link.kind}' cannot stand here.")


def _exists(link: Link, outer: Place, places: Places, *, filtered: bool) -> plan.Exists:
    if link.body.attributes or link.body.everything:
        raise FetchRefused(f"Columns of a link of the type '{link.kind}' cannot be returned. [FX-23]")
    before = dict(places.by_alias)
    if filtered:
        place = places.add(link.table, link.alias)
    else:
        place = Place(next(places.gathered.sources), places.table(link.table))
    inside = register(link.body.links, place, places) if filtered else []
    conditions = [_meeting(_pair_of(link, outer, place, places), outer, place)]
    if filtered:
        conditions += restrictions(link.body.filters, link.body.links, place, places)
    found = plan.Exists(place.table.name, place.source, tuple(joins(inside, places)), plan.all_of(conditions))
    # What is only tested can be named by nobody outside.
    places.by_alias = before
    return found


def _meeting(pair: Pair, outer: Place, place: Place) -> plan.Condition:
    return plan.Compare("eq", plan.ColumnOf(place.source, pair[0]), plan.ColumnOf(outer.source, pair[1]))


def _pair_of(link: Link, outer: Place, place: Place, places: Places) -> Pair:
    """The columns of a link; found by the only relationship where they are not named. [FX-21]

    Raises:
        LinkColumnsDiffer: the two are of different types.
        FetchRefused: not exactly one relationship connects the tables.
    """
    if link.inner is None or link.outer is None:
        return only_pair(link, outer.table, place.table, places.gathered.schema)
    inner, around = place.column(link.inner), outer.column(link.outer)
    if edm_type(inner) != edm_type(around):
        raise LinkColumnsDiffer(f"The columns '{inner.name}' and '{around.name}' of a link are of different types.")
    return inner.name, around.name


def only_pair(link: Link, outer: Table, table: Table, schema: Schema) -> Pair:
    """The columns of the only relationship between two tables that fits what the link names. [FX-21]

    Raises:
        FetchRefused: there is none, or more than one.
    """
    pairs = set()
    for relationship in schema.relationships:
        tables = relationship.referencing_table, relationship.referenced_table
        if tables == (table.name, outer.name):
            pairs.add((relationship.referencing_column, relationship.referenced_column))
        if tables == (outer.name, table.name):
            pairs.add((relationship.referenced_column, relationship.referencing_column))
    found = [pair for pair in pairs if link.inner in {None, pair[0]} and link.outer in {None, pair[1]}]
    if len(found) != 1:
        raise FetchRefused(f"The link to '{link.table}' needs the attributes 'from' and 'to'. [FX-21]")
    return found[0]
