"""Write one value for a person.

In:        a column, its value, the names of rows it may refer to
Out:       `Cell`
Not here:  which columns are shown (ui.reading), HTML (templates escape everything)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, TypeAlias, assert_never

import msgspec

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
from verselet.values import Reference, Value

Kind: TypeAlias = Literal["text", "number", "id", "date", "empty"]


class Cell(msgspec.Struct, frozen=True):
    """`raw` is the value as it is stored, shown on hover; `to` the row that a lookup leads to."""

    text: str
    kind: Kind = "text"
    raw: str = ""
    to: Reference | None = None


EMPTY = Cell("", "empty")


def cell(column: Column, value: Value, names: Mapping[Reference, str]) -> Cell:  # noqa: C901  one case per column type
    """The value with the label, name or form that a person knows it by."""
    if value is None:
        return EMPTY
    match column:
        case TextColumn() | MemoColumn() | TableNameColumn() | VirtualColumn() | PartyListColumn():
            return Cell(str(value))
        case IdColumn() | FileColumn():
            return Cell(str(value), "id")
        case IntegerColumn() | BigIntColumn() | DecimalColumn() | FloatColumn() | MoneyColumn():
            return Cell(_number(value), "number", str(value))
        case DateTimeColumn():
            return Cell(_date(str(value)), "date", str(value))
        case YesNoColumn():
            return Cell(column.true_label if value else column.false_label, raw=str(bool(value)).lower())
        case ManagedPropertyColumn():
            return Cell("Yes" if value else "No", raw=str(bool(value)).lower())
        case ChoiceColumn() | StateColumn() | StatusColumn():
            return Cell(_label(column.options, str(value)), raw=str(value))
        case ChoicesColumn():
            labels = (_label(column.options, one) for one in str(value).split(","))
            return Cell(", ".join(labels), raw=str(value))
        case LookupColumn():
            return _lookup(value, names)
        case ImageColumn():
            return Cell(f"image, {len(value)} bytes" if isinstance(value, bytes) else str(value))
        case _:
            assert_never(column)


def _number(value: Value) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _date(wire: str) -> str:
    """`2026-03-01T09:30:00Z` → `2026-03-01 09:30`; the exact form stays in `raw`."""
    return wire.replace("T", " ").removesuffix("Z").removesuffix(":00") if "T" in wire else wire


def _label(options: Iterable[Choice | State | StatusReason], value: str) -> str:
    return next((option.label for option in options if str(option.value) == value), value)


def _lookup(value: Value, names: Mapping[Reference, str]) -> Cell:
    if not isinstance(value, Reference):
        return Cell(str(value), "id")
    name = names.get(value, "")
    return Cell(name or value.id, "text" if name else "id", f"{value.table} {value.id}", value)
