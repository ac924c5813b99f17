"""Say which spans of time the operators on dates mean.

In:        the name of an operator, a date column, values as texts
Out:       conditions on the two ends of a span
Not here:  computing a moment (query.moments), other operators (query.operators)

The spans are those of [QF-10] to [QF-18] and [QF-23], [QF-24].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

import msgspec

from verselet.errors import QueryRefused
from verselet.metadata.columns import Column, DateBehavior, DateTimeColumn
from verselet.query import plan
from verselet.query.asked import Asked
from verselet.query.binding import Binding
from verselet.query.calendar import GREENWICH, Calendar
from verselet.query.moments import FiscalPeriod, Moment, Unit, months_of_period
from verselet.query.text_values import day_of

DayOperator: TypeAlias = Literal["on", "on-or-after", "on-or-before"]
FiscalOperator: TypeAlias = Literal[
    "in-fiscal-period",
    "in-fiscal-year",
    "in-fiscal-period-and-year",
    "in-or-after-fiscal-period-and-year",
    "in-or-before-fiscal-period-and-year",
]


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a span: `fixed` units from now, and `times` for each one that is asked for."""

    unit: Unit = "day"
    fixed: int = 0
    times: int = 0
    start_of: Unit | None = None
    then_days: int = 0
    inclusive: bool = True

    def moment(self, number: int, behavior: DateBehavior) -> Moment:
        """The end for so many units."""
        return Moment(
            count=self.fixed + self.times * number,
            unit=self.unit,
            start_of=self.start_of,
            then_days=self.then_days,
            behavior=behavior,
        )


Span: TypeAlias = tuple[Edge | None, Edge | None]

NOW = Edge()


PERIODS: tuple[tuple[str, Unit], ...] = (
    ("week", "week"),
    ("month", "month"),
    ("year", "year"),
    ("fiscal-period", "fiscal-period"),
    ("fiscal-year", "fiscal-year"),
)


def _calendar(unit: Unit, first: int) -> Span:
    """One whole unit, `first` units away from the current one."""
    return (
        Edge(unit=unit, fixed=first, start_of=unit),
        Edge(unit=unit, fixed=first + 1, start_of=unit, inclusive=False),
    )


def _last(unit: Unit, start_of: Unit | None) -> Span:
    return (Edge(unit=unit, times=-1, start_of=start_of), NOW)


def _next(unit: Unit) -> Span:
    return (NOW, Edge(unit=unit, times=1, start_of="day", then_days=1, inclusive=False))


def _next_whole(unit: Unit) -> Span:
    return (NOW, Edge(unit=unit, times=1, fixed=1, start_of=unit, inclusive=False))


def _older(unit: Unit) -> Span:
    return (None, Edge(unit=unit, times=-1, inclusive=False))


SPANS: Mapping[str, Span] = MappingProxyType(
    {
        "today": _calendar("day", 0),
        "yesterday": _calendar("day", -1),
        "tomorrow": _calendar("day", 1),
        "last-seven-days": (Edge(fixed=-7, start_of="day"), NOW),
        "next-seven-days": (NOW, Edge(fixed=7, start_of="day", then_days=1, inclusive=False)),
        **{
            f"{word}-{name}": _calendar(unit, first)
            for word, first in (("last", -1), ("this", 0), ("next", 1))
            for name, unit in PERIODS
        },
        "last-x-hours": _last("hour", None),
        "last-x-days": _last("day", "day"),
        "last-x-weeks": _last("week", "day"),
        "last-x-months": _last("month", "day"),
        "last-x-years": _last("year", "day"),
        "last-x-fiscal-periods": _last("fiscal-period", "fiscal-period"),
        "last-x-fiscal-years": _last("fiscal-year", "fiscal-year"),
        "next-x-hours": (NOW, Edge(unit="hour", times=1)),
        "next-x-days": _next("day"),
        "next-x-weeks": _next("week"),
        "next-x-months": _next("month"),
        "next-x-years": _next("year"),
        "next-x-fiscal-periods": _next_whole("fiscal-period"),
        "next-x-fiscal-years": _next_whole("fiscal-year"),
        "olderthan-x-minutes": _older("minute"),
        "olderthan-x-hours": _older("hour"),
        "olderthan-x-days": _older("day"),
        "olderthan-x-weeks": _older("week"),
        "olderthan-x-months": _older("month"),
        "olderthan-x-years": _older("year"),
    }
)
"""Operator → from when (always inclusive) to when. One with `times` takes a number of units. [QF-10] to [QF-17]"""


def span_condition(name: str, asked: Asked) -> plan.Condition:
    """The column lies in a span that is counted from now.

    Raises:
        QueryRefused: the column holds no date, or the number of units is missing or less than 1. [QF-4] Hours and
            minutes are no units of plain dates. [JOB-80]
    """
    behavior = _behavior(asked.column)
    low, high = SPANS[name]
    edges = [edge for edge in (low, high) if edge is not None]
    if behavior == "date_only" and any(edge.unit in {"minute", "hour"} for edge in edges):
        raise QueryRefused(f"The column '{asked.column.name}' holds no times, which the operator '{name}' counts in.")
    number = asked.whole_number(0, 1) if any(edge.times for edge in edges) else 0
    items: list[plan.Condition] = []
    if low is not None:
        items.append(_beside("ge", low.moment(number, behavior), asked))
    if high is not None:
        items.append(_beside("le" if high.inclusive else "lt", high.moment(number, behavior), asked))
    return items[0] if len(items) == 1 else plan.All(tuple(items))


def _beside(operator: plan.Operator, moment: Moment, asked: Asked) -> plan.Condition:
    bound = asked.gathered.bind(Binding(column=asked.column, value=None, moment=moment))
    return plan.Compare(operator, asked.of, bound)


def day_condition(name: DayOperator, asked: Asked) -> plan.Condition:
    """The column lies on, from or until a calendar day, all of it. [QF-18]

    Raises:
        QueryRefused: the column holds no date, or the value is none.
    """
    text = asked.one_value()
    try:
        day = day_of(text, asked.gathered.calendar.tz).strftime("%Y-%m-%d")
    except (ValueError, OverflowError):
        raise QueryRefused(f"The value '{text[:100]}' is no date.") from None
    behavior = _behavior(asked.column)
    begin, end = (Moment(since=day, then_days=days, behavior=behavior) for days in (0, 1))
    match name:
        case "on":
            return _between(asked, begin, end)
        case "on-or-after":
            return _between(asked, begin, None)
        case "on-or-before":
            return _between(asked, None, end)


def fiscal_condition(name: FiscalOperator, asked: Asked) -> plan.Condition:
    """The column lies in, from or until a fiscal period or year. [QF-23], [QF-24]

    Raises:
        QueryRefused: the column holds no date, or the values are no period and year.
    """
    behavior, calendar = _behavior(asked.column), asked.gathered.calendar
    if name == "in-fiscal-period":
        number = asked.gathered.bind(Binding(column=None, value=asked.whole_number(0, 1), form="plain"))
        return plan.Compare("eq", part_of(asked.of, asked.column, "fiscal-period", calendar), number)
    if name == "in-fiscal-year":
        since = FiscalPeriod(_year(asked, 0))
        begin, end = (Moment(since=since, count=count, unit="fiscal-year", behavior=behavior) for count in (0, 1))
        return _between(asked, begin, end)
    period, most = asked.whole_number(0, 1), 12 // months_of_period(calendar)
    if period > most:
        raise QueryRefused(f"A fiscal year has {most} periods here, there is no period {period}.")
    since = FiscalPeriod(_year(asked, 1), period)
    begin, end = (Moment(since=since, count=count, unit="fiscal-period", behavior=behavior) for count in (0, 1))
    match name:
        case "in-fiscal-period-and-year":
            return _between(asked, begin, end)
        case "in-or-after-fiscal-period-and-year":
            return _between(asked, begin, None)
        case "in-or-before-fiscal-period-and-year":
            return _between(asked, None, end)


def part_of(of: plan.ColumnOf, column: Column, part: plan.DatePart, calendar: Calendar) -> plan.PartOf:
    """A part of a date by the calendar; only points in time are shown in its zone. [FX-39], [T-10]"""
    if _behavior(column) != "user_local":
        calendar = msgspec.structs.replace(calendar, zone=GREENWICH)
    if part == "fiscal-period":
        months_of_period(calendar)
    return plan.PartOf(of.source, of.column, part, calendar)


def _year(asked: Asked, place: int) -> int:
    year = asked.whole_number(place, 1754)
    if year > 9997:
        raise QueryRefused(f"The year {year} is after all that a column holds.")
    return year


def _between(asked: Asked, low: Moment | None, high: Moment | None) -> plan.Condition:
    items: list[plan.Condition] = []
    if low is not None:
        items.append(_beside("ge", low, asked))
    if high is not None:
        items.append(_beside("lt", high, asked))
    return items[0] if len(items) == 1 else plan.All(tuple(items))


def _behavior(column: Column) -> DateBehavior:
    """What the column's dates are.

    Raises:
        QueryRefused: they are no dates at all.
    """
    if not isinstance(column, DateTimeColumn):
        raise QueryRefused(f"The column '{column.name}' holds no dates, which the operator needs.")
    return column.behavior
