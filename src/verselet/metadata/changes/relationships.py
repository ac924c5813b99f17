"""Add relationships, change what can be changed of them, and take them away.

In:        a schema and drafts
Out:       a new schema
Not here:  the relationships a table gets from its kind (tables, metadata.system)
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from verselet.errors import DefinitionExists, InvalidArgument
from verselet.metadata.changes.columns import check_no_key, without_column
from verselet.metadata.changes.dependents import check_no_rollup
from verselet.metadata.changes.drafts import NewManyToMany, NewRelationship
from verselet.metadata.changes.editing import (
    check_navigation,
    check_relationship_name,
    open_table,
    relationship_named,
    with_columns,
    with_pairs,
    with_relationships,
    with_tables,
    without_relationships,
    without_tables,
)
from verselet.metadata.changes.naming import LONGEST_RELATIONSHIP_NAME, logical_name
from verselet.metadata.changes.parental import check_parental
from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.system import intersect_table
from verselet.metadata.tables import MADE_HERE, Cascades, ManyToMany, Menu, Relationship


def add_lookup(schema: Schema, drafts: Sequence[NewRelationship], lookup: LookupColumn) -> Schema:
    """The schema with a lookup column and one relationship per table it leads to. [MW-8], [MW-13]

    A lookup made here with several targets can be given another one.

    Raises:
        DefinitionExists: a relationship, column or navigation of that name is there. [MW-14]
        TableDefinitionNotFound, InvalidArgument: a table that is not there, or takes no lookups.
        SeveralParents: the table follows another one already. [SEC-72]
    """
    (referencing,) = {draft.referencing_table for draft in drafts}
    table = open_table(schema, referencing)
    name = logical_name(lookup.schema_name, "column")
    present = table.columns.get(name)
    if present is not None:
        if not isinstance(present, LookupColumn) or not present.made_here or not present.is_polymorphic:
            raise DefinitionExists("column", name, referencing)
        lookup = present
    else:
        lookup = structs.replace(lookup, name=name, custom=True, made_here=True)
        schema = with_tables(schema, with_columns(table, [lookup]))
    alone = present is None and len(drafts) == 1
    added = [_relationship(schema, draft, lookup, alone=alone) for draft in drafts]
    for relationship in added:
        check_parental(schema, relationship)
    return with_relationships(schema, added)


def _relationship(schema: Schema, draft: NewRelationship, lookup: LookupColumn, *, alone: bool) -> Relationship:
    logical_name(draft.schema_name, "relationship", LONGEST_RELATIONSHIP_NAME)
    check_relationship_name(schema, draft.schema_name)
    to = open_table(schema, draft.referenced_table)
    derived = lookup.schema_name if alone else f"{lookup.schema_name}_{to.name}"
    if draft.hierarchical and draft.referencing_table != to.name:
        raise InvalidArgument("Only a relationship of a table with itself can be hierarchical.")
    return Relationship(
        schema_name=draft.schema_name,
        referencing_table=draft.referencing_table,
        referencing_column=lookup.name,
        referencing_navigation=draft.referencing_navigation or derived,
        referenced_table=to.name,
        referenced_column=to.primary_id,
        referenced_navigation=draft.referenced_navigation or draft.schema_name,
        cascades=draft.cascades,
        menu=draft.menu,
        hierarchical=draft.hierarchical,
        custom=True,
        made_here=True,
    )


def add_many_to_many(schema: Schema, draft: NewManyToMany) -> Schema:
    """The schema with a many-to-many relationship and the table behind it. [MW-9]

    Raises:
        DefinitionExists: a relationship, table or navigation of that name is there. [MW-14]
        TableDefinitionNotFound, InvalidArgument: a table that is not there, or connects no rows.
    """
    name = draft.schema_name
    logical_name(name, "relationship", LONGEST_RELATIONSHIP_NAME)
    check_relationship_name(schema, name)
    one, two = open_table(schema, draft.table1), open_table(schema, draft.table2)
    intersect = logical_name(draft.intersect_table or name, "table", LONGEST_RELATIONSHIP_NAME)
    if intersect in schema.tables:
        raise DefinitionExists("table", intersect)
    same = one.name == two.name
    pair = ManyToMany(
        schema_name=name,
        table1=one.name,
        table2=two.name,
        intersect_table=intersect,
        column1=f"{one.primary_id}one" if same else one.primary_id,
        column2=f"{two.primary_id}two" if same or one.primary_id == two.primary_id else two.primary_id,
        navigation1=draft.navigation1 or name,
        navigation2=draft.navigation2 or (f"{name}_referenced" if same else name),
        custom=True,
        made_here=True,
    )
    check_navigation(schema, one.name, pair.navigation1)
    check_navigation(schema, two.name, pair.navigation2)
    schema = with_tables(schema, intersect_table(pair, MADE_HERE))
    return with_pairs(schema, [*schema.many_to_many, pair])


def update_relationship(schema: Schema, name: str, cascades: Cascades, menu: Menu, *, hierarchical: bool) -> Schema:
    """The schema in which a one-to-many relationship cascades otherwise. [MW-5]

    Raises:
        NotFound: no such relationship.
        InvalidArgument: a many-to-many relationship, of which nothing can be changed.
        SeveralParents: the table follows another one already. [SEC-72]
    """
    found = relationship_named(schema, name)
    if isinstance(found, ManyToMany):
        raise InvalidArgument("Nothing but the menus of a many-to-many relationship could be changed.")
    if not found.customizable:
        raise InvalidArgument(f"The relationship '{name}' is not customizable.")
    if hierarchical and found.referencing_table != found.referenced_table:
        raise InvalidArgument("Only a relationship of a table with itself can be hierarchical.")
    changed = structs.replace(found, cascades=cascades, menu=menu, hierarchical=hierarchical)
    check_parental(schema, changed)
    others = tuple(changed if other is found else other for other in schema.relationships)
    return structs.replace(schema, generation=schema.generation + 1, relationships=others)


def remove_relationship(schema: Schema, name: str) -> Schema:
    """The schema without a relationship; its lookup goes with the last one it has. [MW-7]

    Raises:
        NotFound: no such relationship.
        InvalidArgument: it came with a table.
        DefinitionInUse: a key names the lookup, or a rollup adds up along the relationship.
    """
    found = relationship_named(schema, name)
    if not found.made_here:
        raise InvalidArgument(f"The relationship '{name}' is a system relationship and cannot be deleted.")
    if isinstance(found, ManyToMany):
        schema = with_pairs(schema, [pair for pair in schema.many_to_many if pair is not found])
        return without_tables(schema, [found.intersect_table])
    table_name, column = found.referencing_table, found.referencing_column
    alone = len(schema.by_column[table_name, column]) == 1
    if alone:
        check_no_key(schema, table_name, column)
    check_no_rollup(schema, frozenset({name}))
    schema = without_relationships(schema, [name])
    return with_tables(schema, without_column(schema.tables[table_name], column)) if alone else schema
