"""Servers that are killed while they write, post and retain lose nothing. `make kill-test` does it at length."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.faults.survival import Plan, Tally, survive

pytestmark = pytest.mark.slow

KILLS_FOR_S = 6.0
FEWEST_KILLS = 3


def _survived(folder: Path, *flags: str) -> Tally:
    """As often as fits into a moment of every run."""
    until = time.monotonic() + KILLS_FOR_S
    lake = folder / "lake"
    plan = Plan(folder=folder, flags=(*flags, "--lake", str(lake)), lake=lake, seed=int(until))
    tally = survive(plan, lambda kills: kills < FEWEST_KILLS or time.monotonic() < until, lambda _kills, _rows: None)
    sys.stdout.write(tally.line() + "\n")
    return tally


def test_a_killed_server_loses_no_row_and_no_event(tmp_path: Path) -> None:
    """In a folder: an answered write is on disk. [EVT-2], [E-21], [LIM-44], [RET-2], [RET-45]"""
    tally = _survived(tmp_path, "--data", "org")
    assert tally.is_good, tally.faults()


@pytest.mark.postgresql
def test_a_killed_server_of_a_database_loses_nothing(tmp_path: Path, postgresql_url: str) -> None:
    """Whoever comes after waits until the claims of the dead have run out. [EVT-2], [E-21], [RET-2], [RET-45]"""
    tally = _survived(tmp_path, "--database", postgresql_url)
    assert tally.is_good, tally.faults()
