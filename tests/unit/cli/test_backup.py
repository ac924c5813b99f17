"""The commands that save and restore an organization."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from verselet.cli import run
from verselet.errors import OperatorError
from verselet.lake import ID, Bucket, Folder, Lake
from verselet.organization import open_organization
from verselet.organization.backups import MANIFEST, back_up
from verselet.settings import FILE_NAME

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organization in a folder, with a row in its lake; nobody may change it."""
    folder = tmp_path_factory.mktemp("whole") / "org"
    open_organization(None, directory=folder).close()
    Lake(folder / "lake").write("account", "batch", "2026-01-01T00:00:00Z", [{ID: "a"}], {ID: "string"})
    return folder


@pytest.fixture
def place(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where no settings file decides anything."""
    monkeypatch.chdir(tmp_path)
    return whole


@pytest.fixture
def saved(place: Path, capsys: Captured) -> Path:
    """A backup of it."""
    assert 0 == run(["backup", "saved", "--data", str(place)])
    capsys.readouterr()
    return Path("saved")


def refusal(capsys: Captured, *arguments: str) -> str:
    """The code a command is refused with."""
    assert 0 != run(arguments)
    return capsys.readouterr().err.split()[1]


def test_what_was_saved_can_be_restored(place: Path, capsys: Captured) -> None:
    """The rows and the lake, for people and for programs."""
    assert 0 == run(["backup", "saved", "--data", str(place)])
    said = capsys.readouterr().out
    assert "is saved in saved" in said
    assert 0 == run(["restore", "saved", "--data", "again", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert {"folder": "again", "files": 3} == {name: told[name] for name in ("folder", "files")}
    assert {"account": 1} == Lake(Path("again") / "lake").tables()
    opened = [open_organization(None, directory=folder) for folder in (place, Path("again"))]
    assert opened[0].id == opened[1].id
    for organization in opened:
        organization.close()


def test_a_lake_in_object_storage_is_named_and_not_copied(
    place: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """With the version of each of its tables at the moment of the backup; its credentials are nowhere. VS1077"""
    for name, text in bucket.options.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, text)
    Lake(bucket).write("account", "batch", "2026-01-01T00:00:00Z", [{ID: "a"}], {ID: "string"})
    assert 0 == run(["backup", "saved", "--data", str(place), "--lake", str(bucket)])
    assert f"its lake stays in {bucket}" in capsys.readouterr().out
    text = (Path("saved") / MANIFEST).read_text()
    assert {"address": str(bucket), "versions": {"account": 0}} == json.loads(text)["lake"]
    assert bucket.options["AWS_SECRET_ACCESS_KEY"] not in text
    assert 0 == run(["restore", "saved", "--data", "again", "--lake", str(bucket)])
    assert f"its lake stays in {bucket}" in capsys.readouterr().out
    assert 0 == run(["backup", "whole", "--data", str(place)])
    assert "VS1077" == refusal(capsys, "restore", "whole", "--data", "third", "--lake", str(bucket))
    assert "VS1065" == refusal(capsys, "backup", "other", "--data", str(place), "--lake", "s3://nobody-made-it/x")
    assert not Path("other").exists()


def test_a_backup_that_files_are_taken_from_is_not_finished(place: Path, tmp_path: Path) -> None:
    """Files of the lake that are out of use go when it is compacted, also while it is copied. VS1078"""
    shutil.copytree(place, tmp_path / "org")

    def remove(_done: int, _total: int, what: str) -> None:
        if what == "files of the lake":
            for path in (tmp_path / "org" / "lake").rglob("*.parquet"):
                path.unlink()

    lake = Folder(tmp_path / "org" / "lake")
    with pytest.raises(OperatorError) as refused:
        back_up(tmp_path / "org" / FILE_NAME, lake, tmp_path / "saved", ("2026-01-01T00:00:00Z", "0"), remove)
    assert "VS1078" == refused.value.code
    assert not (tmp_path / "saved" / MANIFEST).exists()


def test_nothing_is_ever_written_over(place: Path, saved: Path, capsys: Captured) -> None:
    """Neither a backup nor an organization. VS1071, VS1074"""
    assert "VS1071" == refusal(capsys, "backup", str(saved), "--data", str(place))
    assert "VS1074" == refusal(capsys, "restore", str(saved), "--data", str(place))
    assert "VS1074" == refusal(capsys, "restore", str(saved), "--data", "other", "--lake", str(place / "lake"))


def test_a_damaged_backup_is_not_restored(saved: Path, capsys: Captured) -> None:
    """Not even a part of it. VS1073"""
    with (saved / FILE_NAME).open("r+b") as file:
        file.seek(5_000)
        file.write(b"\xff")
    assert "VS1073" == refusal(capsys, "restore", str(saved), "--data", "again")
    (saved / FILE_NAME).unlink()
    assert "VS1073" == refusal(capsys, "restore", str(saved), "--data", "again")
    assert not Path("again").exists()


def test_a_folder_that_is_not_finished_is_no_backup(saved: Path, capsys: Captured) -> None:
    """VS1072"""
    (saved / MANIFEST).unlink()
    assert "VS1072" == refusal(capsys, "restore", str(saved), "--data", "again")


@pytest.mark.parametrize("path", ["../else", "/etc/passwd", "lake/../../else", "other", ""])
def test_a_manifest_leads_nowhere_else(saved: Path, capsys: Captured, path: str) -> None:
    """Whoever made it: only the database and the lake are restored. VS1072"""
    manifest: dict[str, Any] = json.loads((saved / MANIFEST).read_bytes())
    manifest["files"].append({"path": path, "size": 0, "sha256": ""})
    (saved / MANIFEST).write_text(json.dumps(manifest))
    assert "VS1072" == refusal(capsys, "restore", str(saved), "--data", "again")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "made": "", "version": "", "files": []}', '{"format": 1}'])
def test_a_manifest_that_makes_no_sense_is_refused(saved: Path, capsys: Captured, text: str) -> None:
    """VS1072"""
    (saved / MANIFEST).write_text(text)
    assert "VS1072" == refusal(capsys, "restore", str(saved), "--data", "again")


def test_there_must_be_something_to_save(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """VS1070, VS1075, VS1076"""
    monkeypatch.delenv("VERSELET_DATA", raising=False)
    monkeypatch.delenv("VERSELET_DATABASE", raising=False)
    assert "VS1070" == refusal(capsys, "backup", "saved", "--data", "nowhere")
    assert "VS1075" == refusal(capsys, "backup", "saved")
    assert "VS1076" == refusal(capsys, "backup", "saved", "--database", "postgresql://localhost/x", "--lake", "lake")
