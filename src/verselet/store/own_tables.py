"""Say which tables the server keeps for itself, and what each of their columns holds.

In:        nothing
Out:       `OWN_TABLES`
Not here:  making them (store.migrations), tables that follow the schema (store.layout)

The counters are not among them: PostgreSQL has sequences for the versions of rows and for automatic numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.sql.bin import BIN
from verselet.sql.columns import Kind, StoredColumn

NUMBERS: Final = "verselet_number"


def _columns(texts: str, **others: Kind) -> tuple[StoredColumn, ...]:
    plain = [StoredColumn(name, "code") for name in texts.split()]
    return (*plain, *[StoredColumn(name, kind) for name, kind in others.items()])


OWN_TABLES: Final[Mapping[str, tuple[StoredColumn, ...]]] = MappingProxyType({
    BIN: _columns("table_name row_id group_id deleted_at content", is_top="yesno"),
    "verselet_credential": _columns("kind name content expires_at"),
    "verselet_definition": _columns("kind name content"),
    "verselet_deleted": _columns("table_name row_id deleted_at", version="bigint"),
    "verselet_file": _columns(
        "id table_name column_name row_id name mime_type began_at", size_bytes="bigint"
    ),
    "verselet_file_part": _columns("file_id block", start="bigint", size_bytes="integer", content="bytes"),
    "verselet_generation": _columns("kind", value="bigint"),
    "verselet_meta": _columns("key value"),
    NUMBERS: _columns("table_name column_name", seed="bigint", next="bigint"),
})  # fmt: skip
"""Table → its columns. What names a row stands first."""
