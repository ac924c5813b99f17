"""Turn the text of a literal into a value of a column's type.

In:        a column, a literal's kind and text as the caller wrote it
Out:       a `Value`, or a refusal that names both
Not here:  the stored form of the value (store.codecs)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TypeAlias

from verselet.clock import wire_form
from verselet.errors import QueryRefused
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
from verselet.values import Value

Reader: TypeAlias = Callable[[str, str], Value]
"""Takes the literal's kind and its text; raises `ValueError` when the two do not fit the column."""

WHOLE = re.compile(r"-?[0-9]+\Z")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
LONGEST_WHOLE = 20
"""Characters of a whole number of 64 bits; longer ones are compared as floating-point numbers."""

EARLIEST = "1753-01-01T00:00:00Z"
LATEST = "9999-12-30T23:59:59Z"
WIRE_FORM = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\dZ\Z", re.ASCII)
"""The last moment a column holds. [T-26]"""

EDM_OF_KIND = {
    "text": "Edm.String",
    "number": "Edm.Decimal",
    "guid": "Edm.Guid",
    "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset",
    "yesno": "Edm.Boolean",
    "enum": "Edm.Enum",
}


def reader_of(column: Column) -> Reader:
    """The reader for literals that are compared with the column.

    Raises:
        QueryRefused: the column cannot be compared with anything. [F-16]
    """
    if isinstance(column, DateTimeColumn) and column.behavior == "date_only":
        return _date
    reader = READERS[type(column)]
    if reader is None:
        raise QueryRefused(f"The property '{column.name}' cannot be used in a filter.")
    return reader


def value_of(column: Column, kind: str, text: str) -> Value:
    """The literal as a value of the column.

    Raises:
        QueryRefused: the literal is of another type. [F-14]
    """
    try:
        return reader_of(column)(kind, text)
    except ValueError:
        given = EDM_OF_KIND.get(kind, kind)
        raise QueryRefused(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{edm_type(column)}' and '{given}' for operator kind 'Equal'.",
            hint=f"'{text}' is no value for the column '{column.name}'.",
        ) from None


def listed_value_of(column: Column, text: str) -> Value:
    """One item of a query function's list: numbers, dates and GUIDs come as texts there. [QF-3], [QF-4]

    Raises:
        QueryRefused: the text is no value of the column.
    """
    reader = reader_of(column)
    for kind in ("text", "number", "guid", "datetime", "date", "yesno"):
        try:
            return reader(kind, text)
        except ValueError:
            continue
    raise QueryRefused(f"The value '{text}' cannot be converted to the type of the property '{column.name}'.")


def edm_type(column: Column) -> str:
    """The EDM type of the column's property. [T-1] to [T-19]"""
    if isinstance(column, DateTimeColumn) and column.behavior == "date_only":
        return "Edm.Date"
    return EDM_TYPES[type(column)]


def point_in_time(text: str) -> str:
    """A date-time with a zone as its wire form; fractions of a second are dropped.

    Raises:
        ValueError: no date-time, no zone, or outside 1753 … 9999. [T-9], [T-26]
    """
    if len(text) < 11 or text[10] not in "Tt":
        raise ValueError(text)
    if WIRE_FORM.match(text) and EARLIEST <= text <= LATEST:
        # As most clients write it: only whether there is such a day remains to be seen.
        datetime.fromisoformat(text)
        return text
    at = datetime.fromisoformat(text.upper())
    if at.tzinfo is None:
        raise ValueError(text)
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
    wire = wire_form(at)
    if at.year < 1753 or wire > LATEST:
        raise ValueError(text)
    return wire


def plain_date(text: str) -> str:
    """A date `YYYY-MM-DD`.

    Raises:
        ValueError: anything else, or outside 1753 … 9999. [T-10], [T-26]
    """
    if len(text) != 10:
        raise ValueError(text)
    if datetime.fromisoformat(text).year < 1753 or text > LATEST[:10]:
        raise ValueError(text)
    return text


def _text(kind: str, text: str) -> Value:
    # No text that is stored holds U+0000, and PostgreSQL takes none to compare with.
    if kind != "text" or "\0" in text:
        raise ValueError(kind)
    return text


def _guid(kind: str, text: str) -> Value:
    if kind not in {"guid", "text"} or not GUID.match(text):
        raise ValueError(kind)
    return text.lower()


def _integer(kind: str, text: str) -> Value:
    if kind != "number":
        raise ValueError(kind)
    whole = WHOLE.match(text) is not None and len(text) <= LONGEST_WHOLE
    return int(text) if whole and -(2**63) <= int(text) < 2**63 else _float(kind, text)


def _decimal(kind: str, text: str) -> Value:
    if kind != "number":
        raise ValueError(kind)
    if NUMBER.match(text) is None:
        raise ValueError(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    # The sign is taken away without the limits of arithmetic, which a large exponent breaks.
    if not number.is_finite() or number.copy_abs() > Decimal("1e28"):
        raise ValueError(text)
    return number


def _float(kind: str, text: str) -> Value:
    # Lists of query functions hold any text: `nan` and `1_0` are numbers to Python only.
    if kind != "number" or NUMBER.match(text) is None:
        raise ValueError(kind)
    return float(text)


def _datetime(kind: str, text: str) -> Value:
    # A plain date against a date-time is midnight. [F-4]
    if kind == "date":
        return plain_date(text) + "T00:00:00Z"
    if kind != "datetime":
        raise ValueError(kind)
    return point_in_time(text)


def _date(kind: str, text: str) -> Value:
    if kind != "date":
        raise ValueError(kind)
    return plain_date(text)


def _yesno(kind: str, text: str) -> Value:
    if kind != "yesno":
        raise ValueError(kind)
    return text == "true"


EDM_TYPES: Mapping[type[Column], str] = MappingProxyType(
    {
        IdColumn: "Edm.Guid",
        TextColumn: "Edm.String",
        MemoColumn: "Edm.String",
        IntegerColumn: "Edm.Int32",
        BigIntColumn: "Edm.Int64",
        DecimalColumn: "Edm.Decimal",
        FloatColumn: "Edm.Double",
        MoneyColumn: "Edm.Decimal",
        DateTimeColumn: "Edm.DateTimeOffset",
        YesNoColumn: "Edm.Boolean",
        ChoiceColumn: "Edm.Int32",
        ChoicesColumn: "Edm.String",
        StateColumn: "Edm.Int32",
        StatusColumn: "Edm.Int32",
        LookupColumn: "Edm.Guid",
        PartyListColumn: "Collection(mscrm.activityparty)",
        TableNameColumn: "Edm.String",
        ImageColumn: "Edm.Binary",
        FileColumn: "Edm.Guid",
        ManagedPropertyColumn: "mscrm.BooleanManagedProperty",
        VirtualColumn: "Edm.String",
    }
)
"""Column type → EDM type; a plain date is `Edm.Date` instead."""

READERS: Mapping[type[Column], Reader | None] = MappingProxyType(
    {
        IdColumn: _guid,
        TextColumn: _text,
        MemoColumn: _text,
        IntegerColumn: _integer,
        BigIntColumn: _integer,
        DecimalColumn: _decimal,
        FloatColumn: _float,
        MoneyColumn: _decimal,
        DateTimeColumn: _datetime,
        YesNoColumn: _yesno,
        ChoiceColumn: _integer,
        ChoicesColumn: _text,
        StateColumn: _integer,
        StatusColumn: _integer,
        LookupColumn: _guid,
        PartyListColumn: None,
        TableNameColumn: _text,
        ImageColumn: None,
        FileColumn: _guid,
        ManagedPropertyColumn: _yesno,
        VirtualColumn: None,
    }
)
"""Column type → reader of literals; None where nothing can be compared."""
