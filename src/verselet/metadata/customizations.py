"""Say what was changed in an organization, in pieces that can be kept, and put it back onto a newer schema.

In:        two schemas, one before and one after a change; or the schema of the built-in solutions and the kept pieces
Out:       `differences`: pieces to keep and to forget; `customized`: the schema with the pieces
Not here:  where pieces are kept (store.bookkeeping), the changes themselves (metadata.changes)

A piece is one definition: a table without its columns, a column, a key, a relationship, a global choice; also the texts
of a label in further languages, and the languages there are. What came with a solution and was not changed is no piece,
so a later version of the solution reaches the organization.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec import structs

from verselet.metadata.changes.editing import targets_extended
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.languages import LabelName, Texts
from verselet.metadata.schema import Schema
from verselet.metadata.tables import MADE_HERE, Key, ManyToMany, Relationship, Table

S = TypeVar("S", bound=msgspec.Struct)

PieceName: TypeAlias = tuple[str, str]
"""The kind of a piece and its name: `("column", "account.new_code")`."""

LANGUAGES: Final[PieceName] = ("languages", "")
LABEL: Final = "label"

_CHANGEABLE = (
    "label",
    "label_plural",
    "description",
    "change_tracking",
    "audit",
    "retention",
    "searched",
    "enforces_transitions",
    "primary_image",
)
"""What somebody can change of a table that came with a solution."""


def differences(old: Schema, new: Schema) -> tuple[dict[PieceName, bytes], list[PieceName]]:
    """The pieces that are new or changed, written as JSON, and the names of those that are gone."""
    before, after = dict(_pieces(old, new)), dict(_pieces(new, old))
    kept = {
        name: msgspec.json.encode(piece)
        for name, piece in after.items()
        if name not in before or _differ(before[name], piece)
    }
    return kept, [name for name in before if name not in after]


def customized(schema: Schema, kept: Mapping[PieceName, bytes]) -> Schema:
    """The schema with the pieces that were kept.

    A piece of a table that no longer comes with any solution is left out.
    """
    if not kept:
        return schema
    tables = dict(schema.tables)
    for table in _read(kept, "table", Table):
        tables[table.name] = _with_facts(tables.get(table.name), table)
    for (kind, name), text in sorted(kept.items()):
        table_name = name.partition(".")[0]
        if table_name in tables and kind in {"column", "key"}:
            tables[table_name] = _with_part(tables[table_name], kind, text)
    relationships = {found.schema_name: found for found in schema.relationships}
    added = [found for found in _read(kept, "relationship", Relationship) if _is_whole(found, tables)]
    relationships |= {found.schema_name: found for found in added}
    pairs = {found.schema_name: found for found in schema.many_to_many}
    both = (pair for pair in _read(kept, "pair", ManyToMany) if {pair.table1, pair.table2} <= set(tables))
    pairs |= {pair.schema_name: pair for pair in both}
    choices = dict(schema.choices) | {choice.name: choice for choice in _read(kept, "choice", GlobalChoice)}
    changed = structs.replace(
        schema,
        tables={name: _in_order(table) for name, table in sorted(tables.items())},
        relationships=tuple(sorted(relationships.values(), key=lambda found: found.schema_name.lower())),
        many_to_many=tuple(sorted(pairs.values(), key=lambda pair: pair.schema_name)),
        choices=dict(sorted(choices.items())),
        languages=msgspec.json.decode(kept.get(LANGUAGES, b"[]"), type=tuple[int, ...]),
        translations=_labels(kept),
    )
    return targets_extended(changed, added)


def _labels(kept: Mapping[PieceName, bytes]) -> dict[LabelName, Texts]:
    return {
        tuple(name.split("/")): msgspec.json.decode(text, type=dict[int, str])
        for (kind, name), text in sorted(kept.items())
        if kind == LABEL
    }


def _pieces(schema: Schema, other: Schema) -> Iterator[tuple[PieceName, object]]:
    """The pieces of a schema, without those that both schemas share as the same object."""
    for name, table in schema.tables.items():
        other_table = other.tables.get(name)
        if table is not other_table:
            yield ("table", name), structs.replace(table, columns={}, keys=())
            yield from _parts(table, other_table.columns if other_table is not None else {})
    if schema.relationships is not other.relationships:
        for relationship in schema.relationships:
            yield ("relationship", relationship.schema_name), relationship
    if schema.many_to_many is not other.many_to_many:
        for pair in schema.many_to_many:
            yield ("pair", pair.schema_name), pair
    if schema.choices is not other.choices:
        for choice in schema.choices.values():
            yield ("choice", choice.name), choice
    yield from _languages(schema)


def _languages(schema: Schema) -> Iterator[tuple[PieceName, object]]:
    if schema.languages:
        yield LANGUAGES, schema.languages
    for label, texts in schema.translations.items():
        yield (LABEL, "/".join(label)), texts


def _parts(table: Table, others: Mapping[str, Column]) -> Iterator[tuple[PieceName, object]]:
    for column in table.columns.values():
        if column is not others.get(column.name):
            yield ("column", f"{table.name}.{column.name}"), column
    for key in table.keys:
        yield ("key", f"{table.name}.{key.name}"), key


def _differ(old: object, new: object) -> bool:
    """The piece must be kept anew. What a shipped lookup can point to follows from the relationships. [MT-1]"""
    if isinstance(old, LookupColumn) and isinstance(new, LookupColumn) and not new.made_here:
        return structs.replace(old, targets=new.targets) != new
    return old is not new and old != new


def _with_facts(shipped: Table | None, kept: Table) -> Table:
    """A table made here as it was kept; of a shipped one only what somebody can change."""
    if shipped is None or kept.solution == MADE_HERE:
        return kept
    return structs.replace(shipped, **{name: getattr(kept, name) for name in _CHANGEABLE})


def _with_part(table: Table, kind: str, text: bytes) -> Table:
    """The table with one more column or key. Tables are built up here, so their columns are not in order yet."""
    if kind == "key":
        key = msgspec.json.decode(text, type=Key)
        return structs.replace(table, keys=(*(found for found in table.keys if found.name != key.name), key))
    column: Column = msgspec.json.decode(text, type=Column)
    return structs.replace(table, columns={**table.columns, column.name: column})


def _in_order(table: Table) -> Table:
    in_order = sorted(table.columns.values(), key=lambda column: column.schema_name.lower())
    return structs.replace(table, columns={column.name: column for column in in_order})


def _is_whole(relationship: Relationship, tables: Mapping[str, Table]) -> bool:
    """Both tables and the column are there."""
    referencing = tables.get(relationship.referencing_table)
    return (
        referencing is not None
        and relationship.referencing_column in referencing.columns
        and relationship.referenced_table in tables
    )


def _read(kept: Mapping[PieceName, bytes], kind: str, made: type[S]) -> Iterable[S]:
    """The pieces of one kind."""
    return [msgspec.json.decode(text, type=made) for (found, _), text in sorted(kept.items()) if found == kind]
