"""Say a condition of FetchXML as OData would.

In:        `Filter`s, `Condition`s and `Link`s of query.fetchxml.tree, the place they are about
Out:       conditions of query.tree
Not here:  the whole question (query.translating.to_odata)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from verselet.errors import CannotBeSaid, FetchRefused
from verselet.metadata.columns import Column
from verselet.query.fetchxml.conditions import COMPARISONS
from verselet.query.fetchxml.tree import Condition, Filter, Link
from verselet.query.functions import FUNCTIONS
from verselet.query.text_values import text_value_of
from verselet.query.translating.odata_places import ODATA, Place, Places
from verselet.query.tree import (
    And,
    Comparison,
    ComparisonOperator,
    Lambda,
    Literal,
    LiteralKind,
    Not,
    Or,
    Parameter,
    Path,
    QueryFunction,
    TextFunction,
    TextMatch,
    ValueList,
)
from verselet.query.tree import Condition as Said
from verselet.query.typing_literals import edm_type

KINDS: Final[Mapping[str, LiteralKind]] = MappingProxyType(
    {
        "Edm.Guid": "guid",
        "Edm.String": "text",
        "Edm.Int32": "number",
        "Edm.Int64": "number",
        "Edm.Decimal": "number",
        "Edm.Double": "number",
        "Edm.DateTimeOffset": "datetime",
        "Edm.Date": "date",
        "Edm.Boolean": "yesno",
        "mscrm.BooleanManagedProperty": "yesno",
    }
)
"""EDM type of a column → how its literals are written. [F-4]"""

WORDS: Final[Mapping[str, tuple[TextFunction, bool]]] = MappingProxyType(
    {
        "begins-with": ("startswith", False),
        "not-begin-with": ("startswith", True),
        "ends-with": ("endswith", False),
        "not-end-with": ("endswith", True),
    }
)
FUNCTION_OF: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {operator: (name, parameters) for name, (operator, parameters) in FUNCTIONS.items()}
)
"""Operator → the function that means the same, and its parameters."""

WILDCARDS: Final = re.compile(r"[%_]|\[[^\]]+\]")
NULL: Final = Literal("null", "null", 0, 0)


def odata_filter(item: Filter, place: Place, places: Places) -> Said | None:
    """The same filter; None for one that says nothing.

    Raises:
        CannotBeSaid: an operator or a link that OData has no words for.
    """
    found = [said for part in item.items if (said := _part(part, place, places)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    return And(tuple(found)) if item.kind == "and" else Or(tuple(found))


def _part(part: Condition | Filter | Link, place: Place, places: Places) -> Said | None:
    match part:
        case Condition():
            return _condition(part, place, places)
        case Filter():
            return odata_filter(part, place, places)
        case Link():
            return odata_test(part, place, places)


def all_said(items: list[Said]) -> Said:
    """All of the conditions."""
    return items[0] if len(items) == 1 else And(tuple(items))


def present(path: Path) -> Said:
    """There is a value. [F-5]"""
    return Comparison("ne", path, NULL)


# --- single conditions -----------------------------------------------------------------------------------------------


def _condition(item: Condition, place: Place, places: Places) -> Said:
    at = places.named(item.link, place)
    path, operator = at.path_to(item.attribute), item.operator
    column = at.column(item.attribute)
    if item.other is not None:
        return _with_column(item, path, at, places)
    if operator in {"null", "not-null"}:
        return Comparison("eq" if operator == "null" else "ne", path, NULL)
    if operator in COMPARISONS:
        found = Comparison(COMPARISONS[operator], path, _literal(column, _one(item)))
        # In FetchXML rows without a value do not differ. [FX-41]
        return And((found, present(path))) if found.operator == "ne" else found
    if operator in WORDS:
        word, negated = WORDS[operator]
        return _text_match(word, path, _one(item), negated=negated)
    if operator in {"like", "not-like"}:
        return _like(path, column, _one(item), negated=operator == "not-like")
    return _function(item, column, at)


def _one(item: Condition) -> str:
    if len(item.values) != 1:
        raise FetchRefused(f"The operator '{item.operator}' on '{item.attribute}' needs exactly one value.")
    return item.values[0]


def _with_column(item: Condition, path: Path, at: Place, places: Places) -> Said:
    operator = COMPARISONS.get(item.operator)
    if operator is None:
        raise FetchRefused(f"The operator '{item.operator}' cannot compare with another column. [FX-19]")
    link, _, name = (item.other or "").rpartition(".")
    other = places.named(link, at) if link else at
    compared: ComparisonOperator = operator
    return Comparison(compared, path, other.path_to(name))


def _literal(column: Column, text: str) -> Literal:
    """A text as the literal of its column's type. [F-4]"""
    kind, value = KINDS[edm_type(column)], text_value_of(column, text)
    if isinstance(value, bool):
        return Literal(kind, "true" if value else "false", 0, 0)
    return Literal(kind, format(value, "f") if isinstance(value, Decimal) else str(value), 0, 0)


def _text_match(word: TextFunction, path: Path, text: str, *, negated: bool) -> Said:
    found = TextMatch(word, path, Literal("text", text, 0, 0))
    return And((Not(found), present(path))) if negated else found


def _like(path: Path, column: Column, text: str, *, negated: bool) -> Said:
    """A whole pattern, where one end is open or nothing is a wildcard. [F-9], [FX-42]"""
    if text and not text.strip("%"):
        # Every text fits, and no text does not.
        return Comparison("eq", path, path) if not negated else And((present(path), Comparison("eq", path, NULL)))
    begins, ends = text.startswith("%"), text.endswith("%")
    if begins and ends:
        return _text_match("contains", path, text[1:-1], negated=negated)
    if begins:
        return _text_match("endswith", path, text[1:], negated=negated)
    if ends:
        return _text_match("startswith", path, text[:-1], negated=negated)
    if WILDCARDS.search(text):
        raise CannotBeSaid(f"the pattern '{text[:60]}', which is bound at both ends", ODATA)
    operator: ComparisonOperator = "ne" if negated else "eq"
    found = Comparison(operator, path, _literal(column, text))
    return And((found, present(path))) if negated else found


def _function(item: Condition, column: Column, at: Place) -> Said:
    known = FUNCTION_OF.get(item.operator)
    if known is None:
        raise CannotBeSaid(f"the operator '{item.operator[:60]}'", ODATA)
    name, needed = known
    parameters = [Parameter("PropertyName", Literal("text", column.name, 0, 0))]
    if needed == ("PropertyValues",):
        listed = tuple([Literal("text", value, 0, 0) for value in item.values])
        parameters.append(Parameter("PropertyValues", ValueList(listed, 0, 0)))
    elif len(needed) != len(item.values):
        raise FetchRefused(f"The operator '{item.operator}' on '{item.attribute}' needs {len(needed)} values.")
    else:
        parameters += [
            Parameter(needed_name, Literal("text", value, 0, 0))
            for needed_name, value in zip(needed, item.values, strict=True)
        ]
    return QueryFunction(name, tuple(parameters), at.path, 0, 0, at.variable)


# --- links that test -------------------------------------------------------------------------------------------------


def odata_test(link: Link, outer: Place, places: Places) -> Said:
    """A link that only tests whether rows are there, in a filter or beside it. [FX-23], [FX-25] to [FX-28]"""
    some = _exists(link, outer, places, filtered=True)
    match link.kind:
        case "not any":
            return Not(some)
        case "all":
            # Linked rows are there, but none satisfies the filter. [FX-28]
            return And((_exists(link, outer, places, filtered=False), Not(some)))
        case _:
            return some


def _exists(link: Link, outer: Place, places: Places, *, filtered: bool) -> Said:
    navigation = places.to_one(link, outer)
    if navigation is not None:
        return _row_exists(link, navigation, outer, places, filtered=filtered)
    reached, collection = link, places.to_many(link, outer)
    if collection is None:
        pair = places.across(link, outer)
        if pair is None:
            raise CannotBeSaid(f"the link to '{link.table}', which follows no relationship", ODATA)
        collection, reached = pair
    if outer.path:
        # A collection behind a lookup is not taken by the service. [L-4]
        raise CannotBeSaid(f"the collection '{collection}' behind '{'/'.join(outer.path)}'", ODATA)
    variable = f"x{places.variables + 1}"
    root = Place(places.table(reached.table), variable=variable)
    inside = Places(places.schema, root, places.variables + 1)
    items = _inside(reached, root, inside) if filtered else []
    path = Path((collection,), 0, 0, outer.variable)
    body = all_said(items) if items else None
    return Lambda("any", path, None if body is None else variable, body, 0, 0)


def _row_exists(link: Link, navigation: str, outer: Place, places: Places, *, filtered: bool) -> Said:
    place = Place(places.table(link.table), (*outer.path, navigation), outer.variable)
    inside = Places(places.schema, places.root, places.variables)
    items = _inside(link, place, inside) if filtered else []
    return all_said([present(place.key), *items])


def _inside(link: Link, place: Place, places: Places) -> list[Said]:
    """What the filters and links of a tested link say."""
    if link.alias is not None:
        places.by_alias[link.alias] = place
    items = register(link.body.links, place, places)
    items += [said for item in link.body.filters if (said := odata_filter(item, place, places)) is not None]
    return items


def register(links: tuple[Link, ...], outer: Place, places: Places) -> list[Said]:
    """Give joined links their paths; what their being joined says about the row around. [FX-22], [FX-24]"""
    joined: list[tuple[Link, Place]] = []
    found: list[Said] = []
    for link in links:
        if link.kind in {"exists", "in"}:
            continue
        navigation = places.to_one(link, outer)
        if navigation is None:
            raise CannotBeSaid(f"rows that are repeated for each row of '{link.table}'", ODATA)
        nameable = link.kind != "outer" or not link.body.filters
        place = Place(places.table(link.table), (*outer.path, navigation), outer.variable, link, nameable)
        places.by_alias[link.alias or f"{link.table}{len(places.by_alias) + 1}"] = place
        if link.kind != "outer":
            found.append(present(place.key))
        found += register(link.body.links, place, places)
        joined.append((link, place))
    for link, place in joined:
        if link.kind != "outer":
            found += [said for item in link.body.filters if (said := odata_filter(item, place, places)) is not None]
    found += [odata_test(link, outer, places) for link in links if link.kind in {"exists", "in"}]
    return found
