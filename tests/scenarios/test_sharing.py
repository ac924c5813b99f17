"""Sharing rows: direct masks, what children inherit, and what is taken back. [SEC-50] to [SEC-59], [SEC-73]"""

from __future__ import annotations

import pytest

from tests.families import schema_with_families
from tests.scenarios.family import (
    OWNERS,
    acting,
    api,
    assign,
    family_api,
    masks,
    reference,
    revoke,
    row,
    share,
    shared,
    team,
    user,
)
from tests.scenarios.harness import Api, new_organization
from tests.scenarios.stores import STORES
from verselet.messages.request import WhoAmI
from verselet.operations.founding import builtin_id
from verselet.operations.rules.listed import update_listed

__all__ = ["api", "family_api"]

READ, WRITE = 1, 2


def test_a_second_grant_adds_and_a_modification_replaces(api: Api) -> None:
    """[SEC-53], [SEC-54], [SEC-59]"""
    ben, project = user(api, "Ben"), row(api, "project")
    assert 204 == share(api, "project", project, ben, "ReadAccess").status
    assert 204 == share(api, "project", project, ben, "WriteAccess, ReadAccess").status
    assert (READ | WRITE, 0) == masks(api, project, ben)
    assert 204 == share(api, "project", project, ben, "AppendAccess", "ModifyAccess").status
    assert (4, 0) == masks(api, project, ben)
    assert {ben[1]: "AppendAccess"} == shared(api, "project", project)


def test_a_share_without_rights_is_no_row(api: Api) -> None:
    """[SEC-54], [SEC-55], [SEC-59]"""
    ben, ann, project = user(api, "Ben"), user(api, "Ann"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess")
    share(api, "project", project, ann, "ReadAccess")
    assert 204 == share(api, "project", project, ben, "None", "ModifyAccess").status
    assert 204 == revoke(api, "project", project, ann).status
    assert 204 == revoke(api, "project", project, ann).status
    assert (None, None) == (masks(api, project, ben), masks(api, project, ann))


def test_the_organization_is_shared_with_like_anybody(api: Api) -> None:
    """[SEC-41], [SEC-52], [SEC-57]"""
    everybody, project = ("organization", api.organization.id), row(api, "project")
    assert 204 == share(api, "project", project, everybody, "ReadAccess").status
    assert {everybody[1]: "ReadAccess"} == shared(api, "project", project)
    target = f"@t={{'@odata.id':'fam_projects({project})'}}"
    bound = f"organizations({everybody[1]})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)?{target}"
    assert "ReadAccess" == api.read(bound)["AccessRights"]


def test_rights_are_also_asked_for_with_the_principal_as_a_parameter(api: Api) -> None:
    """The older unbound form. [MSG-4], [SEC-57]"""
    ben, project = user(api, "Ben"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    asked = "RetrievePrincipalAccess(Target=@t,Principal=@p)"
    given = f"@t={{'@odata.id':'fam_projects({project})'}}&@p={{'@odata.id':'systemusers({ben[1]})'}}"
    assert "ReadAccess, WriteAccess" == api.read(f"{asked}?{given}")["AccessRights"]


def test_a_share_of_the_owner_is_not_told(api: Api) -> None:
    """Who becomes the owner keeps a share without effect. [SEC-58], [SEC-65]"""
    ben, project = user(api, "Ben"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess")
    assert 204 == assign(api, "project", project, ben).status
    assert ((READ, 0), {}) == (masks(api, project, ben), shared(api, "project", project))
    refused = share(api, "project", project, ben, "WriteAccess")
    assert (400, "0x80040214") == (refused.status, refused.code)


def test_a_team_the_system_looks_after_is_not_shared_with_by_hand(api: Api) -> None:
    """[SEC-39]"""
    managed, project = team(api, "Project team", teamtype=1), row(api, "project")
    with api.organization.store.begin() as session:
        run = api.organization.opened(WhoAmI(), session)
        update_listed(run, run.schema.tables["team"], {"systemmanaged": True}, (managed[1],))
    refused = share(api, "project", project, managed, "ReadAccess")
    assert (400, "0x80048339") == (refused.status, refused.code)


def test_rows_of_two_tables_with_one_id_are_shared_apart(api: Api) -> None:
    """Clients choose ids, so the same one may occur in several tables. [SEC-59], [C-3]"""
    ben, project = user(api, "Ben"), row(api, "project")
    api.make("fam_documents", fam_documentid=project)
    share(api, "project", project, ben, "ReadAccess")
    share(api, "document", project, ben, "WriteAccess")
    assert ({ben[1]: "ReadAccess"}, {ben[1]: "WriteAccess"}) == tuple(
        shared(api, name, project) for name in ("project", "document")
    )
    assert 204 == api.delete(f"fam_documents({project})").status
    assert {ben[1]: "ReadAccess"} == shared(api, "project", project)


def test_shares_are_written_by_their_messages_only(api: Api) -> None:
    """[SEC-59]"""
    ben, project = user(api, "Ben"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess")
    (found,) = api.values("principalobjectaccessset", "principalobjectaccessid")
    address = f"principalobjectaccessset({found})"
    for answer in (
        api.post("principalobjectaccessset", {"accessrightsmask": 1}),
        api.patch(address, {"accessrightsmask": 2}),
        api.delete(address),
    ):
        assert (400, "0x80040800") == (answer.status, answer.code)
    assert (READ, 0) == masks(api, project, ben)


def test_a_circle_of_parents_shares_and_takes_back(api: Api) -> None:
    """[SEC-78]"""
    ben, first = user(api, "Ben"), api.make("contacts", lastname="First")
    second = api.make("contacts", lastname="Second", parentcustomerid_contact__bind=f"/contacts({first})")
    bind = {"parentcustomerid_contact@odata.bind": f"/contacts({second})"}
    assert 204 == api.patch(f"contacts({first})", bind).status
    access = {"AccessMask": "ReadAccess", "Principal": reference(*ben)}
    assert 204 == api.post("GrantAccess", {"Target": reference("contact", first), "PrincipalAccess": access}).status
    assert [(READ, 0), (0, READ)] == [masks(api, found, ben) for found in (first, second)]
    body = {"Target": reference("contact", first), "Revokee": reference(*ben)}
    assert 204 == api.post("RevokeAccess", body).status
    assert [None, None] == [masks(api, found, ben) for found in (first, second)]
    assert 204 == api.patch(f"contacts({first})", {"ownerid@odata.bind": f"/systemusers({ben[1]})"}).status
    assert [ben[1]] * 2 == [api.read(f"contacts({found})")["_ownerid_value"] for found in (first, second)]
    assert 204 == api.delete(f"contacts({second})").status
    assert None is api.read(f"contacts({first})")["_parentcustomerid_value"]


def test_only_who_may_share_shares_and_only_what_it_has(api: Api) -> None:
    """[SEC-52]"""
    ben, ann, project = user(api, "Ben"), user(api, "Ann"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    refused = share(api, "project", project, ann, "ReadAccess", **acting("ben"))
    assert (403, "0x80048306") == (refused.status, refused.code)
    assert 403 == revoke(api, "project", project, ben, **acting("ben")).status
    share(api, "project", project, ben, "ShareAccess")
    refused = share(api, "project", project, ann, "ReadAccess,DeleteAccess", **acting("ben"))
    assert (403, "0x80048306", True) == (refused.status, refused.code, "DeleteAccess" in refused.message)
    assert 204 == share(api, "project", project, ann, "ReadAccess", **acting("ben")).status
    assert {ben[1]: "ReadAccess, WriteAccess, ShareAccess", ann[1]: "ReadAccess"} == shared(api, "project", project)


def test_a_user_without_any_privilege_on_the_table_is_not_shared_with(api: Api) -> None:
    """[SEC-43], [SEC-56]"""
    unit = builtin_id("businessunit", "root")
    guest = "systemuser", api.make("systemusers", lastname="Guest", businessunitid__bind=f"/businessunits({unit})")
    project = row(api, "project")
    refused = share(api, "project", project, guest, "ReadAccess")
    assert (403, "0x80040231") == (refused.status, refused.code)
    assert {} == shared(api, "project", project)


def test_what_is_inherited_opens_the_row(api: Api) -> None:
    """For reading, in lists, and not for more. [SEC-41], [SEC-73]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    asked = f"fam_tasks({task})?$select=fam_name"
    assert 403 == api.get(asked, **acting("ben")).status
    share(api, "project", project, ben, "ReadAccess")
    assert 200 == api.get(asked, **acting("ben")).status
    assert [task] == [found["fam_taskid"] for found in api.get("fam_tasks", **acting("ben")).json["value"]]
    assert 403 == api.patch(f"fam_tasks({task})", {"fam_name": "x"}, **acting("ben")).status
    revoke(api, "project", project, ben)
    assert 403 == api.get(asked, **acting("ben")).status


def test_children_inherit_what_the_relationships_say(api: Api) -> None:
    """Parental children and theirs, active ones, none. [SEC-70], [SEC-73]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    step, under = row(api, "step", task=task), row(api, "task", task=task)
    document, badge, resting = (row(api, name, project=project) for name in ("document", "badge", "badge"))
    api.patch(f"fam_badges({resting})", {"statecode": 1})
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    found = {name: masks(api, row_id, ben) for name, row_id in locals().items() if isinstance(row_id, str)}
    inherited = (0, READ | WRITE)
    assert {
        "project": (READ | WRITE, 0),
        "task": inherited,
        "step": inherited,
        "badge": inherited,
        "under": None,
        "document": None,
        "resting": None,
    } == found


def test_what_the_parent_takes_back_goes_and_direct_shares_stay(api: Api) -> None:
    """[SEC-73], [SEC-55]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task, other = row(api, "task", project=project), row(api, "task", project=project)
    step = row(api, "step", task=task)
    share(api, "task", task, ben, "ReadAccess")
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    assert [(READ, READ | WRITE), (0, READ | WRITE)] == [masks(api, found, ben) for found in (task, other)]
    revoke(api, "project", project, ben)
    assert [(READ, 0), None, (0, READ)] == [masks(api, found, ben) for found in (task, other, step)]
    revoke(api, "task", task, ben)
    assert [None, None] == [masks(api, found, ben) for found in (task, step)]


def test_revoking_on_the_child_leaves_what_it_inherits(api: Api) -> None:
    """[SEC-73], [SEC-55]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    share(api, "project", project, ben, "ReadAccess")
    share(api, "task", task, ben, "WriteAccess")
    revoke(api, "task", task, ben)
    assert (0, READ) == masks(api, task, ben)


def test_a_changed_share_changes_what_children_inherit(api: Api) -> None:
    """[SEC-54], [SEC-73]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    share(api, "project", project, ben, "ReadAccess,WriteAccess")
    share(api, "project", project, ben, "ReadAccess,AppendAccess", "ModifyAccess")
    assert (0, READ | 4) == masks(api, task, ben)


def test_one_parent_cannot_take_back_what_another_gives(api: Api) -> None:
    """A step inherits from its task and from its project. [SEC-73]"""
    ben, project, other = user(api, "Ben"), row(api, "project"), row(api, "project")
    step = row(api, "step", task=row(api, "task", project=other), project=project)
    share(api, "project", project, ben, "ReadAccess")
    share(api, "project", other, ben, "ReadAccess,WriteAccess")
    revoke(api, "project", other, ben)
    assert (0, READ) == masks(api, step, ben)
    revoke(api, "project", project, ben)
    assert None is masks(api, step, ben)


def test_children_made_attached_and_detached_later_follow(api: Api) -> None:
    """By body and by reference, with their own children. [SEC-73], [SEC-74]"""
    ben, project, other = user(api, "Ben"), row(api, "project"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess")
    share(api, "project", other, ben, "WriteAccess")
    task, loose = row(api, "task", project=project), row(api, "task")
    step = row(api, "step", task=loose)
    assert [(0, READ), None, None] == [masks(api, found, ben) for found in (task, loose, step)]
    api.put(f"fam_tasks({loose})/fam_project/$ref", {"@odata.id": f"fam_projects({project})"})
    assert [(0, READ), (0, READ)] == [masks(api, found, ben) for found in (loose, step)]
    api.patch(f"fam_tasks({loose})", {"fam_project@odata.bind": f"/fam_projects({other})"})
    assert [(0, WRITE), (0, WRITE)] == [masks(api, found, ben) for found in (loose, step)]
    api.delete(f"fam_tasks({loose})/fam_project/$ref")
    assert [None, None] == [masks(api, found, ben) for found in (loose, step)]


def test_whose_parent_it_is_has_access_to_a_child_of_somebody_else(api: Api) -> None:
    """And the owner of the child needs no share of it. [SEC-74]"""
    ben, ann = user(api, "Ben"), user(api, "Ann")
    project = row(api, "project", ben)
    task, own = row(api, "task", ann, project=project), row(api, "task", ben, project=project)
    assert ({ben[1]: OWNERS}, {}) == (shared(api, "task", task), shared(api, "task", own))
    api.patch(f"fam_tasks({task})", {"fam_project": None})
    assert {} == shared(api, "task", task)


def test_rows_of_one_message_inherit_like_rows_one_by_one(api: Api) -> None:
    """[BM-1], [SEC-73]"""
    ben, project, other = user(api, "Ben"), row(api, "project"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess")
    share(api, "project", other, ben, "WriteAccess")
    targets = [
        {"@odata.type": "Microsoft.Dynamics.CRM.fam_task", "fam_project@odata.bind": f"/fam_projects({found})"}
        for found in (project, other, project)
    ]
    made = api.post("fam_tasks/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets}).json["Ids"]
    assert [(0, READ), (0, WRITE), (0, READ)] == [masks(api, found, ben) for found in made]


def test_a_child_whose_parent_goes_loses_what_it_inherited(api: Api) -> None:
    """The link is removed; `modifiedon` stays as it was. [SEC-74], [SEC-77]"""
    ben, project = user(api, "Ben"), row(api, "project")
    pin, task = row(api, "pin", project=project), row(api, "task", project=project)
    share(api, "project", project, ben, "ReadAccess")
    share(api, "pin", pin, ben, "WriteAccess")
    assert [(WRITE, READ), (0, READ)] == [masks(api, found, ben) for found in (pin, task)]
    assert 204 == api.delete(f"fam_projects({project})").status
    assert [(WRITE, 0), None, None] == [masks(api, found, ben) for found in (pin, task, project)]
    assert None is api.read(f"fam_pins({pin})")["_fam_project_value"]


@pytest.mark.parametrize("store", STORES)
def test_inherited_access_can_be_taken_back_along_a_relationship(request: pytest.FixtureRequest, store: str) -> None:
    """Once it passes on nothing more; direct shares and what other parents give stay. [SEC-80]"""
    url = request.getfixturevalue("postgresql_url") if store == "postgresql" else None
    api = Api(new_organization(url, schema_with_families()))
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    step, pin = row(api, "step", task=task, project=project), row(api, "pin", project=project)
    share(api, "project", project, ben, "ReadAccess")
    share(api, "task", task, ben, "WriteAccess")
    kind = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata"
    address = f"RelationshipDefinitions(SchemaName='fam_project_task')/{kind}"
    definition = api.read(address)
    quiet = dict.fromkeys(("Assign", "Reparent", "Share", "Unshare"), "NoCascade")
    changed = api.put(address, {**definition, "CascadeConfiguration": {**definition["CascadeConfiguration"], **quiet}})
    assert 204 == changed.status, changed.body
    assert [(WRITE, READ), (0, READ | WRITE), (0, READ)] == [masks(api, found, ben) for found in (task, step, pin)]
    called = api.post("CreateAsyncJobToRevokeInheritedAccess", {"RelationshipSchema": "fam_project_task"})
    assert 400 == api.post("CreateAsyncJobToRevokeInheritedAccess", {"RelationshipSchema": "fam_none"}).status
    assert 204 == called.status
    assert [(WRITE, 0), (0, READ | WRITE), (0, READ)] == [masks(api, found, ben) for found in (task, step, pin)]
    api.web.close()
    api.organization.close()


@pytest.mark.parametrize("name", ["GrantAccess", "ModifyAccess"])
def test_only_principals_are_shared_with(api: Api, name: str) -> None:
    """[SEC-56]"""
    contact, project = api.make("contacts", lastname="Guest"), row(api, "project")
    refused = share(api, "project", project, ("contact", contact), "ReadAccess", name)
    assert (400, "0x8004020c") == (refused.status, refused.code)
    assert {} == shared(api, "project", project)


def test_rows_without_owners_are_not_shared(api: Api) -> None:
    """[SEC-7]"""
    ben, unit = user(api, "Ben"), builtin_id("businessunit", "root")
    access = {"AccessMask": "ReadAccess", "Principal": reference(*ben)}
    refused = api.post("GrantAccess", {"Target": reference("businessunit", unit), "PrincipalAccess": access})
    assert (400, "0x80040800") == (refused.status, refused.code)
