"""Read rows that come with other rows in them.

In:        a JSON object with nested objects, lists of them, and lists of binds
Out:       `Create` with what is made before, after and beside it
Not here:  the columns of one row (operations.reading)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from verselet.errors import BodyRefused, NotSupportedHere
from verselet.messages.request import Create, Linked, Related, RowKey
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
        NotSupportedHere: new rows in a many-to-many collection.
    """
    reader = reader_of(table)
    if level > MAX_LEVELS:
        raise BodyRefused(table.set_name, f"Rows are nested deeper than {MAX_LEVELS} levels.")
    row, others = reader.read_with_others(body)
    parents: list[Related] = []
    children: list[Related] = []
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
            children += _children(reader_of, reader, name, given, level)
    return Create(row, tuple(parents), tuple(children), tuple(links))


def _children(reader_of: ReaderOf, reader: RowReader, name: str, items: list[object], level: int) -> list[Related]:
    link = link_of(reader.schema, reader.table, name)
    if link is None or link.intersect is not None:
        raise NotSupportedHere(f"New rows in the many-to-many collection '{name}'")
    target = reader.schema.tables[link.table]
    found = []
    for item in items:
        if not isinstance(item, Mapping):
            raise BodyRefused(reader.table.set_name, f"Each item of '{name}' must be an object.")
        found.append(Related(link.inner_column, read_create(reader_of, target, item, level + 1)))
    return found


def _link(schema: Schema, table: Table, navigation: str, item: object) -> Linked:
    if not isinstance(item, str):
        raise BodyRefused(table.set_name, f"Each item of '{navigation}{BIND}' must be the address of a row.")
    found = read_reference(schema, item)
    key = RowKey(found.id) if isinstance(found, Reference) else RowKey(None, found.values)
    return Linked(navigation, found.table, key)
