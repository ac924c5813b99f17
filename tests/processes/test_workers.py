"""`--workers N`: one server of several processes; how it starts, goes on when one dies, and ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.processes.pairs import MEMBER, Client
from tests.scenarios.server_process import STOP_LIMIT_S, TOKEN, Server, command, run, running, started
from tests.scenarios.stores import url_of
from tests.sign_in_world import FIXTURE, REGISTRAR

pytestmark = pytest.mark.slow

ESTABLISHED = "01"
"""As the machine writes it in its list of connections."""

DURABLE = ["file", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=DURABLE)
def place(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The flags that say where the rows are kept."""
    with url_of(request) as url:
        yield ["--data", "org"] if url is None else ["--database", url]


def workers_of(server: Server) -> set[int]:
    """The processes that serve."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return {int(child) for child in children if b"spawn_main" in _command_of(int(child))}


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def own_memory_kib(pid: int) -> int:
    """What a process has for itself alone."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("RssAnon:")[2].split()[0])


def await_that(is_so: object, limit_s: float = STOP_LIMIT_S) -> None:
    """Look until it is so."""
    assert callable(is_so)
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until


def test_two_processes_serve_one_organization(tmp_path: Path, place: list[str]) -> None:
    """One banner, seeds loaded once, one address for both, plain and with TLS; one signal ends both. contract.md §2"""
    (tmp_path / "people.json").write_text(json.dumps(FIXTURE), encoding="utf-8")
    flags = [*place, "--workers", "2", "--seed", "people.json", "--tls"]
    with running(tmp_path, *flags) as server:
        assert 1 == sum(line.startswith("ready ") for line in server.printed)
        assert 2 == len(workers_of(server))
        with ThreadPoolExecutor(8) as several:
            found = list(several.map(lambda _: Client(server).get("systemusers?$count=true&$top=1"), range(24)))
        assert 1 == len({answer["@odata.count"] for answer in found})
        assert REGISTRAR == Client(server).acting("dev:registrar").get("WhoAmI")["UserId"]

        context = ssl.create_default_context(cafile=server.authority)
        request = urllib.request.Request(f"https://localhost:{server.tls_port}/api/data/v9.2/WhoAmI", headers=TOKEN)
        with urllib.request.urlopen(request, context=context, timeout=STOP_LIMIT_S) as answer:
            assert 200 == answer.status

        processes = workers_of(server)
        assert 0 == server.stop()
        assert [] == [pid for pid in processes if _command_of(pid)]


def test_who_looks_after_them_keeps_nothing_of_the_founding(tmp_path: Path) -> None:
    """It founds the organization and loads the seed in a process that ends: it has less memory than one that serves."""
    with running(tmp_path, "--data", "org", "--workers", "2", "--seed", "demo") as server:
        serving = [own_memory_kib(pid) for pid in workers_of(server)]
        assert own_memory_kib(server.process.pid) < min(serving)


def test_a_seed_that_is_refused_keeps_the_server_from_beginning(tmp_path: Path) -> None:
    """Its code and its reasons are those of one process, though another one read it. VS3001"""
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    alone, together = [
        run(tmp_path, "serve", "--port", "0", "--data", f"org{workers}", "--seed", "broken.json", "--workers", workers)
        for workers in ("1", "2")
    ]

    assert 1 == together.returncode
    # What takes longer than a moment tells how far it is before.
    told = [finished.stderr.rpartition("error ")[2] for finished in (alone, together)]
    assert told[0].startswith("VS3001")
    assert (alone.returncode, told[0]) == (together.returncode, told[1])


def test_ctrl_c_ends_all_processes(tmp_path: Path) -> None:
    """A terminal sends it to each of them; a request in flight is finished all the same. contract.md §2"""
    with running(tmp_path, "--data", "org", "--workers", "2") as server:
        processes = workers_of(server)
        with socket.create_connection(("127.0.0.1", server.port), timeout=STOP_LIMIT_S) as connection:
            body = b'{"name": "begun"}'
            head = (
                "POST /api/data/v9.2/accounts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer dev-admin\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                "Expect: 100-continue\r\n\r\n"
            )
            connection.sendall(head.encode())
            # The process asks for the body when it has begun to work on the request.
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
            for pid in (*processes, server.process.pid):
                os.kill(pid, signal.SIGINT)
            connection.sendall(body)
            assert connection.recv(100).startswith(b"HTTP/1.1 204")
        assert 0 == server.process.wait(STOP_LIMIT_S)
        assert [] == [pid for pid in processes if _command_of(pid)]


def test_a_process_that_died_is_replaced(tmp_path: Path, place: list[str]) -> None:
    """The others go on serving meanwhile, and what was answered is there."""
    with running(tmp_path, *place, "--workers", "2") as server:
        client = Client(server)
        made = [client.make("accounts", name=f"kept {number}") for number in range(4)]
        before = workers_of(server)
        killed = next(iter(before))
        os.kill(killed, signal.SIGKILL)
        await_that(lambda: killed not in workers_of(server) and len(workers_of(server)) == 2)

        kept = client.get("accounts?$filter=startswith(name,'kept')&$select=accountid")["value"]
        assert sorted(made) == sorted(row["accountid"] for row in kept)
        assert 0 == server.stop()


def connections_of(pid: int, port: int) -> int:
    """How many clients of that port a process has."""
    there = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == ESTABLISHED
    }
    held = set()
    for opened in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.add(opened.readlink().name.removeprefix("socket:[").removesuffix("]"))
    return len(held & there)


def test_the_processes_have_equally_many_connections(tmp_path: Path) -> None:
    """A client that keeps many has the work of all of them. (run-several-processes)"""
    with running(tmp_path, "--data", "org", "--workers", "2") as server, contextlib.ExitStack() as stack:
        for _ in range(40):
            client = HTTPConnection("127.0.0.1", server.port, timeout=STOP_LIMIT_S)
            stack.callback(client.close)
            client.request("GET", "/_verselet/health")
            assert client.getresponse().read()
        assert [20, 20] == [connections_of(pid, server.port) for pid in workers_of(server)]


def test_what_a_killed_process_had_not_begun_is_answered_by_another(tmp_path: Path) -> None:
    """A client that was handed to it waits for a moment; it is neither refused nor cut off. (run-several-processes)"""
    with running(tmp_path, "--data", "org", "--workers", "2") as server:
        stopped = next(iter(workers_of(server)))
        os.kill(stopped, signal.SIGSTOP)
        with ThreadPoolExecutor(8) as several:
            asked = [several.submit(server.ask, "GET", "/_verselet/health") for _ in range(8)]
            # The other process answers its half; the rest was handed to the one that takes nothing.
            await_that(lambda: sum(one.done() for one in asked) >= 1)
            os.kill(stopped, signal.SIGKILL)
            assert [200] * 8 == [one.result().status for one in asked]
        assert 0 == server.stop()


def test_the_processes_end_with_the_one_that_looks_after_them(tmp_path: Path) -> None:
    """Killed hard, it can tell them nothing: they see it, and give the address back."""
    with running(tmp_path, "--data", "org", "--workers", "2") as server:
        processes = workers_of(server)
        server.process.kill()
        server.process.wait(STOP_LIMIT_S)
        await_that(lambda: not any(_command_of(pid) for pid in processes))
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", server.port))


def test_writes_of_all_processes_are_kept(tmp_path: Path, place: list[str]) -> None:
    """They take turns: none is refused because the store is busy, and none is lost."""
    with running(tmp_path, *place, "--workers", "3") as server:
        with ThreadPoolExecutor(6) as several:
            made = list(several.map(lambda n: Client(server).make("accounts", name=f"w{n}"), range(60)))
        kept = Client(server).get("accounts?$filter=startswith(name,'w')&$select=accountid")["value"]
        assert sorted(made) == sorted(row["accountid"] for row in kept)
        assert 0 == server.stop()


def test_two_processes_may_come_to_an_empty_database_at_once(tmp_path: Path, place: list[str]) -> None:
    """One of them founds the organization, the other one finds it; on PostgreSQL they are servers. [OC-4]"""
    words = MEMBER if "--data" in place else command("serve", "--port", "0", *place)

    def founded(_number: int) -> tuple[str, int]:
        with started(tmp_path, words) as server:
            facts = Client(server).get("organizations?$select=organizationid,createdon")["value"]
            users = Client(server).get("systemusers?$count=true")["@odata.count"]
            assert 0 == server.stop()
            return str(facts), users

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(founded, range(2))
    assert first == second


def test_in_memory_there_is_one_process(tmp_path: Path) -> None:
    """Refused in three lines, before anything is opened. contract.md §2"""
    refused = run(tmp_path, "serve", "--workers", "2", "--port", "0")
    assert (2, "") == (refused.returncode, refused.stdout)
    assert [
        "error VS1011  --workers 2 needs rows that several processes can reach",
        "  why  an organization in memory lives in one process",
        "  do   add --data DIR or --database URL, or leave --workers away",
    ] == refused.stderr.splitlines()


def test_what_keeps_a_process_from_beginning_is_told(tmp_path: Path) -> None:
    """Who looks after them says why, as one process alone would."""
    with running(tmp_path) as server:
        refused = run(tmp_path, "serve", "--data", "org", "--workers", "2", "--port", str(server.port))
    assert 1 == refused.returncode
    assert f"error VS1042  port {server.port} is in use" in refused.stderr
