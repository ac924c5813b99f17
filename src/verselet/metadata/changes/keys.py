"""Add alternate keys and take them away.

In:        a schema and a draft
Out:       a new schema
Not here:  the unique index, and rows that contradict it (store)
"""

from __future__ import annotations

from msgspec import structs

from verselet.errors import DefinitionExists, InvalidArgument, KeyColumnSecured, NotFound
from verselet.metadata.changes.drafts import NewKey
from verselet.metadata.changes.editing import column_named, open_table, table_named, with_tables
from verselet.metadata.changes.naming import LONGEST_RELATIONSHIP_NAME, logical_name
from verselet.metadata.columns import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    IntegerColumn,
    LookupColumn,
    TextColumn,
)
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Key

MOST_KEYS = 10
MOST_COLUMNS = 16
MOST_BYTES = 900
"""What a table's keys, and one key, may have. [K-3]"""

_BYTES = {DecimalColumn: 17, IntegerColumn: 4, DateTimeColumn: 8, LookupColumn: 16, ChoiceColumn: 4}


def add_key(schema: Schema, table_name: str, draft: NewKey) -> Schema:
    """The schema with an alternate key. [MW-10]

    Raises:
        DefinitionExists: a key of that name, or on the same columns. [MW-14]
        InvalidArgument: too many keys or columns, or a column of a type that cannot name rows. [K-3]
        NotFound: a column that is not there.
        KeyColumnSecured: a column that is secured. [SEC-100]
    """
    table = open_table(schema, table_name)
    name = logical_name(draft.schema_name, "key", LONGEST_RELATIONSHIP_NAME)
    if any(key.name == name for key in table.keys):
        raise DefinitionExists("key", name, table_name)
    if len(table.keys) >= MOST_KEYS:
        raise InvalidArgument(f"The table '{table_name}' has {MOST_KEYS} keys already; more are not possible.")
    if not draft.columns or len(draft.columns) > MOST_COLUMNS or len(set(draft.columns)) < len(draft.columns):
        raise InvalidArgument(f"A key needs one to {MOST_COLUMNS} different columns.")
    columns = [column_named(schema, table_name, column) for column in draft.columns]
    size = sum(_size(table_name, column) for column in columns)
    if size > MOST_BYTES:
        raise InvalidArgument(f"The columns of the key '{name}' take {size} bytes; {MOST_BYTES} are possible.")
    for key in table.keys:
        if set(key.columns) == set(draft.columns):
            raise DefinitionExists("key", key.name, table_name)
    for column in columns:
        if column.is_secured:
            raise KeyColumnSecured(column.name, name)
    key = Key(name=name, schema_name=draft.schema_name, label=draft.label, columns=tuple(draft.columns), made_here=True)
    return with_tables(schema, structs.replace(table, keys=(*table.keys, key)))


def key_named(schema: Schema, table_name: str, name: str) -> Key:
    """The key of that logical name.

    Raises:
        NotFound: there is none.
    """
    for key in table_named(schema, table_name).keys:
        if key.name == name:
            return key
    raise NotFound(f"Could not find a key with the name '{name}' in the table '{table_name}'.")


def remove_key(schema: Schema, table_name: str, name: str) -> Schema:
    """The schema without a key. [MW-7]

    Raises:
        NotFound: no such key.
        InvalidArgument: it came with the table.
    """
    gone = key_named(schema, table_name, name)
    if not gone.made_here:
        raise InvalidArgument(f"The key '{name}' of '{table_name}' is a system key and cannot be deleted.")
    table = schema.tables[table_name]
    return with_tables(schema, structs.replace(table, keys=tuple(key for key in table.keys if key is not gone)))


def _size(table_name: str, column: Column) -> int:
    """The bytes a column takes in a key."""
    if column.source_type != "simple" or not column.read or column.attribute_of is not None:
        raise InvalidArgument(f"The column '{column.name}' of '{table_name}' is not suitable for a key.")
    match column:
        case TextColumn():
            return 2 * column.max_length
        case DecimalColumn() | IntegerColumn() | DateTimeColumn() | LookupColumn() | ChoiceColumn():
            return _BYTES[type(column)]
        case _:
            raise InvalidArgument(
                f"The column '{column.name}' of '{table_name}' is not suitable for a key: keys take text, whole and "
                "decimal numbers, dates, lookups and choices."
            )
