"""Resolve `$orderby`.

In:        order items of query.tree
Out:       order columns of query.plan, made definite by the primary key
Not here:  the page that starts after a row (query.paging)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

from verselet.errors import QueryRefused
from verselet.metadata.columns import ChoicesColumn, FileColumn, ImageColumn, LookupColumn
from verselet.query import plan, tree
from verselet.query.scope import Scope

MAX_ORDERS: Final = 250
"""What rows are sorted by, in one query; databases take a thousand or two."""


class Sorted(Protocol):
    """An item of an order, of whatever language."""

    @property
    def by(self) -> object:
        """What rows are sorted by."""


Item = TypeVar("Item", bound=Sorted)


def resolve_order(items: tuple[tree.Ordering, ...], scope: Scope) -> tuple[plan.OrderBy, ...]:
    """The order of the rows, ties broken by the primary key. [O-1] to [O-6]

    Raises:
        UnknownColumn: no such column. [O-7]
        QueryRefused: a column that has no order; too many of them. [O-7]
    """
    key = plan.ColumnOf(scope.source, scope.table.primary_id)
    return effective((*named_order(items, scope), plan.OrderBy(key, descending=False)))


def named_order(items: tuple[tree.Ordering, ...], scope: Scope) -> tuple[plan.OrderBy, ...]:
    """The order as far as it is asked for. Refusals as `resolve_order`."""
    return effective([_resolve(item, scope) for item in items])


def effective(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items that decide anything: what rows were sorted by already sorts them no further.

    Raises:
        QueryRefused: more than `MAX_ORDERS`.
    """
    found: dict[object, Item] = {}
    for item in items:
        found.setdefault(item.by, item)
    if len(found) > MAX_ORDERS + 1:
        raise QueryRefused(f"Rows can be sorted by {MAX_ORDERS} columns at most.")
    return tuple(found.values())


def _resolve(item: tree.Ordering, scope: Scope) -> plan.OrderBy:
    by = item.by
    if isinstance(by, tree.Alias):
        found = scope.gathered.aliases.get(by.name)
        if not isinstance(found, tree.Path):
            raise QueryRefused(f"The parameter alias '@{by.name}' in $orderby stands for no property.")
        by = found
    column_of, column = scope.column_at(by)
    if isinstance(column, ChoicesColumn | ImageColumn | FileColumn):
        raise QueryRefused(f"The property '{column.name}' cannot be used in the $orderby clause.")
    if isinstance(column, LookupColumn):
        return plan.OrderBy(plan.NameOf(column_of.source, column_of.column), item.descending)
    return plan.OrderBy(column_of, item.descending)
