"""Write what is computed from a column: labels, parts of dates, membership in lists and hierarchies.

In:        SQL of a stored value, and facts of query.plan
Out:       SQL expressions
Not here:  conditions (sql.conditions), how values are shown (sql.formats)
"""

from __future__ import annotations

from typing import assert_never

from verselet.metadata.columns import ChoiceColumn, Column, StateColumn, StatusColumn
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


def part_of(part: DatePart, value: str, kind: Kind, dialect: Dialect) -> str:
    """A part of a stored date or point in time as a whole number; null stays null. [FX-39]

    Weeks are counted from the one with 1 January in it and begin on Sunday.
    """
    if dialect.name == "sqlite":
        return _part_sqlite(part, value)
    at = value if kind == "date" else f"({value} AT TIME ZONE 'UTC')"
    if part == "week":
        return _week(f"extract(doy FROM {at})::int", f"extract(dow FROM {at})::int")
    return f"extract({part} FROM {at})::int"


def _part_sqlite(part: DatePart, value: str) -> str:
    month = f"cast(substr({value}, 6, 2) as integer)"
    match part:
        case "year":
            return f"cast(substr({value}, 1, 4) as integer)"
        case "month":
            return month
        case "day":
            return f"cast(substr({value}, 9, 2) as integer)"
        case "quarter":
            return f"(({month} + 2) / 3)"
        case "week":
            day = f"substr({value}, 1, 10)"
            return _week(f"cast(strftime('%j', {day}) as integer)", f"cast(strftime('%w', {day}) as integer)")
        case _:
            assert_never(part)


def _week(day_of_year: str, weekday: str) -> str:
    # The weekday of 1 January, with 371 = 53 weeks added so that no remainder is negative.
    first = f"(({weekday} - ({day_of_year} - 1) + 371) % 7)"
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


def hierarchy(asked: InHierarchy, table: str) -> str:
    """The keys of the rows above or below a row; a circle ends at the depth limit. [QF-30]

    `table` is what stands behind FROM for the table.
    """
    key, parent = f"r.{quoted(asked.key)}", f"r.{quoted(asked.parent)}"
    if asked.direction == "under":
        following, step = key, f"JOIN {table} r ON {parent} = h.id"
    else:
        following = f"p.{quoted(asked.key)}"
        step = f"JOIN {table} r ON {key} = h.id JOIN {table} p ON {following} = {parent}"
    wanted = "" if asked.itself else " WHERE h.depth > 0"
    return (
        f"WITH RECURSIVE h(id, depth) AS (SELECT {key}, 0 FROM {table} r WHERE {key} = {mark(asked.start.position)} "
        f"UNION SELECT {following}, h.depth + 1 FROM h {step} WHERE h.depth < {MAX_DEPTH}) SELECT h.id FROM h{wanted}"
    )
