"""Duplicates: refused where that is asked for, listed where that is asked for, found by published rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import Answer, Api
from tests.scenarios.people import NAMESPACE
from verselet.jobs.queue import run_due
from verselet.messages.duplicates import NoteDuplicates

__all__ = ["api", "stored_api"]

DETECT = {"MSCRM.SuppressDuplicateDetection": "false"}


def create(api: Api, set_name: str, **values: object) -> Answer:
    """Make a row and ask for detection."""
    return api.send("POST", set_name, values, headers={name.lower(): value for name, value in DETECT.items()})


def rule(api: Api, *conditions: dict[str, object], published: bool = True, **values: object) -> str:
    """A rule about gizmos."""
    names = {"baseentityname": "new_gizmo", "matchingentityname": "new_gizmo"}
    made = api.make("duplicaterules", name="Same gizmos", **{**names, **values})
    for condition in conditions:
        body = {"regardingobjectid@odata.bind": f"/duplicaterules({made})", "operatorcode": 0, **condition}
        assert 204 == api.post("duplicateruleconditions", body).status
    if published:
        assert 200 == publish(api, made).status
    return made


def publish(api: Api, rule_id: str) -> Answer:
    """Publish a rule."""
    return api.post(f"duplicaterules({rule_id})/{NAMESPACE}PublishDuplicateRule", {})


def on(column: str, **more: object) -> dict[str, object]:
    """A comparison of a column with itself."""
    return {"baseattributename": column, "matchingattributename": column, **more}


def duplicates_of(api: Api, table: str, row: Mapping[str, object], paging: object = None) -> list[Any]:
    """The ids that RetrieveDuplicates tells."""
    given = quote(json.dumps({"@odata.type": f"{NAMESPACE}{table}", **row}))
    call = "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)"
    answer = api.read(f"{call}?@p1={given}&@p2='{table}'&@p3={quote(json.dumps(paging))}")
    return [found[f"{table}id"] for found in answer["value"]]


@pytest.mark.parametrize("told", ["", "true"])
def test_nothing_is_detected_that_nobody_asked_for(api: Api, told: str) -> None:
    """[DD-1], [DD-2]"""
    for _ in range(2):
        headers = {"mscrm.suppressduplicatedetection": told}
        assert (
            204
            == api.send(
                "POST", "contacts", {"lastname": "a", "emailaddress1": "a@example.test"}, headers=headers
            ).status
        )


def test_a_new_row_with_a_duplicate_is_refused(api: Api) -> None:
    """[DD-1], [DD-2], [DD-5]: letter case does not tell two addresses apart."""
    assert 204 == create(api, "contacts", lastname="a", emailaddress1="a@example.test").status
    refused = create(api, "contacts", lastname="b", emailaddress1="A@example.test")
    assert (412, "0x80040333") == (refused.status, refused.code)
    assert ["a"] == api.values("contacts?$select=lastname", "lastname")


@pytest.mark.parametrize("when", [{}, {"if-match": "*"}])
def test_a_change_into_a_duplicate_is_refused(api: Api, when: dict[str, str]) -> None:
    """[DD-2], [DD-4]: a row is never its own duplicate."""
    first = api.make("contacts", lastname="a", emailaddress1="a@example.test")
    second = api.make("contacts", lastname="b", emailaddress1="b@example.test")
    headers = {"mscrm.suppressduplicatedetection": "false", **when}
    change = {"emailaddress1": "a@example.test"}
    assert 204 == api.send("PATCH", f"contacts({first})", change, headers=headers).status
    refused = api.send("PATCH", f"contacts({second})", change, headers=headers)
    assert (412, "0x80040333") == (refused.status, refused.code)
    assert "b@example.test" == api.read(f"contacts({second})")["emailaddress1"]


def test_an_upsert_that_would_make_a_duplicate_is_refused(api: Api) -> None:
    """[DD-2]"""
    api.make("contacts", lastname="a", emailaddress1="a@example.test")
    address = "contacts(00000000-0000-4000-8000-0000000000aa)"
    headers = {"mscrm.suppressduplicatedetection": "false"}
    refused = api.send("PATCH", address, {"lastname": "b", "emailaddress1": "a@example.test"}, headers=headers)
    assert (412, 404) == (refused.status, api.get(address).status)


def test_rows_without_an_address_are_no_duplicates_of_each_other(api: Api) -> None:
    """[JOB-16]"""
    assert [204, 204] == [create(api, "contacts", lastname=name).status for name in "ab"]


@pytest.mark.parametrize(
    ("code", "length", "present", "new", "status"),
    [
        (0, None, "Blue", "blue", 412),
        (0, None, "Blue", "Blues", 204),
        (1, 3, "BLUEST", "bluish", 412),
        (1, 4, "BLUEST", "bluish", 204),
        (2, 2, "tallest", "best", 412),
        (2, 4, "tallest", "best", 204),
        (1, 3, "a_bcd", "axbcd", 204),
        (1, 3, "10%x", "100x", 204),
    ],
)
def test_rules_compare_as_they_say(
    api: Api, code: int, length: int | None, present: str, new: str, status: int
) -> None:
    """[JOB-15]: first and last characters are taken literally."""
    rule(api, on("new_name", operatorcode=code, operatorparam=length))
    api.make("new_gizmos", new_name=present)
    assert status == create(api, "new_gizmos", new_name=new).status


def test_a_rule_may_mind_letter_case(api: Api) -> None:
    """[JOB-15]"""
    rule(api, on("new_name"), iscasesensitive=True)
    api.make("new_gizmos", new_name="Blue")
    assert [204, 412] == [create(api, "new_gizmos", new_name=name).status for name in ("blue", "Blue")]


def test_a_rule_may_leave_out_inactive_rows(api: Api) -> None:
    """[JOB-15]"""
    rule(api, on("new_name"), excludeinactiverecords=True)
    gizmo = api.make("new_gizmos", new_name="Blue")
    api.patch(f"new_gizmos({gizmo})", {"statecode": 1})
    assert [204, 412] == [create(api, "new_gizmos", new_name="Blue").status for _ in range(2)]


@pytest.mark.parametrize(("ignores", "status"), [(True, 204), (False, 412)])
def test_two_blanks_are_the_same_unless_they_are_ignored(api: Api, *, ignores: bool, status: int) -> None:
    """[JOB-16]: in a rule with several comparisons."""
    rule(api, on("new_name"), on("new_code", ignoreblankvalues=ignores))
    api.make("new_gizmos", new_name="Blue")
    assert status == create(api, "new_gizmos", new_name="Blue").status


def test_all_comparisons_of_a_rule_must_match(api: Api) -> None:
    """[JOB-16]"""
    rule(api, on("new_name"), on("new_code"))
    api.make("new_gizmos", new_name="Blue", new_code="old")
    found = [create(api, "new_gizmos", new_name="Blue", new_code=text).status for text in ("new", "old")]
    assert [204, 412] == found


def test_a_rule_finds_nothing_before_and_after_it_is_published(api: Api) -> None:
    """[JOB-17]"""
    made = rule(api, on("new_name"), published=False)
    api.make("new_gizmos", new_name="Blue")
    assert 204 == create(api, "new_gizmos", new_name="Blue").status
    job = publish(api, made).json["JobId"]
    assert (7, 3, 30) == tuple(
        api.read(f"asyncoperations({job})")[name] for name in ("operationtype", "statecode", "statuscode")
    )
    assert (1, 2) == tuple(api.read(f"duplicaterules({made})")[name] for name in ("statecode", "statuscode"))
    assert 412 == create(api, "new_gizmos", new_name="Blue").status
    assert 204 == api.post("UnpublishDuplicateRule", {"DuplicateRuleId": made}).status
    assert 204 == create(api, "new_gizmos", new_name="Blue").status


def test_a_rule_that_compares_nothing_is_not_published(api: Api) -> None:
    """[JOB-18]"""
    refused = publish(api, rule(api, published=False))
    assert (400, "0x80048414") == (refused.status, refused.code)


def test_a_table_has_five_published_rules_at_most(api: Api) -> None:
    """[JOB-18]"""
    for _ in range(5):
        rule(api, on("new_name"))
    refused = publish(api, rule(api, on("new_name"), published=False))
    assert (400, "0x80048419") == (refused.status, refused.code)


def test_a_rule_about_columns_that_are_not_there_is_not_published(api: Api) -> None:
    """[JOB-18]"""
    refused = publish(api, rule(api, on("new_nothing"), published=False))
    assert 400 == refused.status
    assert "new_nothing" in refused.message


@pytest.mark.parametrize(
    "condition",
    [
        {"baseattributename": "new_name", "matchingattributename": "new_count"},
        {"baseattributename": "new_count", "matchingattributename": "new_count", "operatorcode": 1},
        {"baseattributename": "new_name", "matchingattributename": "new_name", "operatorcode": 3},
    ],
)
def test_a_rule_that_compares_what_does_not_fit_is_not_published(api: Api, condition: dict[str, object]) -> None:
    """[JOB-18]"""
    refused = publish(api, rule(api, condition, published=False))
    assert (400, "0x80040203") == (refused.status, refused.code)


@pytest.mark.parametrize(
    ("column", "present", "new", "status"),
    [
        ("new_at", "2026-01-01T23:30:00Z", "2026-01-01T01:00:00Z", 412),
        ("new_at", "2026-01-01T23:30:00Z", "2026-01-02T00:00:00Z", 204),
        ("new_day", "2026-01-01", "2026-01-01", 412),
        ("new_day", "2026-01-01", "2026-01-02", 204),
    ],
)
def test_a_rule_may_compare_days(api: Api, column: str, present: str, new: str, status: int) -> None:
    """[JOB-15]"""
    rule(api, on(column, operatorcode=3))
    api.make("new_gizmos", **{column: present})
    assert status == create(api, "new_gizmos", **{column: new}).status


@pytest.mark.parametrize(
    ("column", "value"), [("new_count", 3), ("new_ready", True), ("new_ratio", 1.5), ("new_color", 1)]
)
def test_a_rule_may_compare_other_values_than_texts(api: Api, column: str, value: object) -> None:
    """[JOB-15]"""
    rule(api, on(column, operatorcode=6 if column == "new_color" else 0))
    api.make("new_gizmos", **{column: value})
    assert 412 == create(api, "new_gizmos", **{column: value}).status


def test_duplicates_of_a_row_that_is_not_stored_are_listed(api: Api) -> None:
    """[DD-3], [JOB-20]: page by page; none is no fault."""
    made = sorted(api.make("contacts", lastname="a", emailaddress1="a@example.test") for _ in range(3))
    wanted = {"emailaddress1": "a@example.test"}
    assert made == sorted(duplicates_of(api, "contact", wanted))
    assert made[:2] == sorted(duplicates_of(api, "contact", wanted, {"PageNumber": 1, "Count": 2}))
    assert made[2:] == duplicates_of(api, "contact", wanted, {"PageNumber": 2, "Count": 2})
    assert made[1:] == sorted(duplicates_of(api, "contact", {"contactid": made[0], **wanted}))
    assert [] == duplicates_of(api, "contact", {"emailaddress1": "b@example.test"})


OF_ACCOUNTS: dict[str, Any] = {"baseentityname": "account", "matchingentityname": "account"}


def detect(api: Api, *conditions: object, **more: object) -> Answer:
    """Look for duplicates of accounts in the background."""
    query = {"EntityName": "account", "Criteria": {"FilterOperator": "And", "Conditions": list(conditions)}}
    quiet = {"SendEmailNotification": False, "ToRecipients": [], "CCRecipients": [], "RecurrencePattern": ""}
    return api.post("BulkDetectDuplicates", {"Query": query, "JobName": "Look", **quiet, **more})


def test_duplicates_are_looked_for_in_the_background(api: Api) -> None:
    """Each pair is a row of the job, however often it runs. [JOB-21]"""
    made = rule(api, on("name"), **OF_ACCOUNTS)
    first, second, _ = [api.make("accounts", name=name) for name in ("Blue", "Blue", "Red")]
    answer = detect(api)
    job = answer.json["JobId"]
    assert answer.json["@odata.context"].endswith("#Microsoft.Dynamics.CRM.BulkDetectDuplicatesResponse")
    assert 1 == run_due(api.organization)
    found = api.read(f"duplicaterecords?$filter=_asyncoperationid_value%20eq%20{job}")["value"]
    names = ("_baserecordid_value", "_duplicaterecordid_value", "_duplicateruleid_value")
    pairs = {tuple(row[name] for name in names) for row in found}
    assert (2, {(first, second, made), (second, first, made)}) == (len(found), pairs)
    state = api.read(f"asyncoperations({job})")
    assert (8, 3, 30) == (state["operationtype"], state["statecode"], state["statuscode"])
    asked = api.organization.administrator
    api.organization.execute(NoteDuplicates(job, "account", first), asked)
    assert 2 == len(api.read("duplicaterecords")["value"])


def test_only_what_the_query_finds_is_compared(api: Api) -> None:
    """With all rows there are. [JOB-21]"""
    rule(api, on("name"), **OF_ACCOUNTS)
    first, second = [api.make("accounts", name="Blue") for _ in range(2)]
    condition = {
        "AttributeName": "accountid",
        "Operator": "Equal",
        "Values": [{"Value": first, "Type": "System.Guid"}],
    }
    detect(api, condition)
    run_due(api.organization)
    (found,) = api.read("duplicaterecords")["value"]
    assert (first, second) == (found["_baserecordid_value"], found["_duplicaterecordid_value"])


def test_a_search_that_cannot_be_answered_is_not_queued(api: Api) -> None:
    """[JOB-3], [JOB-21]"""
    assert "0x80048457" == detect(api, JobName=" ").code
    assert 400 == detect(api, RecurrencePattern="FREQ=HOURLY;INTERVAL=1").status
    assert 501 == detect(api, SendEmailNotification=True).status
    unnamed = {"Query": {"EntityName": "duplicaterule"}, "JobName": "Look"}
    assert 400 == api.post("BulkDetectDuplicates", unnamed).status
