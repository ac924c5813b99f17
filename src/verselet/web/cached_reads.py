"""Answer reads from what earlier reads of the same shape left behind.

In:        a path and a query text
Out:       a prepared read and the values of this request
Not here:  preparing (operations.reads), the answer around the rows (web.reads)

A shape is the query text with its literals taken out; all requests of one shape share one prepared read. Literals
that became no parameter (a page size, say) must be the same, or the read is prepared anew. (performance.md §3)
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Final, TypeAlias

import msgspec

from verselet.operations.reads import PreparedRead, ValuePlace
from verselet.query.odata.literals import Span, shape_of, value_at
from verselet.query.odata.options import decode_query
from verselet.query.tree import Query
from verselet.security.caller import Caller
from verselet.values import Stored

MAX_SHAPES: Final = 2_000
MAX_VARIANTS: Final = 16
MAX_TEXTS: Final = 500
MAX_REMEMBERED: Final = 2_000
"""Longer texts are taken apart each time: a cache has an end in bytes too."""

KEY: Final = -2
PATTERNS: Final = frozenset({"contains", "startswith", "endswith", "like"})

ShapeKey: TypeAlias = tuple[object, ...]


class Shaped(msgspec.Struct, frozen=True):
    """A prepared read and how this shape's literals become its values.

    `sources` names for each value the span it is read from, −1 for a value of the shape or of the caller, `KEY` for the
    id in the path.
    """

    read: PreparedRead
    query: Query
    sources: tuple[int, ...]

    def values(self, spans: tuple[Span, ...], text: str, row_id: str, caller: Caller) -> list[Stored] | None:
        """The values after the environment; None where a literal needs another plan."""
        values: list[Stored] = []
        for source, place in zip(self.sources, self.read.places, strict=True):
            if source == -1:
                values.append(place.of(caller))
            elif source == KEY:
                values.append(row_id)
            else:
                span = spans[source]
                literal = value_at(text, span)
                if place.binding.form in PATTERNS and "[" in literal:
                    return None
                values.append(place.encode(place.binding.again(span.kind, literal)))
        return values


class _Variants:
    """The prepared reads of one shape, by the literals that stay fixed."""

    def __init__(self, fixed: tuple[int, ...]) -> None:
        self.fixed = fixed
        self.reads: dict[tuple[str, ...], Shaped] = {}


class QueryTexts:
    """Query texts taken apart. One without literals, as a list of columns, comes again and again: it is remembered."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str, tuple[Span, ...]]] = {}

    def read(self, raw_query: str) -> tuple[str, str, tuple[Span, ...]]:
        """The decoded text, its shape, and where its literals stand."""
        found = self._known.get(raw_query)
        if found is None:
            text = decode_query(raw_query)
            found = (text, *shape_of(text))
            if not found[2] and len(raw_query) < MAX_REMEMBERED:
                if len(self._known) >= MAX_TEXTS:
                    self._known.clear()
                self._known[raw_query] = found
        return found


class ShapeCache:
    """Prepared reads by shape, the least recently used ones forgotten first."""

    def __init__(self) -> None:
        self.texts = QueryTexts()
        self._shapes: OrderedDict[ShapeKey, _Variants] = OrderedDict()

    def find(self, key: ShapeKey, spans: tuple[Span, ...], text: str) -> Shaped | None:
        """The prepared read for a request of this shape with these literals."""
        variants = self._shapes.get(key)
        if variants is None:
            return None
        if len(self._shapes) > MAX_SHAPES // 2:
            # Only then it matters which was used last. Another thread may just have forgotten it.
            with suppress(KeyError):
                self._shapes.move_to_end(key)
        if not variants.fixed:
            return variants.reads.get(())
        return variants.reads.get(tuple([text[spans[n].start : spans[n].stop] for n in variants.fixed]))

    def keep(self, key: ShapeKey, spans: tuple[Span, ...], text: str, read: PreparedRead, query: Query) -> None:
        """Remember a read that was just prepared from this very text."""
        if any(place.binding.classes for place in read.places):
            return
        at = {span.start: n for n, span in enumerate(spans)}
        sources = tuple([_source(place, at) for place in read.places])
        used = set(sources)
        fixed = tuple([n for n in range(len(spans)) if n not in used])
        variants = self._shapes.get(key)
        if variants is None or variants.fixed != fixed or len(variants.reads) >= MAX_VARIANTS:
            variants = self._shapes[key] = _Variants(fixed)
            if len(self._shapes) > MAX_SHAPES:
                self._shapes.popitem(last=False)
        variants.reads[tuple([text[spans[n].start : spans[n].stop] for n in fixed])] = Shaped(read, query, sources)


def _source(place: ValuePlace, at: dict[int, int]) -> int:
    return KEY if place.start == KEY else at.get(place.start, -1)
