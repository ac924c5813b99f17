"""Read values that are written as plain texts: in FetchXML, in SQL and in lists of query functions.

In:        a column and a text
Out:       a `Value` of the column's type
Not here:  literals of OData, which say their type themselves (query.typing_literals)
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from verselet.errors import QueryRefused
from verselet.metadata.columns import (
    ChoicesColumn,
    Column,
    DateTimeColumn,
    IdColumn,
    LookupColumn,
    ManagedPropertyColumn,
    YesNoColumn,
)
from verselet.query.typing_literals import listed_value_of, plain_date, point_in_time
from verselet.values import Value

YES_AND_NO: Final = {"1": True, "true": True, "0": False, "false": False}
LONGEST_DATE: Final = 40


def text_value_of(column: Column, text: str) -> Value:
    """The value a text stands for: ISO dates with or without a time and zone, ids with or without braces. [FX-48]

    Raises:
        QueryRefused: the text is no value of the column.
    """
    match column:
        case YesNoColumn() | ManagedPropertyColumn():
            found = YES_AND_NO.get(text.strip().lower())
            if found is None:
                raise _no_value(column, text)
            return found
        case DateTimeColumn():
            return _date_of(column, text.strip())
        case IdColumn() | LookupColumn():
            return listed_value_of(column, text.strip().removeprefix("{").removesuffix("}"))
        case ChoicesColumn():
            return _choices(text)
        case _:
            return listed_value_of(column, text)


def _choices(text: str) -> str:
    """Several options as they are stored: ascending, without blanks. [T-14]"""
    parts = [part.strip() for part in text.split(",")]
    if all(part.isascii() and part.isdecimal() and len(part) < 12 for part in parts):
        parts.sort(key=int)
    return ",".join(parts)


def day_of(text: str, zone: tzinfo = UTC) -> datetime:
    """The calendar day a text names, as its first moment in the zone. [QF-18]

    Raises:
        ValueError: no date, or outside of what a column holds. [T-26]
    """
    stripped = text.strip()
    if len(stripped) > LONGEST_DATE:
        raise ValueError(text)
    found = datetime.fromisoformat(stripped.upper())
    found = found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
    if found.year < 1753:
        raise ValueError(text)
    return found.replace(hour=0, minute=0, second=0, microsecond=0)


def _date_of(column: DateTimeColumn, text: str) -> Value:
    try:
        if column.behavior == "date_only":
            return plain_date(day_of(text).strftime("%Y-%m-%d"))
        if len(text) <= 10:
            return point_in_time(f"{plain_date(text)}T00:00:00Z")
        if len(text) > LONGEST_DATE:
            raise ValueError(text)
        at = datetime.fromisoformat(text.upper().replace(" ", "T", 1))
        # A time without a zone is in UTC. [JOB-76]
        return point_in_time((at.replace(tzinfo=UTC) if at.tzinfo is None else at).isoformat())
    except (ValueError, OverflowError):
        raise _no_value(column, text) from None


def _no_value(column: Column, text: str) -> QueryRefused:
    return QueryRefused(f"The value '{text[:100]}' cannot be converted to the type of the property '{column.name}'.")
