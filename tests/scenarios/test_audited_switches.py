"""What is written down about auditing itself, and about who came, on both stores. [JOB-40], [JOB-42], [JOB-46]"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.definition_bodies import BOX, column
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import Api

__all__ = ["place"]

COLUMNS = f"{BOX}/Attributes"
COUNT = f"{COLUMNS}(LogicalName='new_count')"


@pytest.fixture
def api(place: Place) -> Iterator[Api]:
    """An organization that writes changes down, with a table that does not."""
    with place.opened() as opened:
        with_box(opened)
        made(opened, COLUMNS, column("Integer", "new_Count"))
        switch(opened, isauditenabled=True)
        yield opened


def switch(api: Api, **values: object) -> None:
    """Set the organization."""
    assert 204 == api.patch(f"organizations({api.organization.id})", values).status


def switch_definition(api: Api, address: str, *, to: bool) -> None:
    """Audit a table or a column, or do so no more."""
    definition = api.read(address)
    body = {**definition, "IsAuditEnabled": {**definition["IsAuditEnabled"], "Value": to}}
    assert 204 == api.put(address, body).status


def audits(api: Api, *members: str, about: str) -> list[Any]:
    """Members of what was written down about a table, oldest first."""
    found = api.read(f"audits?$filter=objecttypecode eq '{about}'&$orderby=versionnumber")["value"]
    rows = [tuple(row[name] for name in members) for row in found]
    return [row[0] for row in rows] if len(members) == 1 else rows


def test_the_switches_of_the_organization_are_written_down(api: Api) -> None:
    """The change and what it starts or stops, also where that is all of it; what stays as it is is not. [JOB-42]"""
    switch(api, isuseraccessauditenabled=True)
    switch(api, isauditenabled=True, isuseraccessauditenabled=True)
    switch(api, isuseraccessauditenabled=False)
    switch(api, isauditenabled=False)
    user = api.organization.administrator.user_id
    expected = [(action, 2, api.organization.id, user) for action in (104, 107, 104, 112, 104, 113, 104, 110)]
    assert expected == audits(api, "action", "operation", "_objectid_value", "_userid_value", about="organization")


def test_the_switches_of_tables_and_columns_are_written_down(api: Api) -> None:
    """With the name of the column. [JOB-42]"""
    switch_definition(api, BOX, to=True)
    switch_definition(api, COUNT, to=False)
    switch_definition(api, COUNT, to=True)
    switch_definition(api, BOX, to=False)
    table = api.read(f"{BOX}?$select=MetadataId")["MetadataId"]
    expected = [
        *((action, None, table) for action in (102, 105)),
        *((action, ",new_count,", table) for action in (103, 109, 103, 106)),
        *((action, None, table) for action in (102, 108)),
    ]
    assert expected == audits(api, "action", "attributemask", "_objectid_value", about="new_box")


def test_audited_tables_and_columns_that_go_are_written_down(api: Api) -> None:
    """[JOB-42]"""
    switch_definition(api, BOX, to=True)
    assert 204 == api.delete(COUNT).status
    assert 204 == api.delete(BOX).status
    assert [(102, 2), (105, 2), (101, 3), (100, 3)] == audits(api, "action", "operation", about="new_box")


def test_a_column_of_a_table_that_is_not_audited_starts_nothing(api: Api) -> None:
    """Its definition changed all the same. [JOB-40], [JOB-42]"""
    switch_definition(api, COUNT, to=False)
    assert [103] == audits(api, "action", about="new_box")


def test_what_else_the_organization_says_of_auditing_is_written_down(api: Api) -> None:
    """With the values before and after, and nothing starts or stops by it. [JOB-40], [JOB-42], [JOB-45]"""
    switch(api, auditretentionperiodv2=90)
    switch(api, auditretentionperiodv2=90, useraccessauditinginterval=8)
    newest = api.values("audits?$orderby=versionnumber&$filter=objecttypecode eq 'organization'", "auditid")[-2:]
    told = [api.read(f"audits({one})/Microsoft.Dynamics.CRM.RetrieveAuditDetails()")["AuditDetail"] for one in newest]
    given = [{name: value for name, value in one["NewValue"].items() if "@" not in name} for one in told]
    assert [{"auditretentionperiodv2": 90}, {"useraccessauditinginterval": 8}] == given
    assert [104, 107, 104, 104] == audits(api, "action", about="organization")


def test_switches_count_for_nothing_where_the_organization_is_not_audited(api: Api) -> None:
    """[JOB-40]"""
    switch(api, isauditenabled=False)
    switch_definition(api, BOX, to=True)
    assert [] == audits(api, "action", about="new_box")


def test_a_switch_has_no_details(api: Api) -> None:
    """[JOB-46]"""
    switch_definition(api, BOX, to=True)
    _, audit = audits(api, "auditid", about="new_box")
    found = api.read(f"audits({audit})/Microsoft.Dynamics.CRM.RetrieveAuditDetails()")["AuditDetail"]
    assert {"@odata.type": "#Microsoft.Dynamics.CRM.AuditDetail"} == found


def test_a_user_who_comes_is_written_down_once_in_four_hours(api: Api) -> None:
    """Each user, by the organization's clock. [JOB-40], [JOB-42], [JOB-46]"""
    clock, administrator = api.organization.clock, api.organization.administrator.user_id
    unit = api.organization.administrator.business_unit_id
    anna = api.make("systemusers", lastname="Anna", businessunitid__bind=f"/businessunits({unit})")
    switch(api, isuseraccessauditenabled=True)
    for hours in (0, 3, 1):
        clock.advance(timedelta(hours=hours))
        assert 200 == api.get("WhoAmI").status
        assert 200 == api.get("WhoAmI", authorization=f"Bearer dev:{anna}").status
    seen = audits(api, "action", "operation", "_objectid_value", "_userid_value", about="systemuser")
    assert [(65, 4, who, who) for who in (administrator, anna)] * 2 == seen
    first = audits(api, "auditid", about="systemuser")[0]
    found = api.read(f"audits({first})/Microsoft.Dynamics.CRM.RetrieveAuditDetails()")["AuditDetail"]
    expected = {
        "@odata.type": "#Microsoft.Dynamics.CRM.UserAccessAuditDetail",
        "AccessTime": "2026-03-04T05:06:07Z",
        "Interval": 4,
    }
    assert expected == found


def test_another_interval_counts_from_the_next_request_on(api: Api) -> None:
    """[JOB-40]"""
    switch(api, isuseraccessauditenabled=True, useraccessauditinginterval=1)
    for _ in range(3):
        assert 200 == api.get("WhoAmI").status
        api.organization.clock.advance(timedelta(hours=1))
    switch(api, isuseraccessauditenabled=False)
    api.organization.clock.advance(timedelta(hours=9))
    assert [65] * 4 == audits(api, "action", about="systemuser")


def test_another_server_of_the_organization_knows_who_came(place: Place) -> None:
    """The rows say it. [JOB-40]"""
    for _ in range(2):
        with place.opened() as api:
            switch(api, isauditenabled=True, isuseraccessauditenabled=True)
            assert 200 == api.get("WhoAmI").status
            assert [65] == audits(api, "action", about="systemuser")


def test_nobody_is_written_down_unless_both_switches_are_on(place: Place) -> None:
    """The organization's and the one for users. [JOB-40]"""
    with place.opened() as api:
        for values in ({}, {"isuseraccessauditenabled": True}, {"isuseraccessauditenabled": False}):
            if values:
                switch(api, **values)
            assert 200 == api.get("WhoAmI").status
        assert [] == audits(api, "action", about="systemuser")
