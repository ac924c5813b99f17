"""Answer questions in FetchXML and SQL from what earlier ones of the same shape left behind.

In:        the shape of a query, and what else its plan depends on
Out:       a prepared read, and the values of this request
Not here:  shapes (query.fetchxml.shapes), preparing (operations.tabular_reads), reads by OData (web.cached_reads)

Values that became no parameter (those of a list, say) must be the same, or the question is prepared anew.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Final, TypeAlias

import msgspec

from verselet.operations.tabular_reads import PreparedTable
from verselet.query.fetchxml.shapes import Shape
from verselet.query.text_values import text_value_of
from verselet.security.caller import Caller
from verselet.values import Stored
from verselet.web.cached_reads import MAX_VARIANTS, PATTERNS

MAX_SHAPES: Final = 500

Key: TypeAlias = tuple[object, ...]


class _Variants(msgspec.Struct, frozen=True):
    """The prepared reads of one shape, by the values that stay fixed."""

    fixed: tuple[int, ...]
    reads: dict[tuple[str, ...], PreparedTable]


class TabularShapes:
    """Prepared reads by shape, the least recently used ones forgotten first."""

    def __init__(self) -> None:
        self._shapes: OrderedDict[Key, _Variants] = OrderedDict()

    def find(self, key: Key, shape: Shape, caller: Caller) -> tuple[PreparedTable, list[Stored]] | None:
        """The prepared read for a question of this shape, and its values after the environment.

        Raises:
            QueryRefused: a value is none of its column.
        """
        variants = self._shapes.get((shape.text, *key))
        if variants is None:
            return None
        with suppress(KeyError):
            # Another thread may just have forgotten it; this one still has it in hand.
            self._shapes.move_to_end((shape.text, *key))
        read = variants.reads.get(_written(shape, variants.fixed))
        values = None if read is None else _values(read, shape, caller)
        return None if read is None or values is None else (read, values)

    def keep(self, key: Key, shape: Shape, read: PreparedTable) -> None:
        """Remember a read that was just prepared from this very text."""
        if any(place.binding.classes for place in read.places):
            return
        used = {place.start for place in read.places}
        fixed = tuple([place for place in range(len(shape.written)) if place not in used])
        variants = self._shapes.get((shape.text, *key))
        if variants is None or variants.fixed != fixed or len(variants.reads) >= MAX_VARIANTS:
            variants = self._shapes[shape.text, *key] = _Variants(fixed, {})
            if len(self._shapes) > MAX_SHAPES:
                self._shapes.popitem(last=False)
        variants.reads[_written(shape, fixed)] = read


def _written(shape: Shape, places: tuple[int, ...]) -> tuple[str, ...]:
    return tuple([shape.written[place] for place in places])


def _values(read: PreparedTable, shape: Shape, caller: Caller) -> list[Stored] | None:
    """The values of this request; None where one needs another plan."""
    found: list[Stored] = []
    for place in read.places:
        column = place.binding.column
        if place.start < 0 or column is None:
            found.append(place.of(caller))
            continue
        text = shape.value(place.start)
        if place.binding.form not in PATTERNS:
            found.append(place.encode(text_value_of(column, text)))
        elif "[" in text:
            return None
        else:
            found.append(place.encode(text))
    return found
