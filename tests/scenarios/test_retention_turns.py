"""Runs of policies about one table take turns: the others wait, and say for whom."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.scenarios.harness import Api
from tests.scenarios.lakes import api_beside_folder as api
from tests.scenarios.test_retention import OLD, active, kept
from verselet.jobs import queue, retention
from verselet.jobs.queue import run_due

__all__ = ["api"]

JOBS = "asyncoperations?$select=statecode,statuscode,message&$filter=operationtype%20eq%20300&$orderby=createdon"
RUNS = "retentionoperations?$select=name,statecode,statuscode,additionaldetails&$orderby=createdon"


def policy(api: Api, name: str, table: str = "account") -> str:
    """A policy about the rows of a table whose names begin with `old`."""
    criteria = OLD if table == "account" else OLD.replace("'account'", f"'{table}'").replace("'name'", "'fullname'")
    return api.make("retentionconfigs", name=name, uniquename=name, entitylogicalname=table, criteria=criteria)


def states(api: Api, address: str, reason: str) -> list[tuple[int, int, str]]:
    """State, status reason and reason of each job or run."""
    return [(row["statecode"], row["statuscode"], row.get(reason) or "") for row in api.get(address).json["value"]]


def test_a_run_waits_for_the_one_that_is_at_work(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its job waits, its row is scheduled, both say for whom; then it takes what is left. [RET-22], [RET-25]"""
    for number in range(3):
        api.make("accounts", name=f"old {number}")
    copy = retention._Run._copy
    seen: list[tuple[Any, Any]] = []

    def another(self: Any, batch: Any, rows: Any) -> None:
        if not seen:
            policy(api, "second")
            run_due(api.organization)
            seen.append((states(api, JOBS, "message"), states(api, RUNS, "additionaldetails")))
        copy(self, batch, rows)

    monkeypatch.setattr(retention._Run, "_copy", another)
    policy(api, "first")
    run_due(api.organization)
    why = "The run 'first' is at work on the table 'account'."
    assert [([(2, 20, ""), (1, 10, why)], [(2, 21, ""), (0, 0, why)])] == seen
    assert ["old 0", "old 1", "old 2"] == kept(api)
    assert [] == active(api)

    api.make("accounts", name="old 3")
    api.organization.clock.advance(timedelta(seconds=retention.TURN_S + 1))
    run_due(api.organization)
    assert [(3, 30, ""), (3, 30, "")] == states(api, RUNS, "additionaldetails")
    assert [(3, 30, ""), (3, 30, "")] == states(api, JOBS, "message")
    assert ["old 0", "old 1", "old 2", "old 3"] == kept(api)


def test_a_run_does_not_wait_for_one_that_nobody_does(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose policy was deleted in the middle, and its job with it, is no reason to wait. [RET-25], [RET-26]"""
    api.make("accounts", name="old")

    class Killed(BaseException):
        """The process is gone."""

    def crash(*_: object) -> None:
        raise Killed

    first = policy(api, "first")
    with monkeypatch.context() as patched:
        patched.setattr(retention._Run, "_copy", crash)
        with pytest.raises(Killed):
            run_due(api.organization)
    queue.take_back(api.organization)
    assert 204 == api.delete(f"retentionconfigs({first})").status
    assert [2] == api.values("retentionoperations?$select=statecode", "statecode")
    policy(api, "second")
    run_due(api.organization)
    assert ["old"] == kept(api)


def test_runs_about_other_tables_do_not_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no rows in common goes on at once. [RET-8]"""
    address = "EntityDefinitions(LogicalName='contact')"
    body = {"@odata.type": "#Microsoft.Dynamics.CRM.EntityMetadata", "IsRetentionEnabled": True}
    assert 204 == api.put(address, body).status
    api.make("accounts", name="old")
    api.make("contacts", lastname="old")
    copy = retention._Run._copy
    seen: list[list[str]] = []

    def another(self: Any, batch: Any, rows: Any) -> None:
        if not seen:
            seen.append([])
            policy(api, "second", "contact")
            run_due(api.organization)
            seen[0] = kept(api, "contact")
        copy(self, batch, rows)

    monkeypatch.setattr(retention._Run, "_copy", another)
    policy(api, "first")
    run_due(api.organization)
    assert [["old"]] == seen
    assert ["old"] == kept(api)


def test_of_workers_that_come_at_once_one_has_the_turn(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """They ask in the same moment, and never work on a page of the table together. [RET-2]"""
    workers = 3
    for number in range(6):
        api.make("accounts", name=f"old {number}")
    monkeypatch.setattr(queue, "AT_ONCE", 1)
    monkeypatch.setattr(retention, "PAGE", 1)
    take_turn, page = retention._Run.take_turn, retention._Run.page
    together = threading.Barrier(workers)
    asked: set[str] = set()
    at_work: list[str] = []
    most: list[int] = []

    def ask(self: Any) -> str | None:
        if self.id not in asked:
            asked.add(self.id)
            together.wait(60)
        return take_turn(self)

    def work(self: Any) -> bool:
        at_work.append(self.id)
        most.append(len(set(at_work)))
        try:
            return page(self)
        finally:
            at_work.remove(self.id)

    monkeypatch.setattr(retention._Run, "take_turn", ask)
    monkeypatch.setattr(retention._Run, "page", work)
    for number in range(workers):
        policy(api, f"policy {number}")
    threads = [threading.Thread(target=run_due, args=(api.organization,)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(workers):
        api.organization.clock.advance(timedelta(seconds=retention.TURN_S + 1))
        run_due(api.organization)
    assert 1 == max(most)
    assert workers == len(asked)
    assert [f"old {number}" for number in range(6)] == kept(api)
    assert [(3, 30, "")] * workers == states(api, RUNS, "additionaldetails")
    assert [] == api.values("retentionfailuredetails?$select=message", "message")
