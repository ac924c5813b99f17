"""Background jobs: taken once, in order, tried again, stopped and resumed, taken over from workers that are gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from tests.scenarios.harness import Api
from tests.scenarios.stores import api
from tests.step_bodies import hook_body, step_body
from verselet.jobs import queue
from verselet.jobs.claims import LEASE_S, Claims
from verselet.jobs.outcome import Outcome
from verselet.jobs.queue import claim_next, do_batch, run_due, take_stale_back
from verselet.jobs.system_events import run_event
from verselet.jobs.worker import Worker
from verselet.operations.outbox import SYSTEM_EVENT
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import Delivery, NoPoster, Post, Poster
from verselet.sdk import Context, Mode, Retry, Solution, Stage

__all__ = ["api"]

JOBS = "asyncoperations?$filter=operationtype%20eq%201"


class Steps:
    """A step after every new account, asynchronous; `behave` says what it does, `seen` what it was run for."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.seen: list[str] = []
        self.refusals: list[Exception] = []
        self.during: list[Any] = []
        solution = Solution("later")

        @solution.step("Create", "account", stage=Stage.POST_OPERATION, mode=Mode.ASYNC)
        def note(context: Context) -> None:
            self.seen.append(str(context.target["name"]))
            while self.during:
                self.during.pop()()
            if self.refusals:
                raise self.refusals.pop()

        api.organization.steps = StepBook((solution,), NoPoster(), api.organization.name)
        api.organization.read_steps()

    def queue(self, *names: str) -> None:
        """New accounts, one after the other."""
        for name in names:
            self.api.make("accounts", name=name)

    def jobs(self, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of all jobs, in the order they were made."""
        rows = self.api.get(f"{JOBS}&$orderby=sequence").json["value"]
        return [tuple(row[name] for name in columns) for row in rows]


@pytest.fixture
def steps(api: Api) -> Iterator[Steps]:
    """An organization whose new accounts have a job; the step goes afterwards."""
    before = api.organization.steps
    yield Steps(api)
    api.organization.steps = before
    api.organization.read_steps()


def test_jobs_are_done_in_the_order_they_were_queued(steps: Steps) -> None:
    """Each once. [EVT-2], [EVT-64]"""
    names = [f"n{number}" for number in range(60)]
    steps.queue(*names)
    assert (60, names, 0) == (run_due(steps.api.organization), steps.seen, run_due(steps.api.organization))
    assert {(3, 30)} == set(steps.jobs("statecode", "statuscode"))


def test_a_fault_of_ours_ends_one_job_and_not_the_others(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The job says so, the log says why, and the thread goes on. [EVT-60], [E-19]"""
    steps.queue("a", "b")
    calls = []

    def fail_once(*given: Any) -> Outcome:
        calls.append(given)
        if len(calls) == 1:
            raise ZeroDivisionError
        return run_event(*given)

    monkeypatch.setattr(queue, "KINDS", {**queue.KINDS, SYSTEM_EVENT: fail_once})
    run_due(steps.api.organization)
    assert ["b"] == steps.seen
    assert [(31, "An unexpected error occurred."), (30, None)] == steps.jobs("statuscode", "message")
    assert [ZeroDivisionError] == [found.exc_info[0] for found in caplog.records if found.exc_info]


def test_two_workers_never_take_the_same_job(steps: Steps) -> None:
    """[EVT-60]"""
    steps.queue("a", "b")
    first, second = claim_next(steps.api.organization), claim_next(steps.api.organization)
    assert (2, 0) == (len(first[0]), len(second[0]))
    assert [(2, 20), (2, 20)] == steps.jobs("statecode", "statuscode")


def test_a_step_that_asks_to_be_run_again_is(steps: Steps) -> None:
    """After ever longer waits, four times at most. [EVT-64]"""
    steps.refusals = [Retry("Not yet.") for _ in range(5)]
    steps.queue("again")
    clock = steps.api.organization.clock
    for wait in (10, 60, 300):
        assert 1 == run_due(steps.api.organization)
        assert [(1, 10, "Not yet.")] == steps.jobs("statecode", "statuscode", "message")
        clock.advance(timedelta(seconds=wait - 1))
        assert 0 == run_due(steps.api.organization)
        clock.advance(timedelta(seconds=1))
    assert 1 == run_due(steps.api.organization)
    assert ([(3, 31, 3)], 4) == (steps.jobs("statecode", "statuscode", "retrycount"), len(steps.seen))


def test_a_step_that_succeeds_at_last_has_succeeded(steps: Steps) -> None:
    """Nothing is left of the refusal. [EVT-48], [EVT-64]"""
    steps.refusals = [Retry("Not yet.")]
    steps.queue("again")
    run_due(steps.api.organization)
    steps.api.organization.clock.advance(timedelta(seconds=10))
    run_due(steps.api.organization)
    assert [(3, 30, None, None)] == steps.jobs("statecode", "statuscode", "message", "errorcode")


def test_a_step_that_fails_does_not_fail_the_others(steps: Steps) -> None:
    """Though they are committed together. [EVT-48]"""
    steps.refusals = [ValueError("broken")]
    steps.queue("a", "b", "c")
    assert 3 == run_due(steps.api.organization)
    assert [31, 30, 30] == [status for (status,) in steps.jobs("statuscode")]


def token_of(steps: Steps, token: str, *names: str) -> None:
    """Jobs with one token."""
    steps.queue(*names)
    for (job,) in steps.jobs("asyncoperationid"):
        _set(steps.api, job, {"dependencytoken": token})


def _set(api: Api, job: str, values: dict[str, str]) -> None:
    """Write what only the server writes."""
    assignments = ", ".join([f"{name} = '{value}'" for name, value in values.items()])
    with api.organization.store.begin() as session:
        session.run(f"UPDATE asyncoperation SET {assignments} WHERE asyncoperationid = '{job}'")


def test_jobs_with_one_token_are_done_one_after_the_other(steps: Steps) -> None:
    """Whoever takes jobs gets the first that is not over. [EVT-64]"""
    token_of(steps, "t", "a", "b", "c")
    organization = steps.api.organization
    taken = claim_next(organization)
    assert (1, 0) == (len(taken[0]), len(claim_next(organization)[0]))
    do_batch(organization, Claims(), taken, lambda: False)
    assert 2 == run_due(organization)
    assert ["a", "b", "c"] == steps.seen


def test_a_job_that_waits_holds_up_those_of_its_token(steps: Steps) -> None:
    """Until it is over. [EVT-64]"""
    token_of(steps, "t", "a", "b")
    steps.refusals = [Retry("Not yet.")]
    assert (1, ["a"]) == (run_due(steps.api.organization), steps.seen)
    steps.api.organization.clock.advance(timedelta(seconds=10))
    assert (2, ["a", "a", "b"]) == (run_due(steps.api.organization), steps.seen)


def test_a_postponed_job_waits(steps: Steps) -> None:
    """[EVT-62]"""
    steps.queue("a")
    ((job,),) = steps.jobs("asyncoperationid")
    later = {"statecode": 0, "statuscode": 0, "postponeuntil": "2026-03-04T05:07:07Z"}
    assert 204 == steps.api.patch(f"asyncoperations({job})", later).status
    assert 0 == run_due(steps.api.organization)
    steps.api.organization.clock.advance(timedelta(minutes=1))
    assert 1 == run_due(steps.api.organization)


def test_a_cancelled_job_is_not_done(steps: Steps) -> None:
    """Not even when it was claimed before. [EVT-62]"""
    steps.queue("a", "b")
    organization = steps.api.organization
    taken = claim_next(organization)
    job = str(taken[0][0].id)
    assert 204 == steps.api.patch(f"asyncoperations({job})", {"statecode": 3, "statuscode": 32}).status
    assert (1, ["b"]) == (do_batch(organization, Claims(), taken, lambda: False), steps.seen)
    assert [32, 30] == [status for (status,) in steps.jobs("statuscode")]
    assert steps.jobs("completedon")[0][0] is not None


def test_a_paused_job_waits_until_it_is_resumed(steps: Steps) -> None:
    """For no time. [EVT-62]"""
    steps.queue("a")
    organization = steps.api.organization
    taken = claim_next(organization)
    address = f"asyncoperations({taken[0][0].id})"
    assert 204 == steps.api.patch(address, {"statecode": 1, "statuscode": 10}).status
    do_batch(organization, Claims(), taken, lambda: False)
    organization.clock.advance(timedelta(days=1))
    assert (0, []) == (run_due(organization), steps.seen)
    assert 204 == steps.api.patch(address, {"statecode": 0, "statuscode": 0}).status
    assert (1, ["a"]) == (run_due(organization), steps.seen)


def test_what_a_job_does_is_not_changed(steps: Steps) -> None:
    """Only states and the time are taken; nobody writes an event for somebody else. [EVT-62]"""
    steps.queue("a")
    ((job,),) = steps.jobs("asyncoperationid")
    assert 204 == steps.api.patch(f"asyncoperations({job})", {"data": "{}", "operationtype": 13}).status
    assert (1, ["a"]) == (run_due(steps.api.organization), steps.seen)
    refused = steps.api.post("asyncoperations", {"name": "own", "operationtype": 1, "data": "{}"})
    assert 400 == refused.status


@pytest.mark.parametrize(
    ("before", "wanted", "code"),
    [
        ((0, 0), {"statecode": 1}, "0x80044167"),
        ((0, 0), {"statecode": 2}, "0x80044162"),
        ((0, 0), {"statecode": 3, "statuscode": 30}, "0x80044165"),
        ((1, 10), {"statecode": 2}, "0x80044162"),
        ((1, 10), {"statecode": 3, "statuscode": 31}, "0x80044165"),
        ((2, 20), {"statecode": 0}, "0x80044166"),
        ((2, 20), {"statuscode": 22}, "0x80044162"),
        ((3, 30), {"statecode": 0}, "0x80044166"),
        ((3, 30), {"statecode": 1}, "0x80044167"),
        ((3, 30), {"statecode": 3, "statuscode": 32}, "0x80044165"),
        ((0, 0), {"recurrencepattern": "FREQ=DAILY;INTERVAL=1"}, "0x80044168"),
    ],
)
def test_a_client_cannot_move_a_job_as_workers_do(
    steps: Steps, before: tuple[int, int], wanted: dict[str, object], code: str
) -> None:
    """It cannot say that a job succeeded or failed, nor begin one. [EVT-62], [EVT-65]"""
    steps.queue("a")
    ((job,),) = steps.jobs("asyncoperationid")
    _set(steps.api, job, {"statecode": str(before[0]), "statuscode": str(before[1])})
    refused = steps.api.patch(f"asyncoperations({job})", wanted)
    assert (400, code) == (refused.status, refused.code)
    assert [before] == steps.jobs("statecode", "statuscode")


@pytest.mark.parametrize("before", [(0, 0), (1, 10), (2, 20)])
def test_a_job_that_is_ended_without_a_reason_is_cancelled(steps: Steps, before: tuple[int, int]) -> None:
    """That is the one way in which a client ends jobs. [EVT-62]"""
    steps.queue("a")
    ((job,),) = steps.jobs("asyncoperationid")
    _set(steps.api, job, {"statecode": str(before[0]), "statuscode": str(before[1])})
    assert 204 == steps.api.patch(f"asyncoperations({job})", {"statecode": 3}).status
    assert [(3, 32)] == steps.jobs("statecode", "statuscode")


def test_a_job_that_is_not_over_cannot_be_deleted(steps: Steps) -> None:
    """[EVT-63]"""
    steps.queue("a")
    ((job,),) = steps.jobs("asyncoperationid")
    refused = steps.api.delete(f"asyncoperations({job})")
    assert (400, "0x8004416a") == (refused.status, refused.code)
    run_due(steps.api.organization)
    assert 204 == steps.api.delete(f"asyncoperations({job})").status


def test_a_run_of_a_retention_policy_is_neither_paused_nor_cancelled_by_its_job(steps: Steps) -> None:
    """Its own row says which rows are on their way. [EVT-62], [RET-25]"""
    steps.queue("a")
    ((job,),) = steps.jobs("asyncoperationid")
    _set(steps.api, job, {"operationtype": "300", "statecode": "2", "statuscode": "20"})
    answers = [steps.api.patch(f"asyncoperations({job})", {"statecode": state}) for state in (3, 1)]
    assert ["0x80044f00", "0x80044f01"] == [answer.code for answer in answers]


def test_the_jobs_of_a_worker_that_is_gone_come_back(steps: Steps) -> None:
    """After the time its claim lasts; what it still does under the claim counts for nothing. [EVT-60]"""
    steps.queue("a", "b")
    organization = steps.api.organization
    lost = claim_next(organization)
    organization.clock.advance(timedelta(seconds=LEASE_S))
    take_stale_back(organization)
    assert 0 == run_due(organization)
    organization.clock.advance(timedelta(seconds=1))
    take_stale_back(organization)
    assert 2 == run_due(organization)
    assert (0, ["a", "b"]) == (do_batch(organization, Claims(), lost, lambda: False), steps.seen)


def test_a_claim_that_is_renewed_lasts(steps: Steps) -> None:
    """However long the work takes."""
    steps.queue("a")
    organization = steps.api.organization
    claims, taken = Claims(), claim_next(organization)
    with claims.using(taken[1]):
        organization.clock.advance(timedelta(seconds=LEASE_S))
        claims.renew(organization)
        organization.clock.advance(timedelta(seconds=LEASE_S))
        take_stale_back(organization)
    assert 0 == run_due(organization)
    assert 1 == do_batch(organization, claims, taken, lambda: False)


def test_a_server_that_stops_gives_back_what_it_has_not_done(steps: Steps) -> None:
    """The next one does it. [JOB-4]"""
    steps.queue("a", "b", "c")
    organization = steps.api.organization
    stopped: list[bool] = []
    steps.during = [lambda: stopped.append(True)]
    assert 1 == do_batch(organization, Claims(), claim_next(organization), lambda: bool(stopped))
    assert [(3, 30), (0, 0), (0, 0)] == steps.jobs("statecode", "statuscode")
    assert (2, ["a", "b", "c"]) == (run_due(organization), steps.seen)


class HangingPoster(Poster):
    """Takes everything at once, but what tells of an account called "slow" only when the gate is open."""

    def __init__(self) -> None:
        self.gate, self.began, self.took = threading.Event(), threading.Event(), threading.Event()

    @override
    def post(self, post: Post) -> Delivery:
        if b"slow" in post.body:
            self.began.set()
            self.gate.wait(60)
        else:
            self.took.set()
        return Delivery(200)


def test_a_receiver_that_hangs_holds_up_no_later_jobs(api: Api) -> None:
    """The next thread takes what comes meanwhile. [EVT-2], [EVT-46]"""
    organization, poster = api.organization, HangingPoster()
    organization.steps = StepBook((), poster, organization.name)
    endpoint = api.make("serviceendpoints", **hook_body("http://hook.test/"))
    api.make("sdkmessageprocessingsteps", **step_body("Create", "account", endpoint, mode=1))
    worker = Worker(organization)
    worker.start()
    api.make("accounts", name="slow")
    assert poster.began.wait(60)
    api.make("accounts", name="quick")
    assert poster.took.wait(60)
    rested = worker.rests.is_set()
    poster.gate.set()
    assert (False, True) == (rested, worker.rests.wait(60))
    worker.stop()
    assert {(3, 30)} == {(job["statecode"], job["statuscode"]) for job in api.get(JOBS).json["value"]}
