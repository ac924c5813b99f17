"""The command that shows the lake."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from verselet.cli import run
from verselet.lake import ID, Bucket, Lake
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


def test_small_files_are_merged_for_who_asks(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`verselet lake compact`"""
    Lake(data / "lake").write("account", "other", "2026-01-01T00:00:00Z", [{ID: "c"}], {ID: "string"})
    assert 0 == run(["lake", "compact", "--data", str(data)])
    shown = capsys.readouterr().out.splitlines()
    assert "  account         3  2 files became 1" == shown[1]
    assert 0 == run(["lake", "compact", "--data", str(data), "--json"])
    assert {"lake": str(data / "lake"), "tables": {"account": 3}, "compacted": {}} == json.loads(
        capsys.readouterr().out
    )


def test_a_lake_without_its_library_says_what_to_install(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """VS1065: the library is an extra of the package."""
    monkeypatch.setitem(sys.modules, "deltalake", None)
    assert 2 == run(["lake", "--lake", str(data / "lake")])
    told = capsys.readouterr().err
    assert "VS1065" in told
    assert "verselet[lake]" in told


@pytest.mark.parametrize(
    "address",
    [
        "abfss://rows@account.example/lake",
        "gs://bucket/lake",
        "s3a://bucket/lake",
        "s3://user:secret@bucket/lake",
        "s3://bucket/lake?secret=1",
        "s3://bucket/../other",
        "s3:/bucket/lake",
        "https://secret@storage.example/bucket",
    ],
)
def test_an_address_that_cannot_be_a_lake_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """VS1064: no rows go to a folder that is called `gs:`; and what may be secret is not repeated."""
    assert 2 == run(["lake", "--lake", address])
    told = capsys.readouterr().err
    assert "VS1064" in told
    assert "secret" not in told


def test_a_lake_in_object_storage_is_shown_without_its_credentials(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are taken from the environment."""
    Lake(bucket).write("account", "batch", "2026-01-01T00:00:00Z", [{ID: "a"}], {ID: "string"})
    for name, text in bucket.options.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, text)
    assert 0 == run(["lake", "--lake", str(bucket)])
    shown = capsys.readouterr().out.splitlines()
    assert [f"The lake in {bucket}", "  account         1", "1 rows are retained."] == shown


def test_storage_without_its_bucket_says_so(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """VS1065"""
    for name, text in bucket.options.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, text)
    assert 2 == run(["lake", "--lake", "s3://nobody-made-it/x"])
    told = capsys.readouterr().err
    assert "VS1065" in told
    assert "the bucket does not exist" in told


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
