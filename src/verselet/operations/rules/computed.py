"""Compute the columns whose value follows from others.

In:        a row with what is known of it
Out:       full names, address texts, converted amounts
Not here:  defaults of single columns (operations.rules.defaults)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from verselet.metadata.columns import MoneyColumn
from verselet.metadata.tables import Table
from verselet.values import Value

ADDRESS_PARTS = ("line1", "line2", "line3")


@lru_cache(maxsize=1024)
def parts_of(table: Table) -> dict[str, tuple[str, ...]]:
    """Computed column → the columns it follows from. [T-24]"""
    found: dict[str, tuple[str, ...]] = {}
    if {"fullname", "firstname", "lastname"} <= table.columns.keys():
        found["fullname"] = ("firstname", "lastname")
    for name in table.columns:
        if name.startswith("address") and name.endswith("_composite"):
            prefix = name.removesuffix("composite")
            wanted = (*ADDRESS_PARTS, "city", "stateorprovince", "postalcode", "country")
            found[name] = tuple(prefix + part for part in wanted if prefix + part in table.columns)
    return found


@lru_cache(maxsize=1024)
def inputs_of(table: Table) -> dict[str, tuple[str, ...]]:
    """Column → the computed columns that follow from it."""
    found: dict[str, tuple[str, ...]] = {}
    for computed, parts in parts_of(table).items():
        for part in parts:
            found[part] = (*found.get(part, ()), computed)
    return found


@lru_cache(maxsize=1024)
def base_amounts(table: Table) -> dict[str, str]:
    """Amount → its companion in the organization's currency. [T-8]"""
    return {
        column.base_of: column.name
        for column in table.columns.values()
        if isinstance(column, MoneyColumn) and column.base_of is not None
    }


def compute(name: str, known: Mapping[str, Value]) -> Value:
    """The value of a computed column from the values of its parts."""
    if name == "fullname":
        return _joined(" ", known, ("firstname", "lastname"))
    prefix = name.removesuffix("composite")
    lines = [known.get(prefix + part) for part in ADDRESS_PARTS]
    region = _joined(" ", known, (prefix + "stateorprovince", prefix + "postalcode"))
    city = ", ".join(str(part) for part in (known.get(prefix + "city"), region) if part)
    shown = [str(line) for line in (*lines, city, known.get(prefix + "country")) if line]
    return "\r\n".join(shown) or None


def in_base_currency(amount: Value, rate: Decimal, precision: int) -> Value:
    """The amount in the organization's currency: divided by the rate. [T-8]"""
    if not isinstance(amount, Decimal):
        return None
    return (amount / rate).quantize(Decimal(1).scaleb(-precision), ROUND_HALF_UP)


def _joined(separator: str, known: Mapping[str, Value], names: tuple[str, ...]) -> str | None:
    return separator.join(str(known[name]) for name in names if known.get(name)) or None
