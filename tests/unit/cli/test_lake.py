"""The command that shows the lake."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from verselet.cli import run
from verselet.lake import ID, Lake
from verselet.organization import lake_directory


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory whose lake holds two rows, where no settings file decides anything."""
    monkeypatch.chdir(tmp_path)
    lake = Lake(tmp_path / "lake")
    rows = [{ID: "a", "name": "A"}, {ID: "b", "name": "B"}]
    lake.write("account", "batch", "2026-01-01T00:00:00Z", rows, {ID: "string", "name": "string"})
    return tmp_path


def test_the_tables_and_their_rows_are_shown(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`verselet lake`"""
    assert 0 == run(["lake", "--data", str(data)])
    shown = capsys.readouterr().out.splitlines()
    assert [f"The lake in {data / 'lake'}", "  account         2", "2 rows are retained."] == shown


def test_programs_get_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`verselet lake --json`"""
    assert 0 == run(["lake", "--lake", str(data / "lake"), "--json"])
    assert {"lake": str(data / "lake"), "tables": {"account": 2}} == json.loads(capsys.readouterr().out)


def test_a_lake_without_its_library_says_what_to_install(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """VS1065: the library is an extra of the package."""
    monkeypatch.setitem(sys.modules, "deltalake", None)
    assert 2 == run(["lake", "--lake", str(data / "lake")])
    told = capsys.readouterr().err
    assert "VS1065" in told
    assert "verselet[lake]" in told


def test_a_lake_that_is_an_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """VS1064: nobody finds out later that rows went to a folder called `s3:`."""
    assert 2 == run(["lake", "--lake", "s3://bucket/lake"])
    assert "VS1064" in capsys.readouterr().err


def test_an_organization_in_memory_has_no_lake_to_look_at(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """VS1055"""
    monkeypatch.delenv("VERSELET_DATA", raising=False)
    assert 2 == run(["lake"])
    assert "VS1055" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "directory", "expected"),
    [
        (None, None, None),
        ("sqlite://", None, None),
        ("sqlite:///:memory:", None, None),
        ("sqlite:////data/rows.db", None, Path("/data/lake")),
        ("postgresql://localhost/rows", None, None),
        (None, Path("/data"), Path("/data/lake")),
    ],
)
def test_the_lake_lies_beside_the_rows(url: str | None, directory: Path | None, expected: Path | None) -> None:
    """Only where the rows are in a file."""
    assert expected == lake_directory(url, directory)
