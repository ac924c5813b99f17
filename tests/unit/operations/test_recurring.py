"""When a job or a retention policy runs again."""

from __future__ import annotations

from datetime import datetime

import pytest

from verselet.operations.recurring import Recurrence, next_start, read_recurrence


def at(text: str) -> datetime:
    """A point in time."""
    return datetime.fromisoformat(f"{text}T06:00:00+00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", Recurrence(hours=72)),
        ("FREQ=WEEKLY;INTERVAL=2", Recurrence(hours=336)),
        ("FREQ=MONTHLY;INTERVAL=1", Recurrence(months=1)),
        ("FREQ=YEARLY;INTERVAL=2", Recurrence(months=24)),
        ("FREQ=HOURLY;INTERVAL=1", None),
        ("FREQ=MINUTELY;INTERVAL=5", None),
        ("FREQ=DAILY;INTERVAL=0", None),
        ("FREQ=DAILY", None),
        ("FREQ=DAILY;INTERVAL=1\n", None),
    ],
)
def test_a_pattern_says_how_often(text: str, expected: Recurrence | None) -> None:
    """[EVT-65], [JOB-3], [RET-20]"""
    assert expected == read_recurrence(text)


def test_some_jobs_come_back_within_a_day() -> None:
    """Those that say so. [EVT-65]"""
    found = [read_recurrence(f"FREQ={word};INTERVAL=5", "HOURLY") for word in ("HOURLY", "DAILY", "MINUTELY")]

    assert [Recurrence(hours=5), Recurrence(hours=120), None] == found


@pytest.mark.parametrize(
    ("first", "pattern", "now", "expected"),
    [
        ("2026-01-01", Recurrence(hours=168), "2026-01-09", "2026-01-15"),
        ("2026-01-01", Recurrence(hours=168), "2026-01-08", "2026-01-15"),
        ("2026-03-01", Recurrence(hours=24), "2026-01-01", "2026-03-02"),
        ("2026-01-31", Recurrence(months=1), "2026-02-01", "2026-02-28"),
        ("2026-01-31", Recurrence(months=1), "2026-02-28", "2026-03-31"),
        ("2024-02-29", Recurrence(months=12), "2026-01-01", "2026-02-28"),
        ("2026-01-31", Recurrence(months=3), "2026-12-31", "2027-01-31"),
    ],
)
def test_the_next_start_is_counted_from_the_first(first: str, pattern: Recurrence, now: str, expected: str) -> None:
    """[RET-20]: a short month does not move the months behind it."""
    assert at(expected) == next_start(at(first), pattern, at(now))
