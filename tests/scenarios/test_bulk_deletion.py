"""Bulk deletion: queued as rows, done in the background as the one who queued it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import NOBODY, NOW, Answer, Api
from verselet.jobs.queue import claim_next, run_due, take_back
from verselet.jobs.worker import Worker
from verselet.operations.founding import builtin_id

__all__ = ["api", "stored_api"]


def condition(column: str, operator: str, *values: object) -> dict[str, object]:
    """A condition as clients write it."""
    wrapped = [{"Value": value, "Type": "System.String"} for value in values]
    return {"AttributeName": column, "Operator": operator, "Values": wrapped}


def query(table: str, *conditions: object, **more: object) -> dict[str, object]:
    """A query whose conditions must all hold."""
    return {"EntityName": table, "Criteria": {"FilterOperator": "And", "Conditions": list(conditions)}, **more}


def queue(api: Api, *queries: object, **more: object) -> Answer:
    """Ask for a deletion."""
    quiet = {"SendEmailNotification": False, "ToRecipients": [], "CCRecipients": [], "RecurrencePattern": ""}
    return api.post("BulkDelete", {"QuerySet": list(queries), "JobName": "Tidy", **quiet, **more})


def states(api: Api, job: str) -> tuple[int, int]:
    """State and status reason of a job."""
    found = api.read(f"asyncoperations({job})")
    return found["statecode"], found["statuscode"]


def operation(api: Api, job: str) -> dict[str, Any]:
    """The operation of a job."""
    listed = api.read(f"bulkdeleteoperations?$filter=_asyncoperationid_value%20eq%20{job}")["value"]
    assert 1 == len(listed)
    return dict(listed[0])


def names(api: Api) -> list[str]:
    """The gizmos that are left."""
    return sorted(api.values("new_gizmos?$select=new_name", "new_name"))


def test_a_job_is_queued_and_then_done(api: Api) -> None:
    """[BM-10], [JOB-1], [JOB-2], [JOB-4]"""
    ids = [api.make("new_gizmos", new_name=name) for name in ("a", "b", "c")]
    answer = queue(api, query("new_gizmo", condition("new_gizmoid", "In", *ids[:2])))
    job = answer.json["JobId"]
    assert answer.json["@odata.context"].endswith("#Microsoft.Dynamics.CRM.BulkDeleteResponse")
    assert ((0, 0), ["a", "b", "c"]) == (states(api, job), names(api))
    assert 1 == run_due(api.organization)
    assert ((3, 30), ["c"]) == (states(api, job), names(api))
    told = operation(api, job)
    assert (2, 0, 3, 30) == tuple(told[name] for name in ("successcount", "failurecount", "statecode", "statuscode"))
    assert told["bulkdeleteoperationid"] != job
    assert (13, "Tidy", NOW) == tuple(
        api.read(f"asyncoperations({job})")[name] for name in ("operationtype", "name", "completedon")
    )
    assert 0 == run_due(api.organization)


def test_a_query_without_hits_succeeds(api: Api) -> None:
    """[JOB-4]"""
    job = queue(api, query("new_gizmo", condition("new_name", "Equal", "nobody"))).json["JobId"]
    run_due(api.organization)
    told = operation(api, job)
    assert ((3, 30), 0, 0) == (states(api, job), told["successcount"], told["failurecount"])


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        (
            {
                "FilterOperator": "Or",
                "Conditions": [condition("new_name", "Equal", "a"), condition("new_count", "GreaterThan", 8)],
            },
            ["b"],
        ),
        (
            {"Filters": [{"FilterOperator": "And", "Conditions": [condition("new_name", "BeginsWith", "a")]}]},
            ["b", "c"],
        ),
        ({"Conditions": [condition("new_count", "NotNull")]}, ["a"]),
        ({"Conditions": [condition("new_ready", "Equal", True)]}, ["a", "c"]),
        ({"Conditions": [{"AttributeName": "new_name", "Operator": "NotEqual", "Values": ["b"]}]}, ["b"]),
    ],
)
def test_what_a_query_finds_goes(api: Api, criteria: object, left: list[str]) -> None:
    """[BM-10], [FX-41]"""
    for name, count, ready in (("a", None, False), ("b", 1, True), ("c", 9, False)):
        api.make("new_gizmos", new_name=name, new_count=count, new_ready=ready)
    assert 200 == queue(api, {"EntityName": "new_gizmo", "Criteria": criteria}).status
    run_due(api.organization)
    assert left == names(api)


def test_rows_linked_to_others_are_found_once(api: Api) -> None:
    """[JOB-1]"""
    account = api.make("accounts", name="Birch")
    api.make("new_gizmos", new_name="a", new_AccountId__bind=f"/accounts({account})")
    api.make("new_gizmos", new_name="b")
    link = {
        "LinkFromAttributeName": "new_accountid",
        "LinkToEntityName": "account",
        "LinkToAttributeName": "accountid",
        "JoinOperator": "Inner",
        "LinkCriteria": {"Conditions": [condition("name", "Equal", "Birch")]},
    }
    job = queue(api, query("new_gizmo", LinkEntities=[link])).json["JobId"]
    run_due(api.organization)
    assert (["b"], 1) == (names(api), operation(api, job)["successcount"])


def test_a_query_may_be_limited(api: Api) -> None:
    """[JOB-1]"""
    for name in ("a", "b", "c"):
        api.make("new_gizmos", new_name=name)
    queue(api, query("new_gizmo", TopCount=2))
    run_due(api.organization)
    assert 1 == len(names(api))


def test_many_rows_go_page_by_page(api: Api) -> None:
    """[JOB-4]: more rows than are looked up at once."""
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo", "new_name": f"n{number}"} for number in range(2_100)]
    assert 200 == api.post("new_gizmos/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets}).status
    job = queue(api, query("new_gizmo", condition("new_name", "Like", "n%"))).json["JobId"]
    run_due(api.organization)
    assert ([], 2_100) == (names(api), operation(api, job)["successcount"])


def test_rows_that_must_stay_become_failures(api: Api) -> None:
    """[JOB-4], [JOB-6], [JOB-7]: the others go, the job succeeds."""
    unit = api.organization.administrator.business_unit_id
    kept = api.make("businessunits", name="Kept", parentbusinessunitid__bind=f"/businessunits({unit})")
    api.make("teams", name="In the way", businessunitid__bind=f"/businessunits({kept})")
    gone = api.make("businessunits", name="Gone", parentbusinessunitid__bind=f"/businessunits({unit})")
    for disabled in (kept, gone):
        assert 204 == api.patch(f"businessunits({disabled})", {"isdisabled": True}).status
    job = queue(api, query("businessunit", condition("name", "In", "Kept", "Gone"))).json["JobId"]
    run_due(api.organization)
    told = operation(api, job)
    assert ((3, 30), 1, 1) == (states(api, job), told["successcount"], told["failurecount"])
    (failure,) = api.read("bulkdeletefailures")["value"]
    assert (job, told["bulkdeleteoperationid"], 0) == (
        failure["_asyncoperationid_value"],
        failure["_bulkdeleteoperationid_value"],
        failure["orderedqueryindex"],
    )
    assert failure["errordescription"].startswith("0x80040227: ")


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_job_of_a_user_who_is_gone_fails(own_api: Api) -> None:
    """[JOB-5], [JOB-6]: rows are deleted as the one who asked for it, or not at all, whoever owns the job now."""
    own_api.make("new_gizmos", new_name="a")
    unit = own_api.organization.administrator.business_unit_id
    anna = own_api.make(
        "systemusers",
        firstname="A",
        lastname="B",
        domainname="a@b.test",
        businessunitid__bind=f"/businessunits({unit})",
    )
    own_api.entitle("systemusers", anna)
    role = {"@odata.id": f"roles({builtin_id('role', 'system-administrator')})"}
    assert 204 == own_api.post(f"systemusers({anna})/systemuserroles_association/$ref", role).status
    body = {"QuerySet": [query("new_gizmo")], "JobName": "Tidy", "RecurrencePattern": ""}
    job = own_api.post("BulkDelete", body, authorization=f"Bearer dev:{anna}").json["JobId"]
    administrator = own_api.organization.administrator.user_id
    assigned = own_api.patch(f"asyncoperations({job})", {"ownerid@odata.bind": f"/systemusers({administrator})"})
    assert 204 == assigned.status
    own_api.patch(f"systemusers({anna})", {"isdisabled": True})
    run_due(own_api.organization)
    assert ((3, 31), ["a"]) == (states(own_api, job), names(own_api))
    assert "disabled" in own_api.read(f"asyncoperations({job})")["message"]


def test_a_job_waits_for_its_time(own_api: Api) -> None:
    """[JOB-1], [EVT-60]"""
    own_api.make("new_gizmos", new_name="a")
    job = queue(own_api, query("new_gizmo"), StartDateTime="2026-03-04T06:00:00Z").json["JobId"]
    assert (0, (1, 10), ["a"]) == (run_due(own_api.organization), states(own_api, job), names(own_api))
    own_api.organization.clock.advance(timedelta(hours=1))
    assert (1, (3, 30), []) == (run_due(own_api.organization), states(own_api, job), names(own_api))


def test_a_job_comes_back_until_somebody_ends_it(own_api: Api) -> None:
    """[JOB-4], [EVT-62], [EVT-65]"""
    start = "2026-03-04T05:00:00Z"
    job = queue(own_api, query("new_gizmo"), RecurrencePattern="FREQ=DAILY;INTERVAL=2", StartDateTime=start).json[
        "JobId"
    ]
    assert 1 == run_due(own_api.organization)
    assert (1, 10) == states(own_api, job)
    assert "2026-03-06T05:00:00Z" == own_api.read(f"asyncoperations({job})")["postponeuntil"]
    own_api.make("new_gizmos", new_name="a")
    assert 0 == run_due(own_api.organization)
    own_api.organization.clock.advance(timedelta(days=2))
    assert (1, []) == (run_due(own_api.organization), names(own_api))
    assert 204 == own_api.patch(f"asyncoperations({job})", {"statecode": 3, "statuscode": 32}).status
    own_api.organization.clock.advance(timedelta(days=9))
    assert (0, (3, 32)) == (run_due(own_api.organization), states(own_api, job))


def test_a_job_that_a_stopped_server_left_is_done_again(own_api: Api) -> None:
    """[JOB-4]"""
    own_api.make("new_gizmos", new_name="a")
    job = queue(own_api, query("new_gizmo")).json["JobId"]
    claim_next(own_api.organization)
    assert (2, 20) == states(own_api, job)
    assert 0 == run_due(own_api.organization)
    take_back(own_api.organization)
    assert (1, []) == (run_due(own_api.organization), names(own_api))


def test_the_worker_does_what_is_queued(own_api: Api) -> None:
    """[BM-10]: in the background, without anybody asking again."""
    own_api.make("new_gizmos", new_name="a")
    job = queue(own_api, query("new_gizmo")).json["JobId"]
    worker = Worker(own_api.organization)
    worker.start()
    assert worker.rests.wait(60)
    worker.stop()
    assert ((3, 30), []) == (states(own_api, job), names(own_api))
    assert [] == [thread for thread in threading.enumerate() if thread.name.startswith("verselet-jobs")]


def test_a_job_that_is_interrupted_is_ready_again(own_api: Api) -> None:
    """[JOB-4]: what was deleted stays deleted, the rest goes at the next start."""
    for name in ("a", "b", "c"):
        own_api.make("new_gizmos", new_name=name)
    job = queue(own_api, query("new_gizmo")).json["JobId"]
    answers = iter([False, False, False, True])
    assert 1 == run_due(own_api.organization, lambda: next(answers, True))
    assert ((0, 0), 2) == (states(own_api, job), len(names(own_api)))
    assert (1, (3, 30), []) == (run_due(own_api.organization), states(own_api, job), names(own_api))


@pytest.mark.parametrize(
    ("pattern", "following"),
    [
        ("FREQ=DAILY;INTERVAL=30", "2026-04-03T05:00:00Z"),
        ("FREQ=WEEKLY;INTERVAL=1", "2026-03-11T05:00:00Z"),
        ("FREQ=MONTHLY;INTERVAL=2", "2026-05-04T05:00:00Z"),
        ("FREQ=YEARLY;INTERVAL=1", "2027-03-04T05:00:00Z"),
    ],
)
def test_a_recurring_deletion_tells_when_it_comes_next(own_api: Api, pattern: str, following: str) -> None:
    """Its operation goes through the states of its job. [JOB-3], [JOB-8], [EVT-65]"""
    job = queue(own_api, query("new_gizmo"), RecurrencePattern=pattern, StartDateTime="2026-03-04T05:00:00Z").json[
        "JobId"
    ]
    assert (True, 0, 0) == tuple(operation(own_api, job)[name] for name in ("isrecurring", "statecode", "statuscode"))
    run_due(own_api.organization)
    told = operation(own_api, job)
    assert (1, 10, following) == tuple(told[name] for name in ("statecode", "statuscode", "nextrun"))


@pytest.mark.parametrize(
    ("options", "kept"), [({}, 1), ({"CanRecoverDeletedRecords": True}, 1), ({"CanRecoverDeletedRecords": False}, 0)]
)
def test_a_deletion_may_be_for_good(own_api: Api, options: dict[str, object], kept: int) -> None:
    """The bin keeps what is deleted, unless the job says otherwise. [BIN-3], [JOB-1]"""
    for name in ("organization", "account"):
        own_api.make("recyclebinconfigs", name=name)
    own_api.make("accounts", name="gone")
    assert 200 == queue(own_api, query("account"), Options=options).status
    run_due(own_api.organization)
    assert [] == own_api.values("accounts?$select=name", "name")
    assert kept == len(own_api.read("deleteditemreferences")["value"])


def test_a_job_that_runs_now_waits_for_no_time(own_api: Api) -> None:
    """And who should be told counts only for a notification. [JOB-1]"""
    own_api.make("new_gizmos", new_name="a")
    someone = [{"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": NOBODY}]
    more = {"RunNow": True, "ToRecipients": someone, "CCRecipients": someone}
    assert 200 == queue(own_api, query("new_gizmo"), StartDateTime="2026-03-05T05:00:00Z", **more).status
    assert (1, []) == (run_due(own_api.organization), names(own_api))


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status", "code", "says"),
    [
        ({"JobName": ""}, 400, "0x80048457", "name"),
        ({"QuerySet": []}, 400, "0x80040203", "QuerySet"),
        ({"QuerySet": [query("new_nothing")]}, 400, "0x80040203", "new_nothing"),
        ({"QuerySet": [query("new_gizmo", condition("new_nam", "Equal", "a"))]}, 400, "", "new_nam"),
        ({"QuerySet": [query("new_gizmo", condition("new_name", "Resembles", "a"))]}, 400, "", "resembles"),
        ({"QuerySet": [query("new_gizmo", DataSource="bin")]}, 501, "", "data source"),
        ({"QuerySet": [query("new_gizmo", PageInfo={"Count": 5})]}, 501, "", "PageInfo"),
        ({"QuerySet": [query("new_gizmo", LinkEntities=[{"JoinOperator": "All"}])]}, 501, "", "All"),
        ({"RecurrencePattern": "FREQ=HOURLY"}, 400, "0x80040203", "recurrence"),
        ({"StartDateTime": "soon"}, 400, "0x80040203", "soon"),
        ({"StartDateTime": "9999-12-31T23:59:59-14:00"}, 400, "0x80040203", "9999"),
        (
            {"QuerySet": [query("new_gizmo") | {"Criteria": {"FilterOperator": []}}]},
            400,
            "0x80040203",
            "LogicalOperator",
        ),
        ({"QuerySet": [query("new_gizmo", LinkEntities=[{"JoinOperator": {}}])]}, 501, "", "join operator"),
        ({"SendEmailNotification": True}, 501, "", "SendEmailNotification"),
        ({"SourceImportId": NOBODY}, 501, "", "SourceImportId"),
        ({"Options": {"RunJobForSandbox": True}}, 501, "", "RunJobForSandbox"),
        ({"Options": {"CanRecoverDeletedRecords": "no"}}, 400, "", "CanRecoverDeletedRecords"),
    ],
)
def test_a_job_that_cannot_be_meant_is_refused(
    api: Api, given: dict[str, object], status: int, code: str, says: str
) -> None:
    """[JOB-3], [BM-10]: nothing is queued."""
    body = {"QuerySet": [query("new_gizmo")], "JobName": "Tidy", **given}
    answer = api.post("BulkDelete", body)
    assert (status, code or answer.code) == (answer.status, answer.code)
    assert says in answer.message
    assert [] == api.read("asyncoperations")["value"]
