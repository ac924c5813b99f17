"""Read what stands in the parentheses after a set as a key of its table.

In:        names and literals
Out:       `RowKey`: an id, or the columns of an alternate key with typed values
Not here:  finding the row (operations.finding)
"""

from __future__ import annotations

from verselet.errors import KeyRefused, QueryRefused
from verselet.messages.request import RowKey
from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Table
from verselet.query.odata.keys import KeyText
from verselet.query.tree import Literal
from verselet.query.typing_literals import value_of
from verselet.values import Reference, Value


def row_key(table: Table, text: KeyText) -> RowKey:
    """The key of a row.

    Raises:
        KeyRefused: the names are those of no key. [E-5], [K-4]
        QueryRefused: a value is of the wrong type.
    """
    if text.id is not None:
        return RowKey(text.id)
    names = {_column_name(table, name): literal for name, literal in text.values}
    if set(names) == {table.primary_id} and table.name not in {"systemuser", "team"}:
        value = value_of(table.columns[table.primary_id], *_kind_and_text(names[table.primary_id]))
        return RowKey(str(value))
    if not any(set(key.columns) == set(names) for key in table.keys):
        raise KeyRefused(table.name)
    values: list[tuple[str, Value]] = []
    for name, literal in names.items():
        column = table.columns[name]
        value = value_of(column, *_kind_and_text(literal))
        if isinstance(column, LookupColumn):
            value = Reference(column.targets[0], str(value))
        values.append((name, value))
    return RowKey(None, tuple(values))


def _kind_and_text(literal: Literal) -> tuple[str, str]:
    if literal.kind == "null":
        raise QueryRefused("A key value cannot be null.")
    return literal.kind, literal.text


def _column_name(table: Table, name: str) -> str:
    if name.startswith("_") and name.endswith("_value"):
        # A lookup in a key is named by its property. [K-2]
        name = name[1:-6]
    if name not in table.columns:
        raise KeyRefused(table.name)
    return name
