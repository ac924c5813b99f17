"""Say how the tables of a database would be spread over several machines, and what stands against it.

In:        a schema, and the layout of a database for it
Out:       `Placed` for each table: where its rows would lie, the statement, what would be refused
Not here:  spreading them, which no database here has tried; which tables grow (their files say so)

The rules are those of Citus for PostgreSQL: rows lie where the hash of one column says; that column has a value, never
changes, and is part of everything that must be unique; tables that are joined lie by the same value, or whole on every
machine. The only column of a table that is all of this is its id, so tables that grow lie by their ids, and what
relates two of them lies apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from verselet.metadata.schema import Schema
from verselet.sql.dialects import quoted
from verselet.store.layout import Layout
from verselet.store.own_tables import OWN_TABLES

Kind = Literal["distributed", "reference", "local"]

OWN: Final = tuple(OWN_TABLES)
"""The server's own tables. They stay on the machine that is asked: nothing is joined to them."""

QUESTIONS: Final = (
    ("the rows a caller sees: shares and roles beside any table", "taken: those tables are on every machine"),
    ("a row by its id", "taken: one machine answers"),
    ("a page by the id of the parent row", "taken, but every machine is asked"),
    ("rows of two tables that lie apart, one below the other", "refused inside a correlated subquery"),
    ("claims of jobs (FOR UPDATE SKIP LOCKED)", "taken: the jobs are on every machine"),
    ("the number of the next version", "taken: the machine that is asked counts"),
)
"""What the server asks, and how Citus takes it."""


class Placed(msgspec.Struct, frozen=True):
    """One table: where its rows would lie, the statement that says so, what would be refused and why."""

    table: str
    kind: Kind
    statement: str
    refused: tuple[str, ...] = ()


def distribution_of(schema: Schema, layout: Layout) -> tuple[Placed, ...]:
    """How every table would lie; those that are spread come first."""
    grows = {name: name in schema.tables and schema.tables[name].grows for name in sorted(layout.tables)}
    spread = [_distributed(name, schema, layout) for name, is_spread in grows.items() if is_spread]
    others = [
        Placed(name, "reference", f"SELECT create_reference_table({_text(name)});")
        for name, is_spread in grows.items()
        if not is_spread
    ]
    return (*spread, *others, *[Placed(name, "local", "") for name in OWN])


def _distributed(name: str, schema: Schema, layout: Layout) -> Placed:
    key = layout.tables[name].primary_key
    statement = f"SELECT create_distributed_table({_text(name)}, '{key}');"
    return Placed(name, "distributed", statement, (*_not_unique(name, key, layout), *_apart(name, schema)))


def _not_unique(name: str, key: str, layout: Layout) -> Iterator[str]:
    """What no machine could see to be unique."""
    for index in layout.indexes.values():
        names = [one.name for one in index.columns]
        if index.table == name and index.unique and key not in names:
            yield f"what must be unique ({', '.join(names)}) does not contain {key}"


def _apart(name: str, schema: Schema) -> Iterator[str]:
    """The ways to rows that grow too: they lie by their own ids."""
    for relationship in schema.relationships:
        if relationship.referencing_table == name and schema.tables[relationship.referenced_table].grows:
            other, column = relationship.referenced_table, relationship.referencing_column
            yield f"questions that lead over {column} to {other} or back: the rows of both lie apart"


def _text(name: str) -> str:
    return f"'{quoted(name)}'"
