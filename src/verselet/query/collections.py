"""Follow a navigation that leads to many rows.

In:        a scope and the name of a collection
Out:       the scope of the related rows and how they belong to the outer row
Not here:  conditions on them (query.conditions), expansion of them (query.expanding)
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from verselet.errors import QueryRefused, UnknownColumn
from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.plan import ColumnOf, Condition, Join, Related
from verselet.query.scope import Scope


class Link(msgspec.Struct, frozen=True):
    """How rows of `table` belong to an outer row.

    Either `inner_column` of theirs equals `outer_column` (with `points_to` naming the outer table where their lookup
    has several targets), or a row of `intersect` (table, column to the inner row, column to the outer row) joins them.
    """

    table: str
    outer_column: str
    inner_column: str
    intersect: tuple[str, str, str] | None
    points_to: str | None


def link_of(schema: Schema, table: Table, navigation: str) -> Link | None:
    """The link behind a collection's name, None where the table has no such collection."""
    relationship = schema.to_many[table.name].get(navigation)
    if relationship is not None and relationship.referencing_table in schema.tables:
        child = schema.tables[relationship.referencing_table]
        lookup = child.columns[relationship.referencing_column]
        polymorphic = isinstance(lookup, LookupColumn) and lookup.is_polymorphic
        return Link(
            child.name,
            relationship.referenced_column,
            relationship.referencing_column,
            None,
            table.name if polymorphic else None,
        )
    pair = schema.across[table.name].get(navigation)
    if pair is None:
        return None
    first = pair.table1 == table.name and pair.navigation1 == navigation
    other = schema.tables[pair.table2 if first else pair.table1]
    outer, inner = (pair.column1, pair.column2) if first else (pair.column2, pair.column1)
    return Link(other.name, table.primary_id, other.primary_id, (pair.intersect_table, inner, outer), None)


def related(scope: Scope, navigation: str) -> tuple[Scope, Callable[[tuple[Join, ...], Condition], Related]]:
    """The scope of a collection's rows, and the condition that one of them satisfies something.

    Raises:
        UnknownColumn: no such navigation. [E-6]
        QueryRefused: the navigation leads to one row. [L-4]
    """
    link = link_of(scope.schema, scope.table, navigation)
    if link is None:
        if navigation in scope.schema.to_one[scope.table.name]:
            raise QueryRefused(f"'{navigation}' leads to one row; any and all need a collection.")
        raise UnknownColumn(navigation, scope.table.name, scope.schema.to_many[scope.table.name])
    inner = Scope(scope.gathered, scope.schema.tables[link.table], next(scope.gathered.sources))

    def found(joins: tuple[Join, ...], body: Condition) -> Related:
        return Related(
            link.table,
            inner.source,
            ColumnOf(scope.source, link.outer_column),
            link.inner_column,
            link.intersect,
            link.points_to,
            joins,
            body,
        )

    return inner, found
