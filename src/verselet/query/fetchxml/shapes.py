"""Take the values out of a query in FetchXML or SQL.

In:        the text of the query
Out:       `Shape`: the text without its values, and the values; the query with the places of its values
Not here:  what is kept for a shape (web.tabular_shapes)

A place is known for sure: the text is parsed again with a mark in place of each value. (performance.md §3)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import structs

from verselet.errors import ServiceError
from verselet.query.fetchxml.tree import Body, Condition, Fetch, Filter, Link

Language: TypeAlias = Literal["fetchXml", "sql"]

VALUES: Final[dict[Language, re.Pattern[str]]] = {
    "fetchXml": re.compile(
        r"""(?<=[\s"']value=)"[^"<&\t\r\n]*"|(?<=[\s"']value=)'[^'<&\t\r\n]*'|(?<=<value>)[^<&"']*(?=<)"""
    ),
    "sql": re.compile(
        r"""'(?:[^']|'')*'|(?<=[\s(,=<>])(?<!\btop\s)(?<!\boffset\s)(?<!\bnext\s)-?\d{1,18}(?:\.\d{1,18})?(?![\w.])""",
        re.IGNORECASE,
    ),
}
"""What a value looks like; a number behind TOP and its like is none. Quotes belong to the value."""

HOLE: Final = "\0"
"""Stands for a value in the text of a shape; no text that can be asked contains it."""

NUMBERED: Final = 7 * 10**17
"""Marks of numbers are counted from here."""


class Shape(msgspec.Struct, frozen=True):
    """The text of a query without its values, and the values as they are written there."""

    language: Language
    text: str
    written: tuple[str, ...]

    def value(self, place: int) -> str:
        """The n-th value."""
        text = self.written[place]
        if self.language == "sql":
            return text[1:-1].replace("''", "'") if text[0] == "'" else text
        return text[1:-1] if text[:1] in {'"', "'"} and text[-1:] == text[:1] and len(text) > 1 else text

    def marked(self) -> str:
        """The query with a mark in place of each value."""
        first, *others = self.text.split(HOLE)
        return first + "".join([self._mark(place) + rest for place, rest in enumerate(others)])

    def place_of(self, mark: str) -> int:
        """The place that a mark stands for, −1 for what is no mark."""
        if mark[:1] == "~" and mark[1:].isdecimal():
            return int(mark[1:])
        place = int(mark) - NUMBERED if mark.isdecimal() and len(mark) == len(str(NUMBERED)) else -1
        return place if 0 <= place < len(self.written) else -1

    def _mark(self, place: int) -> str:
        written = self.written[place]
        quote = written[0] if written[:1] in {'"', "'"} else ""
        if self.language == "sql" and not quote:
            return str(NUMBERED + place)
        return f"{quote}~{place}{quote}"


def shape_of(language: Language, text: str) -> Shape:
    """The shape of a query."""
    pattern = VALUES[language]
    return Shape(language, pattern.sub(HOLE, text), tuple(pattern.findall(text)))


def with_places(fetch: Fetch, shape: Shape, parse: Callable[[str], Fetch]) -> Fetch | None:
    """The query with the places of its values; None where the marks do not tell them."""
    try:
        marked = parse(shape.marked())
    except ServiceError:
        return None
    body = _placed_body(fetch.body, marked.body, shape)
    return None if body is None else structs.replace(fetch, body=body)


def _placed_body(body: Body, marked: Body, shape: Shape) -> Body | None:
    filters = [_placed(item, other, shape) for item, other in zip(body.filters, marked.filters, strict=False)]
    links = [_placed(item, other, shape) for item, other in zip(body.links, marked.links, strict=False)]
    found_filters = tuple([item for item in filters if isinstance(item, Filter)])
    found_links = tuple([item for item in links if isinstance(item, Link)])
    if (len(found_filters), len(found_links)) != (len(body.filters), len(body.links)):
        return None
    return structs.replace(body, filters=found_filters, links=found_links)


def _placed(
    item: Condition | Filter | Link, marked: Condition | Filter | Link, shape: Shape
) -> Condition | Filter | Link | None:
    if isinstance(item, Condition) and isinstance(marked, Condition):
        return _placed_condition(item, marked, shape)
    if isinstance(item, Filter) and isinstance(marked, Filter) and len(item.items) == len(marked.items):
        found = [_placed(part, other, shape) for part, other in zip(item.items, marked.items, strict=True)]
        parts = tuple([part for part in found if part is not None])
        return Filter(item.kind, parts) if len(parts) == len(found) else None
    if isinstance(item, Link) and isinstance(marked, Link):
        body = _placed_body(item.body, marked.body, shape)
        return None if body is None else structs.replace(item, body=body)
    return None


def _placed_condition(item: Condition, marked: Condition, shape: Shape) -> Condition | None:
    if len(item.values) != len(marked.values):
        return None
    places = tuple([shape.place_of(mark) for mark in marked.values])
    right = all(place < 0 or shape.value(place) == value for place, value in zip(places, item.values, strict=True))
    return structs.replace(item, places=places) if right else None
