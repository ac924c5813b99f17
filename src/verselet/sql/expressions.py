"""Write what is computed from a column: labels, parts of dates, membership in lists and hierarchies.

In:        SQL of a stored value, and facts of query.plan
Out:       SQL expressions
Not here:  conditions (sql.conditions), how values are shown (sql.formats)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, assert_never

from verselet.metadata.columns import ChoiceColumn, Column, StateColumn, StatusColumn
from verselet.query.calendar import GREENWICH, Calendar
from verselet.query.plan import DatePart, InHierarchy
from verselet.sql.columns import Kind
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.fragments import mark, text_literal

MAX_DEPTH = 100
"""Levels of a hierarchy that are followed. [QF-30]"""


def label_of(column: Column, value: str) -> str:
    """The label of a choice in small letters, null where the value is no option. [FX-16]"""
    if not isinstance(column, ChoiceColumn | StateColumn | StatusColumn) or not column.options:
        return "NULL"
    cases = " ".join([f"WHEN {option.value} THEN {text_literal(option.label.lower())}" for option in column.options])
    return f"CASE {value} {cases} END"


def part_of(part: DatePart, calendar: Calendar, value: str, kind: Kind, dialect: Dialect) -> str:
    """A part of a stored date or point in time as a whole number; null stays null. [FX-39]

    Weeks are counted from the one with 1 January in it.
    """
    if dialect.name == "sqlite":
        at = value if calendar.zone == GREENWICH else f"verselet_local_time({value}, {text_literal(calendar.zone)})"
        found = {name: f"cast(substr({at}, {start}, {width}) as integer)" for name, start, width in _PLACES}
        days = f"cast(strftime('%j', substr({at}, 1, 10)) as integer)", f"cast(strftime('%w', {at}) as integer)"
    else:
        at = value if kind == "date" else f"({value} AT TIME ZONE {text_literal(calendar.zone)})"
        found = {name: f"extract({name} FROM {at})::int" for name, _, _ in _PLACES}
        days = f"extract(doy FROM {at})::int", f"extract(dow FROM {at})::int"
    match part:
        case "year" | "month" | "day":
            return found[part]
        case "quarter":
            return f"(({found['month']} + 2) / 3)"
        case "week":
            return _week(*days, calendar.week_begins)
        case "fiscal-year" | "fiscal-period":
            return _fiscal(part, calendar, found)
        case _:
            assert_never(part)


_PLACES: Final = (("year", 1, 4), ("month", 6, 2), ("day", 9, 2))
"""Part of a stored date, where it begins, and how long it is."""


def _fiscal(part: Literal["fiscal-year", "fiscal-period"], calendar: Calendar, found: Mapping[str, str]) -> str:
    """The fiscal year or its period, from the months since the year 0. [QF-14]"""
    months = f"({found['year']} * 12 + {found['month']} - {calendar.fiscal_month})"
    if calendar.fiscal_day > 1:
        months = f"({months} - CASE WHEN {found['day']} < {calendar.fiscal_day} THEN 1 ELSE 0 END)"
    if part == "fiscal-year":
        return f"({months} / 12 + {calendar.shift})"
    return f"({months} % 12 / {calendar.months} + 1)"


def _week(day_of_year: str, weekday: str, begins: int) -> str:
    # The weekday of 1 January, with 378 = 54 weeks added so that no remainder is negative.
    first = f"(({weekday} - {begins} - ({day_of_year} - 1) + 378) % 7)"
    return f"((({day_of_year} - 1 + {first}) / 7) + 1)"


def has_any(value: str, values: str, dialect: Dialect) -> str:
    """The comma-joined options contain one of a list that is one JSON text. [QF-21]"""
    if dialect.name == "postgresql":
        return (
            f"string_to_array({value}, ',') && ARRAY(SELECT item FROM jsonb_array_elements_text({values}::jsonb) item)"
        )
    return (
        f"EXISTS (SELECT 1 FROM json_each({values}) item "
        f"WHERE instr(',' || {value} || ',', ',' || item.value || ',') > 0)"
    )


def hierarchy(asked: InHierarchy, table: str, where: str) -> str:
    """The keys of the rows above or below a row; a circle ends at the depth limit. [QF-30]

    `table` is what stands behind FROM for the table, `where` is what every row on the way satisfies.
    """
    row = f"t{asked.source}"
    key, parent = f"{row}.{quoted(asked.key)}", f"{row}.{quoted(asked.parent)}"
    step = f"{parent} = h.id" if asked.direction == "under" else f"{key} = h.parent"
    wanted = "" if asked.itself else " WHERE h.depth > 0"
    return (
        f"WITH RECURSIVE h(id, parent, depth) AS (SELECT {key}, {parent}, 0 FROM {table} {row} "
        f"WHERE {key} = {mark(asked.start.position)} AND {where} UNION SELECT {key}, {parent}, h.depth + 1 "
        f"FROM h JOIN {table} {row} ON {step} AND {where} WHERE h.depth < {MAX_DEPTH}) SELECT h.id FROM h{wanted}"
    )
