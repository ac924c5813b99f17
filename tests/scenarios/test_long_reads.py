"""A long read is stopped at its limit and holds up nobody; an organization of its own with rows that multiply."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.gizmos import schema_with_gizmos
from tests.scenarios.harness import NOW, Api
from verselet.clock import Clock
from verselet.ids import Ids
from verselet.organization import Organization, write_builtin_rows
from verselet.store.engine import open_store

ROWS = 400
CROSS = (
    "<fetch aggregate='true'><entity name='new_gizmo'><attribute name='new_gizmoid' alias='n' aggregate='count'/>"
    "<filter type='or'><condition attribute='new_name' operator='eq' value='q'/>"
    "<condition entityname='a' attribute='new_name' operator='eq' value='q'/>"
    "<condition entityname='b' attribute='new_name' operator='eq' value='q'/></filter>"
    "<link-entity name='new_gizmo' from='new_accountid' to='new_accountid' alias='a'>"
    "<link-entity name='new_gizmo' from='new_accountid' to='new_accountid' alias='b'/>"
    "</link-entity></entity></fetch>"
)
"""Looks at 400³ rows: no machine is done with that in a second."""

NO_LIMIT_S = 0.0
QUICK = "new_gizmos?$select=new_name&$top=1"


def opened(directory: Path | None, limit_s: float) -> Api:
    """An organization in which every gizmo is related with every other."""
    store = open_store(None, directory=directory, statement_limit_s=limit_s)
    schema = store.prepare_schema(schema_with_gizmos())
    clock = Clock(datetime.fromisoformat(NOW).astimezone(UTC))
    organization = Organization("dev", schema, store, clock=clock, ids=Ids(7))
    write_builtin_rows(organization)
    api = Api(organization)
    account = api.make("accounts", name="A")
    target = {"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo", "new_AccountId@odata.bind": f"accounts({account})"}
    targets = [{**target, "new_name": f"G{n}", "new_ticks": n} for n in range(ROWS)]
    assert 200 == api.post("new_gizmos/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets}).status
    return api


@pytest.fixture(params=["memory", "file"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where the rows are; None is memory."""
    return tmp_path if request.param == "file" else None


@pytest.fixture
def hasty(directory: Path | None) -> Iterator[Api]:
    """An organization that stops statements after a fifth of a second."""
    with opened(directory, 0.2) as api:
        yield api


def cross() -> str:
    """The address of the long read."""
    return f"new_gizmos?fetchXml={quote(CROSS)}"


async def asked(api: Api, target: str, done: list[str], name: str) -> tuple[int, Any]:
    """Status and body of a GET through the ASGI application; `done` notes the order in which answers came."""
    path, _, query = target.partition("?")
    messages: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "GET",
        "path": f"/api/data/v9.2/{path}",
        "raw_path": f"/api/data/v9.2/{path}".encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), (b"authorization", b"Bearer dev-admin")],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await api.web(scope, receive, send)
    done.append(name)
    return messages[0]["status"], json.loads(b"".join(message.get("body", b"") for message in messages[1:]))


async def ended(api: Api, long: asyncio.Future[Any]) -> None:
    """Stop the long read, which would take as long as the machine is slow, now that it is not needed any more."""
    while not long.done():
        api.organization.store.stop()
        await asyncio.sleep(0.01)


def test_a_statement_is_stopped_at_its_limit(hasty: Api) -> None:
    """A read that would take minutes is refused with the code of a timeout, and the next one is answered. [LM-4]"""
    answer = hasty.get(cross())

    assert (500, "0x80044151") == (answer.status, answer.code)
    assert 200 == hasty.get(QUICK).status


def test_a_write_after_a_stopped_read_is_kept(hasty: Api) -> None:
    """Stopping a read leaves the store as it was. [LM-4]"""
    hasty.get(cross())
    made = hasty.make("accounts", name="B")

    assert "B" == hasty.read(f"accounts({made})")["name"]


def test_readers_of_a_file_go_on_while_a_long_read_runs(tmp_path: Path) -> None:
    """With a file each thread reads on a connection of its own. (performance.md §5)"""
    done: list[str] = []

    async def both(api: Api) -> None:
        long = asyncio.ensure_future(asked(api, cross(), done, "long"))
        await asyncio.sleep(0)
        for _ in range(20):
            status, _body = await asked(api, QUICK, done, "short")
            assert 200 == status
        await ended(api, long)

    with opened(tmp_path, NO_LIMIT_S) as api:
        asyncio.run(both(api))
    assert [*["short"] * 20, "long"] == done


def test_in_memory_the_loop_stays_free_while_readers_wait() -> None:
    """In memory there is one connection: others wait for it in threads, not on the loop."""
    done: list[str] = []

    async def both(api: Api) -> None:
        long = asyncio.ensure_future(asked(api, cross(), done, "long"))
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(asked(api, QUICK, done, "waits"))
        await asyncio.sleep(0)
        done.append("loop")
        await ended(api, long)
        assert 200 == (await waiting)[0]

    with opened(None, NO_LIMIT_S) as api:
        asyncio.run(both(api))
    assert "loop" == done[0]
    assert {"long", "waits"} == set(done[1:])


def test_a_long_read_is_not_tried_on_the_loop_again(hasty: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What took long once goes to a thread at once. (performance.md §5)"""
    done: list[str] = []
    asyncio.run(asked(hasty, cross(), done, "first"))
    tried: list[bool] = []
    hurry = hasty.organization.store.hurry

    def noted(*, on: bool) -> None:
        tried.append(on)
        hurry(on=on)

    monkeypatch.setattr(hasty.organization.store, "hurry", noted)
    asyncio.run(asked(hasty, cross(), done, "second"))

    assert [] == tried
