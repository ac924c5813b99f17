"""Steps run beside the event loop, and once, whatever the request looks like that they wait for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.scenarios.definitions import Place
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import Api, new_organization
from tests.unit.server.calls import call
from verselet.operations.founding import builtin_id
from verselet.operations.step_book import StepBook
from verselet.organization import Organization
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution, Stage
from verselet.store.generations import Generations
from verselet.web.app import THREADS

__all__ = ["place"]

PATIENCE_S = 30
"""Far longer than anything here takes."""

NEW: dict[str, object] = {"new_name": "made along"}
REGISTRANT: dict[str, object] = {"lastname": "Registrant"}
NOBODY_YET = "new_parts(00000000-0000-4000-8000-00000000beef)"
PARTS = "new_gizmos({gizmo})/new_gizmo_parts"
WRITES: list[tuple[str, str, str, object]] = [
    ("new_part", "POST", "new_parts", NEW),
    ("new_part", "POST", "new_gizmos", {**NEW, "new_gizmo_parts": [NEW]}),
    ("new_gizmo", "POST", "new_parts", {**NEW, "new_GizmoId": NEW}),
    ("new_part", "POST", "new_gizmos", {**NEW, "new_gizmo_parts@odata.bind": ["/new_parts({free})"]}),
    ("new_gizmo", "PATCH", NOBODY_YET, {**NEW, "new_GizmoId": NEW}),
    ("new_part", "POST", PARTS, NEW),
    ("new_part", "POST", f"{PARTS}/$ref", {"@odata.id": "new_parts({free})"}),
    ("new_part", "DELETE", f"{PARTS}({{held}})/$ref", None),
]
"""The table whose steps wait, and a request that makes or changes a row of it; its address may begin with another."""


def listen(organization: Organization, heard: Callable[[Context], None], *messages: str, table: str) -> None:
    """Let a function wait for messages, before anything else."""
    solution = Solution("listening")
    for message in messages:
        solution.step(message, table, stage=Stage.PRE_VALIDATION)(heard)
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """An organization in memory, whose messages run on the event loop as long as they are short."""
    with Api(new_organization()) as opened:
        yield opened


@pytest.mark.parametrize(("table", "method", "target", "body"), WRITES)
def test_no_step_holds_up_other_requests(api: Api, table: str, method: str, target: str, body: object) -> None:
    """Not even one on rows that come inside another row, or that the address only leads to. [EVT-1], [EVT-8], [C-9]"""
    gizmo, free = api.make("new_gizmos", **NEW), api.make("new_parts", **NEW)
    held = api.make("new_parts", **NEW, new_GizmoId__bind=f"/new_gizmos({gizmo})")
    filled, address = json.dumps(body) if body is not None else "", target
    for name, row_id in {"{gizmo}": gizmo, "{free}": free, "{held}": held}.items():
        filled, address = filled.replace(name, row_id), address.replace(name, row_id)
    threads: list[threading.Thread] = []
    listen(api.organization, lambda _: threads.append(threading.current_thread()), "Create", "Update", table=table)
    headers = {"authorization": "Bearer dev-admin", "content-type": "application/json"}
    answer = call(api.web, method, f"/api/data/v9.2/{address}", headers=headers, body=filled.encode())
    assert answer.status in {200, 204}, answer.body
    assert threads
    assert threading.main_thread() not in threads


@pytest.fixture
def stale(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server that has not heard that a user without rights was given some, and hears of it when it asks."""
    with place.opened() as one, place.opened() as other:
        unit = builtin_id("businessunit", "root")
        anna = one.make("systemusers", lastname="Anna", nickname="anna", businessunitid__bind=f"/businessunits({unit})")
        assert 403 == one.post("contacts", REGISTRANT, **ANNA).status
        one.organization.keep_up(certain=True)
        store, told = one.organization.store, one.organization.agreed
        ask = store.generations

        def generations(*, certain: bool = False) -> Generations:
            return ask(certain=True) if certain else told

        monkeypatch.setattr(store, "generations", generations)
        other.entitle("systemusers", anna)
        yield one


ANNA = {"authorization": "Bearer dev:anna"}


def test_what_was_just_allowed_is_answered_at_the_second_try(stale: Api) -> None:
    """Where nothing has happened yet. [E-21]"""
    assert 204 == stale.post("contacts", REGISTRANT, **ANNA).status


def test_steps_that_ran_do_not_run_once_more(stale: Api) -> None:
    """What they did elsewhere is not undone by a refusal: the client decides whether to try again. [EVT-1], [E-21]"""
    heard: list[str] = []
    listen(stale.organization, lambda context: heard.append(context.message), "Create", table="contact")
    assert 403 == stale.post("contacts", REGISTRANT, **ANNA).status
    assert ["Create"] == heard
    assert 204 == stale.post("contacts", REGISTRANT, **ANNA).status


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Iterator[Api]:
    """Where every request has a thread."""
    with Place(url=postgresql_url).opened() as opened:
        yield opened


@pytest.mark.postgresql
def test_what_steps_ask_for_is_answered_while_all_that_may_wait_for_steps_do(on_postgresql: Api) -> None:
    """A receiver may ask for something before it answers: as many as there may be at once do so together. [EVT-46]"""
    web, all_are_here, told = on_postgresql.web, threading.Barrier(THREADS), list[int]()
    headers = {"authorization": "Bearer dev-admin", "content-type": "application/json"}
    with ThreadPoolExecutor(THREADS) as receivers, ThreadPoolExecutor(THREADS) as clients:

        def ask_first(_context: Context) -> None:
            all_are_here.wait(PATIENCE_S)
            asked = receivers.submit(call, web, "GET", "/api/data/v9.2/accounts", headers=headers, query="$top=1")
            told.append(asked.result(PATIENCE_S).status)

        listen(on_postgresql.organization, ask_first, "Create", table="account")
        body = json.dumps({"name": "An account"}).encode()
        created = [
            clients.submit(call, web, "POST", "/api/data/v9.2/accounts", headers=headers, body=body)
            for _ in range(THREADS)
        ]

    assert [204] * THREADS == [one.result().status for one in created]
    assert [200] * THREADS == told
