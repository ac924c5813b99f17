"""Refuse what cannot be asked of rows in the recycle bin.

In:        a query of the bin, as written and as resolved
Out:       nothing, or the refusal by name
Not here:  where such rows are read from (sql.bin)

Rows in the bin stand for themselves: what hung on them went with them or lost its link.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verselet.errors import NotSupportedHere
from verselet.query import plan
from verselet.query.fetchxml.tree import Condition, Fetch, Filter, Link
from verselet.query.tabular import Tabular

IN_HIERARCHIES: Final = frozenset({"above", "eq-or-above", "under", "eq-or-under", "not-under"})


def refuse_beside_bin(fetch: Fetch, found: Tabular, has_additions: bool) -> None:
    """A query of the bin is about one table, and itself only. [BIN-6]

    Raises:
        NotSupportedHere: it looks into other tables, up or down a hierarchy, or is added to in the address.
    """
    items = list(_items(fetch.body.filters))
    if fetch.body.links or found.links or any(isinstance(item, Link) for item in items):
        raise NotSupportedHere("Links in a query of the recycle bin")
    if any(isinstance(output.by, plan.ChildrenOf) for output in found.outputs):
        raise NotSupportedHere("Numbers of children in a query of the recycle bin")
    if any(isinstance(item, Condition) and item.operator in IN_HIERARCHIES for item in items):
        raise NotSupportedHere("Hierarchies in a query of the recycle bin")
    if has_additions:
        raise NotSupportedHere("A $filter or collection beside a query of the recycle bin")


def _items(filters: tuple[Filter, ...]) -> Iterator[Condition | Link]:
    for item in filters:
        for inner in item.items:
            if isinstance(inner, Filter):
                yield from _items((inner,))
            else:
                yield inner
