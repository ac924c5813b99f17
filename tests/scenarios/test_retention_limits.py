"""Where users are held to the limits of the service, retention is held to its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.harness import Api
from tests.scenarios.lakes import open_lake
from tests.scenarios.test_retention import kept, policy, retained
from verselet.auth.dev import DeveloperTokens
from verselet.jobs.queue import run_due
from verselet.lake import Folder
from verselet.web.app import WebApi
from verselet.web.limits import ServiceLimits
from verselet.web.retained_limits import QUESTIONS

LEFT = "x-ms-ratelimit-burst-remaining-xrm-requests"


@pytest.fixture
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Api]:
    """An organization whose users are held to the limits."""
    for opened in open_lake(request, "memory", Folder(tmp_path / "lake")):
        opened.web.close()
        tokens = DeveloperTokens(opened.organization.developer, opened.organization.find_caller)
        opened.web = WebApi(opened.organization, tokens.identify, limits=ServiceLimits())
        yield opened


def test_a_hundred_questions_of_retained_rows_are_answered_a_day(api: Api) -> None:
    """Then they are refused, and questions of active rows are answered all the same. [RET-43]"""
    for _ in range(QUESTIONS):
        assert [] == kept(api)
    answer = retained(api, "account")
    assert (429, "0x80072322") == (answer.status, answer.code)
    assert int(answer.headers["retry-after"]) > 3_600
    assert [] == api.values("accounts?$select=name", "name")


def test_a_run_counts_toward_what_the_owner_of_the_policy_may_ask(api: Api) -> None:
    """Each row that is retained is a request, with those that go along. [RET-10]"""
    parent = api.make("accounts", name="old parent")
    api.make("contacts", lastname="child", parentcustomerid_account__bind=f"/accounts({parent})")
    api.make("accounts", name="old")
    policy(api)
    before = int(api.get("accounts?$select=name").headers[LEFT])
    run_due(api.organization)
    after = int(api.get("accounts?$select=name").headers[LEFT])
    assert 3 + 1 == before - after


def test_nobody_exports_retained_rows(api: Api) -> None:
    """Neither with the action, nor by its files: both are refused by name. [RET-46]"""
    answer = api.post("ExportRetainedData", {"FetchXml": "<fetch datasource='retained'/>"})
    assert (501, True) == (answer.status, "ExportRetainedData" in answer.message)
    answer = api.get("retaineddataexcels")
    assert (501, True) == (answer.status, "retaineddataexcels" in answer.message)
