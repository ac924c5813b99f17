"""Writes that are committed together are what they would be one after the other. (performance.md §7)"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.gizmos import schema_with_gizmos
from tests.scenarios.harness import NOW, Answer, Api
from verselet.clock import Clock
from verselet.ids import Ids
from verselet.organization import Organization, write_builtin_rows
from verselet.store.engine import open_store

Found = TypeVar("Found")
Asked: TypeAlias = tuple[str, str, dict[str, Any] | None, dict[str, str]]

KNOWN = [f"00000000-0000-4000-8000-{number:012d}" for number in range(4)]
"""Few ids, so that requests meet."""

TURNS = 100
"""Of the event loop: after fewer than that every request of a test has come to where it waits."""

IDS = some.sampled_from(KNOWN)
NAMES = some.sampled_from(["A", "B", "x" * 5000])
"""The last one is too long for the column, so its request is refused."""


def opened(folder: Path, seed: int) -> Api:
    """An organization in a file; with one seed the ids of new rows are the same."""
    store = open_store(None, directory=folder)
    clock = Clock(datetime.fromisoformat(NOW).astimezone(UTC))
    organization = Organization("dev", store.prepare_schema(schema_with_gizmos()), store, clock=clock, ids=Ids(seed))
    write_builtin_rows(organization)
    return Api(organization)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Api]]:
    """Two organizations that are alike."""
    with opened(tmp_path_factory.mktemp("one"), 7) as one, opened(tmp_path_factory.mktemp("other"), 7) as other:
        yield one, other


def creates(row_id: str, name: str) -> Asked:
    """Make an account with that id, which may be there already."""
    return "POST", "accounts", {"accountid": row_id, "name": name}, {}


def updates(row_id: str, name: str, *, star: bool) -> Asked:
    """Change it, or make it."""
    return "PATCH", f"accounts({row_id})", {"name": name}, {"if-match": "*"} if star else {}


def deletes(row_id: str) -> Asked:
    """Remove it."""
    return "DELETE", f"accounts({row_id})", None, {}


def hangs(row_id: str, parent: str) -> Asked:
    """Make a contact under it, which may not be there."""
    values = {"contactid": row_id, "lastname": "L", "parentcustomerid_account@odata.bind": f"accounts({parent})"}
    return "POST", "contacts", values, {}


def reads(row_id: str) -> Asked:
    """Read what a change makes of it."""
    return "PATCH", f"accounts({row_id})", {"telephone1": "1"}, {"prefer": "return=representation"}


REQUESTS = some.lists(
    some.one_of(
        some.builds(creates, IDS, NAMES),
        some.builds(updates, IDS, NAMES, star=some.booleans()),
        some.builds(deletes, IDS),
        some.builds(hangs, IDS, IDS),
        some.builds(reads, IDS),
    ),
    min_size=1,
    max_size=12,
)


async def sent(api: Api, asked: Asked) -> Answer:
    """The answer to a request that goes through the ASGI application."""
    method, target, body, headers = asked
    messages: list[Any] = []
    path = f"/api/data/v9.2/{target}"
    given = {"host": "localhost", "authorization": "Bearer dev-admin", "content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

    async def send(message: Any) -> None:
        messages.append(message)

    await api.web(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    shown = {name: told[name] for name in ("odata-entityid", "etag") if name in told}
    return Answer(messages[0]["status"], shown, b"".join(message.get("body", b"") for message in messages[1:]))


async def while_somebody_writes(api: Api, work: Callable[[], Awaitable[Found]]) -> Found:
    """What comes of work that begins while another thread is in a transaction, which ends when all of it waits."""
    has_begun, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with suppress(ZeroDivisionError), api.organization.store.begin():
            has_begun.set()
            may_end.wait()
            # Nothing was written, so nothing is to be committed.
            raise ZeroDivisionError

    async def let_end() -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        may_end.set()

    writing = asyncio.get_running_loop().run_in_executor(None, write)
    await asyncio.to_thread(has_begun.wait)
    found, *_ = await asyncio.gather(work(), let_end(), writing)
    return found


def rows(api: Api) -> list[Any]:
    """Everything the requests may have touched."""
    select = "$select=name,telephone1,versionnumber,accountid"
    accounts = api.get(f"accounts?{select}&$orderby=accountid").json["value"]
    contacts = api.get("contacts?$select=_parentcustomerid_value,versionnumber&$orderby=contactid").json["value"]
    return [accounts, contacts]


@pytest.mark.parametrize("is_taken", [False, True])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=REQUESTS)
def test_together_is_one_after_the_other(pair: tuple[Api, Api], is_taken: bool, requests: list[Asked]) -> None:
    """Same answers, same rows, same versions, whatever is refused in between, and where they wait for others. [E-21]"""
    together, alone = pair
    for api in pair:
        for row_id in KNOWN:
            api.delete(f"contacts({row_id})")
            api.delete(f"accounts({row_id})")

    async def at_once() -> list[Answer]:
        return await asyncio.gather(*[sent(together, asked) for asked in requests])

    async def in_turn() -> list[Answer]:
        return [await sent(alone, asked) for asked in requests]

    found = asyncio.run(while_somebody_writes(together, at_once) if is_taken else at_once())

    assert asyncio.run(in_turn()) == found
    assert rows(alone) == rows(together)
