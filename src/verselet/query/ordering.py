"""Resolve `$orderby`.

In:        order items of query.tree
Out:       order columns of query.plan, made definite by the primary key
Not here:  the page that starts after a row (query.paging)
"""

from __future__ import annotations

from verselet.errors import QueryRefused
from verselet.metadata.columns import ChoicesColumn, FileColumn, ImageColumn, LookupColumn
from verselet.query import plan, tree
from verselet.query.scope import Scope


def resolve_order(items: tuple[tree.Ordering, ...], scope: Scope) -> tuple[plan.OrderBy, ...]:
    """The order of the rows, ties broken by the primary key. [O-1] to [O-6]

    Raises:
        UnknownColumn: no such column. [O-7]
        QueryRefused: a column that has no order. [O-7]
    """
    order = [_resolve(item, scope) for item in items]
    key = plan.ColumnOf(scope.source, scope.table.primary_id)
    if all(item.by != key for item in order):
        order.append(plan.OrderBy(key, descending=False))
    return tuple(order)


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
