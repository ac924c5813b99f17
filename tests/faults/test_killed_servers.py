"""Kill servers while they write, and count what is left.

A server with a durable store posts every new account to a web hook, asynchronously. It is killed at moments nobody
chose, started again, killed again. In the end every row that was acknowledged is there, and its event was delivered at
least once; whatever was delivered belongs to a row that is there. [EVT-2], [E-21]

`VERSELET_TEST_KILLS=200` kills so many times; without it, what fits into a moment of every run.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tests.scenarios.server_process import TOKEN, Server, running
from verselet.operations.founding import builtin_id

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("VERSELET_TEST_KILLS", "6"))
WRITERS = 3
SETTLES_S = 120.0
API = "/api/data/v9.2"


class Sink:
    """Takes posts on loopback; `operations` counts each operation, `rows` the row it was about."""

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()
        self.rows: dict[str, str] = {}
        self.changed = threading.Condition()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                content = self.rfile.read(length)
                if len(content) < length:
                    return  # the server died while it posted
                body = json.loads(content)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
                with sink.changed:
                    sink.operations[body["OperationId"]] += 1
                    sink.rows[body["OperationId"]] = body["PrimaryEntityId"]
                    sink.changed.notify_all()

            @override
            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, ids: set[str]) -> set[str]:
        """The rows nobody told about, after all time that is given."""
        with self.changed:
            self.changed.wait_for(lambda: ids <= set(self.rows.values()), SETTLES_S)
            return ids - set(self.rows.values())

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A web hook."""
    made = Sink()
    yield made
    made.close()


def _post(server: Server, address: str, body: dict[str, Any]) -> str:
    """The id of a new row."""
    headers = {**TOKEN, "content-type": "application/json"}
    answer = server.ask("POST", f"{API}/{address}", headers, json.dumps(body).encode())
    assert 204 == answer.status, answer.body
    return answer.headers["odata-entityid"].rpartition("(")[2].removesuffix(")")


def _register(server: Server, sink: Sink) -> None:
    hook = {"name": "sink", "url": sink.url, "contract": 8, "authtype": 4, "authvalue": "k"}
    endpoint = _post(server, "serviceendpoints", hook)
    step = {
        "name": "tell of new accounts",
        "stage": 40,
        "mode": 1,
        "rank": 1,
        "sdkmessageid@odata.bind": f"/sdkmessages({builtin_id('sdkmessage', 'Create')})",
        "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({builtin_id('sdkmessagefilter', 'Create/account')})",
        "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint})",
    }
    _post(server, "sdkmessageprocessingsteps", step)


class Writers:
    """Threads that write until the server is gone; `acknowledged` are the rows that were answered for."""

    def __init__(self, server: Server, acknowledged: set[str]) -> None:
        self._server = server
        self._acknowledged = acknowledged
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """All have seen that the server is gone."""
        for thread in self._threads:
            thread.join(60)

    def _write(self) -> None:
        while True:
            try:
                self._acknowledged.add(_post(self._server, "accounts", {"name": "kept"}))
            except (OSError, http.client.HTTPException):
                return


def _stored(server: Server) -> set[str]:
    """The ids of all accounts."""
    found: set[str] = set()
    address = f"{API}/accounts?$select=accountid"
    while address:
        page = server.ask("GET", address, {**TOKEN, "prefer": "odata.maxpagesize=5000"}).json
        found |= {row["accountid"] for row in page["value"]}
        address = page.get("@odata.nextLink", "").partition(f":{server.port}")[2]
    return found


def _survive(folder: Path, sink: Sink, kills: int, *flags: str) -> str:
    """Kill and start as often as asked, then see what is there; a line that says how it went."""
    chance = random.Random(7)
    acknowledged: set[str] = set()
    with running(folder, *flags) as server:
        _register(server, sink)
        server.stop()
    began = time.monotonic()
    for _ in range(kills):
        with running(folder, *flags) as server:
            writers = Writers(server, acknowledged)
            # A moment nobody chose: the law must hold at each.
            threading.Event().wait(chance.uniform(0.05, 0.6))
            server.process.kill()
            server.process.wait()
            writers.join()
    with running(folder, *flags) as server:
        stored = _stored(server)
        assert set() == acknowledged - stored
        assert set() == sink.wait_for(stored)
        assert set() == set(sink.rows.values()) - stored
        assert 0 == server.stop()
    spent = time.monotonic() - began
    twice = sum(count > 1 for count in sink.operations.values())
    return (
        f"{kills} kills in {spent:.0f} s: {len(acknowledged)} acknowledged rows, {len(stored)} there; "
        f"{len(sink.operations)} events delivered, {twice} of them more than once; none lost.\n"
    )


def test_a_killed_server_loses_no_row_and_no_event(tmp_path: Path, sink: Sink) -> None:
    """In a folder. [EVT-2], [E-21]"""
    sys.stdout.write(_survive(tmp_path, sink, KILLS, "--data", "org"))


@pytest.mark.postgresql
def test_a_killed_server_of_a_database_loses_nothing(tmp_path: Path, sink: Sink, postgresql_url: str) -> None:
    """Whoever comes after waits until the claims of the dead have run out. [EVT-2], [E-21]"""
    sys.stdout.write(_survive(tmp_path, sink, KILLS // 2, "--database", postgresql_url))
