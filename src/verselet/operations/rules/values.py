"""Check that a value fits its column.

In:        a column and a value of the right Python type
Out:       the value to be written (rounded where the column says so), or a refusal that names column and value
Not here:  JSON (operations.reading), stored forms (store.codecs)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

from verselet.errors import (
    BodyRefused,
    ChoiceOutOfRange,
    IntegerOutOfRange,
    InvalidArgument,
    NumberOutOfRange,
    TextTooLong,
    UnknownState,
)
from verselet.ids import GUID
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
from verselet.metadata.schema import PARENT_OF_ACTIVITIES
from verselet.metadata.tables import Table
from verselet.query.typing_literals import edm_type, plain_date, point_in_time
from verselet.values import KeyReference, Reference, Value

Check: TypeAlias = Callable[[Value], Value]

MAX_CHOICES = 150
"""Options one multi-select value may hold. [T-14]"""

LONGEST_TABLE_NAME = 128
"""Characters of a table's logical name."""


@lru_cache(maxsize=1024)
def checks_of(table: Table) -> dict[str, Check]:
    """Column → its check, which takes no None. Its refusals name table, column and value."""
    return {column.name: CHECKS[type(column)](table, column) for column in table.columns.values()}


def wrong_type(table: Table, column: Column, value: object) -> InvalidArgument:
    """The refusal of a value whose type the column cannot take."""
    return InvalidArgument(
        f"A validation error occurred.  The value of '{column.name}' on record of type '{table.name}' is of the wrong "
        f"type: {type(value).__name__}."
    )


def _typed(wanted: type) -> Callable[[Table, Column], Check]:
    def check_of_type(table: Table, column: Column) -> Check:
        def check(value: Value) -> Value:
            if type(value) is not wanted:
                raise wrong_type(table, column, value)
            return value

        return check

    return check_of_type


def _nothing(table: Table, column: Column) -> Check:
    def check(value: Value) -> Value:
        raise wrong_type(table, column, value)

    return check


def _text(table: Table, column: TextColumn | MemoColumn) -> Check:
    return _no_longer(table, column, column.max_length)


def _table_name(table: Table, column: TableNameColumn) -> Check:
    return _no_longer(table, column, LONGEST_TABLE_NAME)


def _no_longer(table: Table, column: Column, longest: int) -> Check:
    def check(value: Value) -> Value:
        if type(value) is not str:
            raise wrong_type(table, column, value)
        if len(value) > longest:
            raise TextTooLong(column.name, table.name, longest)
        if "\0" in value:
            raise _not_storable(column)
        # Empty text is no text. [T-2]
        return value or None

    return check


def _integer(table: Table, column: IntegerColumn) -> Check:
    return _within(table, column, column.min, column.max)


def _big_integer(table: Table, column: BigIntColumn) -> Check:
    return _within(table, column, -(2**63), 2**63 - 1)


def _within(table: Table, column: Column, low: int, high: int) -> Check:
    def check(value: Value) -> Value:
        if type(value) is not int:
            raise wrong_type(table, column, value)
        if not low <= value <= high:
            raise IntegerOutOfRange(column.name, table.name, low, high)
        return value

    return check


def _not_storable(column: Column) -> InvalidArgument:
    return InvalidArgument(f"The text for '{column.name}' holds the character U+0000, which cannot be stored.")


def _decimal(table: Table, column: DecimalColumn | MoneyColumn) -> Check:
    low, high, step = column.min, column.max, Decimal(1).scaleb(-column.precision)
    largest = Decimal(2**63 - 1).scaleb(-column.precision)

    def check(value: Value) -> Value:
        if type(value) is int:
            value = Decimal(value)
        if type(value) is not Decimal or not value.is_finite():
            raise wrong_type(table, column, value)
        if not low <= value <= high or abs(value) > largest:
            raise NumberOutOfRange(column.name, table.name, low, high)
        return value.quantize(step, ROUND_HALF_UP)

    return check


def _float(table: Table, column: FloatColumn) -> Check:
    low, high, precision = column.min, column.max, column.precision

    def check(value: Value) -> Value:
        if type(value) is not float and type(value) is not int:
            raise wrong_type(table, column, value)
        if not low <= value <= high:
            raise NumberOutOfRange(column.name, table.name, low, high)
        # Adding zero turns the negative zero into the one zero both stores know.
        return round(float(value), precision) + 0.0

    return check


def _moment(table: Table, column: DateTimeColumn) -> Check:
    """A time that cannot be read is a fault of the body, as a value of a wrong JSON type is. [T-9], [T-10], [E-8]"""
    read = READERS_OF_TIME[column.behavior]

    def check(value: Value) -> Value:
        if type(value) is not str:
            raise wrong_type(table, column, value)
        try:
            return read(value)
        except ValueError:
            raise BodyRefused(
                table.set_name,
                f"Cannot convert the literal '{value}' to the expected type '{edm_type(column)}' of the property "
                f"'{column.name}'.",
            ) from None

    return check


def _as_given(text: str) -> str:
    """A time without a zone is kept as it was given; an offset is cut off, not counted. [T-12]"""
    found = CLOCK_TIME.match(text)
    if found is None:
        raise ValueError(text)
    return point_in_time(found[1] + "Z")


CLOCK_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+-]\d\d:\d\d)?\Z")
READERS_OF_TIME: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"date_only": plain_date, "user_local": point_in_time, "time_zone_independent": _as_given}
)


def _state(table: Table, column: StateColumn) -> Check:
    known = frozenset(option.value for option in column.options)

    def check(value: Value) -> Value:
        if type(value) is not int:
            raise wrong_type(table, column, value)
        if value not in known:
            raise UnknownState(column.name, table.name, value)
        return value

    return check


def _choice(table: Table, column: ChoiceColumn | StatusColumn) -> Check:
    known = frozenset(option.value for option in column.options)

    def check(value: Value) -> Value:
        if type(value) is not int:
            raise wrong_type(table, column, value)
        # A list that is not known here (codes of tables, say) takes any number.
        if known and value not in known:
            raise ChoiceOutOfRange(column.name, table.name, value)
        return value

    return check


def _choices(table: Table, column: ChoicesColumn) -> Check:
    known = frozenset(option.value for option in column.options)

    def check(value: Value) -> Value:
        if type(value) is not str:
            raise wrong_type(table, column, value)
        try:
            picked = sorted({int(part) for part in value.split(",")}) if value else []
        except ValueError:
            raise wrong_type(table, column, value) from None
        for number in picked:
            if number not in known:
                raise ChoiceOutOfRange(column.name, table.name, number)
        if len(picked) > MAX_CHOICES:
            raise InvalidArgument(f"'{column.name}' takes {MAX_CHOICES} options at most.")
        return ",".join(map(str, picked)) or None

    return check


def _lookup(table: Table, column: LookupColumn) -> Check:
    targets = frozenset(column.targets)
    to_any_activity = targets == {PARENT_OF_ACTIVITIES}

    def check(value: Value) -> Value:
        if type(value) is not Reference and type(value) is not KeyReference:
            raise wrong_type(table, column, value)
        if to_any_activity and type(value) is Reference:
            # Its navigations lead to activities only, and each of them is a row of the common table too. [C-18]
            return Reference(PARENT_OF_ACTIVITIES, value.id)
        if value.table not in targets:
            raise InvalidArgument(f"'{column.name}' of '{table.name}' cannot refer to a row of '{value.table}'.")
        return value

    return check


def _guid(table: Table, column: Column) -> Check:
    def check(value: Value) -> Value:
        if type(value) is not str or not GUID.match(value):
            raise wrong_type(table, column, value)
        return value.lower()

    return check


# Each maker takes the type it stands beside; `Any` says so to the checker of types.
CHECKS: Mapping[type[Column], Callable[[Table, Any], Check]] = MappingProxyType(
    {
        IdColumn: _guid,
        TextColumn: _text,
        MemoColumn: _text,
        IntegerColumn: _integer,
        BigIntColumn: _big_integer,
        DecimalColumn: _decimal,
        FloatColumn: _float,
        MoneyColumn: _decimal,
        DateTimeColumn: _moment,
        YesNoColumn: _typed(bool),
        ChoiceColumn: _choice,
        ChoicesColumn: _choices,
        StateColumn: _state,
        StatusColumn: _choice,
        LookupColumn: _lookup,
        PartyListColumn: _nothing,
        TableNameColumn: _table_name,
        ImageColumn: _typed(bytes),
        FileColumn: _guid,
        ManagedPropertyColumn: _typed(bool),
        VirtualColumn: _nothing,
    }
)
"""Column type → the maker of its check."""
