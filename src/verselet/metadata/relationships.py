"""Find all one-to-many relationships of a schema.

In:        the drafts of all tables: what their files write, what their kinds give, their children
Out:       relationships, sorted by schema name; names that occur twice or lead nowhere are refused
Not here:  many-to-many relationships (metadata.assembly), the patterns (metadata.system, metadata.children)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from verselet.metadata.children import DELETED, GROUPS, child_relationship, children_of_kind
from verselet.metadata.columns import Column, IdColumn, LookupColumn
from verselet.metadata.drafts import Draft
from verselet.metadata.files import (
    DUPLICATE,
    UNKNOWN_NAME,
    InlineRelationship,
    RelationshipFile,
    refuse,
)
from verselet.metadata.system import CASCADES, cascades_of, navigation_name, relationship_name
from verselet.metadata.tables import Cascades, Relationship


def relate(drafts: Mapping[str, Draft]) -> list[Relationship]:
    """All relationships between the tables.

    Raises:
        OperatorError: VS2203 unknown table, column or child, VS2204 a name that occurs twice.
    """
    found: dict[str, Relationship] = {}
    seen: set[tuple[str, str]] = set()
    for draft in drafts.values():
        for relationship in (*_written(draft, drafts), *_inline(draft, drafts), *_children(draft, drafts)):
            _check_names(relationship, found, seen, draft.path)
            found[relationship.schema_name] = relationship
    return [found[name] for name in sorted(found, key=str.lower)]


def _check_names(
    relationship: Relationship, found: Mapping[str, Relationship], seen: set[tuple[str, str]], path: Path
) -> None:
    """Refuse a schema name or a navigation name that is taken."""
    name = relationship.schema_name
    if name in found:
        refuse(DUPLICATE, path, name, f"a relationship of `{found[name].referencing_table}` is called so already")
    for table, navigation in (
        (relationship.referencing_table, relationship.referencing_navigation),
        (relationship.referenced_table, relationship.referenced_navigation),
    ):
        if (table, navigation) in seen:
            refuse(DUPLICATE, path, name, f"`{table}` has a navigation `{navigation}` already")
        seen.add((table, navigation))


def _written(draft: Draft, drafts: Mapping[str, Draft]) -> Iterator[Relationship]:
    """The relationships of the `[relationships]` section."""
    for name, file in draft.file.relationships.items():
        key = f"relationships.{name}"
        column = draft.columns.get(file.column)
        if not isinstance(column, LookupColumn | IdColumn):
            refuse(UNKNOWN_NAME, draft.path, f"{key}.column", f"there is no lookup `{file.column}`")
        if file.to not in drafts:
            refuse(UNKNOWN_NAME, draft.path, f"{key}.to", f"there is no table `{file.to}`")
        yield Relationship(
            schema_name=name,
            referencing_table=draft.kind.name,
            referencing_column=file.column,
            referencing_navigation=file.navigation or navigation_name(draft.kind, column, file.to, alone=False),
            referenced_table=file.to,
            referenced_column=drafts[file.to].kind.primary_id,
            referenced_navigation=file.collection or name,
            cascades=_cascades(file, file.column),
            menu=file.menu,
            customizable=file.customizable,
            hierarchical=file.hierarchical,
            custom=draft.kind.custom or column.custom,
        )


def _inline(draft: Draft, drafts: Mapping[str, Draft]) -> Iterator[Relationship]:
    """The relationships of lookups that the section does not list, one per target; the owner's leads to `owner`."""
    listed = {file.column for file in draft.file.relationships.values()}
    for name, column in draft.columns.items():
        targets = () if name in listed else _targets(draft, column)
        inline = draft.written[name].relationship if name in draft.written else InlineRelationship()
        for to in targets:
            if to not in drafts:
                refuse(UNKNOWN_NAME, draft.path, f"columns.{name}.targets", f"there is no table `{to}`")
            own = inline if len(targets) == 1 else InlineRelationship(cascade=inline.cascade)
            schema_name = own.relationship or relationship_name(draft.kind, name, to)
            navigation = own.navigation or navigation_name(draft.kind, column, to, alone=len(targets) == 1)
            yield Relationship(
                schema_name=schema_name,
                referencing_table=draft.kind.name,
                referencing_column=name,
                referencing_navigation=navigation,
                referenced_table=to,
                referenced_column=drafts[to].kind.primary_id,
                referenced_navigation=own.collection or schema_name,
                cascades=_cascades(own, name),
                hierarchical=own.hierarchical,
                custom=draft.kind.custom or column.custom,
            )


def _targets(draft: Draft, column: Column) -> tuple[str, ...]:
    """The tables a column leads to; an activity's id leads to its general row. [MT-5], [C-18]"""
    if isinstance(column, LookupColumn):
        return ("owner",) if column.kind == "owner" else column.targets
    return ("activitypointer",) if draft.kind.is_activity and column.name == "activityid" else ()


def _cascades(file: RelationshipFile | InlineRelationship, column: str) -> Cascades:
    """The cascades a file means: a word, a table, or nothing."""
    if isinstance(file.cascade, Cascades):
        return file.cascade
    return cascades_of(column) if file.cascade is None else CASCADES[file.cascade]


def _children(draft: Draft, drafts: Mapping[str, Draft]) -> Iterator[Relationship]:
    """The automatic relationships of loaded child tables to this table."""
    words: Iterable[str] = children_of_kind(draft.kind) if draft.file.children is None else draft.file.children
    # Rows of a pair are never deleted for themselves.
    always = () if draft.kind.is_intersect else (DELETED,)
    for word in (*words, *always):
        if word not in GROUPS:
            refuse(UNKNOWN_NAME, draft.path, "children", f"`{word}` is no kind of child")
        for child in GROUPS[word]:
            if child.table in drafts:
                yield child_relationship(child, draft.kind)
