"""Turn a row in the recycle bin of one database into that of another.

In:        the columns of a table, its row as one JSON object
Out:       `content_carrier`
Not here:  how databases write such rows (sql.bin), rows that are not deleted (store.carrying)

Both write the same row in their own way: SQLite its whole numbers and bytes as digits, PostgreSQL what JSON has for
each of its types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import msgspec

from verselet.sql.columns import Kind, StoredColumn
from verselet.sql.dialects import Dialect
from verselet.store.codecs import Carry, carrier
from verselet.values import Stored

Form: TypeAlias = Callable[[Any], Any]
Name: TypeAlias = Literal["sqlite", "postgresql"]

_READ: Final[Mapping[tuple[Name, Kind], Form]] = MappingProxyType(
    {
        ("sqlite", "bytes"): lambda text: bytes.fromhex(text) if text else None,
        ("sqlite", "float"): float,
        ("postgresql", "bytes"): lambda text: bytes.fromhex(text.removeprefix("\\x")),
        ("postgresql", "float"): float,
        ("postgresql", "decimal"): Decimal,
        ("postgresql", "datetime"): lambda text: f"{text[:19]}Z",
    }
)
"""What stands in the JSON → what the database would hold. Others are the same."""

_WRITTEN: Final[Mapping[tuple[Name, Kind], Form]] = MappingProxyType(
    {
        ("sqlite", "bytes"): lambda content: content.hex().upper(),
        ("sqlite", "yesno"): int,
        ("postgresql", "bytes"): lambda content: f"\\x{content.hex()}",
        ("postgresql", "datetime"): lambda text: f"{text[:19]}+00:00",
    }
)
"""What the database would hold → what stands in the JSON."""

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def content_carrier(columns: Iterable[StoredColumn], source: Dialect, target: Dialect) -> Callable[[str], str]:
    """A function from the JSON of one database to that of another.

    The function raises ValueError or TypeError for a value that is none of its column; its text begins with its name.
    """
    ways = {column.name: _way(column, source, target) for column in columns}

    def carry(content: str) -> str:
        row: dict[str, Any] = json.loads(content, parse_float=Decimal)
        for name, value in row.items():
            if value is not None and name in ways:
                try:
                    row[name] = ways[name](value)
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{name}: {error}") from error
        return _ENCODER.encode(row).decode()

    return carry


def _way(column: StoredColumn, source: Dialect, target: Dialect) -> Carry:
    read = _READ.get((source.name, column.kind), _as_it_is)
    carried = carrier(column, source, target)
    written = _WRITTEN.get((target.name, column.kind), _as_it_is)

    def way(value: Stored) -> Stored:
        found = read(value)
        return None if found is None else written(carried(found))

    return way


def _as_it_is(value: Any) -> Any:
    return value
