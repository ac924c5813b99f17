"""Few large files instead of many small ones: the rows are the same, before, after, and for who reads meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import pytest
from deltalake import DeltaTable

from tests.scenarios.lakes import stock_reader
from verselet.lake import ID, Bucket, Folder, Lake, Place, Scan, Snapshot, compacting, delta

AT = "2026-01-01T00:00:00Z"
FILES = 6


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty lake of each sort."""
    if request.param == "bucket":
        return cast("Bucket", request.getfixturevalue("bucket"))
    return Folder(tmp_path / "lake")


@pytest.fixture
def lake(place: Place) -> Lake:
    """A lake with some batches, each in a file of its own."""
    made = Lake(place)
    for number in range(FILES):
        made.write("account", f"batch {number}", AT, [{ID: f"{number}a"}, {ID: f"{number}b"}], {ID: "string"})
    return made


EVERY = sorted([f"{number}{letter}" for number in range(FILES) for letter in "ab"])


def ids(snapshot: Snapshot | None) -> list[str]:
    """The ids of the rows, as often as they are there."""
    assert snapshot is not None
    return sorted(str(found) for cells in snapshot.read(Scan(columns=(ID,))) for found in cells[ID])


def test_the_rows_are_the_same_in_fewer_files(lake: Lake, place: Place) -> None:
    """For this server, and for any other reader of Delta tables. [RET-1]"""
    assert {"account": (FILES, 1)} == lake.compact(at_least=2)
    assert EVERY == ids(lake.look("account"))
    table = stock_reader(place, "account")
    assert (len(EVERY), 1) == (table.count(), len(table.file_uris()))


def test_few_files_are_left_alone(lake: Lake) -> None:
    """By default until there are 50 of less than 16 MB. [RET-1]"""
    assert {} == lake.compact()
    assert {} == lake.compact(at_least=FILES + 1)
    version = lake.versions()
    assert {"account": (FILES, 1)} == lake.compact(at_least=FILES)
    assert {} == lake.compact(at_least=2)
    assert version != lake.versions()


def test_who_reads_meanwhile_reads_on(lake: Lake) -> None:
    """The files that were merged are there for a week, and every row is seen once. [RET-40]"""
    before = lake.look("account")
    lake.compact(at_least=2)
    assert EVERY == ids(before)
    assert before is not None
    assert not before.is_newest()


def test_files_go_when_nobody_has_used_them_for_long(lake: Lake, tmp_path: Path, place: Place) -> None:
    """And none that is in use. [RET-1]"""
    lake.compact(at_least=2, kept_hours=0)
    assert EVERY == ids(lake.look("account"))
    if isinstance(place, Folder):
        assert 1 == len(list((tmp_path / "lake" / "account").glob("*.parquet")))


@pytest.mark.parametrize("after", ["optimize", "vacuum", "create_checkpoint"])
def test_a_crash_in_the_middle_loses_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch, after: str) -> None:
    """Whatever was done by then; the next one finishes it. [RET-45]"""

    class Killed(BaseException):
        """The process is gone."""

    def crash(found: DeltaTable, kept_hours: int) -> tuple[int, int]:
        found.optimize.compact(max_concurrent_tasks=1)
        if after != "optimize":
            found.vacuum(kept_hours, dry_run=False, enforce_retention_duration=False)
        if after == "create_checkpoint":
            found.create_checkpoint()
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(delta, "compacted", crash)
        with pytest.raises(Killed):
            lake.compact(at_least=2)
    assert EVERY == ids(lake.look("account"))
    lake.take_out("account", "batch 0")
    lake.compact(at_least=2)
    assert EVERY[2:] == ids(lake.look("account"))


def test_what_others_do_meanwhile_is_kept(lake: Lake, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process adds rows and takes some out while the files are merged. [RET-2]"""
    other = Lake(place)
    found: list[int] = []

    def late(table: DeltaTable, kept_hours: int) -> tuple[int, int]:
        if not found:
            other.take_out("account", "batch 0", ["0a"])
            other.write("account", "batch 9", AT, [{ID: "9a"}], {ID: "string"})
        found.append(table.version())
        return compacting.compacted(table, kept_hours)

    monkeypatch.setattr(delta, "compacted", late)
    lake.compact(at_least=2)
    assert 2 == len(found)
    assert sorted({*EVERY, "9a"} - {"0a"}) == ids(lake.look("account"))


def test_readers_and_writers_go_on_while_files_are_merged(lake: Lake, place: Place) -> None:
    """Nobody sees a row twice or not at all. [RET-45]"""
    seen: list[list[str]] = []
    over = threading.Event()

    def read() -> None:
        while True:
            is_last = over.is_set()
            seen.append([found for found in ids(Lake(place).look("account")) if found in EVERY])
            if is_last:
                return

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(4):
            lake.write("account", f"more {number}", AT, [{ID: f"more {number}"}], {ID: "string"})
            lake.compact(at_least=2)
    finally:
        over.set()
        reader.join()
    assert all(found == EVERY for found in seen)
    assert seen
