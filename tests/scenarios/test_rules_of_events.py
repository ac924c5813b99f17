"""What steps and web hooks are told and kept to, beyond the scenarios: updates, limits, kinds of endpoints."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.scenarios.both_stores import stored_api
from tests.scenarios.harness import Api
from tests.scenarios.people import basic_user
from tests.scenarios.test_steps import Receiver, hook, hooked, receiver, step, with_solution
from tests.step_bodies import hook_body
from verselet.errors.steps import StepTooSlow
from verselet.jobs.queue import run_due
from verselet.pipeline import firing
from verselet.pipeline.watchdog import time_limit
from verselet.sdk import Context, Mode, Solution, Stage

__all__ = ["hooked", "receiver", "stored_api"]

LARGEST = 256 * 1024
OF_STATES = ["Update", "SetState", "SetStateDynamicEntity"]


@pytest.mark.parametrize(
    ("sent", "columns", "messages"),
    [
        ({"statecode": 1}, {"statecode"}, OF_STATES),
        (
            {"statecode": 1, "statuscode": 2},
            {"statecode", "statuscode"},
            OF_STATES,
        ),
        ({"ownerid": "anna"}, {"ownerid"}, ["Update", "Assign"]),
    ],
)
def test_a_state_and_an_owner_are_columns_of_an_update(
    sent: dict[str, Any], columns: set[str], messages: list[str]
) -> None:
    """And messages of their own as well, under the older name too. [EVT-30], [EVT-33], [EVT-34]"""
    solution = Solution("watching")
    told: list[tuple[str, set[str]]] = []

    def note(context: Context) -> None:
        told.append((context.message, set(context.target) if context.message == "Update" else set()))

    for message in ("Update", "SetState", "SetStateDynamicEntity", "Assign"):
        solution.step(message, "account", stage=Stage.PRE_OPERATION)(note)
    api = with_solution(solution)
    account = api.make("accounts", name="a")
    body = dict(sent)
    if "ownerid" in body:
        body = {"ownerid@odata.bind": f"/systemusers({basic_user(api, 'anna')})"}
    told.clear()
    assert 204 == api.patch(f"accounts({account})", body).status
    assert (messages, columns) == ([message for message, _ in told], told[0][1])
    api.web.close()


@pytest.mark.parametrize("mode", list(Mode))
def test_a_step_that_runs_too_long_is_stopped(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two minutes; here sooner. What it did is undone. [EVT-8]"""
    assert 120 == firing.STEP_LIMIT_S
    for module in ("verselet.pipeline.firing", "verselet.jobs.system_events"):
        monkeypatch.setattr(f"{module}.STEP_LIMIT_S", 0.05)
    solution = Solution("endless")

    @solution.step("Create", "account", stage=Stage.POST_OPERATION, mode=mode)
    def spin(_context: Context) -> None:
        while True:
            pass

    api = with_solution(solution)
    answer = api.post("accounts", {"name": "slow"})
    if mode is Mode.SYNC:
        assert (400, "0x80081111") == (answer.status, answer.code)
        assert [] == api.values("accounts?$select=name", "name")
    else:
        assert (204, 1) == (answer.status, run_due(api.organization))
        (job,) = api.read("asyncoperations?$select=statuscode,errorcode")["value"]
        assert (31, 0x80081111 - 2**32) == (job["statuscode"], job["errorcode"])
    api.web.close()


def test_a_message_of_a_step_comes_to_its_end() -> None:
    """A connection that is left in the middle of a statement is of no use to anybody. [EVT-8]"""
    done: list[str] = []

    with pytest.raises(StepTooSlow), time_limit(3600, "a step") as guard:

        def message() -> None:
            clock = threading.Thread(target=guard.ring)
            clock.start()
            clock.join()
            done.append("message")

        guard.let_finish(message)
        done.append("the rest of the step")
    assert ["message"] == done


@pytest.mark.parametrize(("length", "shortened"), [(1_000, False), (LARGEST, True)])
def test_a_body_that_is_too_large_loses_its_parts(
    hooked: Api, receiver: Receiver, length: int, shortened: bool
) -> None:
    """Parameters, images and the parent; a header says so. [EVT-43], [LIM-18]"""
    step(hooked, hook(hooked, receiver), table="appointment")
    times = {"scheduledstart": "2026-03-04T06:00:00Z", "scheduledend": "2026-03-04T07:00:00Z"}
    made = hooked.make("appointments", subject="large", description="x" * length, **times)
    (post,) = receiver.posts
    assert (shortened, made) == ("x-ms-dynamics-msg-size-exceeded" in post.headers, post.body["PrimaryEntityId"])
    parts = ("InputParameters", "PreEntityImages", "PostEntityImages")
    assert shortened == (not any(post.body[part] for part in parts))
    assert shortened == (len(str(post.body)) < 10_000 and length == LARGEST)


@pytest.mark.parametrize("contract", [1, 2, 3, 4, 5, 6, 7, 9, 10])
def test_endpoints_of_other_kinds_are_refused_by_name(hooked: Api, contract: int) -> None:
    """Queues, topics and their like; only web hooks are posted to. [EVT-41], [EVT-55]"""
    body = hook_body("http://bus.test/", contract=contract)
    refused = hooked.post("serviceendpoints", body)
    assert (501, True) == (refused.status, "contract" in refused.message)


def test_a_row_that_comes_twice_in_one_message_is_changed_twice(stored_api: Api) -> None:
    """In the order of the targets; a message without targets is refused. [MSG-28]"""
    account = stored_api.make("accounts", name="once")
    item = {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": account}
    address = "accounts/Microsoft.Dynamics.CRM.UpdateMultiple"
    targets = [{**item, "name": "first", "telephone1": "1"}, {**item, "name": "second"}]
    assert 204 == stored_api.post(address, {"Targets": targets}).status
    found = stored_api.read(f"accounts({account})")
    assert ("second", "1") == (found["name"], found["telephone1"])
    assert 400 == stored_api.post(address, {"Targets": []}).status
