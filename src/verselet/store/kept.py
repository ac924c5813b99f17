"""Hold some retained rows of one table as a database, so that they are asked as active ones are.

In:        a table; stored values of rows by the names of their columns
Out:       `KeptRows`
Not here:  which rows, and what their values are (operations.retention.reading)

Beside each lookup stands the name that it had. [RET-6] There is no other table.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Table
from verselet.sql.columns import StoredColumn, kept_name
from verselet.sql.dialects import SQLITE
from verselet.sql.retention import kept_insert_sql
from verselet.store.ddl import create_table
from verselet.store.engine import STATEMENT_LIMIT_S
from verselet.store.layout import TableLayout, table_layout
from verselet.store.session import Session
from verselet.store.sqlite import SqliteStore
from verselet.values import Stored

CELL_BYTES: Final = 16
"""What a cell takes at least."""


class KeptRows:
    """A table in memory, of about so many bytes. Any thread may add to it and read it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.size_bytes = 0
        self._store = SqliteStore(None, STATEMENT_LIMIT_S)
        found = table_layout(table)
        names = [StoredColumn(kept_name(name), "text") for name in table.columns if _points(table, name)]
        layout = TableLayout(found.primary_key, (*found.columns, *names), found.generated)
        with self._store.begin() as session:
            session.run_script(create_table(table.name, layout, SQLITE))

    def add(self, names: Sequence[str], rows: Sequence[Sequence[Stored]]) -> None:
        """Add rows: a value for each of the names. One with the same id goes."""
        with self._store.begin() as session:
            session.run_many(kept_insert_sql(self.table.name, tuple(names)), rows)
        texts = sum(len(value) for row in rows for value in row if isinstance(value, str | bytes))
        self.size_bytes += texts + CELL_BYTES * sum(map(len, rows))

    def fetch(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one reading statement."""
        return self._store.fetch(text, values)

    def read(self) -> AbstractContextManager[Session]:
        """Several statements that see one state."""
        return self._store.read()


def _points(table: Table, name: str) -> bool:
    return isinstance(table.columns[name], LookupColumn)
