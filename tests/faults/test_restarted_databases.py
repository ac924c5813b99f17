"""A database that ends and comes again under load: refusals that say so, no wrong answer, and nothing lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.ledger import Caller, Reader
from tests.faults.restarting import Mode, outlive
from tests.postgres import PostgresqlServer, lasting_server
from tests.scenarios.server_process import running

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresqlServer]:
    """A server for these tests alone: it ends."""
    with lasting_server() as server:
        yield server


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_database_that_comes_again_is_used_again(database: PostgresqlServer, mode: Mode, tmp_path: Path) -> None:
    """503 with Retry-After while it is away, and never a wrong answer; then the pool heals by itself. [S-2], [E-21]"""
    outlived = outlive(tmp_path, database, [mode], lambda _ends, _rows: None)
    sys.stdout.write(outlived.line() + "\n")
    assert outlived.is_good, outlived


def test_a_refusal_says_that_the_database_is_away(database: PostgresqlServer, tmp_path: Path) -> None:
    """Reads and writes alike, with the time after which to ask again. [S-2]"""
    with running(tmp_path, "--database", database.fresh(), "--lake", "lake") as server:
        with closing(Caller(server.port)) as caller:
            assert 204 == caller.ask("POST", "accounts", {"name": "a"}).status
            database.end("fast")
            try:
                for method, address in (("GET", "accounts"), ("POST", "accounts"), ("GET", "contacts?$count=true")):
                    refused = caller.ask(method, address, {"name": "b"})
                    assert (503, "1") == (refused.status, refused.headers["retry-after"]), refused.body
                    assert b"0x80040252" in refused.body
            finally:
                database.start()
            assert 204 == caller.ask("POST", "accounts", {"name": "c"}).status
        assert ["a", "c"] == sorted(row["name"] for row in Reader(server).active("account", "name"))
        assert 0 == server.stop()
