"""A stored value as programs and as people read it: the same text from both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.gizmos import COLORS, GIZMO, schema_with_gizmos
from verselet.metadata.choices import State
from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FloatColumn,
    IdColumn,
    ImageColumn,
    IntegerColumn,
    ManagedPropertyColumn,
    MemoColumn,
    MoneyColumn,
    StateColumn,
    TextColumn,
    YesNoColumn,
)
from verselet.sql.columns import stored_columns
from verselet.sql.formats import formatted
from verselet.sql.fragments import finish, mark
from verselet.sql.json_forms import json_form
from verselet.sql.origins import Origins
from verselet.store.codecs import row_encoder
from verselet.store.engine import Store
from verselet.values import Stored, Value

_ID = "0A1B2C3D-0000-4000-8000-00000000000A".lower()

_MANAGED = '{"Value":true,"CanBeChanged":true,"ManagedPropertyLogicalName":"c"}'


def integer(format_name: str = "None") -> Column:
    """A whole number."""
    return IntegerColumn(name="c", schema_name="C", format=format_name)


def decimal(precision: int) -> Column:
    """A decimal."""
    return DecimalColumn(name="c", schema_name="C", precision=precision)


def money(precision: int = 2) -> Column:
    """An amount."""
    return MoneyColumn(name="c", schema_name="C", precision=precision)


def floating(precision: int = 5) -> Column:
    """A floating-point number."""
    return FloatColumn(name="c", schema_name="C", precision=precision)


TEXT = TextColumn(name="c", schema_name="C")
BIG = BigIntColumn(name="c", schema_name="C")
MOMENT = DateTimeColumn(name="c", schema_name="C")
DAY_OF_MOMENT = DateTimeColumn(name="c", schema_name="C", format="DateOnly")
DAY = DateTimeColumn(name="c", schema_name="C", behavior="date_only", format="DateOnly")
DAY_WITH_TIME = DateTimeColumn(name="c", schema_name="C", behavior="date_only")
YES_NO = YesNoColumn(name="c", schema_name="C", true_label="It's on", false_label="100% off")
CHOICE = ChoiceColumn(name="c", schema_name="C", options=COLORS)
CHOICES = ChoicesColumn(name="c", schema_name="C", options=COLORS)
STATE = StateColumn(name="c", schema_name="C", options=(State(0, "Active", 1, "Active"),))

CASES: list[tuple[Column, Value, str, str | None]] = [
    (IdColumn(name="c", schema_name="C"), _ID, f'"{_ID}"', None),
    (TEXT, 'a "b" \\ c', r'"a \"b\" \\ c"', None),
    (TEXT, "tab\there\nline", r'"tab\there\nline"', None),
    (TEXT, "\x01\x1f", r'"\u0001\u001f"', None),
    (TEXT, "Größe 😀 %s ?", '"Größe 😀 %s ?"', None),
    (MemoColumn(name="c", schema_name="C"), "</script>", '"</script>"', None),
    (integer(), 0, "0", '"0"'),
    (integer(), 2_147_483_647, "2147483647", '"2,147,483,647"'),
    (integer(), -2_147_483_648, "-2147483648", '"-2,147,483,648"'),
    (integer(), -7, "-7", '"-7"'),
    (BIG, 9_223_372_036_854_775_807, "9223372036854775807", '"9,223,372,036,854,775,807"'),
    (BIG, -1000, "-1000", '"-1,000"'),
    (decimal(0), Decimal("-1234"), "-1234", '"-1,234"'),
    (decimal(2), Decimal("0.00"), "0.00", '"0.00"'),
    (decimal(2), Decimal("-0.05"), "-0.05", '"-0.05"'),
    (decimal(3), Decimal("1234.500"), "1234.500", '"1,234.500"'),
    (decimal(10), Decimal("0.0000000001"), "0.0000000001", '"0.0000000001"'),
    (decimal(2), Decimal("-100000000000.00"), "-100000000000.00", '"-100,000,000,000.00"'),
    (money(), Decimal("20000.00"), "20000.00", '"$20,000.00"'),
    (money(), Decimal("-0.50"), "-0.50", '"($0.50)"'),
    (money(), Decimal("0.00"), "0.00", '"$0.00"'),
    (money(4), Decimal("922337203685477.5807"), "922337203685477.5807", '"$922,337,203,685,477.5807"'),
    (money(0), Decimal("-12"), "-12", '"($12)"'),
    (floating(), 0.0, "0.0", '"0.00000"'),
    (floating(), 0.1, "0.1", '"0.10000"'),
    (floating(), -0.00001, "-1.0e-05", '"-0.00001"'),
    (floating(), -0.000001, "-1.0e-06", '"0.00000"'),
    (floating(), 47.63958, "47.63958", '"47.63958"'),
    (floating(), -12345.5, "-12345.5", '"-12,345.50000"'),
    (floating(), 100_000_000_000.12345, "100000000000.12344", '"100,000,000,000.12344"'),
    (floating(0), 1234.0, "1234.0", '"1,234"'),
    (MOMENT, "2023-04-07T14:59:00Z", '"2023-04-07T14:59:00Z"', '"4/7/2023 2:59 PM"'),
    (MOMENT, "2023-12-31T00:05:09Z", '"2023-12-31T00:05:09Z"', '"12/31/2023 12:05 AM"'),
    (MOMENT, "2023-01-01T12:00:00Z", '"2023-01-01T12:00:00Z"', '"1/1/2023 12:00 PM"'),
    (MOMENT, "1753-01-01T00:00:00Z", '"1753-01-01T00:00:00Z"', '"1/1/1753 12:00 AM"'),
    (MOMENT, "9999-12-30T23:59:59Z", '"9999-12-30T23:59:59Z"', '"12/30/9999 11:59 PM"'),
    (DAY_OF_MOMENT, "2023-04-07T14:59:00Z", '"2023-04-07T14:59:00Z"', '"4/7/2023"'),
    (DAY, "2000-02-29", '"2000-02-29"', '"2/29/2000"'),
    (DAY_WITH_TIME, "2000-02-29", '"2000-02-29"', '"2/29/2000"'),
    (YES_NO, True, "true", '"It\'s on"'),
    (YES_NO, False, "false", '"100% off"'),
    (CHOICE, 2, "2", '"Deep \\"blue\\""'),
    (CHOICE, 4, "4", None),
    (CHOICES, "1,2,9", '"1,2,9"', '"Red; Deep \\"blue\\"; 50% grey\'s"'),
    (CHOICES, "9", '"9"', '"50% grey\'s"'),
    (STATE, 0, "0", '"Active"'),
    (ManagedPropertyColumn(name="c", schema_name="C"), True, _MANAGED, None),
    (ImageColumn(name="c", schema_name="C"), b"\x00\xff", '"AP8="', None),
]

DURATIONS = [
    (0, "0 minutes"),
    (1, "1 minute"),
    (-1, "-1 minutes"),
    (59, "59 minutes"),
    (60, "1 hour"),
    (61, "1.02 hours"),
    (90, "1.5 hours"),
    (600, "10 hours"),
    (1439, "23.98 hours"),
    (1440, "1 day"),
    (1476, "1.03 days"),
    (1548, "1.08 days"),
    (14_400, "10 days"),
    (2_147_483_647, "1491308.09 days"),
]


def shown(database: Store, column: Column, value: Value) -> tuple[str, str | None]:
    """The JSON text and the formatted value the database writes."""
    dialect = database.dialect
    (stored,) = stored_columns(GIZMO, column)
    (kept,) = row_encoder(replace(GIZMO, columns={column.name: column}), (column.name,), dialect)({column.name: value})
    cast = f"::{dialect.types[stored.kind]}" if dialect.name == "postgresql" else ""
    written = json_form(GIZMO, column, 't."c"', dialect)
    read = formatted(column, "t", Origins(schema_with_gizmos(), dialect)) or "NULL"
    text = f'SELECT {written}, {read} FROM (SELECT {mark(0)}{cast} AS "c") t'
    statement = finish(text, dialect)
    values: list[Stored] = [kept]
    ((json_text, read_text),) = database.fetch(statement.text, statement.bind(values))
    return str(json_text), None if read_text is None else str(read_text)


def plain(json_text: str) -> str:
    """Spellings of one number made the same: the databases may write 0.0 or 0, 1e-05 or 1.0e-05."""
    return json_text.replace(".0e", "e").removesuffix(".0")


@pytest.mark.parametrize(("column", "value", "json_text", "read"), CASES)
def test_a_value_has_one_text(database: Store, column: Column, value: Value, json_text: str, read: str | None) -> None:
    """Programs and people read the same from both databases. [J-5], [J-7], [J-13], [T-1] to [T-19]"""
    found = shown(database, column, value)
    assert (plain(json_text), read) == (plain(found[0]), found[1])


@pytest.mark.parametrize(
    "column", {type(column): column for column, *_ in CASES}.values(), ids=lambda c: type(c).__name__
)
def test_no_value_is_null_and_shows_nothing(database: Store, column: Column) -> None:
    """A null is written as null, without a formatted value. [J-5], [J-9]"""
    assert ("null", None) == shown(database, column, None)


@pytest.mark.parametrize(("minutes", "read"), DURATIONS)
def test_a_duration_is_read_in_its_largest_unit(database: Store, minutes: int, read: str) -> None:
    """Two digits at most, rounded up from the middle. [J-7]"""
    assert (str(minutes), f'"{read}"') == shown(database, integer("Duration"), minutes)
