"""Rows in a file have one server, of however many processes."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.scenarios.server_process import STOP_LIMIT_S, TOKEN, run, running

pytestmark = pytest.mark.slow

AGAIN = [
    ("--data", "org"),
    ("--data", "org", "--workers", "2"),
    ("--database", "sqlite:///org/verselet.db"),
]


@pytest.mark.parametrize("flags", AGAIN)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_server_is_refused_and_told_who_has_the_rows(
    tmp_path: Path, workers: str, flags: tuple[str, ...]
) -> None:
    """By the address and the process; the first one goes on. product.md §6"""
    with running(tmp_path, "--data", "org", "--workers", workers) as server:
        refused = run(tmp_path, "serve", "--port", "0", *flags)
        said = refused.stderr
        assert (1, True) == (refused.returncode, "VS2012" in said), said
        assert f"{server.base_url} (process {server.process.pid})" in said
        assert 200 == server.ask("GET", "/api/data/v9.2/WhoAmI", TOKEN).status
        assert 0 == server.stop()


def test_a_server_that_was_killed_has_the_rows_no_longer(tmp_path: Path) -> None:
    """The machine takes the place back with the process."""
    with running(tmp_path, "--data", "org") as server:
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(STOP_LIMIT_S)
    with running(tmp_path, "--data", "org") as again:
        assert 200 == again.ask("GET", "/api/data/v9.2/WhoAmI", TOKEN).status
        assert 0 == again.stop()


def test_commands_beside_a_server_are_not_refused(tmp_path: Path) -> None:
    """They take turns with it, and what they write is seen. product.md §6"""
    with running(tmp_path, "--data", "org") as server:
        seeded = run(tmp_path, "seed", "demo", "--data", "org")
        assert 0 == seeded.returncode, seeded.stderr
        found = server.ask("GET", "/api/data/v9.2/msevtmgt_sessions?$top=1", TOKEN)
        assert (200, 1) == (found.status, len(found.json["value"]))
        saved = run(tmp_path, "backup", "saved", "--data", "org")
        assert 0 == saved.returncode, saved.stderr
        again = run(tmp_path, "restore", "saved", "--data", "org")
        assert (True, True) == (again.returncode != 0, "VS" in again.stderr)
        assert 0 == server.stop()
