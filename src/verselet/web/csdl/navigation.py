"""Write the navigation properties of a table's type.

In:        relationships of the schema
Out:       `navigation`: the elements and what each leads to
Not here:  following them (query.resolve)
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from verselet.metadata.columns import Column, is_property
from verselet.metadata.schema import Schema
from verselet.metadata.tables import ManyToMany, Relationship, Table
from verselet.query.outputs import property_name
from verselet.web.csdl.xml import element

OWNER = "owner"
PRINCIPAL = "principal"


class Navigation(msgspec.Struct, frozen=True, kw_only=True):
    """A navigation property: the element, and the set it is bound to, if one set holds all it leads to."""

    name: str
    text: str
    bound_to: str | None


def navigation(schema: Schema, table: Table) -> Iterator[Navigation]:
    """The navigation properties of a table, in the order of the schema. [M-4]

    What an activity has from `activitypointer` is left out where its own navigation leads to the same: a generator
    that takes the table's name off `createdby_task` would write `createdby` twice. [OC-11]
    """
    required = never_null(schema, table)
    for relationship in schema.to_one[table.name].values():
        if _is_a_second_name(schema, table, relationship):
            continue
        yield _to_one(schema, relationship, required=relationship.referencing_column in required)
    for relationship in schema.to_many[table.name].values():
        yield _to_many(schema, relationship)
    for name, pair in schema.across[table.name].items():
        yield _across(schema, table, name, pair)


def _is_a_second_name(schema: Schema, table: Table, relationship: Relationship) -> bool:
    own = schema.by_column.get((table.name, relationship.referencing_column), ())
    return relationship not in own and any(found.referenced_table == relationship.referenced_table for found in own)


def never_null(schema: Schema, table: Table) -> frozenset[str]:
    """The columns that refer to a row of one table and must not be null for a typed client: a key that refers too.

    An activity's key refers to its row in `activitypointer`. An owner is never null either, but the server fills it in:
    a generator would make its callers give it.
    """
    found = {relationship.referencing_column for relationship in schema.to_one[table.name].values()}
    return frozenset({table.primary_id} & found)


def _to_one(schema: Schema, relationship: Relationship, *, required: bool) -> Navigation:
    table = schema.tables[relationship.referencing_table]
    target = relationship.referenced_table
    is_owner = target == OWNER
    # CSDL wants a constraint between a navigation property and a property that agree about null, so `Nullable="false"`
    # stands where the column really is never null; the service writes it everywhere, which validators refuse.
    text = element(
        "NavigationProperty",
        (
            ("Name", relationship.referencing_navigation),
            ("Type", f"mscrm.{PRINCIPAL if is_owner else target}"),
            ("Nullable", "false" if required else None),
            ("Partner", _partner(schema, relationship)),
        ),
        _constraint(table.columns.get(relationship.referencing_column), relationship.referenced_column),
    )
    bound_to = None if is_owner else schema.tables[target].set_name
    return Navigation(name=relationship.referencing_navigation, text=text, bound_to=bound_to)


def _partner(schema: Schema, relationship: Relationship) -> str | None:
    """The collection on the other side, if it leads back here.

    Not for owners: the collections of owned rows are on `owner`, not on its base type. Not for what an activity has
    from `activitypointer`: there the collection holds rows of that.
    """
    target, name = relationship.referenced_table, relationship.referenced_navigation
    if target == OWNER or schema.to_many[target][name].referencing_table != relationship.referencing_table:
        return None
    return name


def _constraint(column: Column | None, referenced: str) -> str:
    if column is None or not is_property(column):
        return ""
    return element("ReferentialConstraint", (("Property", property_name(column)), ("ReferencedProperty", referenced)))


def _to_many(schema: Schema, relationship: Relationship) -> Navigation:
    name, target = relationship.referenced_navigation, relationship.referencing_table
    return _collection(schema, name, target, relationship.referencing_navigation)


def _across(schema: Schema, table: Table, name: str, pair: ManyToMany) -> Navigation:
    if table.name == pair.table1 and name == pair.navigation1:
        return _collection(schema, name, pair.table2, pair.navigation2)
    return _collection(schema, name, pair.table1, pair.navigation1)


def _collection(schema: Schema, name: str, target: str, partner: str) -> Navigation:
    attributes = (("Name", name), ("Type", f"Collection(mscrm.{target})"), ("Partner", partner))
    return Navigation(
        name=name, text=element("NavigationProperty", attributes), bound_to=schema.tables[target].set_name
    )
