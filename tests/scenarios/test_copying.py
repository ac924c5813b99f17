"""An organization moves from one database to another, and is the same there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw
import pytest

from verselet.cli import run
from verselet.settings import FILE_NAME

Captured = pytest.CaptureFixture[str]

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organization in a folder, with the demo rows; nobody may change it."""
    folder = tmp_path_factory.mktemp("copied") / "org"
    assert 0 == run(["seed", "demo", "--data", str(folder)])
    return folder


def everything(folder: Path) -> dict[str, list[str]]:
    """Table → all its rows, and what the tables, indexes and views are called."""
    connection = apsw.Connection(str(folder / FILE_NAME), flags=apsw.SQLITE_OPEN_READONLY)
    made = sorted(str(row) for row in connection.execute("SELECT type, name, tbl_name FROM sqlite_schema"))
    names = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {"": made}
    for name in names:
        columns = sorted(str(row[1]) for row in connection.execute(f'PRAGMA table_xinfo("{name}")'))
        listed = ", ".join([f'"{column}"' for column in columns])
        found[name] = sorted(repr(row) for row in connection.execute(f'SELECT {listed} FROM "{name}"'))
    connection.close()
    return found


def copied(capsys: Captured, *arguments: str) -> dict[str, Any]:
    """What a copy says of itself."""
    assert 0 == run(["database", "copy", *arguments, "--json"])
    return dict(json.loads(capsys.readouterr().out))


def test_there_and_back_all_rows_are_the_same(
    demo: Path, tmp_path: Path, postgresql_url: str, capsys: Captured
) -> None:
    """From a file to PostgreSQL and from there to another file: every value of every table."""
    there = copied(capsys, "--data", str(demo), "--to", postgresql_url)
    back = copied(capsys, "--database", postgresql_url, "--to", str(tmp_path / "back"))

    assert ("dev", None) == (there["organization"], there["lake"])
    assert (there["tables"], there["rows"]) == (back["tables"], back["rows"])
    assert everything(demo) == everything(tmp_path / "back")
