"""Health, ready and seed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.unit.server.calls import call
from verselet import __version__
from verselet.errors import OperatorError, Unauthenticated
from verselet.messages.explaining import Explanation
from verselet.security.caller import Caller
from verselet.server.own import OwnAddresses, OwnWork

TOKEN = {"authorization": "Bearer dev-admin"}


def identify(authorization: bytes | None, _base_url: str) -> Caller:
    """Knows the administrator and a guest."""
    if authorization not in {b"Bearer dev-admin", b"Bearer dev:guest"}:
        raise Unauthenticated
    is_administrator = authorization == b"Bearer dev-admin"
    return Caller(user_id="1", business_unit_id="2", organization_id="3", is_administrator=is_administrator)


PATH = "/_verselet/refuse-requests"


def seed(name_or_file: str) -> Mapping[str, object]:
    """Says what it was given; refuses a fixture that asks for it."""
    if name_or_file == "demo":
        return {"loaded": "demo"}
    content = json.loads(Path(name_or_file).read_bytes())
    if content == {"bad": 1}:
        raise OperatorError("VS3001", "the fixture is bad", "it says so", "make it good")
    return {"loaded": Path(name_or_file).name, "content": content}


def tell_why(user: str, table: str, row_id: str) -> Explanation:
    """Knows nobody, so it repeats what it was asked."""
    return Explanation(user=user, table=table, row=row_id, owner=None, unit=None, shares=(), teams=(), rights=())


def make(*, ready: bool = True, seeds: bool = True, refused: list[tuple[int, int]] | None = None) -> OwnAddresses:
    """The addresses of an organization named dev; `refused` is told which requests are to be refused."""
    told = None if refused is None else lambda count, seconds: refused.append((count, seconds))
    work = OwnWork(seed if seeds else None, tell_why, told)
    return OwnAddresses("dev", identify, lambda base: f"Bearer at {base}", work, lambda: ready)


def test_health_says_who_listens() -> None:
    """Without a token; the next server that finds the port taken reads it. contract.md §5"""
    answer = call(make(), "GET", "/_verselet/health")
    assert {"status": "ok", "server": "verselet", "version": __version__, "org": "dev"} == answer.json


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
def test_ready_is_a_status(ready: bool, status: int) -> None:
    """503 before the server is ready and while it stops. contract.md §2"""
    assert status == call(make(ready=ready), "GET", "/_verselet/ready").status


@pytest.mark.parametrize(
    ("name", "expected"), [("own.json", "own.json"), ("../../etc/own.json", "own.json"), ("", "fixture.json")]
)
def test_a_fixture_in_the_body_is_loaded_under_its_name(name: str, expected: str) -> None:
    """The name is for refusals; it never becomes a path. contract.md §4"""
    answer = call(make(), "POST", "/_verselet/seed", headers=TOKEN, query=f"name={name}", body=b'{"rows": {}}')
    assert (200, {"loaded": expected, "content": {"rows": {}}}) == (answer.status, answer.json)


def test_a_name_without_a_body_is_a_built_in_seed() -> None:
    """`verselet seed demo` with a running server."""
    assert {"loaded": "demo"} == call(make(), "POST", "/_verselet/seed", headers=TOKEN, query="name=demo").json


def test_a_name_without_a_body_reads_no_file_of_the_server() -> None:
    """Only built-in names; a path would let a caller read files."""
    answer = call(make(), "POST", "/_verselet/seed", headers=TOKEN, query="name=/etc/passwd")
    assert (400, "VS1034") == (answer.status, answer.json["error"]["code"])


def test_a_refused_fixture_is_answered_with_all_three_lines() -> None:
    """The command line prints them as if the file had been loaded here. product.md §6"""
    answer = call(make(), "POST", "/_verselet/seed", headers=TOKEN, body=b'{"bad": 1}')
    told = {"code": "VS3001", "message": "the fixture is bad", "why": "it says so", "do": "make it good"}
    assert (400, {"error": told}) == (answer.status, answer.json)


def test_seeding_needs_a_token() -> None:
    """Everything but health and ready does. contract.md §5"""
    answer = call(make(), "POST", "/_verselet/seed", body=b"{}")
    assert 401 == answer.status
    assert "Bearer at http://127.0.0.1:8765" == answer.headers["www-authenticate"]


def test_only_the_administrator_seeds() -> None:
    """A fixture changes users and roles. contract.md §4"""
    guest = {"authorization": "Bearer dev:guest"}
    assert 403 == call(make(), "POST", "/_verselet/seed", headers=guest, body=b"{}").status


def test_where_secrets_count_nobody_seeds_over_the_network() -> None:
    """A fixture gives secrets; the addresses beyond health and ready are for `--auth dev`. contract.md §5"""
    assert 403 == call(make(seeds=False), "POST", "/_verselet/seed", headers=TOKEN, body=b"{}").status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/_verselet/seed", 405), ("POST", "/_verselet/ready", 405), ("GET", "/_verselet/clock", 404)],
)
def test_other_methods_and_addresses_are_refused(method: str, path: str, status: int) -> None:
    """By name, never ignored."""
    assert status == call(make(), method, path, headers=TOKEN).status


def test_an_explanation_takes_a_user_a_table_and_a_row() -> None:
    """And the administrator: it tells what others may do. [SEC-41]"""
    path, query = "/_verselet/explain-access", "user=rep&table=account&id=1"
    told = call(make(), "GET", path, headers=TOKEN, query=query)
    assert ("rep", "account", "1") == (told.json["user"], told.json["table"], told.json["row"])
    lacking = call(make(), "GET", path, headers=TOKEN, query="user=rep")
    assert (400, True) == (lacking.status, "lacks table, id" in lacking.json["error"]["message"])
    assert 403 == call(make(), "GET", path, headers={"authorization": "Bearer dev:guest"}, query=query).status


def test_the_next_requests_are_refused_on_demand() -> None:
    """So many, with so many seconds to wait. [LIM-7]"""
    refused: list[tuple[int, int]] = []
    answer = call(make(refused=refused), "POST", PATH, headers=TOKEN, query="count=3&seconds=2")
    assert (204, [(3, 2)]) == (answer.status, refused)


@pytest.mark.parametrize("query", ["", "count=x", "count=-1", "count=1&seconds=1.5", "count=9999999"])
def test_what_is_refused_on_demand_is_counted_in_whole_numbers(query: str) -> None:
    """[LIM-7]"""
    refused: list[tuple[int, int]] = []
    answer = call(make(refused=refused), "POST", PATH, headers=TOKEN, query=query)
    assert (400, []) == (answer.status, refused)


def test_only_a_developers_administrator_has_requests_refused() -> None:
    """[LIM-7]"""
    guest = {"authorization": "Bearer dev:guest"}
    assert 403 == call(make(), "POST", PATH, headers=TOKEN, query="count=1").status
    assert 403 == call(make(refused=[]), "POST", PATH, headers=guest, query="count=1").status
    assert 405 == call(make(refused=[]), "GET", PATH, headers=TOKEN, query="count=1").status


def test_plug_ins_are_told_to_administrators_only() -> None:
    """Their problems tell of files of the server. Without a folder there are none."""
    assert {"files": []} == call(make(), "GET", "/_verselet/plugins", headers=TOKEN).json
    guest = {"authorization": "Bearer dev:guest"}
    assert 403 == call(make(), "GET", "/_verselet/plugins", headers=guest).status
    assert 401 == call(make(), "POST", "/_verselet/plugins").status
