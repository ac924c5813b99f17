"""Compute the spans of time that words such as "last month" mean.

In:        a unit, how many of it, the time now, and a calendar
Out:       `Moment`s, one for each end of a span; `Moment.at(now, calendar)` gives the value to compare with
Not here:  which operator means which span (query.operators), the organization's clock (clock)

A moment is part of a ready read, so a value that depends on the time is found anew for each request, by the calendar
of the caller. [QF-12], [QF-14], [QF-32]
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias, assert_never

import msgspec

from verselet.clock import wire_form
from verselet.errors import NotSupportedHere
from verselet.metadata.columns import DateBehavior
from verselet.query.calendar import PLAIN, Calendar

Unit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year", "fiscal-period", "fiscal-year"]

EARLIEST: Final = datetime(1753, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)
"""What a column can hold. [T-26]"""

MOST_UNITS: Final = 10**9
"""More than any unit has within those years."""


class FiscalPeriod(msgspec.Struct, frozen=True):
    """The n-th period of a fiscal year, from 1. [QF-24]"""

    year: int
    period: int = 1


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """`count` units after now (before, where negative), and then perhaps back to where a unit begins.

    It is counted `since` a day `YYYY-MM-DD` or a fiscal period instead of now where one is named. `start_of` is the
    unit that begins; `then_days` are days added at last. `behavior` is that of the column it is compared with: a plain
    date, or a time in the caller's zone, which for columns without a zone is what clocks show. [T-10], [JOB-80]
    """

    since: str | FiscalPeriod | None = None
    count: int = 0
    unit: Unit = "day"
    start_of: Unit | None = None
    then_days: int = 0
    behavior: DateBehavior = "user_local"

    def at(self, now: datetime, calendar: Calendar = PLAIN) -> str:
        """The value, as a column holds it."""
        found = shifted(self._begin(now, calendar), self.count, self.unit, calendar)
        if self.start_of is not None:
            found = start_of(self.start_of, found, calendar)
        found = shifted(found, self.then_days, "day", calendar)
        match self.behavior:
            case "date_only":
                return found.strftime("%Y-%m-%d").zfill(10)
            case "time_zone_independent":
                return wire_form(found.replace(tzinfo=UTC)).zfill(20)
            case "user_local":
                return max(wire_form(found).zfill(20), wire_form(EARLIEST))

    def _begin(self, now: datetime, calendar: Calendar) -> datetime:
        match self.since:
            case None:
                return now.astimezone(calendar.tz)
            case str():
                return datetime.fromisoformat(self.since).replace(tzinfo=calendar.tz)
            case FiscalPeriod(year, period):
                begin = datetime(year - calendar.shift, calendar.fiscal_month, 1, tzinfo=calendar.tz)
                begin = begin.replace(day=_day_of(begin, calendar.fiscal_day))
                return shifted(begin, period - 1, "fiscal-period", calendar)


def shifted(at: datetime, count: int, unit: Unit, calendar: Calendar = PLAIN) -> datetime:
    """That many units later; what leaves the range of a column stays at its end. [T-26]"""
    count = max(-MOST_UNITS, min(count, MOST_UNITS))
    match unit:
        case "minute" | "hour":
            # By the clock on the wall an hour may take two, or none.
            by = timedelta(minutes=count) if unit == "minute" else timedelta(hours=count)
            return _moved(at.astimezone(UTC), by).astimezone(at.tzinfo)
        case "day" | "week":
            return _moved(at, timedelta(days=min(max(count, -(10**8)), 10**8) * (7 if unit == "week" else 1)))
        case "month":
            return _months_later(at, count)
        case "year" | "fiscal-year":
            return _months_later(at, count * 12)
        case "fiscal-period":
            return _months_later(at, count * months_of_period(calendar))
        case _:
            assert_never(unit)


def months_of_period(calendar: Calendar) -> int:
    """How many months a fiscal period has.

    Raises:
        NotSupportedHere: it has four weeks.
    """
    if calendar.months == 0:
        raise NotSupportedHere("A fiscal period of four weeks")
    return calendar.months


def start_of(unit: Unit, at: datetime, calendar: Calendar = PLAIN) -> datetime:
    """Where the unit that contains the time begins."""
    if unit == "minute":
        return at.replace(second=0, microsecond=0)
    if unit == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "day":
            return day
        case "week":
            return _moved(day, timedelta(days=-((day.isoweekday() - calendar.week_begins) % 7)))
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(day=1, month=1)
        case "fiscal-year":
            return _fiscal_start(day, 12, calendar)
        case "fiscal-period":
            return _fiscal_start(day, months_of_period(calendar), calendar)
        case _:
            assert_never(unit)


def _fiscal_start(day: datetime, months: int, calendar: Calendar) -> datetime:
    """Where the stretch of so many months begins, counted from the beginning of the fiscal year."""
    passed = (day.month - calendar.fiscal_month - (day.day < calendar.fiscal_day)) % months
    begin = _months_later(day.replace(day=1), -passed - (day.day < calendar.fiscal_day))
    return begin.replace(day=_day_of(begin, calendar.fiscal_day))


def _day_of(month: datetime, day: int) -> int:
    """That day of the month, or its last one."""
    return min(day, monthrange(month.year, month.month)[1])


def _moved(at: datetime, by: timedelta) -> datetime:
    try:
        found = at + by
    except OverflowError:
        return LATEST if by > timedelta(0) else EARLIEST
    return min(max(found, EARLIEST), LATEST)


def _months_later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    if year < EARLIEST.year:
        return EARLIEST
    if year > MAXYEAR:
        return LATEST
    day = min(at.day, monthrange(year, month + 1)[1])
    return min(max(at.replace(year=year, month=month + 1, day=day), EARLIEST), LATEST)
