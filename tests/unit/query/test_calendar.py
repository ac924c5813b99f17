"""Calendars: time zones, first days of weeks, fiscal years. [QF-12], [QF-14], [QF-32]"""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from tests.postgres import PostgresqlServer
from verselet.query.calendar import PLAIN, Calendar, local_time, rules_of, zone_of
from verselet.query.moments import FiscalPeriod, Moment, start_of
from verselet.query.zones import ZONE_OF_CODE

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
"""In Berlin it is half past one, an hour before the clocks are put forward."""

BERLIN = Calendar(zone="Europe/Berlin")


@pytest.mark.parametrize("code", ZONE_OF_CODE)
def test_every_time_zone_has_rules(code: int) -> None:
    """[QF-32]"""
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(rules_of(zone_of(code))).utcoffset() is not None


@pytest.mark.postgresql
def test_the_database_knows_every_time_zone(postgresql: PostgresqlServer) -> None:
    """Parts of dates are taken there. [FX-39]"""
    url = postgresql.fresh()
    with psycopg.connect(url) as connection:
        known = {name for (name,) in connection.execute("SELECT name FROM pg_timezone_names")}
    postgresql.give_back(url)

    assert set() == set(ZONE_OF_CODE.values()) - known


@pytest.mark.parametrize("code", [None, -1, 12345, "110"])
def test_a_code_that_is_none_stands_for_utc(code: object) -> None:
    """[JOB-80]"""
    assert "UTC" == zone_of(code)


def test_local_time_is_what_clocks_show() -> None:
    """Before and after they are put forward. [FX-39]"""
    shown = [local_time(at, "Europe/Berlin") for at in ("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z")]

    assert ["2026-03-29T01:30:00", "2026-03-29T03:00:00"] == shown


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (Moment(start_of="day"), "2026-03-28T23:00:00Z"),
        # That day has 23 hours.
        (Moment(start_of="day", then_days=1), "2026-03-29T22:00:00Z"),
        (Moment(count=2, unit="hour"), "2026-03-29T02:30:00Z"),
        (Moment(count=1, unit="day"), "2026-03-29T23:30:00Z"),
        (Moment(start_of="day", behavior="date_only"), "2026-03-29"),
        (Moment(start_of="day", behavior="time_zone_independent"), "2026-03-29T00:00:00Z"),
        (Moment(since="2026-07-01"), "2026-06-30T22:00:00Z"),
        (Moment(since=FiscalPeriod(2026, 3)), "2026-06-30T22:00:00Z"),
    ],
)
def test_days_begin_at_midnight_of_the_zone(moment: Moment, expected: str) -> None:
    """Hours are counted as they pass, days by the calendar. [QF-15], [QF-32], [JOB-80]"""
    assert expected == moment.at(NOW, BERLIN)


@pytest.mark.parametrize(
    ("calendar", "year", "period"),
    [
        (PLAIN, "2026-01-01", "2026-01-01"),
        (Calendar(fiscal_month=4), "2025-04-01", "2026-01-01"),
        (Calendar(fiscal_month=3, fiscal_day=29), "2026-03-29", "2026-03-29"),
        (Calendar(fiscal_month=3, fiscal_day=30, months=1), "2025-03-30", "2026-02-28"),
        (Calendar(fiscal_month=7, months=6), "2025-07-01", "2026-01-01"),
    ],
)
def test_a_fiscal_year_begins_where_the_organization_says(calendar: Calendar, year: str, period: str) -> None:
    """And its periods are counted from there. [QF-14]"""
    found = [start_of(unit, NOW, calendar).strftime("%Y-%m-%d") for unit in ("fiscal-year", "fiscal-period")]

    assert [year, period] == found


def test_only_a_calendar_of_its_own_tells_callers_apart() -> None:
    """That of a new organization adds nothing to what plans depend on."""
    assert ("", False) == (PLAIN.fingerprint, BERLIN.fingerprint == "")
