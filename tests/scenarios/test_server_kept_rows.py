"""Rows that the server keeps beside others, and what counts as a change, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.definition_bodies import column, one_to_many, table
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import Api
from tests.scenarios.test_rollups import COLUMNS, adds_up, filled, with_things
from verselet.jobs.queue import run_due

__all__ = ["place"]


@pytest.fixture
def api(place: Place) -> Iterator[Api]:
    """An organization of its own."""
    with place.opened() as opened:
        yield opened


@pytest.mark.parametrize(
    ("set_name", "values", "ends"),
    [
        ("processsessions", {"name": "p"}, [(0, 1), (0, 3), (1, 5), (1, 6)]),
        ("syncerrors", {"name": "s", "errortype": 2}, [(0, 0), (1, 1)]),
        ("mailboxtrackingfolders", {"exchangefoldername": "f", "exchangefolderid": "x" * 120}, []),
    ],
)
def test_rows_about_other_rows_are_rows_like_others(
    api: Api, set_name: str, values: dict[str, Any], ends: list[tuple[int, int]]
) -> None:
    """Made, asked for along what they are about, changed, deleted. [JOB-30], [JOB-31], [JOB-32], [JOB-33]"""
    account = api.make("accounts", name="about")
    suffix = "_syncerror" if set_name == "syncerrors" else ""
    bind = {f"regardingobjectid_account{suffix}__bind": f"/accounts({account})"}
    row = api.make(set_name, **values, **bind)
    assert account == api.read(f"{set_name}({row})")["_regardingobjectid_value"]
    for state, status in ends:
        assert 204 == api.patch(f"{set_name}({row})", {"statecode": state, "statuscode": status}).status
        found = api.read(f"{set_name}({row})")
        assert (state, status) == (found["statecode"], found["statuscode"])
    assert 204 == api.delete(f"{set_name}({row})").status


@pytest.mark.parametrize(("errortype", "status"), [(0, 204), (3, 204), (4, 400)])
def test_a_synchronization_fails_in_four_ways(api: Api, errortype: int, status: int) -> None:
    """[JOB-31]"""
    assert status == api.post("syncerrors", {"name": "s", "errortype": errortype}).status


def test_a_rollup_that_is_worked_out_is_no_change_of_its_row(api: Api) -> None:
    """Whoever follows changes hears nothing of it. [JOB-56], [JOB-64]"""
    with_things(with_box(api))
    box = "EntityDefinitions(LogicalName='new_box')"
    definition = api.read(box)
    assert 204 == api.put(box, {**definition, "ChangeTrackingEnabled": True}).status
    made(api, COLUMNS, adds_up("Integer", "new_Total", "COUNT(new_box_things.new_thingid)"))
    row = filled(api)
    first = api.get("new_boxes?$select=new_name", prefer="odata.track-changes").json
    api.organization.clock.advance(timedelta(hours=1))
    assert 1 == run_due(api.organization)
    assert 3 == api.read(f"new_boxes({row})")["new_total"]
    link = first["@odata.deltaLink"].partition("/api/data/v9.2/")[2]
    assert [] == api.get(link).json["value"]


def test_times_come_back_in_whole_seconds(api: Api) -> None:
    """Whatever parts of a second were sent. [JOB-79]"""
    account = api.make("accounts", name="t", lastonholdtime="2026-01-02T03:04:05.678Z")
    assert "2026-01-02T03:04:05Z" == api.read(f"accounts({account})")["lastonholdtime"]


def test_what_a_date_means_is_not_changed_here(api: Api) -> None:
    """The rows would lose what they hold, so it is refused by name, whichever way. [JOB-78]"""
    with_box(api)
    made(api, COLUMNS, column("DateTime", "new_At"))
    api.make("new_boxes", new_name="one", new_at="2026-01-02T03:04:05Z")
    address = f"{COLUMNS}(LogicalName='new_at')"
    definition = api.read(f"{address}/Microsoft.Dynamics.CRM.DateTimeAttributeMetadata")
    refused = api.put(address, {**definition, "DateTimeBehavior": {"Value": "DateOnly"}, "Format": "DateOnly"})
    assert (501, "2026-01-02T03:04:05Z") == (refused.status, api.read("new_boxes")["value"][0]["new_at"]), refused.body


def test_a_duplicate_that_came_at_the_same_moment_is_found_afterwards(api: Api) -> None:
    """Rules look at rows as they are when they are asked; nothing waits for codes to be worked out. [JOB-22]"""
    rule = api.make("duplicaterules", name="r", baseentityname="account", matchingentityname="account")
    api.make(
        "duplicateruleconditions",
        baseattributename="name",
        matchingattributename="name",
        operatorcode=0,
        regardingobjectid__bind=f"/duplicaterules({rule})",
    )
    for _ in range(2):
        api.make("accounts", name="twin")
    assert 200 == api.post(f"duplicaterules({rule})/Microsoft.Dynamics.CRM.PublishDuplicateRule").status
    run_due(api.organization)
    detecting = {"mscrm.suppressduplicatedetection": "false"}
    refused = api.send("POST", "accounts", {"name": "twin"}, headers=detecting)
    assert (412, "0x80040333") == (refused.status, refused.code)


def test_tables_that_refer_to_each_other_have_the_server_kept_relationships(api: Api) -> None:
    """A new table gets them as the built-in ones have them. [JOB-33]"""
    made(api, "EntityDefinitions", table("new_Thing"))
    with_box(api)
    made(api, "RelationshipDefinitions", one_to_many("new_box_things", "new_box", "new_thing", "new_BoxId"))
    names = api.values(
        "EntityDefinitions(LogicalName='new_box')/OneToManyRelationships?$select=SchemaName", "SchemaName"
    )
    assert {"new_box_AsyncOperations", "new_box_BulkDeleteFailures", "new_box_ProcessSession"} <= set(names)
