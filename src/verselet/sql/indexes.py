"""Say which columns of a table are found by an index.

In:        a schema and its tables
Out:       lookups and names with an index, columns that are searched by all the same, columns that an index begins with
Not here:  the indexes as a database has them (store.layout)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from verselet.metadata.columns import LookupColumn, TextColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.sql.columns import stored_columns

SELDOM_ASKED: Final = frozenset(
    {
        "createdby",
        "createdonbehalfby",
        "modifiedby",
        "modifiedonbehalfby",
        "owningteam",
        "owninguser",
        "transactioncurrencyid",
    }
)
"""Lookups every row has and hardly anybody searches by: an index costs 5 µs per inserted row. [performance.md §6]"""

SEARCHED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = MappingProxyType(
    {
        "audit": (("createdon",), ("objectid",)),
        "principalobjectaccess": (("objectid",),),
        "asyncoperation": (("statecode", "sequence"), ("dependencytoken", "sequence")),
    }
)
"""Table → columns that are no lookups and are searched by all the same: a row that goes takes its shares along
[MSG-16], a row has a history and what is old goes [JOB-40], [JOB-45], the next job is found among many that are done.
[EVT-64]"""


SELDOM_LISTED: Final = frozenset({"asyncoperation"})
"""Tables that hardly anybody lists by name although their rows have one, and that are written all the time; those that
grow are others."""

MOST_LETTERS: Final = 400
"""A longer name may be too long for an index of PostgreSQL."""


def indexed_name(table: Table) -> TextColumn | None:
    """The column with the names of the rows, where an index begins with it: views sort by it, and rows are found by it.

    [performance.md §6]
    """
    column = table.columns.get(table.primary_name or "")
    is_listed = not table.grows and table.name not in SELDOM_LISTED
    return column if is_listed and isinstance(column, TextColumn) and column.max_length <= MOST_LETTERS else None


def indexed_lookups(schema: Schema, table: Table) -> Iterator[LookupColumn]:
    """The lookups that an index begins with."""
    for column in table.columns.values():
        is_asked = column.name not in SELDOM_ASKED and (table.name, column.name) in schema.by_column
        if isinstance(column, LookupColumn) and is_asked:
            yield column


def first_columns(schema: Schema, table: Table) -> frozenset[str]:
    """The stored columns that some index begins with: a value of theirs leads to its rows."""
    found = {table.primary_id, *[column.name for column in indexed_lookups(schema, table)]}
    found |= {names[0] for names in SEARCHED.get(table.name, ())}
    found |= {stored_columns(table, table.columns[key.columns[0]])[0].name for key in table.keys}
    name = indexed_name(table)
    if name is not None:
        found.add(name.name)
    if table.is_tracked:
        found.add("versionnumber")
    return frozenset(found)
