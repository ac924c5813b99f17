"""Write a question as FetchXML.

In:        `Fetch` of query.fetchxml.tree
Out:       XML that query.fetchxml.parse reads as the same `Fetch`
Not here:  percent-encoding (whoever puts the text into an address)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, assert_never
from xml.sax.saxutils import escape

from verselet.errors import CannotBeSaid
from verselet.query.fetchxml.tree import Attribute, Body, Condition, Fetch, Filter, Link, Order

FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold at all."""

BLANKS: Final = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
"""Characters that a reader would take for a blank, or for none."""

YES: Final = "true"


def print_fetch(fetch: Fetch) -> str:
    """The text, in one line. [FX-2] to [FX-19]

    Raises:
        CannotBeSaid: rows that are skipped without being a page, or a character that XML does not have.
    """
    if fetch.skipped:
        raise CannotBeSaid(f"{fetch.skipped} rows to be skipped", "FetchXML")
    given = (
        ("top", fetch.top),
        ("count", fetch.size),
        ("page", fetch.page),
        ("paging-cookie", fetch.cookie),
        ("returntotalrecordcount", fetch.totals),
        ("distinct", fetch.distinct),
        ("aggregate", fetch.aggregate),
        ("aggregatelimit", fetch.aggregate_limit),
        ("useraworderby", fetch.raw_order),
        ("datasource", "bin" if fetch.from_bin else None),
    )
    entity = _element("entity", (("name", fetch.table),), _body(fetch.body))
    return _element("fetch", given, entity)


def _body(body: Body) -> str:
    parts = ["<all-attributes/>"] if body.everything else []
    parts += [_attribute(item) for item in body.attributes]
    parts += [_order(item) for item in body.orders]
    parts += [_filter(item) for item in body.filters]
    parts += [_link(item) for item in body.links]
    return "".join(parts)


def _attribute(item: Attribute) -> str:
    given = (
        ("name", item.name),
        ("alias", item.alias),
        ("aggregate", item.aggregate),
        ("groupby", item.grouped),
        ("distinct", item.distinct),
        ("dategrouping", item.date_grouping),
        ("usertimezone", None if item.user_time else "false"),
        ("rowaggregate", "CountChildren" if item.children else None),
    )
    return _element("attribute", given)


def _order(item: Order) -> str:
    given = (
        ("attribute", item.attribute),
        ("alias", item.alias),
        ("descending", item.descending),
        ("entityname", item.link),
    )
    return _element("order", given)


def _filter(item: Filter) -> str:
    return _element("filter", (("type", item.kind),), "".join([_part(part) for part in item.items]))


def _part(part: Condition | Filter | Link) -> str:
    match part:
        case Condition():
            return _condition(part)
        case Filter():
            return _filter(part)
        case Link():
            return _link(part)
        case _:
            assert_never(part)


def _condition(item: Condition) -> str:
    single = item.values[0] if len(item.values) == 1 else None
    given = (
        ("entityname", item.link),
        ("attribute", item.attribute),
        ("operator", item.operator),
        ("value", single),
        ("valueof", item.other),
    )
    listed = () if single is not None else item.values
    return _element("condition", given, "".join([f"<value>{_text(value)}</value>" for value in listed]))


def _link(item: Link) -> str:
    given = (
        ("name", item.table),
        ("from", item.inner),
        ("to", item.outer),
        ("alias", item.alias),
        ("link-type", None if item.kind == "inner" else item.kind),
    )
    return _element("link-entity", given, _body(item.body))


def _element(name: str, given: Iterable[tuple[str, str | int | bool | None]], inside: str = "") -> str:
    """One element; what is None or not so is left out."""
    shown = "".join(
        [
            f' {key}="{YES if value is True else _text(str(value))}"'
            for key, value in given
            if value is not None and value is not False
        ]
    )
    return f"<{name}{shown}>{inside}</{name}>" if inside else f"<{name}{shown}/>"


def _text(text: str) -> str:
    if FORBIDDEN.search(text):
        raise CannotBeSaid(f"the text {text[:60]!r} with characters that XML does not have", "FetchXML")
    return escape(text, {'"': "&quot;", **BLANKS})
