"""Servers that are killed while they write, post and retain lose nothing. `make kill-test` does it at length."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.faults.survival import Plan, Tally, survive
from verselet.lake import Bucket, Folder, Place

pytestmark = pytest.mark.slow

KILLS_FOR_S = 6.0
FEWEST_KILLS = 3


def _survived(folder: Path, lake: Place, *flags: str) -> Tally:
    """As often as fits into a moment of every run."""
    until = time.monotonic() + KILLS_FOR_S
    plan = Plan(folder=folder, flags=(*flags, "--lake", str(lake)), lake=lake, seed=int(until))
    tally = survive(plan, lambda kills: kills < FEWEST_KILLS or time.monotonic() < until, lambda _kills, _rows: None)
    sys.stdout.write(tally.line() + "\n")
    return tally


def test_a_killed_server_loses_no_row_and_no_event(tmp_path: Path) -> None:
    """In a folder: an answered write is on disk. [EVT-2], [E-21], [LIM-44], [RET-2], [RET-45]"""
    tally = _survived(tmp_path, Folder(tmp_path / "lake"), "--data", "org")
    assert tally.is_good, tally.faults()


@pytest.mark.postgresql
def test_a_killed_server_of_a_database_loses_nothing(tmp_path: Path, postgresql_url: str) -> None:
    """Whoever comes after waits until the claims of the dead have run out. [EVT-2], [E-21], [RET-2], [RET-45]"""
    tally = _survived(tmp_path, Folder(tmp_path / "lake"), "--database", postgresql_url)
    assert tally.is_good, tally.faults()


def test_a_killed_server_loses_nothing_on_the_way_to_object_storage(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage lives on, and has what it has taken. [RET-2], [RET-45]"""
    for name, text in bucket.options.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, text)
    tally = _survived(tmp_path, bucket, "--data", "org")
    assert tally.is_good, tally.faults()
