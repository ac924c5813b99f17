"""Turn values of columns into what a database stores, and back.

In:        verselet.values.Value, one column at a time
Out:       verselet.values.Stored
Not here:  rounding and bounds (operations.rules), JSON (sql, web)

`row_encoder`, `decoder`, `operand` and `carrier` look the columns up once and return a function for their values, so
that nothing is decided per row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from functools import lru_cache
from typing import TypeAlias, assert_never

from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.tables import Table
from verselet.sql.columns import Kind, StoredColumn, stored_columns
from verselet.sql.dialects import Dialect
from verselet.values import KeyReference, Reference, Stored, Value

EncodeRow: TypeAlias = Callable[[Mapping[str, Value]], list[Stored]]
EncodeRows: TypeAlias = Callable[[Sequence[Mapping[str, Value]]], list[Sequence[Stored]]]
Decode: TypeAlias = Callable[[Sequence[Stored]], Value]
Convert: TypeAlias = Callable[[Value], Stored]
Carry: TypeAlias = Callable[[Stored], Stored]

LARGEST_64_BIT = 2**63 - 1
LARGEST_32_BIT = 2**31 - 1


@lru_cache(maxsize=4096)
def row_encoder(table: Table, columns: tuple[str, ...], dialect: Dialect) -> EncodeRow:
    """A function from the values of those columns to what `stored_columns` has for them, in that order.

    The function raises ValueError for a value the column cannot hold and TypeError for one of another type: what
    comes this far was checked, so both are faults of ours, except for a number that is too large to be stored.
    """
    converters = {name: _converters(table, table.columns[name], dialect) for name in columns}
    ways = tuple([(name, convert) for name, several in converters.items() for convert in several])
    without = tuple([name for name, several in converters.items() if not several])

    def encode(values: Mapping[str, Value]) -> list[Stored]:
        for name in without:
            if values[name] is not None:
                raise _stores_nothing(name)
        return [None if (value := values[name]) is None else convert(value) for name, convert in ways]

    return encode


@lru_cache(maxsize=4096)
def rows_encoder(table: Table, columns: tuple[str, ...], dialect: Dialect) -> EncodeRows:
    """As `row_encoder`, for many rows at once: for each of `stored_columns` the values of all rows.

    What is the same in all rows (who made them, and when) is looked at once.
    """
    ways = [_converters(table, table.columns[name], dialect) for name in columns]

    def encode(rows: Sequence[Mapping[str, Value]]) -> list[Sequence[Stored]]:
        found: list[Sequence[Stored]] = []
        for name, several in zip(columns, ways, strict=True):
            values = [row[name] for row in rows]
            first = values[0]
            if not several and values.count(None) < len(values):
                raise _stores_nothing(name)
            if values.count(first) == len(values):
                found += [[None if first is None else convert(first)] * len(values) for convert in several]
            else:
                found += [[None if value is None else convert(value) for value in values] for convert in several]
        return found

    return encode


def decoder(table: Table, column: Column, dialect: Dialect) -> Decode:
    """A function from what `stored_columns` names, in that order, to the value."""
    stored = stored_columns(table, column)
    if isinstance(column, LookupColumn):
        return _decode_pair if len(stored) == 2 else _decode_reference(column.targets[0])
    return _stored_decoder(stored[0], dialect) if stored else _decode_nothing


def carrier(stored: StoredColumn, source: Dialect, target: Dialect) -> Carry:
    """A function from what one database holds in a column to what another one does; not for null.

    The function raises ValueError or TypeError for what no server would have stored in the column.
    """
    decode, encode = _stored_decoder(stored, source), _converter(stored, target)
    if decode is _decode_as_is:
        return encode
    # SQLite holds both others as whole numbers.
    whole = _whole(LARGEST_64_BIT)
    return lambda value: encode(decode((whole(value),)))


def operand(table: Table, column: Column, dialect: Dialect) -> Convert:
    """A function from a value to what its column is compared with.

    Unlike `encoder` it takes numbers the column cannot hold: `price gt 1.005` is a fair question to a column with two
    digits. A reference is compared by its id.
    """
    stored = stored_columns(table, column)
    if not stored:
        return _refuse_operand
    if isinstance(column, LookupColumn):
        return _id_of
    if dialect.name == "sqlite" and stored[0].kind == "decimal":
        return _scaled_operand(stored[0].scale)
    return _as_stored


def _stored_decoder(stored: StoredColumn, dialect: Dialect) -> Decode:
    """The same of a column that is stored as one, whatever it means."""
    if dialect.name == "sqlite" and stored.kind == "yesno":
        return _decode_yesno
    if dialect.name == "sqlite" and stored.kind == "decimal":
        return _decode_scaled(stored.scale)
    return _decode_as_is


# --- per kind --------------------------------------------------------------------------------------------------------


def _converters(table: Table, column: Column, dialect: Dialect) -> tuple[Convert, ...]:
    """What turns a value that is not None into each of the stored ones."""
    stored = stored_columns(table, column)
    if isinstance(column, LookupColumn):
        return (_row_id, _table_name)[: len(stored)]
    return tuple([_converter(one, dialect) for one in stored])


def _stores_nothing(name: str) -> TypeError:
    return TypeError(f"The column '{name}' stores nothing, so it takes no value.")


def _converter(stored: StoredColumn, dialect: Dialect) -> Convert:
    kind: Kind = stored.kind
    match kind:
        case "guid" | "text" | "code" | "datetime" | "date":
            return _text
        case "integer":
            return _whole(LARGEST_32_BIT)
        case "bigint":
            return _whole(LARGEST_64_BIT)
        case "float":
            return _float
        case "decimal":
            return _scaled(stored.scale) if dialect.name == "sqlite" else _exact(stored.scale)
        case "yesno":
            return _yesno
        case "bytes":
            return _bytes
        case _:
            assert_never(kind)


def _text(value: Value) -> str:
    if type(value) is not str:
        raise TypeError(f"A text is wanted, not {type(value).__name__}.")
    if "\0" in value:
        # PostgreSQL refuses it, SQLite's functions stop at it.
        raise ValueError("A text cannot hold the character U+0000.")
    return value


def _whole(largest: int) -> Callable[[Value], int]:
    least = -largest - 1

    def encode(value: Value) -> int:
        if type(value) is not int:
            raise TypeError(f"A whole number is wanted, not {type(value).__name__}.")
        if not least <= value <= largest:
            raise ValueError(f"{value} is too large to be stored.")
        return value

    return encode


def _float(value: Value) -> float:
    if type(value) is not float and type(value) is not int:
        raise TypeError(f"A number is wanted, not {type(value).__name__}.")
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be stored.")
    return float(value)


def _yesno(value: Value) -> bool:
    if type(value) is not bool:
        raise TypeError(f"True or false is wanted, not {type(value).__name__}.")
    return value


def _bytes(value: Value) -> bytes:
    if type(value) is not bytes:
        raise TypeError(f"Bytes are wanted, not {type(value).__name__}.")
    return value


def _scaled(scale: int) -> Callable[[Value], int]:
    """Decimals as whole numbers: times 10**scale, which must leave no fraction and fit 64 bits."""
    context = Context(prec=60, traps=[Inexact, InvalidOperation])

    def encode(value: Value) -> int:
        if type(value) is not Decimal:
            raise TypeError(f"A decimal is wanted, not {type(value).__name__}.")
        try:
            scaled = value.scaleb(scale, context)
            whole = int(scaled)
        except (DecimalException, OverflowError) as error:
            raise ValueError(f"{value} is no number that can be stored.") from error
        if whole != scaled:
            raise ValueError(f"{value} has more than {scale} digits after the point.")
        if not -LARGEST_64_BIT <= whole <= LARGEST_64_BIT:
            raise ValueError(f"{value} is too large to be stored.")
        return whole

    return encode


def _exact(scale: int) -> Callable[[Value], Decimal]:
    """Decimals as they are, within what the other store can hold: both give the same answers."""
    check = _scaled(scale)

    def encode(value: Value) -> Decimal:
        check(value)
        assert type(value) is Decimal
        return value

    return encode


def _scaled_operand(scale: int) -> Convert:
    """A number as the scaled column is compared with: whole where it can be, a float where it lies between."""
    factor = 10**scale

    def convert(value: Value) -> Stored:
        if not isinstance(value, (Decimal, int, float)):
            return _as_stored(value)
        scaled = value * factor
        whole = int(scaled)
        return whole if whole == scaled and -LARGEST_64_BIT <= whole <= LARGEST_64_BIT else float(scaled)

    return convert


def _as_stored(value: Value) -> Stored:
    if isinstance(value, (Reference, KeyReference)):
        raise TypeError("A reference is compared with lookups only.")
    return value


def _id_of(value: Value) -> Stored:
    return value.id if isinstance(value, Reference) else _as_stored(value)


def _refuse_operand(value: Value) -> Stored:
    raise TypeError(f"{value!r} cannot be compared with a column that stores nothing.")


# --- lookups and columns that store nothing ---------------------------------------------------------------------------


def _row_id(value: Value) -> str:
    if type(value) is not Reference:
        raise TypeError(f"A reference is wanted, not {type(value).__name__}.")
    return value.id


def _table_name(value: Value) -> str:
    if type(value) is not Reference:
        raise TypeError(f"A reference is wanted, not {type(value).__name__}.")
    return value.table


def _decode_pair(stored: Sequence[Stored]) -> Value:
    row_id, table = stored
    if row_id is None:
        return None
    assert isinstance(row_id, str)
    assert isinstance(table, str)
    return Reference(table, row_id)


def _decode_reference(table: str) -> Decode:
    def decode(stored: Sequence[Stored]) -> Value:
        row_id = stored[0]
        if row_id is None:
            return None
        assert isinstance(row_id, str)
        return Reference(table, row_id)

    return decode


def _decode_nothing(_stored: Sequence[Stored]) -> Value:
    return None


def _decode_as_is(stored: Sequence[Stored]) -> Value:
    return stored[0]


def _decode_yesno(stored: Sequence[Stored]) -> Value:
    return None if stored[0] is None else stored[0] != 0


def _decode_scaled(scale: int) -> Decode:
    def decode(stored: Sequence[Stored]) -> Value:
        whole = stored[0]
        if whole is None:
            return None
        assert isinstance(whole, int)
        return Decimal(whole).scaleb(-scale)

    return decode
