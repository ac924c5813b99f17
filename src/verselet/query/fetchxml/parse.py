"""Parse FetchXML.

In:        the XML text
Out:       `Fetch`, with names as written
Not here:  XML itself (query.fetchxml.xml), whether names exist (query.fetchxml.resolve)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast, get_args

from verselet.errors import FetchRefused, FilterTypeUnknown, LinkTypeUnknown, NotSupportedHere
from verselet.query.fetchxml.tree import (
    Attribute,
    Body,
    Condition,
    Fetch,
    Filter,
    FilterType,
    Link,
    LinkType,
    Order,
)
from verselet.query.fetchxml.xml import Element, read_xml
from verselet.query.plan import MAX_PAGE

LINK_TYPES: Final = frozenset(get_args(LinkType))
IN_FILTERS: Final = frozenset({"any", "not any", "all", "not all"})

BIN: Final = "bin"
RETAINED: Final = "retained"
"""The data sources with deleted rows and with retained ones. [BIN-6], [RET-40]"""

NOTES: Final = frozenset({"uiname", "uitype", "uihidden", "description", "label", "displayname"})
"""Attributes that designers leave behind, without effect."""

KNOWN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "fetch": frozenset(
            {
                "version", "output-format", "mapping", "top", "count", "page", "paging-cookie", "distinct", "aggregate",
                "aggregatelimit", "returntotalrecordcount", "no-lock", "useraworderby", "latematerialize", "options",
                "datasource", "savedqueryid", "utc-offset", "min-active-row-version",
            }
        ),
        "entity": frozenset({"name", "enableprefiltering", "prefilterparametername"}),
        "attribute": frozenset(
            {
                "name", "alias", "aggregate", "groupby", "distinct", "dategrouping", "usertimezone", "rowaggregate",
                "build", "addedby",
            }
        ),
        "all-attributes": frozenset(),
        "order": frozenset({"attribute", "alias", "descending", "entityname"}),
        "filter": frozenset({"type", "hint", "isquickfindfields", "overridequickfindrecordlimitenabled"}),
        "condition": frozenset({"attribute", "operator", "value", "valueof", "entityname", "aggregate", "alias"}),
        "value": frozenset(),
        "link-entity": frozenset(
            {
                "name", "from", "to", "alias", "link-type", "intersect", "visible", "enableprefiltering",
                "prefilterparametername",
            }
        ),
    }
)  # fmt: skip
"""Element → the attributes it can have. [FX-2] to [FX-21]"""

INSIDE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "fetch": frozenset({"entity"}),
        "entity": frozenset({"attribute", "all-attributes", "order", "filter", "link-entity"}),
        "link-entity": frozenset({"attribute", "all-attributes", "order", "filter", "link-entity"}),
        "filter": frozenset({"condition", "filter", "link-entity"}),
        "condition": frozenset({"value"}),
    }
)


def parse_fetch(text: str) -> Fetch:
    """The query an XML text states.

    Raises:
        XmlRefused: the text is no XML. [FX-46]
        FetchRefused: an element or attribute that does not belong where it stands. [FX-2]
        NotSupportedHere: rows that are neither alive, nor in the recycle bin, nor retained.
    """
    root = read_xml(text)
    _check(root, "fetch")
    if len(root.children) != 1:
        raise FetchRefused("A fetch has exactly one entity.")
    entity = root.children[0]
    _check(entity, "entity")
    _refuse_what_is_missing(root)
    fetch = Fetch(
        table=_needed(entity, "name"),
        body=_body(entity),
        top=_number(root, "top", 1, MAX_PAGE),
        size=_number(root, "count", 1, MAX_PAGE),
        page=_number(root, "page", 1, 1_000_000),
        cookie=root.get("paging-cookie") or None,
        totals=_switch(root, "returntotalrecordcount"),
        distinct=_switch(root, "distinct"),
        aggregate=_switch(root, "aggregate"),
        aggregate_limit=_number(root, "aggregatelimit", 1, 50_000),
        raw_order=_switch(root, "useraworderby"),
        from_bin=root.get("datasource") == BIN,
        retained=root.get("datasource") == RETAINED,
    )
    paged = fetch.page is not None or fetch.size is not None or fetch.totals
    if fetch.top is not None and paged:
        raise FetchRefused("The top attribute can't be specified with paging attributes page, count or totals. [FX-6]")
    return fetch


def _refuse_what_is_missing(root: Element) -> None:
    if root.get("datasource") not in {None, BIN, RETAINED}:
        raise NotSupportedHere("A data source of a FetchXML query other than 'bin' and 'retained'")
    if (root.get("utc-offset") or "0").strip() != "0":
        raise NotSupportedHere("The UTC offset of a FetchXML query")
    if _switch(root, "min-active-row-version"):
        raise NotSupportedHere("The minimal active row version of a FetchXML query")


def _check(element: Element, *expected: str) -> None:
    if element.name not in expected:
        raise FetchRefused(f"The element <{element.name[:60]}> is not expected here.", hint=f"Expected: {expected}.")
    for name, _ in element.attributes:
        if name not in KNOWN[element.name] and name not in NOTES:
            raise FetchRefused(f"The attribute '{name[:60]}' of <{element.name}> is not known.")
    for child in element.children:
        if child.name not in INSIDE.get(element.name, frozenset()):
            raise FetchRefused(f"Invalid Child Node, <{child.name[:60]}> cannot stand in <{element.name}>.")


def _body(element: Element) -> Body:
    attributes: list[Attribute] = []
    orders: list[Order] = []
    filters: list[Filter] = []
    links: list[Link] = []
    everything = False
    for child in element.children:
        match child.name:
            case "attribute":
                attributes.append(_attribute(child))
            case "all-attributes":
                _check(child, "all-attributes")
                everything = True
            case "order":
                orders.append(_order(child))
            case "filter":
                filters.append(_filter(child))
            case _:
                links.append(_link(child, in_filter=False))
    return Body(
        attributes=tuple(attributes),
        everything=everything,
        orders=tuple(orders),
        filters=tuple(filters),
        links=tuple(links),
    )


def _attribute(element: Element) -> Attribute:
    _check(element, "attribute")
    if element.get("rowaggregate") not in {None, "CountChildren"}:
        raise FetchRefused(f"Invalid row aggregate '{(element.get('rowaggregate') or '')[:60]}': only CountChildren.")
    return Attribute(
        name=_needed(element, "name"),
        alias=element.get("alias") or None,
        aggregate=element.get("aggregate"),
        grouped=_switch(element, "groupby"),
        distinct=_switch(element, "distinct"),
        date_grouping=element.get("dategrouping"),
        user_time=element.get("usertimezone") is None or _switch(element, "usertimezone"),
        children=element.get("rowaggregate") is not None,
    )


def _order(element: Element) -> Order:
    _check(element, "order")
    order = Order(
        attribute=element.get("attribute"),
        alias=element.get("alias"),
        descending=_switch(element, "descending"),
        link=element.get("entityname"),
    )
    if order.attribute is None and order.alias is None:
        raise FetchRefused("An order needs an attribute or an alias. [FX-14]")
    return order


def _filter(element: Element) -> Filter:
    _check(element, "filter")
    kind = element.get("type") or "and"
    if kind not in {"and", "or"}:
        raise FilterTypeUnknown(f"Invalid filter type '{kind[:60]}': it is 'and' or 'or'.")
    items: list[Condition | Filter | Link] = []
    for child in element.children:
        match child.name:
            case "condition":
                items.append(_condition(child))
            case "filter":
                items.append(_filter(child))
            case _:
                items.append(_link(child, in_filter=True))
    return Filter(cast("FilterType", kind), tuple(items))  # looked up above


def _condition(element: Element) -> Condition:
    _check(element, "condition")
    if element.get("aggregate") is not None:
        # The service has none either: what is computed cannot be filtered by.
        raise FetchRefused("A condition cannot be on an aggregate.")
    for child in element.children:
        _check(child, "value")
    value = element.get("value")
    values = tuple([child.text for child in element.children])
    return Condition(
        attribute=_needed(element, "attribute"),
        operator=_needed(element, "operator"),
        values=values if value is None else (value, *values),
        other=element.get("valueof"),
        link=element.get("entityname") or None,
    )


def _link(element: Element, *, in_filter: bool) -> Link:
    _check(element, "link-entity")
    kind = element.get("link-type") or "inner"
    if kind not in LINK_TYPES or (kind in IN_FILTERS) != in_filter:
        where = "in a filter" if in_filter else "outside of a filter"
        raise LinkTypeUnknown(f"The link type '{kind[:60]}' cannot stand {where}.")
    return Link(
        table=_needed(element, "name"),
        inner=element.get("from"),
        outer=element.get("to"),
        alias=element.get("alias") or None,
        kind=cast("LinkType", kind),  # looked up above
        body=_body(element),
    )


def _needed(element: Element, name: str) -> str:
    found = element.get(name)
    if not found:
        raise FetchRefused(f"The element <{element.name}> needs the attribute '{name}'.")
    return found


def _switch(element: Element, name: str) -> bool:
    text = (element.get(name) or "false").strip().lower()
    if text not in {"true", "false", "1", "0"}:
        raise FetchRefused(f"The attribute '{name}' of <{element.name}> is 'true' or 'false'.")
    return text in {"true", "1"}


def _number(element: Element, name: str, low: int, high: int) -> int | None:
    text = element.get(name)
    if text is None or not text.strip():
        return None
    text = text.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise FetchRefused(f"The attribute '{name}' of <{element.name}> is a whole number from {low} to {high}.")
    return int(text)
