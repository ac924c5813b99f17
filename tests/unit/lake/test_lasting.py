"""What comes to the lake is on the disk before its rows may be deleted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verselet.errors import Unavailable
from verselet.lake import Lake
from verselet.lake.lasting import lasting


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """What the machine was asked to write to the disk, as long as the test runs."""
    found: set[Path] = set()
    fsync = os.fsync

    def note(descriptor: int) -> None:
        found.add(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return found


def test_every_file_of_the_lake_is_flushed_and_its_folders_too(tmp_path: Path, flushed: set[Path]) -> None:
    """A power cut after the rows were deleted finds them in the lake. [RET-1], [RET-2]"""
    lake = Lake(tmp_path / "lake")
    lake.write("account", "one", "2026-01-01T00:00:00Z", [{"@id": "1"}, {"@id": "2"}], {"@id": "string"})
    folder = tmp_path / "lake" / "account"
    written = {path for path in folder.rglob("*") if path.is_file()}
    assert 2 == len(written)
    assert {*written, folder, folder / "_delta_log", tmp_path / "lake"} <= flushed


def test_what_is_taken_out_stays_out(tmp_path: Path, flushed: set[Path]) -> None:
    """The rewritten files and the commit are flushed, those before are left alone. [RET-2]"""
    lake = Lake(tmp_path / "lake")
    lake.write("account", "one", "2026-01-01T00:00:00Z", [{"@id": "1"}, {"@id": "2"}], {"@id": "string"})
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    flushed.clear()
    lake.take_out("account", "one", ["1"])
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert after - before <= flushed
    assert set() == flushed & before


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("Generic error: (os error 28)"), "The lake cannot be written: no space left on device."),
        (OSError("Error: Os { code: 20, kind: NotADirectory }"), "The lake cannot be written: not a directory."),
        (OSError("Something else."), "The lake cannot be written: Something else."),
    ],
)
def test_why_it_cannot_be_written_is_said_in_words(tmp_path: Path, error: OSError, said: str) -> None:
    """Without the layers of the libraries. [RET-22]"""
    with pytest.raises(Unavailable) as refused, lasting(tmp_path):
        raise error
    assert said == refused.value.message
