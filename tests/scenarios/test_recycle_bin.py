"""The recycle bin: what a deletion takes along is kept, can be asked for, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.gizmos import schema_with_gizmos
from tests.scenarios.family import acting, assign, family_api, reference, row, share, shared, user
from tests.scenarios.family import api as family
from tests.scenarios.harness import Answer, Api, new_organization, undone
from tests.scenarios.stores import STORES, url_of
from verselet.jobs.hourly import Hourly
from verselet.messages.lifecycle import EmptyBin
from verselet.metadata.changes.editing import with_relationships
from verselet.metadata.children import DELETED, GROUPS, child_relationship
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution, Stage

__all__ = ["family", "family_api"]

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module", params=STORES)
def gizmo_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Gizmos, which have a column of each type, on each store."""
    plain = schema_with_gizmos()
    told = [child_relationship(GROUPS[DELETED][0], plain.tables[name]) for name in ("new_gizmo", "new_part")]
    with url_of(request) as url, Api(new_organization(url, with_relationships(plain, told))) as opened:
        yield opened


@pytest.fixture
def gizmos(gizmo_api: Api) -> Iterator[Api]:
    """The same, for one test that may write, with a bin for gizmos."""
    with undone(gizmo_api.organization):
        turn_on(gizmo_api, "new_gizmo")
        yield gizmo_api


@pytest.fixture
def api(family: Api) -> Api:
    """Families, with a bin for projects and tasks."""
    turn_on(family, "fam_project", "fam_task")
    return family


def turn_on(api: Api, *tables: str, **more: object) -> str:
    """The bin of the organization and of some tables; the id of the organization's setting."""
    made = api.make("recyclebinconfigs", name="organization", **more)
    for table in tables:
        api.make("recyclebinconfigs", name=table)
    return made


def restore(api: Api, table: str, row_id: str, headers: dict[str, str] | None = None, **values: object) -> Answer:
    """Ask for a row back, perhaps with other values."""
    return api.post("Restore", {"Target": {**reference(table, row_id), **values}}, **headers or {})


def binned(api: Api, fetch: str, set_name: str, **headers: str) -> Answer:
    """A question to the bin."""
    return api.get(f"{set_name}?fetchXml={quote(fetch)}", **headers)


def names(api: Api, table: str, inside: str = "", **headers: str) -> list[str]:
    """The names of the rows of a table in the bin, those of the caller."""
    fetch = (
        f"<fetch datasource='bin'><entity name='{table}'><attribute name='fam_name'/>"
        f"<order attribute='fam_name'/>{inside}</entity></fetch>"
    )
    answer = binned(api, fetch, f"{table}s", **headers)
    assert 200 == answer.status, answer.body
    return [found["fam_name"] for found in answer.json["value"]]


def told(api: Api) -> list[dict[str, Any]]:
    """What clients are told about deleted rows."""
    return list(api.read("deleteditemreferences?$orderby=name")["value"])


EVERYTHING: dict[str, object] = {
    "new_name": "Vane",
    "new_code": "V-1",
    "new_notes": "two\nlines, \"quoted\" and 'so'",
    "new_count": -7,
    "new_minutes": 90,
    "new_ticks": 9007199254740993,
    "new_ratio": 12.345,
    "new_share": -0.5,
    "new_size": 0.30000000000000004,
    "new_price": 19.9999,
    "new_at": "2026-02-03T04:05:06Z",
    "new_day": "2026-02-03",
    "new_ready": True,
    "new_color": 1,
    "new_tags": "1,2",
    "new_face": PNG,
}


def test_a_row_comes_back_with_every_value_it_had(gizmos: Api) -> None:
    """[BIN-11]"""
    account = gizmos.make("accounts", name="Contour")
    gizmo = gizmos.make("new_gizmos", **EVERYTHING, new_CustomerId_account__bind=f"/accounts({account})")
    before = gizmos.read(f"new_gizmos({gizmo})")
    picture = gizmos.get(f"new_gizmos({gizmo})/new_face/$value?size=full").body
    gizmos.organization.clock.advance(timedelta(hours=1))
    try:
        assert 204 == gizmos.delete(f"new_gizmos({gizmo})").status
        assert 404 == gizmos.get(f"new_gizmos({gizmo})").status
        answer = gizmos.post("Restore", {"Target": {"@odata.id": f"new_gizmos({gizmo})"}})
    finally:
        gizmos.organization.clock.advance(-timedelta(hours=1))
    assert (200, gizmo) == (answer.status, answer.json["id"])
    assert answer.json["@odata.context"].endswith("$metadata#Microsoft.Dynamics.CRM.RestoreResponse")
    after = gizmos.read(f"new_gizmos({gizmo})")
    changing = {"@odata.etag", "versionnumber", "modifiedon", "_modifiedby_value"}
    assert {name: value for name, value in before.items() if name not in changing} == {
        name: value for name, value in after.items() if name not in changing
    }
    assert before["@odata.etag"] != after["@odata.etag"]
    assert picture == gizmos.get(f"new_gizmos({gizmo})/new_face/$value?size=full").body
    assert b"" != picture


def test_the_bin_answers_as_the_table_would(gizmos: Api) -> None:
    """Filters, orders, groups and formatted values see the values as the table had them. [BIN-6]"""
    gone = [gizmos.make("new_gizmos", **EVERYTHING), gizmos.make("new_gizmos", new_name="arm", new_price=5)]
    before = gizmos.read(f"new_gizmos({gone[0]})")
    gizmos.make("new_gizmos", new_name="alive")
    for found in gone:
        gizmos.delete(f"new_gizmos({found})")
    fetch = (
        "<fetch datasource='bin'><entity name='new_gizmo'><attribute name='new_name'/><attribute name='new_price'/>"
        "<attribute name='new_at'/><attribute name='new_color'/><attribute name='new_size'/>"
        "<filter><condition attribute='new_price' operator='gt' value='19.99'/>"
        "<condition attribute='new_name' operator='eq' value='VANE'/>"
        "<condition attribute='new_at' operator='on' value='2026-02-03'/>"
        "<condition attribute='new_tags' operator='contain-values'><value>2</value></condition></filter>"
        "</entity></fetch>"
    )
    answer = binned(gizmos, fetch, "new_gizmos", prefer='odata.include-annotations="*"')
    (found_row,) = answer.json["value"]
    columns = ("new_name", "new_price", "new_at", "new_color", "new_size")
    assert [before[name] for name in columns] == [found_row[name] for name in columns]
    total = (
        "<fetch datasource='bin' aggregate='true'><entity name='new_gizmo'>"
        "<attribute name='new_price' alias='sum' aggregate='sum'/><attribute name='new_gizmoid' alias='n' "
        "aggregate='count'/></entity></fetch>"
    )
    assert [(24.9999, 2)] == [(found["sum"], found["n"]) for found in binned(gizmos, total, "new_gizmos").json["value"]]


def test_a_choice_that_is_gone_keeps_the_row_in_the_bin_until_another_is_given(gizmos: Api) -> None:
    """[BIN-13]"""
    gizmo = gizmos.make("new_gizmos", new_name="Vane", new_color=1)
    gizmos.delete(f"new_gizmos({gizmo})")
    store, kept = gizmos.organization.store, "verselet_bin"
    with store.begin() as session:
        changed = (
            "json_set(content, '$.new_color', 99)"
            if session.dialect.name == "sqlite"
            else "jsonb_set(content, '{new_color}', '99')"
        )
        session.run(f"UPDATE {kept} SET content = {changed}")
    assert (400, "0x80049949") == (restore(gizmos, "new_gizmo", gizmo).status, restore(gizmos, "new_gizmo", gizmo).code)
    assert 200 == restore(gizmos, "new_gizmo", gizmo, new_color=2).status
    assert 2 == gizmos.read(f"new_gizmos({gizmo})")["new_color"]


def test_a_deletion_is_told_once_whatever_went_along(api: Api) -> None:
    """[BIN-3], [BIN-5]"""
    project = row(api, "project")
    task = row(api, "task", project=project)
    row(api, "step", task=task)
    api.delete(f"fam_projects({project})")
    assert [("project", project, "fam_project")] == [
        (
            found["name"],
            found["_deletedobject_value"],
            api.get(
                f"deleteditemreferences({found['deleteditemreferenceid']})",
                prefer='odata.include-annotations="*"',
            ).json["_deletedobject_value@Microsoft.Dynamics.CRM.lookuplogicalname"],
        )
        for found in told(api)
    ]
    assert (["project"], ["task"], ["step"]) == tuple(names(api, f"fam_{kind}") for kind in ("project", "task", "step"))


def test_children_come_back_with_what_they_hung_on_and_not_alone(api: Api) -> None:
    """[BIN-11], [BIN-12]"""
    project = row(api, "project")
    task = row(api, "task", project=project)
    step = row(api, "step", task=task)
    api.delete(f"fam_projects({project})")
    refused = restore(api, "fam_task", task)
    assert (400, "0x80049959") == (refused.status, refused.code)
    assert 200 == restore(api, "fam_project", project).status
    assert project == api.read(f"fam_tasks({task})")["_fam_project_value"]
    assert task == api.read(f"fam_steps({step})")["_fam_task_value"]
    assert ([], []) == (told(api), names(api, "fam_task"))
    assert (400, "0x80049959") == (
        restore(api, "fam_project", project).status,
        restore(api, "fam_project", project).code,
    )


def test_a_child_that_was_deleted_for_itself_comes_back_without_its_parent(api: Api) -> None:
    """[BIN-12], [BIN-15]"""
    project = row(api, "project")
    task = row(api, "task", project=project)
    api.delete(f"fam_tasks({task})")
    api.delete(f"fam_projects({project})")
    assert 2 == len(told(api))
    assert 200 == restore(api, "fam_task", task).status
    assert api.read(f"fam_tasks({task})")["_fam_project_value"] is None


def test_a_second_deletion_under_one_id_leaves_the_first_copy(api: Api) -> None:
    """[BIN-4], [BIN-13]"""
    project = row(api, "project")
    api.delete(f"fam_projects({project})")
    api.make("fam_projects", fam_projectid=project, fam_name="second")
    refused = restore(api, "fam_project", project)
    assert (400, "0x80044a02", "second") == (
        refused.status,
        refused.code,
        api.read(f"fam_projects({project})")["fam_name"],
    )
    api.delete(f"fam_projects({project})")
    assert (1, ["project"]) == (len(told(api)), names(api, "fam_project"))
    assert 200 == restore(api, "fam_project", project).status
    assert "project" == api.read(f"fam_projects({project})")["fam_name"]


def test_a_key_that_was_taken_needs_another_value(gizmos: Api) -> None:
    """[BIN-13]: nothing of the refused attempt stays."""
    gizmo = gizmos.make("new_gizmos", new_name="first", new_code="K")
    gizmos.delete(f"new_gizmos({gizmo})")
    other = gizmos.make("new_gizmos", new_name="second", new_code="k")
    refused = restore(gizmos, "new_gizmo", gizmo)
    again = restore(gizmos, "new_gizmo", gizmo, new_code="K")
    assert [(400, "0x80049929")] * 2 == [(found.status, found.code) for found in (refused, again)]
    assert 404 == gizmos.get(f"new_gizmos({gizmo})").status
    assert 200 == restore(gizmos, "new_gizmo", gizmo, new_code="L", new_name="third").status
    assert [("second", "k"), ("third", "L")] == [
        (found["new_name"], found["new_code"]) for found in gizmos.read("new_gizmos?$orderby=new_name")["value"]
    ]
    assert other in gizmos.values("new_gizmos", "new_gizmoid")


def test_a_row_in_the_bin_is_not_named_by_a_key(gizmos: Api) -> None:
    """[BIN-12]"""
    gizmo = gizmos.make("new_gizmos", new_name="first", new_code="K")
    gizmos.delete(f"new_gizmos({gizmo})")
    assert 400 == gizmos.post("Restore", {"Target": {"@odata.id": "new_gizmos(new_code='K')"}}).status
    assert 404 == gizmos.get(f"new_gizmos({gizmo})").status


def test_tables_without_a_bin_keep_nothing(api: Api) -> None:
    """Neither before the bin is turned on nor after it is turned off. [BIN-1], [BIN-2], [BIN-3]"""
    step = row(api, "step")
    api.delete(f"fam_steps({step})")
    assert "0x80049959" == restore(api, "fam_step", step).code
    settings = {found["name"]: found["recyclebinconfigid"] for found in api.read("recyclebinconfigs")["value"]}
    task, project = row(api, "task"), row(api, "project")
    assert 204 == api.patch(f"recyclebinconfigs({settings['fam_task']})", {"statecode": 1, "statuscode": 2}).status
    api.delete(f"fam_tasks({task})")
    api.delete(f"recyclebinconfigs({settings['organization']})")
    api.delete(f"fam_projects({project})")
    assert ([], [], []) == (told(api), names(api, "fam_task"), names(api, "fam_project"))


@pytest.mark.parametrize(
    "values",
    [
        {"name": "nothing"},
        {"name": "systemuser"},
        {"name": "businessunit"},
        {"name": "fam_project"},
        {"name": "fam_step", "cleanupintervalindays": 31},
        {"name": "fam_step", "cleanupintervalindays": 0},
        {"name": "organization"},
    ],
)
def test_settings_that_cannot_be_are_refused(api: Api, values: dict[str, object]) -> None:
    """[BIN-1], [BIN-7]"""
    before = api.get("recyclebinconfigs").body
    assert 400 == api.post("recyclebinconfigs", values).status
    assert before == api.get("recyclebinconfigs").body


def test_a_setting_stays_with_its_table(api: Api) -> None:
    """[BIN-1]: the organization's own cannot inherit."""
    settings = {found["name"]: found["recyclebinconfigid"] for found in api.read("recyclebinconfigs")["value"]}
    assert 400 == api.patch(f"recyclebinconfigs({settings['fam_task']})", {"name": "fam_step"}).status
    assert 400 == api.patch(f"recyclebinconfigs({settings['organization']})", {"cleanupintervalindays": -1}).status
    assert 204 == api.patch(f"recyclebinconfigs({settings['organization']})", {"cleanupintervalindays": 3}).status


# --- rights -----------------------------------------------------------------------------------------------------------


def test_the_bin_shows_each_caller_what_the_table_would(api: Api) -> None:
    """[BIN-6], [SEC-41]"""
    anna, boris = user(api, "Anna"), user(api, "Boris")
    for owner in (anna, boris):
        api.delete(f"fam_projects({row(api, 'project', owner)})")
    assert (2, 1, 1) == tuple(
        len(names(api, "fam_project", **headers)) for headers in ({}, acting(anna[1]), acting(boris[1]))
    )


def test_only_who_could_make_the_row_brings_it_back(api: Api) -> None:
    """[BIN-14]"""
    anna, boris = user(api, "Anna"), user(api, "Boris")
    project = row(api, "project", anna)
    api.delete(f"fam_projects({project})", **acting(anna[1]))
    nobody = api.make(
        "systemusers",
        lastname="Cora",
        domainname="cora@contour.example",
        internalemailaddress="cora@contour.example",
        businessunitid__bind=f"/businessunits({api.organization.administrator.business_unit_id})",
    )
    refused = [restore(api, "fam_project", project, acting(whom)) for whom in (boris[1], nobody)]
    assert [403, 403] == [answer.status for answer in refused]
    assert 404 == api.get(f"fam_projects({project})").status
    assert 200 == restore(api, "fam_project", project, acting(anna[1]), fam_name="again").status
    found = api.read(f"fam_projects({project})")
    assert ("again", anna[1], anna[1]) == (found["fam_name"], found["_ownerid_value"], found["_modifiedby_value"])


def test_shares_do_not_come_back(api: Api) -> None:
    """[BIN-15], [MSG-16]"""
    anna = user(api, "Anna")
    project = row(api, "project")
    share(api, "project", project, anna, "ReadAccess")
    api.delete(f"fam_projects({project})")
    assert [] == names(api, "fam_project", **acting(anna[1]))
    restore(api, "fam_project", project)
    assert {} == shared(api, "project", project)


def test_a_row_whose_owner_is_gone_belongs_to_who_brings_it_back(api: Api) -> None:
    """[BIN-15]: a row always has an owner."""
    team = api.make(
        "teams",
        name="Short-lived",
        businessunitid__bind=f"/businessunits({api.organization.administrator.business_unit_id})",
        administratorid__bind=f"/systemusers({api.organization.administrator.user_id})",
    )
    api.entitle("teams", team)
    project = row(api, "project")
    assert 204 == assign(api, "project", project, ("team", team)).status
    api.delete(f"fam_projects({project})")
    assert 204 == api.delete(f"teams({team})").status
    assert 200 == restore(api, "fam_project", project).status
    found = api.read(f"fam_projects({project})")
    administrator = api.organization.administrator
    assert (administrator.user_id, None, administrator.user_id, administrator.business_unit_id) == tuple(
        found[f"_{name}_value"] for name in ("ownerid", "owningteam", "owninguser", "owningbusinessunit")
    )


# --- what cannot be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        "<link-entity name='fam_project' from='fam_projectid' to='fam_project'/>",
        "<filter><link-entity name='fam_step' from='fam_task' to='fam_taskid' link-type='any'/></filter>",
    ],
)
def test_the_bin_does_not_look_into_other_tables(api: Api, inside: str) -> None:
    """[BIN-6]: refused by name rather than answered half."""
    fetch = f"<fetch datasource='bin'><entity name='fam_task'><attribute name='fam_name'/>{inside}</entity></fetch>"
    answer = binned(api, fetch, "fam_tasks")
    assert (501, True) == (answer.status, "recycle bin" in answer.message)


def test_other_data_sources_are_refused(api: Api) -> None:
    """Rows are alive, in the bin, or retained: there are no others. [BIN-6], [RET-40]"""
    fetch = "<fetch datasource='attic'><entity name='fam_task'><attribute name='fam_name'/></entity></fetch>"
    assert 501 == binned(api, fetch, "fam_tasks").status


# --- the end of it ----------------------------------------------------------------------------------------------------


def test_rows_are_removed_for_good_when_their_time_is_over(api: Api) -> None:
    """By the organization's clock; a table's own interval counts before the general one. [BIN-1], [BIN-8]"""
    settings = {found["name"]: found["recyclebinconfigid"] for found in api.read("recyclebinconfigs")["value"]}
    api.patch(f"recyclebinconfigs({settings['fam_task']})", {"cleanupintervalindays": 2})
    project = row(api, "project")
    row(api, "task", project=project)
    task = row(api, "task")
    api.delete(f"fam_tasks({task})")
    api.delete(f"fam_projects({project})")
    cleanup, clock = Hourly(EmptyBin()), api.organization.clock
    kept = []
    moved = timedelta()
    for step in (timedelta(days=2), timedelta(hours=1), timedelta(days=27), timedelta(days=2)):
        clock.advance(step)
        moved += step
        cleanup.look(api.organization)
        kept.append((len(told(api)), len(names(api, "fam_task")), len(names(api, "fam_project"))))
    clock.advance(-moved)
    assert [(2, 2, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0)] == kept
    assert "0x80049959" == restore(api, "fam_project", project).code


def test_the_bin_is_looked_at_once_an_hour(api: Api) -> None:
    """A row whose time is over between two looks goes with the second one. [BIN-8]"""
    cleanup, clock = Hourly(EmptyBin()), api.organization.clock
    api.delete(f"fam_projects({row(api, 'project')})")
    kept = []
    steps = (timedelta(days=30, seconds=-10), timedelta(minutes=30), timedelta(minutes=30))
    for step in steps:
        clock.advance(step)
        cleanup.look(api.organization)
        kept.append(len(told(api)))
    clock.advance(-sum(steps, timedelta()))
    assert [1, 1, 0] == kept


def test_who_deletes_what_is_told_deletes_the_rows_for_good(api: Api) -> None:
    """[BIN-5], [BIN-8]"""
    project = row(api, "project")
    row(api, "task", project=project)
    api.delete(f"fam_projects({project})")
    assert 204 == api.delete(f"deleteditemreferences({told(api)[0]['deleteditemreferenceid']})").status
    assert ([], []) == (names(api, "fam_task"), names(api, "fam_project"))
    assert "0x80049959" == restore(api, "fam_project", project).code


def test_a_content_of_a_file_comes_back_and_goes_with_the_bin(gizmos: Api) -> None:
    """[BIN-11], [FL-1]"""
    gizmo = gizmos.make("new_gizmos", new_name="Vane")
    put = gizmos.send(
        "PATCH",
        f"new_gizmos({gizmo})/new_file",
        b"content",
        headers={"content-type": "application/octet-stream", "x-ms-file-name": "a.txt"},
    )
    assert 204 == put.status
    gizmos.delete(f"new_gizmos({gizmo})")
    restore(gizmos, "new_gizmo", gizmo)
    assert b"content" == gizmos.get(f"new_gizmos({gizmo})/new_file/$value").body
    gizmos.delete(f"new_gizmos({gizmo})")
    gizmos.delete(f"deleteditemreferences({told(gizmos)[0]['deleteditemreferenceid']})")
    with gizmos.organization.store.begin() as session:
        assert [(0,)] == session.run("SELECT count(*) FROM verselet_file")


def test_a_refused_deletion_keeps_nothing(api: Api) -> None:
    """All happens, or nothing. [E-21], [BIN-3]"""
    other = row(api, "project")
    refused = api.delete(f"fam_projects({other})", if_match='W/"1"')
    assert 412 == refused.status
    assert ([], []) == (told(api), names(api, "fam_project"))


def test_children_whose_deletion_steps_wait_for_come_back_too(api: Api) -> None:
    """They go in messages of their own, and in the same deletion all the same. [BIN-3], [EVT-35]"""
    solution = Solution("looking")
    seen: list[str] = []

    @solution.step("Delete", "fam_task", stage=Stage.PRE_OPERATION)
    def look(context: Context) -> None:
        seen.append(context.message)

    organization = api.organization
    organization.steps = StepBook((solution,), NoPoster(), organization.name)
    organization.read_steps()
    try:
        project = row(api, "project")
        task = row(api, "task", project=project)
        leaf = row(api, "step", task=task)
        api.delete(f"fam_projects({project})")
        assert (["Delete"], 1) == (seen, len(told(api)))
        assert 200 == restore(api, "fam_project", project).status
        assert (project, task) == (
            api.read(f"fam_tasks({task})")["_fam_project_value"],
            api.read(f"fam_steps({leaf})")["_fam_task_value"],
        )
    finally:
        organization.steps = StepBook((), NoPoster(), organization.name)
        organization.read_steps()
