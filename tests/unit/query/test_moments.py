"""Moments counted from now, at the edges of the calendar. [QF-10] to [QF-17]"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from verselet.query.moments import EARLIEST, LATEST, Moment, Unit, shifted, start_of


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "count", "unit", "expected"),
    [
        ("2024-02-29T12:00:00", 1, "year", "2025-02-28T12:00:00"),
        ("2024-03-31T12:00:00", -1, "month", "2024-02-29T12:00:00"),
        ("2023-11-30T00:00:00", 1, "fiscal-period", "2024-02-29T00:00:00"),
        ("2024-01-01T00:00:00", -1, "week", "2023-12-25T00:00:00"),
        ("2024-01-01T00:00:00", -90, "minute", "2023-12-31T22:30:00"),
        ("2024-01-01T00:00:00", 300_000, "month", "9999-12-30T23:59:59"),
        ("2024-01-01T00:00:00", -(10**18), "day", "1753-01-01T00:00:00"),
    ],
)
def test_units_are_counted_by_the_calendar(now: str, count: int, unit: Unit, expected: str) -> None:
    """A month later is the same day, or the last one of a shorter month. [T-26] bounds all of it."""
    assert at(expected) == shifted(at(now), count, unit)


@pytest.mark.parametrize(
    ("now", "unit", "expected"),
    [
        ("2026-03-04T05:06:07", "minute", "2026-03-04T05:06:00"),
        ("2026-03-04T05:06:07", "hour", "2026-03-04T05:00:00"),
        ("2026-03-04T05:06:07", "day", "2026-03-04T00:00:00"),
        ("2026-03-04T05:06:07", "week", "2026-03-01T00:00:00"),
        ("2026-03-01T00:00:00", "week", "2026-03-01T00:00:00"),
        ("2026-03-04T05:06:07", "month", "2026-03-01T00:00:00"),
        ("2026-03-04T05:06:07", "fiscal-period", "2026-01-01T00:00:00"),
        ("2026-12-31T23:59:59", "fiscal-period", "2026-10-01T00:00:00"),
        ("2026-03-04T05:06:07", "year", "2026-01-01T00:00:00"),
    ],
)
def test_a_unit_begins_where_the_calendar_says(now: str, unit: Unit, expected: str) -> None:
    """Weeks begin on Sunday, fiscal periods are quarters. [QF-12], [QF-14]"""
    assert at(expected) == start_of(unit, at(now))


def test_a_moment_is_a_value_of_its_column() -> None:
    """A time, or a date for a column of dates. [T-9], [T-10]"""
    now = at("2026-03-04T05:06:07")

    assert "2026-02-28T00:00:00Z" == Moment(count=-4, start_of="day").at(now)
    assert "2026-03-05" == Moment(start_of="day", then_days=1, behavior="date_only").at(now)


UNITS: tuple[Unit, ...] = ("minute", "hour", "day", "week", "month", "year", "fiscal-period", "fiscal-year")


@given(
    now=some.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=some.just(UTC)),
    count=some.integers(-(10**20), 10**20),
    unit=some.sampled_from(UNITS),
)
def test_no_number_of_units_leaves_what_a_column_holds(now: datetime, count: int, unit: Unit) -> None:
    """Any number a client sends gives a time that can be compared with. [T-26], [QF-4]"""
    found = shifted(now, count, unit)

    assert EARLIEST <= found <= LATEST
    assert (found >= now) == (count >= 0) or found == now
