"""Say under which names and in which form a column is stored.

In:        metadata.tables.Table, metadata.columns.Column
Out:       `StoredColumn`s, the names of indexes, and which tables are views
Not here:  the SQL type of a form (sql.dialects), values (store.codecs), CREATE TABLE (store.ddl)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, assert_never

import msgspec

from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    IdColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    ManagedPropertyColumn,
    MemoColumn,
    MoneyColumn,
    PartyListColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    VirtualColumn,
    YesNoColumn,
)
from verselet.metadata.tables import Key, Table

Kind: TypeAlias = Literal[
    "guid", "text", "code", "integer", "bigint", "float", "decimal", "datetime", "date", "yesno", "bytes"
]
"""The forms a value is stored in. `text` ignores letter case when compared; `code` is text that does not."""

LONGEST_NAME = 63
"""PostgreSQL cuts longer names of indexes, so both stores keep to it."""


_PlainColumn: TypeAlias = (
    IdColumn
    | FileColumn
    | TextColumn
    | MemoColumn
    | TableNameColumn
    | ChoicesColumn
    | IntegerColumn
    | ChoiceColumn
    | StateColumn
    | StatusColumn
    | BigIntColumn
    | FloatColumn
    | YesNoColumn
    | ManagedPropertyColumn
    | ImageColumn
)


class StoredColumn(msgspec.Struct, frozen=True):
    """One column of a table of the database.

    `scale` is the number of decimal digits of a `decimal`, which SQLite stores as a whole number times 10**scale.
    """

    name: str
    kind: Kind
    scale: int = 0


def stored_columns(_table: Table, column: Column) -> tuple[StoredColumn, ...]:
    """How a column is stored; empty for a column that exists in metadata only. [T-1] to [T-20]

    A lookup with several targets has a second column for the name of the target's table. [MT-1]
    The table is asked for because a column is only known within one; so far none decides by it.
    """
    match column:
        case PartyListColumn() | VirtualColumn():
            return ()
        case LookupColumn():
            return _stored_lookup(column)
        case DecimalColumn() | MoneyColumn():
            return (StoredColumn(column.name, "decimal", column.precision),)
        case DateTimeColumn():
            return (StoredColumn(column.name, "date" if column.behavior == "date_only" else "datetime"),)
        case _:
            return (StoredColumn(column.name, _plain_kind(column)),)


def _plain_kind(column: _PlainColumn) -> Kind:
    """The form of a column whose type says everything."""
    match column:
        case IdColumn() | FileColumn():
            return "guid"
        case TextColumn() | MemoColumn():
            return "text"
        case TableNameColumn() | ChoicesColumn():
            return "code"
        case IntegerColumn() | ChoiceColumn() | StateColumn() | StatusColumn():
            return "integer"
        case BigIntColumn():
            return "bigint"
        case FloatColumn():
            return "float"
        case YesNoColumn() | ManagedPropertyColumn():
            return "yesno"
        case ImageColumn():
            return "bytes"
        case _:
            assert_never(column)


def _stored_lookup(column: LookupColumn) -> tuple[StoredColumn, ...]:
    """The id, and the target's table where it can differ."""
    key = StoredColumn(column.name, "guid")
    return (key, StoredColumn(target_column(column.name), "code")) if column.is_polymorphic else (key,)


def target_column(name: str) -> str:
    """The stored column beside a polymorphic lookup: the logical name of the table it points to. [MT-1]"""
    return f"{name}__table"


def kept_name(name: str) -> str:
    """What stands beside a lookup of a retained row: the name that the row it points to had. [RET-6]"""
    return f"{name}@name"


COLUMNS_OF_OWNERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "systemuser": {"ownerid": "systemuserid", "name": "fullname", "yominame": "yomifullname"},
        "team": {"ownerid": "teamid", "name": "name", "yominame": "yominame"},
    }
)
"""Table of owners → column of the view `owner` → column that has its value; others are called the same."""


def is_view(table: Table) -> bool:
    """The table shows rows of other tables and stores none: `owner` and `activitypointer`."""
    return table.name in {"owner", "activitypointer"}


def primary_key_name(table: str) -> str:
    """The name a violation of the primary key is reported under."""
    return _shortened(f"pk_{table}")


def key_index_name(table: str, key: Key) -> str:
    """The unique index of an alternate key. [K-1]"""
    return _shortened(f"key_{table}_{key.name}")


def pair_index_name(intersect_table: str) -> str:
    """The unique index over the two ids of an intersect table. [MD-12]"""
    return _shortened(f"key_{intersect_table}_pair")


def index_name(table: str, column: str) -> str:
    """The index that finds rows by a column."""
    return _shortened(f"ix_{table}_{column}")


def _shortened(name: str) -> str:
    """A name no database cuts: long ones end in a digest of the whole."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]}_{digest}"
