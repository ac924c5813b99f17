"""Clients that hold on, stop half-way, flood or never end: each is refused, and the others are served meanwhile."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.ledger import API
from tests.scenarios.server_process import TOKEN, Server, running

pytestmark = pytest.mark.slow

CONNECTIONS = 20
LIMIT_S = 60
MOST_MEMORY_KB = 900_000
HEAD = b"POST /api/data/v9.2/accounts HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer dev-admin\r\n"
HEAD += b"content-type: application/json\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with little patience, and yet more than a busy machine needs to send what is asked at once."""
    folder = tmp_path_factory.mktemp("hostile")
    with running(folder, "--client-timeout", "3", "--max-connections", str(CONNECTIONS)) as started:
        yield started


@contextlib.contextmanager
def _connections(server: Server, count: int) -> Iterator[list[socket.socket]]:
    """So many clients."""
    with contextlib.ExitStack() as cleanup:
        yield [
            cleanup.enter_context(socket.create_connection(("127.0.0.1", server.port), LIMIT_S)) for _ in range(count)
        ]


def _heard(client: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65536):
            found += piece
    return found


def _is_served(server: Server) -> bool:
    return server.ask("GET", f"{API}/WhoAmI", TOKEN).status == 200


def _accounts(server: Server) -> int:
    return len(server.ask("GET", f"{API}/accounts?$select=name", TOKEN).json["value"])


def test_connections_without_a_word_keep_nobody_out(server: Server) -> None:
    """Three times as many as there may be; the oldest make room, and all are let go in the end."""
    with _connections(server, 3 * CONNECTIONS) as clients:
        assert all(_is_served(server) for _ in range(5))
        assert {b""} == {_heard(client) for client in clients}


def test_half_heads_keep_nobody_out(server: Server) -> None:
    """As many as there may be: some make room for others, the rest is told 408."""
    with _connections(server, CONNECTIONS) as clients:
        for client in clients:
            client.sendall(HEAD)
        assert all(_is_served(server) for _ in range(5))
        assert {b"", b"HTTP/1.1 408 "} >= {_heard(client)[:13] for client in clients}


def test_half_bodies_are_given_up(server: Server) -> None:
    """While they hold all connections others are told to come again; a moment later they are served."""
    with _connections(server, CONNECTIONS) as clients:
        for client in clients:
            client.sendall(HEAD + b'content-length: 1000\r\n\r\n{"name": ')
        said = {_heard(client)[:13] for client in clients}
        assert {b"HTTP/1.1 408 "} == said
    assert _is_served(server)


@pytest.mark.parametrize("ending", ["close", "half-close"])
def test_half_a_request_does_nothing(server: Server, ending: str) -> None:
    """Even where what came is a whole row by itself: its length was said to be another one. [E-21]"""
    before = _accounts(server)
    with _connections(server, 1) as (client,):
        client.sendall(HEAD + b'content-length: 200\r\n\r\n{"name": "half"}')
        if ending == "half-close":
            client.shutdown(socket.SHUT_WR)
            _heard(client)
    for _ in range(20):
        assert before == _accounts(server)


def test_a_head_without_end_is_refused(server: Server) -> None:
    """431, and it is not kept in memory."""
    with _connections(server, 1) as (client,):
        client.sendall(HEAD)
        with contextlib.suppress(ConnectionError):
            for number in range(10_000):
                client.sendall(b"x-filler-%d: %s\r\n" % (number, b"y" * 4000))
        assert _heard(client)[:13] in {b"HTTP/1.1 431 ", b""}
    assert _is_served(server)


def test_a_body_without_end_is_refused_and_cut_off(server: Server) -> None:
    """413 at the limit of a body, and the connection ends; memory stays within its bounds. [LM-5]"""
    answers: list[bytes] = []
    with _connections(server, 1) as (client,):
        listening = threading.Thread(target=lambda: answers.append(_heard(client)))
        listening.start()
        client.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 100_000:
                client.sendall(piece)
                sent += 1
        listening.join(LIMIT_S)
        assert sent < 100_000
    assert answers[0][:13] in {b"HTTP/1.1 413 ", b""}
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    peak_kb = int(status.partition("VmHWM:")[2].split()[0])
    assert peak_kb < MOST_MEMORY_KB
    assert _is_served(server)


def test_clients_that_take_no_answer_keep_nobody_out(server: Server) -> None:
    """Each asks for much and reads nothing of it."""
    with _connections(server, CONNECTIONS - 2) as clients:
        for client in clients:
            ask = f"GET {API}/$metadata HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer dev-admin\r\n\r\n"
            client.sendall(ask.encode() * 4)
        assert all(_is_served(server) for _ in range(5))


def test_rows_are_written_between_all_that(server: Server) -> None:
    """The server answers as ever."""
    before = _accounts(server)
    body = json.dumps({"name": "after all"}).encode()
    headers = {**TOKEN, "content-type": "application/json"}
    assert 204 == server.ask("POST", f"{API}/accounts", headers, body).status
    assert before + 1 == _accounts(server)
