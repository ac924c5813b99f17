"""A database that ends and comes again under load: refusals that say so, no wrong answer, and nothing lost."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from tests.faults.ledger import WRITERS, Caller, Ledger, Reader, Writer
from tests.postgres import PostgresqlServer, lasting_server
from tests.scenarios.server_process import Server, running

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

LIMIT_S = 60.0


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresqlServer]:
    """A server for these tests alone: it ends."""
    with lasting_server() as server:
        yield server


class Watcher:
    """Reads rows that were answered for, again and again: each is there, or the answer says that it cannot be told."""

    def __init__(self, port: int, ledger: Ledger) -> None:
        self._caller = Caller(port)
        self._ledger = ledger
        self._stopping = threading.Event()
        self.answers: dict[int, int] = {}
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()
        self._thread.join(LIMIT_S)
        self._caller.close()

    def _read(self) -> None:
        chance = random.Random(3)
        while not self._stopping.is_set():
            known = list(self._ledger.rows)
            if not known:
                continue
            answer = self._caller.ask("GET", f"accounts({chance.choice(known)})?$select=name", None)
            self.answers[answer.status] = self.answers.get(answer.status, 0) + 1


def _until_more(counted: Callable[[], int], more: int) -> None:
    """Wait until something has happened so many times more."""
    wanted, until = counted() + more, time.monotonic() + LIMIT_S
    while counted() < wanted and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert counted() >= wanted


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_database_that_comes_again_is_used_again(
    database: PostgresqlServer, mode: Literal["fast", "immediate"], tmp_path: Path
) -> None:
    """503 with Retry-After while it is away, and never a wrong answer; then the pool heals by itself. [S-2], [E-21]"""
    ledger = Ledger(is_patient=True)
    with running(tmp_path, "--database", database.fresh(), "--lake", "lake") as server:
        writers = [Writer(server.port, ledger, random.Random(number), ("kept",)) for number in range(WRITERS)]
        watcher = Watcher(server.port, ledger)
        _until_more(lambda: len(ledger.rows), 20)
        database.end(mode)
        _until_more(lambda: ledger.refused, WRITERS)
        database.start()
        _until_more(lambda: len(ledger.rows), 20)
        for writer in writers:
            writer.stop()
        watcher.stop()
        assert [] == ledger.surprises, server.complaints[-3000:]
        assert {200, 503} >= watcher.answers.keys()
        _must_hold(server, ledger)
        assert 0 == server.stop()


def _must_hold(server: Server, ledger: Ledger) -> None:
    """What was answered for is there; beside it only what was asked for and never answered."""
    found = {row["accountid"]: row["numberofemployees"] for row in Reader(server).active("account", *_COLUMNS)}
    assert set() == ledger.rows.keys() - found.keys()
    assert len(found) - len(ledger.rows) <= ledger.refused
    assert {} == {
        row_id: found[row_id] for row_id, kept in ledger.rows.items() if found[row_id] not in {kept.number, kept.asked}
    }


_COLUMNS = ("accountid", "numberofemployees")


def test_a_refusal_says_that_the_database_is_away(database: PostgresqlServer, tmp_path: Path) -> None:
    """Reads and writes alike; the server itself goes on, and says at its health address what it cannot do. [S-2]"""
    with running(tmp_path, "--database", database.fresh(), "--lake", "lake") as server:
        with closing(Caller(server.port)) as caller:
            assert 204 == caller.ask("POST", "accounts", {"name": "a"}).status
            database.end("fast")
            try:
                for method, address in (
                    ("GET", "accounts"),
                    ("POST", "accounts"),
                    ("GET", "WhoAmI"),
                    ("POST", "$batch"),
                ):
                    answer = caller.ask(method, address, {"name": "b"})
                    assert answer.status in {200, 503, 400}, (address, answer.body)
                refused = caller.ask("POST", "accounts", {"name": "b"})
                assert (503, "1") == (refused.status, refused.headers["retry-after"])
                assert b"0x80040252" in refused.body
            finally:
                database.start()
            assert 204 == caller.ask("POST", "accounts", {"name": "c"}).status
        assert ["a", "c"] == sorted(row["name"] for row in Reader(server).active("account", "name"))
        assert 0 == server.stop()
