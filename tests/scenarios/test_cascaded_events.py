"""What a cascade does to rows below are events of theirs, on both stores. [EVT-35], [SEC-75], [SEC-78]"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from tests.scenarios.family import Principal, acting, api, assign, family_api, owner, row, user
from tests.scenarios.harness import Api
from verselet.messages.request import Delete, RowKey
from verselet.operations.step_book import StepBook
from verselet.pipeline.posts import NoPoster
from verselet.sdk import Context, Solution, Stage

__all__ = ["api", "family_api"]

Told: TypeAlias = list[tuple[str, str, str, int]]
"""Message, row, what the parent context tells of message and row, depth."""

Listen: TypeAlias = Callable[..., Told]


@pytest.fixture
def listen(api: Api) -> Iterator[Listen]:
    """Registers a step on messages of a table, and gives what it was told. The steps go afterwards."""
    solution = Solution("listening")
    organization = api.organization

    def begin(table: str, *messages: str, also: Callable[[Context], object] = lambda _: None) -> Told:
        told: Told = []

        def note(context: Context) -> None:
            parent = context.parent
            above = "" if parent is None else f"{parent.message} {parent.row_id}"
            told.append((context.message, context.row_id, above, context.depth))
            also(context)

        for message in messages:
            solution.step(message, table, stage=Stage.PRE_OPERATION)(note)
        organization.steps = StepBook((solution,), NoPoster(), organization.name)
        organization.read_steps()
        return told

    yield begin
    organization.steps = StepBook((), NoPoster(), organization.name)
    organization.read_steps()


def helper(api: Api) -> Principal:
    """A user who may do everything with all projects and tasks, and nothing with steps."""
    unit = api.organization.administrator.business_unit_id
    role = api.make("roles", name="Helper", businessunitid__bind=f"/businessunits({unit})")
    verbs = ("Read", "Write", "Assign", "Delete", "Append", "AppendTo")
    names = [f"prv{verb}fam_{table}" for verb in verbs for table in ("project", "task")]
    given = {"Privileges": [{"Depth": "Global", "PrivilegeName": name} for name in names]}
    assert 204 == api.post(f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole", given).status
    made = api.make("systemusers", lastname="Helper", businessunitid__bind=f"/businessunits({unit})")
    held = {"@odata.id": f"roles({role})"}
    assert 204 == api.post(f"systemusers({made})/systemuserroles_association/$ref", held).status
    return "systemuser", made


def test_a_child_that_is_assigned_along_is_an_event_of_its_own(api: Api, listen: Listen) -> None:
    """Assign and Update, under the Assign of the parent, one level deeper. [EVT-33], [EVT-35]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task, other = row(api, "task", project=project), row(api, "task")
    leaf = row(api, "step", task=task)
    told = listen("fam_task", "Assign", "Update")
    assert 204 == assign(api, "project", project, ben).status
    above = f"Assign {project}"
    assert [("Update", task, above, 2), ("Assign", task, above, 2)] == told
    assert [ben[1]] * 3 == [
        owner(api, kind, one) for kind, one in (("project", project), ("task", task), ("step", leaf))
    ]
    assert ben[1] != owner(api, "task", other)


def test_each_level_tells_of_the_one_above_it(api: Api, listen: Listen) -> None:
    """[EVT-35]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    leaf = row(api, "step", task=task)
    tasks, steps = listen("fam_task", "Assign"), listen("fam_step", "Assign")
    assign(api, "project", project, ben)
    assert [("Assign", task, f"Assign {project}", 2)] == tasks
    assert [("Assign", leaf, f"Assign {task}", 3)] == steps


def test_children_of_the_same_owner_are_those_of_before(api: Api, listen: Listen) -> None:
    """Also where they are assigned in messages of their own. [SEC-70], [EVT-35]"""
    ben, eve, project = user(api, "Ben"), user(api, "Eve"), row(api, "project")
    own, foreign = row(api, "badge", project=project), row(api, "badge", eve, project=project)
    told = listen("fam_badge", "Update")
    assign(api, "project", project, ben)
    assert [own] == [row_id for _, row_id, _, _ in told]
    assert [ben[1], eve[1]] == [owner(api, "badge", one) for one in (own, foreign)]


def test_who_may_not_assign_a_grandchild_assigns_nothing(api: Api, listen: Listen) -> None:
    """Steps on the children change nothing about whose rights count. [SEC-75]"""
    ben, kim = helper(api), user(api, "Kim")
    project = row(api, "project", ben)
    task = row(api, "task", ben, project=project)
    row(api, "step", task=task)
    listen("fam_task", "Assign", "Delete")
    refused = [
        assign(api, "project", project, kim, acting(ben[1])),
        api.delete(f"fam_projects({project})", **acting(ben[1])),
    ]
    assert [403, 403] == [answer.status for answer in refused]
    assert ben[1] == owner(api, "task", task)


def test_a_step_on_a_child_may_refuse_the_whole(api: Api, listen: Listen) -> None:
    """[EVT-7], [SEC-79]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    listen("fam_task", "Assign", "Delete", also=lambda _: 1 // 0)
    refused = [assign(api, "project", project, ben), api.delete(f"fam_projects({project})")]
    assert [(400, "0x80040224")] * 2 == [(answer.status, answer.code) for answer in refused]
    assert ben[1] not in {owner(api, "project", project), owner(api, "task", task)}


def test_a_deleted_child_tells_of_the_deletion_above_it(api: Api, listen: Listen) -> None:
    """However deep, and whether steps wait for what is above or not. [EVT-35]"""
    project = row(api, "project")
    task = row(api, "task", project=project)
    leaf = row(api, "step", task=task)
    tasks, steps = listen("fam_task", "Delete"), listen("fam_step", "Delete")
    assert 204 == api.delete(f"fam_projects({project})").status
    assert [("Delete", task, f"Delete {project}", 2)] == tasks
    assert [("Delete", leaf, f"Delete {task}", 3)] == steps


def test_a_row_two_levels_below_tells_of_the_one_between(api: Api, listen: Listen) -> None:
    """Though no step waits for that one. [EVT-35]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    leaf = row(api, "step", task=task)
    told = listen("fam_step", "Assign", "Delete")
    assert 204 == assign(api, "project", project, ben).status
    assert 204 == api.delete(f"fam_projects({project})").status
    assert [("Assign", leaf, f"Assign {task}", 2), ("Delete", leaf, f"Delete {task}", 2)] == told


def test_a_cascade_does_not_come_back_to_where_it_came_from(api: Api, listen: Listen) -> None:
    """Rows that hang on each other go once, and so does a row that a step deletes before its turn. [SEC-78]"""
    project = row(api, "project")
    first, second = row(api, "task", project=project), row(api, "task", project=project)

    def delete_the_other(context: Context) -> None:
        other = {first: second, second: first}[context.row_id]
        if context.depth == 2:
            context.send(Delete("fam_task", RowKey(other)))

    told = listen("fam_task", "Delete", also=delete_the_other)
    assert 204 == api.delete(f"fam_projects({project})").status
    assert [2, 3] == [depth for _, _, _, depth in told]
    assert {first, second} == {row_id for _, row_id, _, _ in told}


def test_many_levels_of_a_cascade_are_no_loop(api: Api, listen: Listen) -> None:
    """Only what steps send counts for that. [EVT-9], [EVT-35]"""
    accounts = [api.make("accounts", name="a0")]
    for number in range(1, 12):
        parent = f"/accounts({accounts[-1]})"
        accounts.append(api.make("accounts", name=f"a{number}", parentaccountid__bind=parent))
    ben, told = user(api, "Ben"), listen("account", "Assign")
    body = {"ownerid@odata.bind": f"/systemusers({ben[1]})"}
    assert 204 == api.patch(f"accounts({accounts[0]})", body).status
    assert accounts == [row_id for _, row_id, _, _ in told]


def test_a_child_of_a_merged_row_is_updated(api: Api, listen: Listen) -> None:
    """Its lookup leads to the target now; the parent is the merge. [EVT-35], [MSG-41]"""
    target, subordinate = api.make("accounts", name="stays"), api.make("accounts", name="goes")
    card = api.make("fam_cards", fam_name="one", fam_account__bind=f"/accounts({subordinate})")
    told = listen("fam_card", "Update")
    body = {
        "Target": {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": target},
        "Subordinate": {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": subordinate},
        "PerformParentingChecks": False,
    }
    assert 204 == api.post("Merge", body).status
    assert [("Update", card, f"Merge {target}", 2)] == told
    assert target == api.read(f"fam_cards({card})")["_fam_account_value"]
