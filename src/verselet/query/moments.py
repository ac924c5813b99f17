"""Compute the spans of time that words such as "last month" mean.

In:        a unit, how many of it, and the time now
Out:       `Moment`s, one for each end of a span; `Moment.at(now)` gives the value to compare with
Not here:  which operator means which span (query.operators), the organization's clock (clock)

A moment is part of a ready read, so a value that depends on the time is found anew for each request. Days begin at
midnight UTC, weeks on Sunday, fiscal years on 1 January, fiscal periods are quarters. [QF-12], [QF-14], [QF-32]
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias, assert_never

import msgspec

from verselet.clock import wire_form

Unit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]

EARLIEST: Final = datetime(1753, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)
"""What a column can hold. [T-26]"""

MOST_UNITS: Final = 10**9
"""More than any unit has within those years."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """`count` units after now (before, where negative), and then perhaps back to where a unit begins.

    `start_of` is that unit; `then_days` are days added at last. `plain_date` asks for a date instead of a time.
    """

    count: int = 0
    unit: Unit = "day"
    start_of: Unit | None = None
    then_days: int = 0
    plain_date: bool = False

    def at(self, now: datetime) -> str:
        """The value, as a column holds it."""
        found = shifted(now, self.count, self.unit)
        if self.start_of is not None:
            found = start_of(self.start_of, found)
        found = shifted(found, self.then_days, "day")
        return found.strftime("%Y-%m-%d").zfill(10) if self.plain_date else wire_form(found).zfill(20)


def shifted(at: datetime, count: int, unit: Unit) -> datetime:
    """That many units later; what leaves the range of a column stays at its end. [T-26]"""
    count = max(-MOST_UNITS, min(count, MOST_UNITS))
    match unit:
        case "minute":
            return _moved(at, timedelta(minutes=count))
        case "hour":
            return _moved(at, timedelta(hours=count))
        case "day" | "week":
            return _moved(at, timedelta(days=min(max(count, -(10**8)), 10**8) * (7 if unit == "week" else 1)))
        case "month" | "quarter" | "year":
            return _months_later(at, count * {"month": 1, "quarter": 3, "year": 12}[unit])
        case _:
            assert_never(unit)


def start_of(unit: Unit, at: datetime) -> datetime:
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
            return _moved(day, timedelta(days=-(day.isoweekday() % 7)))
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case "year":
            return day.replace(day=1, month=1)
        case _:
            assert_never(unit)


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
