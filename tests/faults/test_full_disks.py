"""A disk that takes no more data: writes are refused by name, reads go on, and nothing that was answered for is lost.

The machine itself refuses: a limit on the size of the files that the server may write, which works for every user, and
which can be lifted while the server runs.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.ledger import API, Caller, Reader
from tests.scenarios.server_process import TOKEN, Server, command, environment, running

pytestmark = pytest.mark.slow

OLD = (
    "<fetch><entity name='account'><filter><condition attribute='name' operator='eq' value='old'/></filter>"
    "</entity></fetch>"
)
LONG = "x" * 2000
ENDS_WITHIN_S = 60.0


@contextmanager
def _full(server: Server, limit_bytes: int) -> Iterator[None]:
    """Inside, no file of the server grows beyond the limit."""
    pid, infinity = server.process.pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit_bytes, infinity))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (infinity, infinity))


def _made(caller: Caller, address: str, body: dict[str, Any]) -> str:
    answer = caller.ask("POST", address, body)
    assert 204 == answer.status, answer.body
    return answer.headers["odata-entityid"].rpartition("(")[2].removesuffix(")")


def _written_until_refused(caller: Caller) -> set[str]:
    """The rows that were answered for, until one was not; the next one is refused alike."""
    made: set[str] = set()
    answer = caller.ask("POST", "accounts", {"name": "first", "description": LONG})
    while answer.status == 204:
        made.add(answer.headers["odata-entityid"].rpartition("(")[2].removesuffix(")"))
        answer = caller.ask("POST", "accounts", {"name": "more", "description": LONG})
    for refused in (answer, caller.ask("POST", "accounts", {"name": "one more", "description": LONG})):
        assert (503, "30") == (refused.status, refused.headers["retry-after"])
        error = json.loads(refused.body)["error"]
        assert "0x80040252" == error["code"]
        assert "There is no room left for the data on the disk of the database: file too large." == error["message"]
    return made


def _changed_until_refused(caller: Caller, address: str) -> int:
    """The status of the last change. It is smaller than a new row: where no row has room, some changes may have."""
    answer, letters = caller.ask("PATCH", address, {"description": LONG[:-1]}), len(LONG) - 2
    while answer.status == 204 and letters:
        answer, letters = caller.ask("PATCH", address, {"description": LONG[:letters]}), letters - 1
    return answer.status


def test_a_full_disk_refuses_writes_and_nothing_else(tmp_path: Path) -> None:
    """Reads go on; with room again writes do too; a kill afterwards shows that all is there. [E-21], [S-2]"""
    with running(tmp_path, "--data", "org") as server, closing(Caller(server.port)) as caller:
        largest = max(path.stat().st_size for path in (tmp_path / "org").iterdir())
        with _full(server, largest + 400_000):
            made = _written_until_refused(caller)
            assert made
            assert made == {row["accountid"] for row in Reader(server).active("account", "accountid")}
            for row_id in sorted(made)[:1]:
                assert 503 == _changed_until_refused(caller, f"accounts({row_id})")
                gone = caller.ask("DELETE", f"accounts({row_id})", None)
                assert 503 == gone.status
                assert 200 == server.ask("GET", f"{API}/accounts({row_id})", TOKEN).status
        made.add(_made(caller, "accounts", {"name": "with room again"}))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with running(tmp_path, "--data", "org") as server:
        assert made == {row["accountid"] for row in Reader(server).active("account", "accountid")}
        assert 0 == server.stop()


def _policy(caller: Caller) -> str:
    """Let accounts be retained, and have the old ones retained at once."""
    definition = {"@odata.type": "#Microsoft.Dynamics.CRM.EntityMetadata", "IsRetentionEnabled": True}
    assert 204 == caller.ask("PUT", "EntityDefinitions(LogicalName='account')", definition).status
    _made(caller, "accounts", {"name": "old", "contact_customer_accounts": [{"lastname": "of the family"}]})
    policy = {"name": "old", "uniquename": "old", "entitylogicalname": "account", "criteria": OLD}
    return _made(caller, "retentionconfigs", policy)


RUNS = "retentionoperations?$select=statuscode,additionaldetails&$orderby=createdon&$filter=statecode%20eq%203"
JOBS = "asyncoperations?$select=statuscode,message&$filter=operationtype%20eq%20300%20and%20statecode%20eq%203"


def _ended(server: Server, address: str, count: int) -> list[dict[str, Any]]:
    """What so many runs or jobs say once they have ended."""
    until = time.monotonic() + ENDS_WITHIN_S
    found: list[dict[str, Any]] = []
    while len(found) < count and time.monotonic() < until:
        threading.Event().wait(0.05)
        found = server.ask("GET", f"{API}/{address}", TOKEN).json["value"]
    return found


def _must_recover(server: Server, said: str) -> None:
    """The failed run has left its rows where they were, and says why; so does its job."""
    (run,) = _ended(server, RUNS, 1)
    assert (31, said) == (run["statuscode"], run["additionaldetails"])
    (job,) = _ended(server, JOBS, 1)
    assert (31, said) == (job["statuscode"], job["message"])
    reader = Reader(server)
    assert (1, 0) == (len(reader.active("account", "name")), len(reader.retained("account", "name")))


def _must_run(server: Server, caller: Caller, policy: str) -> None:
    """The policy is told to run once more, and everything is where it belongs."""
    assert 204 == caller.ask("PATCH", f"retentionconfigs({policy})", {"statuscode": 10}).status
    assert [31, 30] == [run["statuscode"] for run in _ended(server, RUNS, 2)]
    reader = Reader(server)
    for table, column in (("account", "name"), ("contact", "lastname")):
        assert (0, 1) == (len(reader.active(table, column)), len(reader.retained(table, column)))
    assert 0 == server.stop()


@pytest.mark.postgresql
def test_a_full_lake_fails_the_run_and_loses_nothing(tmp_path: Path, postgresql_url: str) -> None:
    """Only the lake is written by the server itself here. [RET-2], [RET-22], [RET-45]"""
    with (
        running(tmp_path, "--database", postgresql_url, "--lake", "lake") as server,
        closing(Caller(server.port)) as caller,
    ):
        with _full(server, 1_000):
            policy = _policy(caller)
            _must_recover(server, "The lake cannot be written: file too large.")
        _must_run(server, caller, policy)


def test_a_lake_that_cannot_be_written_fails_the_run_and_loses_nothing(tmp_path: Path) -> None:
    """Something else lies where its folder should be. [RET-2], [RET-22], [RET-45]"""
    in_the_way = tmp_path / "lake"
    in_the_way.write_text("a file", encoding="utf-8")
    with running(tmp_path, "--data", "org", "--lake", "lake") as server, closing(Caller(server.port)) as caller:
        policy = _policy(caller)
        _must_recover(server, "The lake cannot be written: not a directory.")
        in_the_way.unlink()
        _must_run(server, caller, policy)


@pytest.mark.parametrize(
    ("limit_bytes", "code", "is_new"), [(0, "VS2003", True), (4096, "VS2011", True), (0, "VS2003", False)]
)
def test_a_server_that_finds_no_room_at_its_start_says_so(
    tmp_path: Path, limit_bytes: int, code: str, is_new: bool
) -> None:
    """Three lines that name the place; neither a bug of ours, nor rows that would be damaged. [product.md §6]"""
    if not is_new:
        with running(tmp_path, "--data", "org") as server:
            assert 0 == server.stop()
    started = subprocess.run(
        command("serve", "--port", "0", "--data", "org"),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY)),
    )
    assert (1, "") == (started.returncode, started.stdout)
    said = started.stderr.splitlines()[-3:]
    assert [f"error {code}  ", "  why  ", "  do   "] == [said[0][:14], said[1][:7], said[2][:7]], said
