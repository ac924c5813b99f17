"""Days, weeks and fiscal years as the caller counts them. [QF-12], [QF-14], [QF-32], [FX-39], [JOB-80]"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.queries.both import Both
from tests.scenarios.harness import Api

pytestmark = pytest.mark.postgresql

AUCKLAND, LOS_ANGELES, BERLIN = 290, 4, 110
"""Time-zone codes: thirteen hours ahead of UTC in March, eight behind, one ahead."""

HOURS = ("2026-03-03T10:59:00Z", "2026-03-03T11:00:00Z", "2026-03-04T08:00:00Z", "2026-03-04T11:00:00Z")
"""Points in time around the days that it is in Auckland and in Los Angeles at the tests' time, 5:06 UTC on 4 March."""


PLAIN = {
    "fiscalcalendarstart": "2026-01-01T00:00:00Z",
    "fiscalperiodtype": 2002,
    "fiscalyeardisplaycode": 1,
    "weekstartdaycode": 0,
}
"""What a new organization says."""


@contextmanager
def settings(both: Both, zone: int = 92, organization: Mapping[str, object] = PLAIN) -> Iterator[None]:
    """Gizmos at the hours, seen by an administrator in that time zone of an organization with those settings."""
    rows = [f"5f3e0000-0000-4000-8000-0000d00000b{number}" for number in range(len(HOURS))]
    for api in both.apis:
        _change(api, zone, organization)
        for row, at in zip(rows, HOURS, strict=True):
            api.make("new_gizmos", new_gizmoid=row, new_code=f"at {at[8:13]}", new_at=at, new_day=at[:10])
    yield
    for api in both.apis:
        _change(api, 92, PLAIN)
        for row in rows:
            assert 204 == api.delete(f"new_gizmos({row})").status


def _change(api: Api, zone: int, organization: Mapping[str, object]) -> None:
    user = api.organization.administrator.user_id
    for target, body in (
        (f"usersettingscollection({user})", {"timezonecode": zone}),
        (f"organizations({api.organization.id})", organization),
    ):
        answer = api.patch(target, body)
        assert 204 == answer.status, answer.body


def found(both: Both, condition: str, column: str = "new_at") -> list[str]:
    """The hours of the gizmos that an operator finds."""
    xml = (
        "<fetch><entity name='new_gizmo'><attribute name='new_code'/><order attribute='new_code'/><filter>"
        f"<condition attribute='new_code' operator='like' value='at %'/><condition attribute='{column}' {condition}/>"
        "</filter></entity></fetch>"
    )
    return [row["new_code"].removeprefix("at ") for row in both.fetch(xml)]


@pytest.mark.parametrize(
    ("zone", "today", "yesterday"),
    [
        (92, ["04T08", "04T11"], ["03T10", "03T11"]),
        (AUCKLAND, ["03T11", "04T08"], ["03T10"]),
        (LOS_ANGELES, ["03T10", "03T11"], []),
    ],
)
def test_today_is_the_day_of_the_caller(both: Both, zone: int, today: list[str], yesterday: list[str]) -> None:
    """At 5:06 UTC it is the evening of 4 March in Auckland, and still 3 March in Los Angeles. [QF-10], [QF-32]"""
    with settings(both, zone=zone):
        assert (today, yesterday) == (found(both, "operator='today'"), found(both, "operator='yesterday'"))


def test_a_named_day_is_that_of_the_caller(both: Both) -> None:
    """[QF-18], [QF-32]"""
    with settings(both, zone=LOS_ANGELES):
        assert ["03T10", "03T11"] == found(both, "operator='on' value='2026-03-03'")
        assert ["04T08", "04T11"] == found(both, "operator='on-or-after' value='2026-03-04'")
        assert ["03T10", "03T11"] == found(both, "operator='on-or-before' value='2026-03-03'")


def test_plain_dates_have_no_zone(both: Both) -> None:
    """Only which day it is today depends on the caller. [T-10], [JOB-80]"""
    with settings(both, zone=LOS_ANGELES):
        assert ["03T10", "03T11"] == found(both, "operator='today'", "new_day")
        assert ["04T08", "04T11"] == found(both, "operator='on' value='2026-03-04'", "new_day")


def test_hours_are_no_unit_of_plain_dates(both: Both) -> None:
    """[JOB-80]"""
    xml = (
        "<fetch><entity name='new_gizmo'><filter><condition attribute='new_day' operator='last-x-hours' value='3'/>"
        "</filter></entity></fetch>"
    )
    answer = both.ask("new_gizmos", fetchXml=xml)

    assert (400, True) == (answer.status, "holds no times" in answer.message)


def groups(both: Both, part: str, more: str = "") -> list[Any]:
    """How many gizmos each part of a date has."""
    xml = (
        "<fetch aggregate='true'><entity name='new_gizmo'><attribute name='new_gizmoid' alias='n' aggregate='count'/>"
        f"<attribute name='new_at' alias='part' groupby='true' dategrouping='{part}' {more}/><filter>"
        "<condition attribute='new_code' operator='like' value='at %'/></filter><order alias='part'/></entity></fetch>"
    )
    return [(row["part"], row["n"]) for row in both.fetch(xml)]


def test_groups_are_days_of_the_caller(both: Both) -> None:
    """Unless the query wants those of UTC. [FX-39]"""
    with settings(both, zone=AUCKLAND):
        assert [(3, 1), (4, 2), (5, 1)] == groups(both, "day")
        assert [(3, 2), (4, 2)] == groups(both, "day", "usertimezone='false'")


def test_weeks_begin_on_the_day_of_the_organization(both: Both) -> None:
    """4 March 2026 is a Wednesday. [QF-12]"""
    with settings(both, organization={"weekstartdaycode": 3}):
        assert ["04T08", "04T11"] == found(both, "operator='this-week'")
        assert ["03T10", "03T11"] == found(both, "operator='last-week'")
        assert [(9, 2), (10, 2)] == groups(both, "week")


FISCAL = {"fiscalcalendarstart": "2025-03-04T00:00:00Z", "fiscalperiodtype": 2003, "fiscalyeardisplaycode": 2}
"""Years from 4 March, called after the year in which they end, with months as periods."""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("operator='this-fiscal-year'", ["04T08", "04T11"]),
        ("operator='last-fiscal-year'", ["03T10", "03T11"]),
        ("operator='last-fiscal-period'", ["03T10", "03T11"]),
        ("operator='in-fiscal-year' value='2027'", ["04T08", "04T11"]),
        ("operator='in-fiscal-year' value='2026'", ["03T10", "03T11"]),
        ("operator='in-fiscal-period' value='1'", ["04T08", "04T11"]),
        ("operator='in-fiscal-period' value='12'", ["03T10", "03T11"]),
        ("operator='last-x-fiscal-periods' value='1'", ["03T10", "03T11"]),
    ],
)
def test_fiscal_years_are_those_of_the_organization(both: Both, condition: str, expected: list[str]) -> None:
    """[QF-14], [QF-23]"""
    with settings(both, organization=FISCAL):
        assert expected == found(both, condition)


def test_fiscal_periods_of_years_are_those_of_the_organization(both: Both) -> None:
    """[QF-24], [FX-39]"""
    values = "<value>12</value><value>2026</value>"
    with settings(both, organization=FISCAL):
        assert [(12, 2), (1, 2)] == sorted(groups(both, "fiscal-period"), reverse=True)
        assert [(2026, 2), (2027, 2)] == groups(both, "fiscal-year")
        xml = (
            "<fetch><entity name='new_gizmo'><attribute name='new_code'/><filter><condition attribute='new_code' "
            "operator='like' value='at %'/><condition attribute='new_at' operator='in-fiscal-period-and-year'>"
            f"{values}</condition></filter><order attribute='new_code'/></entity></fetch>"
        )
        assert ["at 03T10", "at 03T11"] == [row["new_code"] for row in both.fetch(xml)]


def test_periods_of_four_weeks_are_refused_by_name(both: Both) -> None:
    """[invariant 15]"""
    xml = (
        "<fetch><entity name='new_gizmo'><attribute name='new_name'/><filter><condition attribute='new_at' "
        "operator='{}'/></filter></entity></fetch>"
    )
    with settings(both, organization={"fiscalperiodtype": 2004}):
        answer = both.ask("new_gizmos", fetchXml=xml.format("this-fiscal-period"))
        years = both.ask("new_gizmos", fetchXml=xml.format("this-fiscal-year"))

    assert (501, True) == (answer.status, "four weeks" in answer.message)
    assert 200 == years.status


def test_questions_of_odata_know_the_caller_too(both: Both) -> None:
    """The same question asked again from elsewhere has the answer of there. [QF-10], [QF-32]"""
    asked = "Microsoft.Dynamics.CRM.Today(PropertyName='new_at') and startswith(new_code,'at ')"
    answers = []
    for zone in (92, AUCKLAND, LOS_ANGELES, BERLIN):
        with settings(both, zone=zone):
            answers.append(len(both.rows("new_gizmos", _select="new_code", _filter=asked)))

    assert [2, 2, 2, 2] == answers


def test_a_new_user_has_settings(both: Both) -> None:
    """In UTC at first; whoever is created can be asked for. [JOB-80]"""
    for api in both.apis:
        made = api.make("systemusers", firstname="A", lastname="registrant", domainname="registrant@calendars.example")

        assert {"timezonecode": 92, "uilanguageid": 1033} == {
            name: value
            for name, value in api.read(f"usersettingscollection({made})?$select=timezonecode,uilanguageid").items()
            if name in {"timezonecode", "uilanguageid"}
        }
