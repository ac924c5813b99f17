"""Read rows that come with other rows in them.

In:        a JSON object with nested objects, lists of them, and lists of binds
Out:       `Create` with what is made before, after and beside it
Not here:  the columns of one row (operations.reading)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from verselet.errors import BodyRefused, ResourceNotFound
from verselet.messages.request import Companions, Create, Linked, Paired, Related, RowKey
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.reading import BIND, RowReader, read_reference
from verselet.query.collections import link_of
from verselet.values import Reference

ReaderOf: TypeAlias = Callable[[Table], RowReader]

MAX_LEVELS = 7
"""Rows within rows within rows: as deep as messages may send messages. [EVT-9]"""


def read_create(reader_of: ReaderOf, table: Table, body: Mapping[str, object], level: int = 1) -> Create:
    """The row a body describes, with all rows in it. [C-9]

    Raises:
        BodyRefused: as `RowReader.read`, at any level; too many levels.
    """
    reader = reader_of(table)
    if level > MAX_LEVELS:
        raise BodyRefused(table.set_name, f"Rows are nested deeper than {MAX_LEVELS} levels.")
    row, others = reader.read_with_others(body)
    if not others:
        return Create(row)
    parents: list[Related] = []
    children: list[Related] = []
    pairs: list[Paired] = []
    links: list[Linked] = []
    for name, given in others.items():
        if isinstance(given, Mapping):
            relationship = reader.schema.to_one[table.name][name]
            if not table.columns[relationship.referencing_column].create:
                # Columns that are only read are left out in silence. [T-21]
                continue
            target = reader.schema.tables[relationship.referenced_table]
            inner = read_create(reader_of, target, given, level + 1)
            parents.append(Related(relationship.referencing_column, inner))
        elif isinstance(given, list) and name.endswith(BIND):
            links += [_link(reader.schema, table, name.removesuffix(BIND), item) for item in given]
        elif isinstance(given, list):
            objects = _objects(table, name, given)
            link = link_of(reader.schema, table, name)
            if link is None:
                raise ResourceNotFound(name, reader.schema.to_many[table.name])
            made = [read_create(reader_of, reader.schema.tables[link.table], one, level + 1) for one in objects]
            if link.intersect is None:
                children += [Related(link.inner_column, one) for one in made]
            else:
                pairs += [Paired(name, one) for one in made]
    return Create(row, Companions(tuple(parents), tuple(children), tuple(pairs), tuple(links)))


def _objects(table: Table, navigation: str, items: list[object]) -> list[Mapping[str, object]]:
    """The new rows of a collection."""
    found = [item for item in items if isinstance(item, Mapping)]
    if len(found) < len(items):
        raise BodyRefused(table.set_name, f"Each item of '{navigation}' must be an object.")
    return found


def _link(schema: Schema, table: Table, navigation: str, item: object) -> Linked:
    if not isinstance(item, str):
        raise BodyRefused(table.set_name, f"Each item of '{navigation}{BIND}' must be the address of a row.")
    found = read_reference(schema, item)
    key = RowKey(found.id) if isinstance(found, Reference) else RowKey(None, found.values)
    return Linked(navigation, found.table, key)
