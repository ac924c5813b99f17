"""Replace parts of a schema.

In:        a schema and the parts that change
Out:       the schema of the next generation; look-ups that refuse what is not there, or must not change
Not here:  which parts change (the sibling modules)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import structs

from verselet.errors import DefinitionExists, InvalidArgument, NotFound, TableDefinitionNotFound
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import MADE_HERE, ManyToMany, Relationship, Table

VIEWS = frozenset({"owner", "activitypointer"})
"""Tables that show the rows of others: they take no column of their own."""


def with_tables(schema: Schema, *tables: Table) -> Schema:
    """The schema with these tables, new or instead of those of their names."""
    changed = dict(sorted({**schema.tables, **{table.name: table for table in tables}}.items()))
    return structs.replace(schema, generation=schema.generation + 1, tables=changed)


def without_tables(schema: Schema, names: Iterable[str]) -> Schema:
    """The schema without these tables."""
    gone = frozenset(names)
    kept = {name: table for name, table in schema.tables.items() if name not in gone}
    return structs.replace(schema, generation=schema.generation + 1, tables=kept)


def with_column(schema: Schema, table: str, *columns: Column) -> Schema:
    """The schema with these columns in a table, new or instead of those of their names."""
    found = schema.tables[table]
    return with_tables(schema, with_columns(found, columns))


def with_columns(table: Table, columns: Iterable[Column]) -> Table:
    """The table with these columns; columns are kept in the order of their schema names."""
    found = {**table.columns, **{column.name: column for column in columns}}
    return structs.replace(table, columns=dict(sorted(found.items(), key=lambda item: item[1].schema_name.lower())))


def with_relationships(schema: Schema, relationships: Iterable[Relationship]) -> Schema:
    """The schema with these relationships, new or instead of those of their names.

    Lookups list the tables their relationships lead to, so the referencing columns change with them.

    Raises:
        DefinitionExists: a navigation name that the table has already.
    """
    added = {relationship.schema_name: relationship for relationship in relationships}
    kept = {found.schema_name: found for found in schema.relationships if found.schema_name not in added}
    schema = structs.replace(schema, relationships=tuple(kept.values()))
    for relationship in added.values():
        _check_navigations(schema, relationship)
    merged = tuple(sorted({**kept, **added}.values(), key=lambda found: found.schema_name.lower()))
    changed = structs.replace(schema, generation=schema.generation + 1, relationships=merged)
    return targets_extended(changed, added.values())


def targets_extended(schema: Schema, relationships: Iterable[Relationship]) -> Schema:
    """The schema whose lookups list what these relationships lead to. The owner's leads to users and teams."""
    changed: dict[str, Table] = {}
    for relationship in relationships:
        table = changed.get(relationship.referencing_table) or schema.tables[relationship.referencing_table]
        column = table.columns.get(relationship.referencing_column)
        to = relationship.referenced_table
        if isinstance(column, LookupColumn) and column.kind != "owner" and to not in column.targets:
            wider = structs.replace(column, targets=tuple(sorted({*column.targets, to})))
            changed[table.name] = with_columns(table, [wider])
    return with_tables(schema, *changed.values()) if changed else schema


def without_relationships(schema: Schema, names: Iterable[str]) -> Schema:
    """The schema without these relationships; lookups no longer list what they led to."""
    gone = frozenset(names)
    changed: dict[str, Table] = {}
    for relationship in schema.relationships:
        if relationship.schema_name not in gone:
            continue
        table = changed.get(relationship.referencing_table) or schema.tables[relationship.referencing_table]
        column = table.columns.get(relationship.referencing_column)
        if isinstance(column, LookupColumn) and relationship.referenced_table in column.targets:
            left = tuple(name for name in column.targets if name != relationship.referenced_table)
            changed[table.name] = with_columns(table, [structs.replace(column, targets=left)])
    kept = tuple(found for found in schema.relationships if found.schema_name not in gone)
    return with_tables(structs.replace(schema, relationships=kept), *changed.values())


def with_pairs(schema: Schema, pairs: Iterable[ManyToMany]) -> Schema:
    """The schema with exactly these many-to-many relationships."""
    found = tuple(sorted(pairs, key=lambda pair: pair.schema_name))
    return structs.replace(schema, generation=schema.generation + 1, many_to_many=found)


def with_choices(schema: Schema, choices: Mapping[str, GlobalChoice]) -> Schema:
    """The schema with exactly these global choices."""
    return structs.replace(schema, generation=schema.generation + 1, choices=dict(sorted(choices.items())))


def table_named(schema: Schema, name: str) -> Table:
    """The table of that logical name.

    Raises:
        TableDefinitionNotFound: there is none. [MD-16]
    """
    found = schema.tables.get(name)
    if found is None:
        raise TableDefinitionNotFound(name, schema.tables)
    return found


def column_named(schema: Schema, table: str, name: str) -> Column:
    """The column of that logical name.

    Raises:
        NotFound: there is none. [MD-16]
    """
    found = table_named(schema, table).columns.get(name)
    if found is None:
        raise NotFound(f"Could not find an attribute with name '{name}' in the table '{table}'.")
    return found


def open_table(schema: Schema, name: str) -> Table:
    """The table, which must be one that takes new columns, relationships and keys.

    Raises:
        TableDefinitionNotFound, InvalidArgument: there is none, or it shows or connects rows of others.
    """
    table = table_named(schema, name)
    if not can_be_related(table):
        raise InvalidArgument(f"The table '{name}' is not customizable: it holds no rows of its own.")
    return table


def can_be_related(table: Table) -> bool:
    """The table takes new relationships: it shows or connects no rows of others. [MW-8], [MW-9]"""
    return table.name not in VIEWS and not table.is_intersect


def is_made_here(table: Table) -> bool:
    """The table was made in this organization."""
    return table.solution == MADE_HERE


def relationship_named(schema: Schema, name: str) -> Relationship | ManyToMany:
    """The relationship of that schema name.

    Raises:
        NotFound: there is none.
    """
    everything: tuple[Relationship | ManyToMany, ...] = (*schema.relationships, *schema.many_to_many)
    for found in everything:
        if found.schema_name == name:
            return found
    raise NotFound(f"Could not find a relationship with the name '{name}'.")


def check_relationship_name(schema: Schema, name: str) -> None:
    """Refuse a schema name of a relationship that is taken, in whatever letter case.

    Raises:
        DefinitionExists: it is. [MW-14]
    """
    lowered = name.lower()
    everything: tuple[Relationship | ManyToMany, ...] = (*schema.relationships, *schema.many_to_many)
    if any(found.schema_name.lower() == lowered for found in everything):
        raise DefinitionExists("relationship", name)


def check_navigation(schema: Schema, table: str, navigation: str) -> None:
    """Refuse a navigation name that the table has already.

    Raises:
        DefinitionExists: it has.
    """
    known = (schema.to_one, schema.to_many, schema.across)
    if any(navigation in found.get(table, {}) for found in known):
        raise DefinitionExists("navigation property", navigation, table)


def _check_navigations(schema: Schema, relationship: Relationship) -> None:
    one, many = relationship.referencing_navigation, relationship.referenced_navigation
    if relationship.referencing_table == relationship.referenced_table and one == many:
        raise DefinitionExists("navigation property", one, relationship.referencing_table)
    check_navigation(schema, relationship.referencing_table, relationship.referencing_navigation)
    check_navigation(schema, relationship.referenced_table, relationship.referenced_navigation)
