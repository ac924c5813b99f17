"""Answer reads from what earlier reads of the same shape left behind.

In:        a path and a query text
Out:       a prepared read and the values of this request
Not here:  preparing (operations.reads), the answer around the rows (web.reads)

A shape is the query text with its literals taken out; all requests of one shape share one prepared read. Literals
that became no parameter (a page size, say) must be the same, or the read is prepared anew. (performance.md §3) What a
token of a next page says is taken out too: all pages behind the first one are of one shape.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Final, Generic, TypeAlias, TypeVar

import msgspec

from verselet.errors import QueryRefused
from verselet.operations.reads import ValuePlace
from verselet.query.odata.literals import Span, shape_of, value_at
from verselet.query.odata.options import decode_query
from verselet.query.paging import TOKEN, quickly_decoded, token_value, token_values
from verselet.security.caller import Caller
from verselet.values import Stored

MAX_SHAPES: Final = 2_000
MAX_VARIANTS: Final = 16
NEXT: Final = "&$skiptoken="
MAX_TEXTS: Final = 500
MAX_REMEMBERED: Final = 2_000
"""Longer texts are taken apart each time: a cache has an end in bytes too."""

KEY: Final = -2
PATTERNS: Final = frozenset({"contains", "startswith", "endswith", "like"})

Kept = TypeVar("Kept")
ShapeKey: TypeAlias = tuple[object, ...]


class Asked(msgspec.Struct, frozen=True):
    """A query text taken apart: decoded, its shape, where its literals stand.

    `token` leads to a next page and is no part of the text; `after` are the values in it. `is_kept`: nothing in it
    decides more than the shape tells.
    """

    text: str
    shape: str
    spans: tuple[Span, ...]
    token: str = ""
    after: tuple[str | None, ...] = ()
    is_kept: bool = True


class Shaped(msgspec.Struct, Generic[Kept], frozen=True):
    """A prepared read and how this shape's literals become its values.

    `sources` names for each value the span it is read from, −1 for a value of the shape or of the caller, `KEY` for the
    id in the path, `TOKEN` and what is below for a value of a token.
    """

    kept: Kept
    places: tuple[ValuePlace, ...]
    sources: tuple[int, ...]

    def values(self, asked: Asked, row_id: str, caller: Caller) -> list[Stored] | None:
        """The values after the environment; None where a literal needs another plan."""
        values: list[Stored] = []
        for source, place in zip(self.sources, self.places, strict=True):
            if source == -1:
                values.append(place.of(caller))
            elif source == KEY:
                values.append(row_id)
            elif source <= TOKEN:
                values.append(_of_token(place, asked.after[TOKEN - source]))
            else:
                span = asked.spans[source]
                literal = value_at(asked.text, span)
                if place.binding.form in PATTERNS and "[" in literal:
                    return None
                values.append(place.encode(place.binding.again(span.kind, literal)))
        return values


class _Variants(Generic[Kept]):
    """The prepared reads of one shape, by the literals that stay fixed."""

    def __init__(self, fixed: tuple[int, ...]) -> None:
        self.fixed = fixed
        self.reads: dict[tuple[str, ...], Shaped[Kept]] = {}


class QueryTexts:
    """Query texts taken apart. One without literals, as a list of columns, comes again and again: it is remembered."""

    def __init__(self) -> None:
        self._known: dict[str, Asked] = {}

    def read(self, raw_query: str) -> Asked:
        """What a query string asks."""
        found = self._known.get(raw_query)
        if found is not None:
            return found
        if "skiptoken=" in raw_query:
            return self._read_next(raw_query)
        text = decode_query(raw_query)
        found = Asked(text, *shape_of(text))
        if not found.spans and len(raw_query) < MAX_REMEMBERED:
            if len(self._known) >= MAX_TEXTS:
                self._known.clear()
            self._known[raw_query] = found
        return found

    def _read_next(self, raw_query: str) -> Asked:
        """The same for a next page, if the token stands where we wrote it: at the end."""
        before, sign, raw_token = raw_query.rpartition(NEXT)
        if sign and "skiptoken=" not in before and "&" not in raw_token:
            token = quickly_decoded(raw_token.replace("+", " ")) or decode_query(raw_token)
            with suppress(QueryRefused):
                after = token_values(token)
                asked = self.read(before)
                nulls = "".join(["0" if value is None else "1" for value in after])
                return Asked(asked.text, f"{asked.shape}{NEXT}{nulls}", asked.spans, token, after)
        text = decode_query(raw_query)
        return Asked(text, text, (), is_kept=False)


class ShapeCache(Generic[Kept]):
    """Prepared reads by shape, the least recently used ones forgotten first."""

    def __init__(self) -> None:
        self.texts = QueryTexts()
        self._shapes: OrderedDict[ShapeKey, _Variants[Kept]] = OrderedDict()

    def find(self, key: ShapeKey, asked: Asked) -> Shaped[Kept] | None:
        """The prepared read for a request of this shape with these literals."""
        variants = self._shapes.get(key) if asked.is_kept else None
        if variants is None:
            return None
        if len(self._shapes) > MAX_SHAPES // 2:
            # Only then it matters which was used last. Another thread may just have forgotten it.
            with suppress(KeyError):
                self._shapes.move_to_end(key)
        if not variants.fixed:
            return variants.reads.get(())
        return variants.reads.get(_written(asked, variants.fixed))

    def keep(self, key: ShapeKey, asked: Asked, places: tuple[ValuePlace, ...], kept: Kept) -> None:
        """Remember a read that was just prepared from this very text."""
        if not asked.is_kept or any(place.binding.classes for place in places):
            return
        at = {span.start: n for n, span in enumerate(asked.spans)}
        sources = tuple([_source(place, at) for place in places])
        used = set(sources)
        fixed = tuple([n for n in range(len(asked.spans)) if n not in used])
        variants = self._shapes.get(key)
        if variants is None or variants.fixed != fixed or len(variants.reads) >= MAX_VARIANTS:
            variants = self._shapes[key] = _Variants(fixed)
            if len(self._shapes) > MAX_SHAPES:
                self._shapes.popitem(last=False)
        variants.reads[_written(asked, fixed)] = Shaped(kept, places, sources)


def _written(asked: Asked, fixed: tuple[int, ...]) -> tuple[str, ...]:
    return tuple([asked.text[asked.spans[n].start : asked.spans[n].stop] for n in fixed])


def _of_token(place: ValuePlace, text: str | None) -> Stored:
    """A value of a token; whether it is null is told by the shape."""
    column = place.binding.column
    assert column is not None
    assert text is not None
    return place.encode(token_value(column, text))


def _source(place: ValuePlace, at: dict[int, int]) -> int:
    return place.start if place.start == KEY or place.start <= TOKEN else at.get(place.start, -1)
