"""Giving rows to other owners, with what follows them. [SEC-60] to [SEC-65], [SEC-75], [SEC-79]"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from tests.scenarios.family import (
    OWNERS,
    acting,
    api,
    assign,
    family_api,
    masks,
    owner,
    reference,
    revoke,
    row,
    share,
    shared,
    team,
    user,
)
from tests.scenarios.harness import Api
from verselet.messages.request import WhoAmI
from verselet.operations.rules.shares import NO_SHARE, write_shares
from verselet.values import Reference

__all__ = ["api", "family_api"]


def test_the_owner_brings_its_columns_along(api: Api) -> None:
    """[SEC-3], [SEC-4], [SEC-60]"""
    crew, project = team(api, "Crew"), row(api, "project")
    before = api.read(f"fam_projects({project})")
    assert 204 == assign(api, "project", project, crew, fam_name="moved").status
    found = api.read(f"fam_projects({project})")
    assert (crew[1], None, crew[1], "moved") == tuple(
        found[name] for name in ("_ownerid_value", "_owninguser_value", "_owningteam_value", "fam_name")
    )
    assert before["versionnumber"] < found["versionnumber"]


def test_the_same_owner_is_no_change(api: Api) -> None:
    """Alone; other columns of the same request are written. [SEC-64]"""
    ben = user(api, "Ben")
    project = row(api, "project", ben)
    before = api.read(f"fam_projects({project})")
    assert 204 == assign(api, "project", project, ben).status
    assert before == api.read(f"fam_projects({project})")
    assert 204 == assign(api, "project", project, ben, fam_name="other").status
    assert "other" == api.read(f"fam_projects({project})")["fam_name"]


def test_an_assignment_minds_the_version(api: Api) -> None:
    """[E-15], [ET-6]"""
    ben, project = user(api, "Ben"), row(api, "project")
    body = {"ownerid@odata.bind": f"/systemusers({ben[1]})"}
    assert 412 == api.patch(f"fam_projects({project})", body, if_match='W/"1"').status
    tag = api.read(f"fam_projects({project})")["@odata.etag"]
    assert 204 == api.patch(f"fam_projects({project})", body, if_match=tag).status


def test_a_row_that_is_not_there_is_not_assigned(api: Api) -> None:
    """[E-3]"""
    refused = api.patch(
        "fam_projects(00000000-0000-4000-8000-00000000dead)",
        {"ownerid@odata.bind": f"/systemusers({user(api, 'Ben')[1]})"},
        if_match="*",
    )
    assert (404, "0x80040217") == (refused.status, refused.code)


def test_children_follow_as_their_relationships_say(api: Api) -> None:
    """All of a parental one, those of the former owner, none. [SEC-70], [SEC-75]"""
    ben, ann, cleo = user(api, "Ben"), user(api, "Ann"), user(api, "Cleo")
    project = row(api, "project", ben)
    task = row(api, "task", ann, project=project)
    step, under = row(api, "step", ben, task=task), row(api, "task", ben, task=task)
    bens, anns = row(api, "badge", ben, project=project), row(api, "badge", ann, project=project)
    document = row(api, "document", ben, project=project)
    assert 204 == assign(api, "project", project, cleo).status
    found = [owner(api, name, row_id) for name, row_id in (("task", task), ("step", step), ("badge", bens))]
    assert [cleo[1]] * 3 == found
    kept = [owner(api, name, row_id) for name, row_id in (("badge", anns), ("document", document), ("task", under))]
    assert [ann[1], ben[1], ben[1]] == kept


def test_the_former_owner_keeps_nothing(api: Api) -> None:
    """Neither of the row nor of children somebody else owns. [SEC-63], [SEC-74]"""
    ben, ann, cleo = user(api, "Ben"), user(api, "Ann"), user(api, "Cleo")
    project = row(api, "project", ben)
    pin = row(api, "pin", ann, project=project)
    assert {ben[1]: OWNERS} == shared(api, "pin", pin)
    assign(api, "project", project, cleo)
    assert ({}, {cleo[1]: OWNERS}) == (shared(api, "project", project), shared(api, "pin", pin))


def test_the_former_owner_keeps_a_share_where_the_organization_says_so(api: Api) -> None:
    """[SEC-63]"""
    ben, cleo = user(api, "Ben"), user(api, "Cleo")
    project = row(api, "project", ben)
    task, pin = row(api, "task", ben, project=project), row(api, "pin", ben, project=project)
    api.patch(f"organizations({api.organization.id})", {"sharetopreviousowneronassign": True})
    assign(api, "project", project, cleo)
    assert {ben[1]: OWNERS} == shared(api, "project", project) == shared(api, "task", task)
    assert ben[1] == owner(api, "pin", pin)


def test_shares_of_others_stay(api: Api) -> None:
    """[SEC-65]"""
    ben, cleo, project = user(api, "Ben"), user(api, "Cleo"), row(api, "project")
    task = row(api, "task", project=project)
    share(api, "project", project, ben, "ReadAccess")
    assign(api, "project", project, cleo)
    assert ((1, 0), (0, 1)) == (masks(api, project, ben), masks(api, task, ben))


@pytest.mark.parametrize("deed", ["assign", "delete"])
def test_one_child_the_caller_has_no_right_on_undoes_all(api: Api, deed: str) -> None:
    """Nothing is changed, the parent included. [SEC-75], [SEC-79]"""
    ben, ann, cleo = user(api, "Ben"), user(api, "Ann"), user(api, "Cleo")
    project = row(api, "project", ben)
    own, other = row(api, "task", ben, project=project), row(api, "task", ann, project=project)
    with api.organization.store.begin() as session:
        # As if the relationship had passed on nothing when the task was made.
        run = api.organization.opened(WhoAmI(), session)
        write_shares(run, run.schema.tables["fam_task"], {other: {Reference(*ben): NO_SHARE}})
    if deed == "assign":
        refused = assign(api, "project", project, cleo, acting("ben"))
    else:
        refused = api.delete(f"fam_projects({project})", **acting("ben"))
    assert (403, "0x80048306", True) == (refused.status, refused.code, other in refused.message)
    found = [owner(api, name, row_id) for name, row_id in (("project", project), ("task", own), ("task", other))]
    assert [ben[1], ben[1], ann[1]] == found


def test_a_new_owner_must_be_able_to_read_the_table(api: Api) -> None:
    """The row's, and those of its children that follow. [SEC-62]"""
    guest, project = team(api, "Guests", description="no roles"), row(api, "project")
    before = owner(api, "project", project)
    refused = assign(api, "project", project, guest)
    assert (403, "0x80040231") == (refused.status, refused.code)
    assert before == owner(api, "project", project)


def test_nobody_makes_rows_for_who_cannot_read_them(api: Api) -> None:
    """Administrators may, before roles are given. [SEC-6]"""
    ben, guests = user(api, "Ben"), team(api, "Guests", description="no roles")
    members = {"Members": [reference(*ben)]}
    assert 204 == api.post(f"teams({guests[1]})/Microsoft.Dynamics.CRM.AddMembersTeam", members).status
    body = {"fam_name": "a", "ownerid@odata.bind": f"/teams({guests[1]})"}
    refused = api.post("fam_projects", body, **acting("ben"))
    assert (403, "0x80040231") == (refused.status, refused.code)
    assert 204 == api.post("fam_projects", body).status


def test_writing_is_not_assigning(api: Api) -> None:
    """[SEC-45], [SEC-61]"""
    ben, project = user(api, "Ben"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    refused = assign(api, "project", project, ben, acting("ben"))
    assert (403, "0x80048306") == (refused.status, refused.code)
    share(api, "project", project, ben, "ReadAccess,AssignAccess", "ModifyAccess")
    refused = assign(api, "project", project, ben, acting("ben"), fam_name="mine")
    assert (403, "0x80048306", "project") == (
        refused.status,
        refused.code,
        api.read(f"fam_projects({project})")["fam_name"],
    )
    assert 204 == assign(api, "project", project, ben, acting("ben")).status


def test_the_present_owner_among_other_columns_takes_no_assign(api: Api) -> None:
    """Clients send rows as they read them. [SEC-45], [SEC-64]"""
    ben, ann = user(api, "Ben"), user(api, "Ann")
    project = row(api, "project", ann)
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    assert 204 == assign(api, "project", project, ann, acting("ben"), fam_name="mine").status
    assert (403, ann[1]) == (
        assign(api, "project", project, ben, acting("ben"), fam_name="yours").status,
        owner(api, "project", project),
    )
    assert "mine" == api.read(f"fam_projects({project})")["fam_name"]


def test_who_cannot_own_gets_nothing(api: Api) -> None:
    """Disabled users and access teams. [SEC-34], [SEC-62]"""
    ben, visitors = user(api, "Ben"), team(api, "Visitors", teamtype=1)
    project = row(api, "project")
    api.patch(f"systemusers({ben[1]})", {"isdisabled": True})
    before = owner(api, "project", project)
    for whom, code in ((ben, "0x80040225"), (visitors, "0x80048340")):
        refused = assign(api, "project", project, whom)
        assert (400, code) == (refused.status, refused.code)
        made = api.post("fam_projects", {"ownerid@odata.bind": f"/{whom[0]}s({whom[1]})"})
        assert (400, code) == (made.status, made.code)
    assert before == owner(api, "project", project)


def test_the_owner_cannot_be_cleared(api: Api) -> None:
    """[SEC-2]"""
    project = row(api, "project")
    assert 400 == api.patch(f"fam_projects({project})", {"ownerid@odata.bind": None}).status


SWEEPING = ("expirechangetrackingindays", "DELETE FROM verselet_deleted")


@contextmanager
def counted(api: Api) -> Iterator[list[str]]:
    """The statements that are run inside."""
    found: list[str] = []
    with api.organization.store.begin() as session:
        kind = type(session)
    run, run_many = kind.run, kind.run_many

    def counting_run(self: Any, text: str, values: Any = ()) -> Any:
        found.append(text)
        return run(self, text, values)

    def counting_run_many(self: Any, text: str, rows: Any) -> None:
        found.extend(text for _ in rows)
        run_many(self, text, rows)

    with patch.object(kind, "run", counting_run), patch.object(kind, "run_many", counting_run_many):
        yield found


def fill(api: Api, project: str, count: int) -> None:
    """Tasks of a project, each with a step."""
    kind = "Microsoft.Dynamics.CRM.fam_"
    tasks = [{"@odata.type": f"{kind}task", "fam_project@odata.bind": f"/fam_projects({project})"}] * count
    made = api.post("fam_tasks/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": tasks}).json["Ids"]
    steps = [{"@odata.type": f"{kind}step", "fam_task@odata.bind": f"/fam_tasks({task})"} for task in made]
    assert 200 == api.post("fam_steps/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": steps}).status


@pytest.mark.parametrize("deed", ["assign", "share", "revoke", "delete"])
def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(api: Api, deed: str) -> None:
    """A cascade takes as many statements for forty rows as for four. [SEC-75], [SEC-79]"""
    ben, counts = user(api, "Ben"), []
    for rows in (2, 20):
        project = row(api, "project")
        fill(api, project, rows)
        if deed in {"revoke", "delete"}:
            share(api, "project", project, ben, "ReadAccess")
        before = api.get("fam_steps/$count").json
        with counted(api) as statements:
            _do(api, deed, project, ben)
        assert deed != "delete" or before - rows == api.get("fam_steps/$count").json
        # Every 256 versions it is looked for deleted rows that nobody can ask for any more.
        counts.append(len([text for text in statements if not any(mark in text for mark in SWEEPING)]))
    assert counts[0] == counts[1]


def _do(api: Api, deed: str, project: str, ben: tuple[str, str]) -> None:
    match deed:
        case "assign":
            answer = assign(api, "project", project, ben)
        case "share":
            answer = share(api, "project", project, ben, "ReadAccess")
        case "revoke":
            answer = revoke(api, "project", project, ben)
        case _:
            answer = api.delete(f"fam_projects({project})")
    assert 204 == answer.status
