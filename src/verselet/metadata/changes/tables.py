"""Add tables, change what can be changed of them, and take them away.

In:        a schema, a draft or the facts to change
Out:       a new schema, with everything a table gets from its kind
Not here:  rows of the table (operations.definitions), its further columns (columns)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from verselet.errors import DefinitionExists, DefinitionInUse, InvalidArgument, NotSupportedHere
from verselet.metadata.activities import activity_columns
from verselet.metadata.changes.columns import add_column, finished
from verselet.metadata.changes.dependents import check_no_rollup
from verselet.metadata.changes.drafts import NewColumn, NewTable, TableFacts
from verselet.metadata.changes.editing import (
    is_made_here,
    table_named,
    with_columns,
    with_pairs,
    with_relationships,
    with_tables,
    without_relationships,
    without_tables,
)
from verselet.metadata.changes.naming import logical_name, set_name_of
from verselet.metadata.changes.transitions import check_transitions
from verselet.metadata.children import DELETED, GROUPS, Child, child_relationship, children_of_kind
from verselet.metadata.columns import Column, LookupColumn, StateColumn, TextColumn
from verselet.metadata.schema import PARENT_OF_ACTIVITIES, Schema
from verselet.metadata.system import (
    PARENTAL,
    Kind,
    cascades_of,
    events_of,
    messages_of,
    navigation_name,
    relationship_name,
    standard_columns,
)
from verselet.metadata.tables import MADE_HERE, Relationship, Table

NOTES = "Annotations"
ACTIVITIES = "activities"


def add_table(schema: Schema, draft: NewTable, option_prefix: int) -> Schema:
    """The schema with a new table, its standard columns and relationships. [MW-1], [MW-2]

    Raises:
        DefinitionExists: a table, set or column of that name is there. [MW-14]
        InvalidArgument: a name or label that cannot be, or no column that names a row.
    """
    name = logical_name(draft.schema_name, "table")
    if name in schema.tables:
        raise DefinitionExists("table", name)
    if not draft.label or not draft.label_plural:
        raise InvalidArgument("A table needs a DisplayName and a DisplayCollectionName.")
    kind = _kind(name, draft)
    standard = _standard_columns(schema, kind)
    table = _table(schema, kind, draft, standard)
    check_transitions(table)
    others = list(draft.columns)
    if table.primary_name not in standard:
        first = next((new for new in others if new.column.schema_name == draft.primary_name), None)
        if first is None or not isinstance(first.column, TextColumn):
            raise InvalidArgument("A table needs one text column with IsPrimaryName.")
        table = with_columns(table, [finished(schema, table, first, option_prefix)])
    others = [new for new in others if new.column.schema_name.lower() != table.primary_name]
    schema = with_tables(schema, table)
    children = [*children_of_kind(kind), DELETED, *([ACTIVITIES] if draft.has_activities else [])]
    children += [NOTES] if draft.has_notes else []
    schema = with_relationships(schema, [*_standard_relationships(schema, kind), *_children(schema, kind, children)])
    return _with_columns(schema, name, others, option_prefix)


def update_table(schema: Schema, name: str, facts: TableFacts) -> Schema:
    """The schema in which a table has other labels, or more can hang on its rows. [MW-5]

    Raises:
        TableDefinitionNotFound: no such table.
        InvalidArgument: an empty label, notes or activities that should go again, or transitions nobody can enforce.
    """
    table = table_named(schema, name)
    given = {member: value for member, value in structs.asdict(facts).items() if value is not None}
    if given.get("label") == "" or given.get("label_plural") == "":
        raise InvalidArgument("The DisplayName and the DisplayCollectionName of a table cannot be empty.")
    words = []
    for member, word, child in (("has_notes", NOTES, "annotation"), ("has_activities", ACTIVITIES, "activitypointer")):
        wanted = given.pop(member, None)
        has = any(found.referencing_table == child for found in schema.to_many[name].values())
        if has and wanted is False:
            raise InvalidArgument(f"{word} cannot be switched off for the table '{name}' once they are on.")
        if wanted and not has:
            words.append(word)
    table = structs.replace(table, **given)
    check_transitions(table)
    schema = with_tables(schema, table)
    return with_relationships(schema, _children(schema, table, words)) if words else schema


def remove_table(schema: Schema, name: str) -> Schema:
    """The schema without a table, its relationships and its intersect tables. [MW-7]

    Raises:
        TableDefinitionNotFound: no such table.
        InvalidArgument: it came with the server, or stands behind a many-to-many relationship.
        DefinitionInUse: a column somebody made in another table refers to it, or adds up its rows.
    """
    table = table_named(schema, name)
    if not is_made_here(table) or table.is_intersect:
        raise InvalidArgument(f"The table '{name}' is a system table and cannot be deleted.")
    concerned = [found for found in schema.relationships if name in {found.referenced_table, found.referencing_table}]
    for found in concerned:
        if found.made_here and found.referencing_table != name:
            user = f"the column '{found.referencing_column}' of '{found.referencing_table}'"
            raise DefinitionInUse("table", name, user)
    check_no_rollup(schema, frozenset(found.schema_name for found in concerned), name)
    pairs = [pair for pair in schema.many_to_many if name in {pair.table1, pair.table2}]
    schema = without_relationships(schema, [found.schema_name for found in concerned])
    schema = with_pairs(schema, [pair for pair in schema.many_to_many if pair not in pairs])
    return without_tables(schema, [name, *(pair.intersect_table for pair in pairs)])


def _kind(name: str, draft: NewTable) -> Kind:
    if draft.is_activity and draft.ownership != "user":
        raise InvalidArgument("An activity table must be owned by users or teams.")
    if draft.ownership not in {"user", "organization"}:
        raise NotSupportedHere(f"A table with the ownership '{draft.ownership}'")
    return Kind(
        name=name,
        schema_name=draft.schema_name,
        label=draft.label,
        ownership=draft.ownership,
        primary_id="activityid" if draft.is_activity else f"{name}id",
        is_activity=draft.is_activity,
        custom=True,
    )


def _standard_columns(schema: Schema, kind: Kind) -> dict[str, Column]:
    standard = standard_columns(kind)
    if not kind.is_activity:
        return standard
    parent = schema.tables.get(PARENT_OF_ACTIVITIES)
    if parent is None:
        raise NotSupportedHere("An activity table without the table of all activities")
    return activity_columns(kind, standard, parent.columns)


def _table(schema: Schema, kind: Kind, draft: NewTable, columns: dict[str, Column]) -> Table:
    taken = schema.table_by_set_name
    set_name = draft.set_name.lower() if draft.set_name else set_name_of(kind.name, taken)
    if set_name in taken:
        raise DefinitionExists("entity set", set_name)
    has_state = any(isinstance(column, StateColumn) for column in columns.values())
    return Table(
        name=kind.name,
        schema_name=kind.schema_name,
        set_name=set_name,
        label=draft.label,
        label_plural=draft.label_plural,
        description=draft.description,
        ownership=kind.ownership,
        primary_id=kind.primary_id,
        primary_name=draft.primary_name.lower() or None,
        is_activity=kind.is_activity,
        collection_schema_name=set_name_of(kind.schema_name, ()),
        logical_collection_name=set_name,
        change_tracking=draft.change_tracking,
        audit=draft.audit,
        searched=draft.searched,
        enforces_transitions=draft.enforces_transitions,
        custom=True,
        solution=MADE_HERE,
        messages=messages_of(kind, has_state=has_state),
        events=events_of(kind),
        columns=dict(sorted(columns.items(), key=lambda item: item[1].schema_name.lower())),
    )


def _standard_relationships(schema: Schema, kind: Kind) -> Iterator[Relationship]:
    """The relationships of the standard lookups; an activity's id leads to its general row. [MT-5], [C-18]"""
    for column in schema.tables[kind.name].columns.values():
        if isinstance(column, LookupColumn):
            targets = ("owner",) if column.kind == "owner" else column.targets
        else:
            targets = (PARENT_OF_ACTIVITIES,) if kind.is_activity and column.name == kind.primary_id else ()
        for to in (name for name in targets if name in schema.tables):
            schema_name = relationship_name(kind, column.name, to)
            yield Relationship(
                schema_name=schema_name,
                referencing_table=kind.name,
                referencing_column=column.name,
                referencing_navigation=navigation_name(kind, column, to, alone=len(targets) == 1),
                referenced_table=to,
                referenced_column=schema.tables[to].primary_id,
                referenced_navigation=schema_name,
                cascades=cascades_of(column.name),
                custom=True,
            )


def _children(schema: Schema, parent: Kind | Table, words: Sequence[str]) -> list[Relationship]:
    """The automatic relationships of child tables to that table; activities made here are children too."""
    children = [child for word in words for child in GROUPS[word] if child.table in schema.tables]
    if ACTIVITIES in words:
        children += [
            Child(word=f"{table.name}s", table=table.name, cascades=PARENTAL, names_itself=True)
            for table in schema.tables.values()
            if table.is_activity and is_made_here(table) and table.name != parent.name
        ]
    return [child_relationship(child, parent) for child in children]


def _with_columns(schema: Schema, name: str, drafts: Sequence[NewColumn], option_prefix: int) -> Schema:
    # A formula looks at columns that must be there first.
    for draft in sorted(drafts, key=lambda draft: draft.column.formula is not None):
        schema = add_column(schema, name, draft, option_prefix)
    return schema
