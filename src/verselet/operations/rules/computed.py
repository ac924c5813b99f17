"""Compute the columns whose value follows from others.

In:        a row with what is known of it
Out:       full names, address texts, durations, converted amounts
Not here:  defaults of single columns (operations.rules.defaults); which column follows from what (table files)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType

from verselet.metadata.columns import Column, MoneyColumn
from verselet.metadata.tables import Table
from verselet.values import Value


@lru_cache(maxsize=1024)
def parts_of(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Computed column → the columns it follows from. [T-24]"""
    return MappingProxyType(
        {column.name: column.calculated.of for column in table.columns.values() if column.calculated is not None}
    )


@lru_cache(maxsize=1024)
def inputs_of(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Column → the computed columns that follow from it."""
    found: dict[str, tuple[str, ...]] = {}
    for computed, parts in parts_of(table).items():
        for part in parts:
            found[part] = (*found.get(part, ()), computed)
    return MappingProxyType(found)


@lru_cache(maxsize=1024)
def base_amounts(table: Table) -> Mapping[str, str]:
    """Amount → its companion in the organization's currency. [T-8]"""
    return MappingProxyType(
        {
            column.base_of: column.name
            for column in table.columns.values()
            if isinstance(column, MoneyColumn) and column.base_of is not None
        }
    )


def takes_stand_in(column: Column) -> bool:
    """A duration may be given as long as one of its two times is missing; after that the times decide. [T-24]

    Clients that plan a programme know how long a session lasts before they know when it ends.
    """
    return column.calculated is not None and column.calculated.rule == "minutes_between"


def compute(table: Table, name: str, known: Mapping[str, Value]) -> Value:
    """The value of a computed column from the values of its parts."""
    calculation = table.columns[name].calculated
    if calculation is None:
        return None
    return RULES[calculation.rule]([known.get(part) for part in calculation.of])


def in_base_currency(amount: Value, rate: Decimal, precision: int) -> Value:
    """The amount in the organization's currency: divided by the rate. [T-8]"""
    if not isinstance(amount, Decimal):
        return None
    return (amount / rate).quantize(Decimal(1).scaleb(-precision), ROUND_HALF_UP)


def _full_name(parts: list[Value]) -> Value:
    return " ".join(str(part) for part in parts if part) or None


def address_text(parts: Sequence[Value]) -> str | None:
    """The parts of an address below each other: lines, then city, region and postal code, then country. [T-24]"""
    *lines, city, region, postal_code, country = parts
    area = " ".join(str(part) for part in (region, postal_code) if part)
    place = ", ".join(str(part) for part in (city, area) if part)
    return "\r\n".join(str(line) for line in (*lines, place, country) if line) or None


def _minutes_between(parts: list[Value]) -> Value:
    start, end = parts
    if not isinstance(start, str) or not isinstance(end, str):
        return None
    return max(0, int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60))


def _decoded_size(parts: list[Value]) -> Value:
    (text,) = parts
    if not isinstance(text, str):
        return None
    # Four characters of base64 stand for three bytes, less one for each sign of padding.
    return len(text) // 4 * 3 - (len(text[-2:]) - len(text[-2:].rstrip("=")))


def _is_given(parts: list[Value]) -> Value:
    return parts[0] is not None


RULES: Mapping[str, Callable[[list[Value]], Value]] = MappingProxyType(
    {
        "full_name": _full_name,
        "address": address_text,
        "minutes_between": _minutes_between,
        "decoded_size": _decoded_size,
        "is_given": _is_given,
    }
)
