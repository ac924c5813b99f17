"""How one value is written for a person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import get_args

import pytest

from verselet.metadata.choices import Choice, State, StatusReason
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
from verselet.ui.cells import EMPTY, Cell, cell
from verselet.values import Reference, Value

GUID = "5f3e0000-0000-4000-8000-0000a0000025"
ACCOUNT = Reference("account", GUID)
NAMES: Mapping[Reference, str] = {ACCOUNT: "Birchwood Group"}
OPTIONS = (Choice(1, "One"), Choice(2, "Two"))

CASES: list[tuple[Column, Value, Cell]] = [
    (TextColumn(name="x", schema_name="X"), "<b>", Cell("<b>")),
    (MemoColumn(name="x", schema_name="X"), "a\nb", Cell("a\nb")),
    (TableNameColumn(name="x", schema_name="X"), "account", Cell("account")),
    (VirtualColumn(name="x", schema_name="X"), "v", Cell("v")),
    (PartyListColumn(name="x", schema_name="X"), "p", Cell("p")),
    (IdColumn(name="x", schema_name="X"), GUID, Cell(GUID, "id")),
    (FileColumn(name="x", schema_name="X"), GUID, Cell(GUID, "id")),
    (IntegerColumn(name="x", schema_name="X"), 12345, Cell("12,345", "number", "12345")),
    (BigIntColumn(name="x", schema_name="X"), 10**12, Cell("1,000,000,000,000", "number", "1000000000000")),
    (DecimalColumn(name="x", schema_name="X"), Decimal("1234.50"), Cell("1,234.50", "number", "1234.50")),
    (MoneyColumn(name="x", schema_name="X"), Decimal("0.10"), Cell("0.10", "number", "0.10")),
    (FloatColumn(name="x", schema_name="X"), 38.7222524, Cell("38.7222524", "number", "38.7222524")),
    (
        DateTimeColumn(name="x", schema_name="X"),
        "2026-03-01T09:30:00Z",
        Cell("2026-03-01 09:30", "date", "2026-03-01T09:30:00Z"),
    ),
    (
        DateTimeColumn(name="x", schema_name="X"),
        "2026-03-01T09:30:07Z",
        Cell("2026-03-01 09:30:07", "date", "2026-03-01T09:30:07Z"),
    ),
    (
        DateTimeColumn(name="x", schema_name="X", behavior="date_only"),
        "2026-03-01",
        Cell("2026-03-01", "date", "2026-03-01"),
    ),
    (
        YesNoColumn(name="x", schema_name="X", true_label="Allow", false_label="Forbid"),
        False,
        Cell("Forbid", raw="false"),
    ),
    (ManagedPropertyColumn(name="x", schema_name="X"), True, Cell("Yes", raw="true")),
    (ChoiceColumn(name="x", schema_name="X", options=OPTIONS), 2, Cell("Two", raw="2")),
    (ChoiceColumn(name="x", schema_name="X", options=OPTIONS), 7, Cell("7", raw="7")),
    (ChoicesColumn(name="x", schema_name="X", options=OPTIONS), "1,2", Cell("One, Two", raw="1,2")),
    (StateColumn(name="x", schema_name="X", options=(State(0, "Active", 1, "Active"),)), 0, Cell("Active", raw="0")),
    (StatusColumn(name="x", schema_name="X", options=(StatusReason(1, "Open", 0),)), 1, Cell("Open", raw="1")),
    (LookupColumn(name="x", schema_name="X"), ACCOUNT, Cell("Birchwood Group", "text", f"account {GUID}", ACCOUNT)),
    (
        LookupColumn(name="x", schema_name="X"),
        Reference("contact", GUID),
        Cell(GUID, "id", f"contact {GUID}", Reference("contact", GUID)),
    ),
    (ImageColumn(name="x", schema_name="X"), b"1234", Cell("image, 4 bytes")),
]


@pytest.mark.parametrize(("column", "value", "expected"), CASES)
def test_a_value_is_written_as_a_person_knows_it(column: Column, value: Value, expected: Cell) -> None:
    """Labels for choices, names for lookups, digits in groups; the stored value stays at hand. product.md §6"""
    assert expected == cell(column, value, NAMES)


def test_every_column_type_has_a_case() -> None:
    """Each table keyed by column type is total. architecture.md §5, invariant 7"""
    assert set(get_args(Column)) == {type(column) for column, _, _ in CASES}


@pytest.mark.parametrize("column", [column for column, _, _ in CASES])
def test_no_value_is_an_empty_cell(column: Column) -> None:
    """None means "no value"."""
    assert EMPTY == cell(column, None, NAMES)
