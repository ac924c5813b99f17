"""Write rows of a table as the recycle bin keeps them, and read them as rows of that table again.

In:        a table, a dialect
Out:       `bin_source`: what stands behind FROM for the deleted rows; `content_of`: a row as one JSON object
Not here:  which rows are kept (operations.rules.keeping), running (store.recycle_bin)

Each value stands under the name of its stored column, so a row fits the table also after the table got other columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from verselet.metadata.tables import Table
from verselet.sql.columns import StoredColumn, stored_columns
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import text_literal

BIN: Final = "verselet_bin"
AT_ONCE: Final = 60
"""Columns of one call: SQLite's functions take a limited number of values."""


@lru_cache(maxsize=1024)
def bin_source(table: Table, dialect: Dialect, condition: str = "") -> str:
    """A subquery with the columns of the table and its rows in the bin; a condition speaks of `kept`. [BIN-6]"""
    where = f"kept.table_name = {text_literal(table.name)}{f' AND {condition}' if condition else ''}"
    if dialect.name == "postgresql":
        record = f"jsonb_populate_record(NULL::{quoted(table.name)}, kept.content)"
        return f"(SELECT was.* FROM {BIN} kept CROSS JOIN LATERAL {record} was WHERE {where})"
    names = ", ".join([f"{_read(stored)} AS {quoted(stored.name)}" for stored in _stored(table)])
    return f"(SELECT {names} FROM {BIN} kept WHERE {where})"


def content_of(table: Table, dialect: Dialect) -> str:
    """The row `gone` as one JSON object with all its columns."""
    if dialect.name == "postgresql":
        return "to_jsonb(gone)"
    columns = _stored(table)
    parts = [_object(columns[at : at + AT_ONCE]) for at in range(0, len(columns), AT_ONCE)]
    text = parts[0]
    for part in parts[1:]:
        text = f"json_patch({text}, {part})"
    return text


def _object(columns: Sequence[StoredColumn]) -> str:
    return f"json_object({', '.join([f'{text_literal(stored.name)}, {_written(stored)}' for stored in columns])})"


def _written(stored: StoredColumn) -> str:
    """JSON holds no bytes."""
    value = f"gone.{quoted(stored.name)}"
    return f"hex({value})" if stored.kind == "bytes" else value


def _read(stored: StoredColumn) -> str:
    """The value as the table would hold it; texts compare like its own. [F-3]"""
    path = text_literal('$."' + stored.name + '"')
    value = f"kept.content ->> {path}"
    match stored.kind:
        case "bytes":
            return f"unhex(nullif({value}, ''))"
        case "text":
            return f"({value}) COLLATE NOCASE"
        case _:
            return f"({value})"


def _stored(table: Table) -> list[StoredColumn]:
    return [stored for column in table.columns.values() for stored in stored_columns(table, column)]
