"""Plug-ins in a folder, taken up by a server that runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.harness import Api, new_organization
from tests.scenarios.server_process import TOKEN, running
from tests.unit.server.test_plugins import write
from verselet.server import reloading
from verselet.server.plugins import Plugins
from verselet.server.reloading import Reloading


@pytest.fixture
def api() -> Iterator[Api]:
    """An organization."""
    with Api(new_organization()) as opened:
        yield opened


def named(api: Api) -> str:
    """What a new account is called."""
    return str(api.read(f"accounts({api.make('accounts', name='sent')})")["name"])


def test_steps_follow_their_file(api: Api, tmp_path: Path) -> None:
    """New, changed, broken, gone: the next message is the first to see it."""
    looking = Reloading(Plugins(tmp_path), api.organization)
    seen = [named(api)]
    for says in ("one", "two"):
        write(tmp_path / "a.py", "a", says)
        looking.look()
        seen.append(named(api))
    (tmp_path / "a.py").write_text("def\n")
    looking.look()
    seen.append(named(api))
    (tmp_path / "a.py").unlink()
    assert () == looking.look()
    seen.append(named(api))
    assert ["sent", "one", "two", "two", "sent"] == seen


def test_the_folder_is_watched(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of its own looks again and again, until it is stopped."""
    taken = threading.Event()
    monkeypatch.setattr(reloading, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(api.organization, "read_steps", taken.set)
    looking = Reloading(Plugins(tmp_path), api.organization)
    looking.start()
    write(tmp_path / "a.py", "a")
    assert taken.wait(60)
    looking.stop()
    assert ["a.py"] == [file.file for file in looking.files()]


def test_what_could_not_be_taken_up_is_taken_up_later(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is busy loses no change."""
    from verselet.errors import Unavailable

    looking = Reloading(Plugins(tmp_path), api.organization)
    write(tmp_path / "a.py", "a", "taken")
    with monkeypatch.context() as patch:

        def busy() -> None:
            raise Unavailable("The store is busy.")

        patch.setattr(api.organization, "read_steps", busy)
        with pytest.raises(Unavailable):
            looking.look()
    looking.look()
    assert "taken" == named(api)


@pytest.mark.slow
def test_a_server_tells_of_its_plug_ins(tmp_path: Path) -> None:
    """And looks at them when it is asked to."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    write(folder / "a.py", "first")
    with running(tmp_path, "--plugins", str(folder)) as server:
        told = {"file": "a.py", "solutions": ["first"], "steps": 1, "problem": ""}
        assert {"files": [told]} == server.ask("GET", "/_verselet/plugins", TOKEN).json
        write(folder / "a.py", "second", "named by a plug-in")
        assert [["second"]] == [
            file["solutions"] for file in server.ask("POST", "/_verselet/plugins", TOKEN).json["files"]
        ]
        headers = {**TOKEN, "content-type": "application/json", "prefer": "return=representation"}
        made = server.ask("POST", "/api/data/v9.2/accounts", headers, json.dumps({"name": "sent"}).encode())
        assert (201, "named by a plug-in") == (made.status, made.json["name"])
        (folder / "a.py").write_text("def")
        (broken,) = server.ask("POST", "/_verselet/plugins", TOKEN).json["files"]
        assert (["second"], True) == (broken["solutions"], "SyntaxError" in broken["problem"])
        assert 401 == server.ask("GET", "/_verselet/plugins").status
        assert 405 == server.ask("DELETE", "/_verselet/plugins", TOKEN).status
