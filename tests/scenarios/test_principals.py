"""Users and teams: what they are, what they own and hold, whom they stand below."""

from __future__ import annotations

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import Api
from tests.scenarios.people import (
    NAMESPACE,
    act,
    as_user,
    found,
    give,
    join,
    named,
    privileges,
    refused,
    role,
    root,
    team,
    user,
)
from tests.scenarios.stores import api as committing_api

__all__ = ["api", "committing_api", "stored_api"]

APPLICATION = "f0000000-0000-4000-8000-0000000000a1"
OWNER, ACCESS, GROUP = 0, 1, 2


# --- teams ------------------------------------------------------------------------------------------------------------


def test_an_access_team_owns_nothing_and_holds_no_role(api: Api) -> None:
    """[SEC-34]"""
    pool = team(api, "Pool", teamtype=ACCESS)

    answers = [
        give(api, "teams", pool, role(api, "Mine")),
        api.post("accounts", {"name": "theirs", "ownerid@odata.bind": f"/teams({pool})"}),
    ]

    assert [400, 400] == [answer.status for answer in answers]
    assert [] == api.read(f"teams({pool})/teamroles_association")["value"]


def test_an_owner_team_becomes_an_access_team_once(api: Api) -> None:
    """When it owns nothing and holds no roles; there is no way back. [SEC-34]"""
    pool, mine = team(api, "Pool"), role(api, "Mine")
    address = f"teams({pool})"
    give(api, "teams", pool, mine)
    api.entitle("teams", pool)

    def convert() -> tuple[int, str]:
        answer = act(api, address, "ConvertOwnerTeamToAccessTeam")
        return answer.status, answer.code if answer.status >= 400 else ""

    assert (400, "0x80040203") == convert()
    account = api.make("accounts", name="theirs", ownerid__bind=f"/teams({pool})")
    for held_id in api.values(f"{address}/teamroles_association?$select=roleid", "roleid"):
        assert 204 == api.delete(f"{address}/teamroles_association({held_id})/$ref").status
    assert (400, "0x8004830e") == convert()
    assert 204 == api.delete(f"accounts({account})").status
    assert (204, "") == convert()
    assert ACCESS == api.read(address)["teamtype"]
    assert (400, "0x80040203") == convert()
    assert 400 == api.patch(address, {"teamtype": OWNER}).status


def test_a_team_of_a_group_takes_roles_for_its_members(api: Api) -> None:
    """Members come from the directory, so a role for the team alone is refused. [SEC-36]"""
    group = team(api, "Group", teamtype=GROUP, azureactivedirectoryobjectid=APPLICATION)

    answers = [
        give(api, "teams", group, role(api, "Team only", isinherited=0)),
        join(api, group, user(api, "ann")),
        api.post("teams", {"name": "Another", "teamtype": GROUP}),
    ]

    assert [(400, "0x80048350"), (400, "0x80040203"), (400, "0x80040203")] == refused(answers)
    assert 204 == give(api, "teams", group, role(api, "For members")).status


@pytest.mark.parametrize(("set_name", "code"), [("teams", "0x8004830e"), ("systemusers", "0x80048610")])
def test_who_owns_rows_stays(api: Api, set_name: str, code: str) -> None:
    """And goes when it owns nothing any more. [SEC-38]"""
    owner = team(api, "Pool") if set_name == "teams" else user(api, "ann")
    api.entitle(set_name, owner)
    contact = api.make("contacts", lastname="theirs", ownerid__bind=f"/{set_name}({owner})")
    address = f"{set_name}({owner})"

    answer = api.delete(address)
    assert (400, code) == (answer.status, answer.code)

    assert 204 == api.delete(f"contacts({contact})").status
    assert 204 == api.delete(address).status
    assert 404 == api.get(address).status


def test_a_team_has_an_administrator_and_a_unit(api: Api) -> None:
    """Those of who makes it, where it names none. [SEC-11], [SEC-37]"""
    told = api.read(f"teams({api.make('teams', name='Pool')})")

    assert (api.organization.administrator.user_id, root(api), False, OWNER) == (
        told["_administratorid_value"],
        told["_businessunitid_value"],
        told["isdefault"],
        told["teamtype"],
    )


# --- users ------------------------------------------------------------------------------------------------------------


def test_an_application_is_one_user(api: Api) -> None:
    """The directory gives it an object id; nobody is interactive as it. [SEC-127]"""
    made = user(api, "sync", applicationid=APPLICATION)
    told = api.read(f"systemusers({made})")

    assert 4 == told["accessmode"]
    assert told["azureactivedirectoryobjectid"]
    again = api.post("systemusers", {"lastname": "again", "applicationid": APPLICATION})
    assert (400, "0x8004f511") == (again.status, again.code)


def test_who_an_application_is_does_not_change(api: Api) -> None:
    """Neither its ids nor its access mode; the rest does. [SEC-127]"""
    made = user(api, "sync", applicationid=APPLICATION)
    address = f"systemusers({made})"

    answers = [
        api.patch(address, {"applicationid": root(api)}),
        api.patch(address, {"azureactivedirectoryobjectid": root(api)}),
        api.patch(address, {"accessmode": 0}),
    ]

    assert [(400, "0x80041d48"), (400, "0x80041d48"), (400, "0x80040d40")] == refused(answers)
    assert 204 == api.patch(address, {"applicationid": APPLICATION, "accessmode": 4, "nickname": "sync"}).status


def test_nobody_takes_the_name_another_user_signs_in_with(api: Api) -> None:
    """That one would be locked out; one's own names change freely. [SEC-126]"""
    ben = user(api, "ben", domainname="ben@east.example", azureactivedirectoryobjectid=APPLICATION)
    ann = user(api, "ann", domainname="ann@east.example")
    api.entitle("systemusers", ann)
    taken = [{"nickname": "BEN@east.example"}, {"domainname": "ben@east.example"}]
    taken += [{"azureactivedirectoryobjectid": name} for name in (APPLICATION, ben)]

    answers = [api.patch(f"systemusers({ann})", body, **as_user(ann)) for body in taken]

    assert [(400, "0x80040203")] * 4 == refused(answers)
    own = {"nickname": "annie", "domainname": "ann@east.example"}
    assert 204 == api.patch(f"systemusers({ann})", own, **as_user(ann)).status


def test_two_users_of_one_message_are_not_one_application(api: Api) -> None:
    """[SEC-127]"""
    kind = "Microsoft.Dynamics.CRM.systemuser"
    targets = [{"@odata.type": kind, "lastname": name, "applicationid": APPLICATION} for name in ("one", "two")]

    answer = api.post("systemusers/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets})

    assert (400, "0x8004f511") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("set_name", "lookup", "key"),
    [("systemusers", "parentsystemuserid", "lastname"), ("positions", "parentpositionid", "name")],
)
def test_nobody_stands_above_themselves(api: Api, set_name: str, lookup: str, key: str) -> None:
    """Managers and positions form trees. [SEC-85], [SEC-87]"""
    first = api.make(set_name, **{key: "first"})
    second = api.make(set_name, **{key: "second", f"{lookup}__bind": f"/{set_name}({first})"})
    third = api.make(set_name, **{key: "third", f"{lookup}__bind": f"/{set_name}({second})"})

    answers = [
        api.patch(f"{set_name}({first})", {f"{lookup}@odata.bind": f"/{set_name}({above})"})
        for above in (first, second, third)
    ]

    assert [(400, "0x80040387")] * 3 == refused(answers)
    assert 204 == api.patch(f"{set_name}({third})", {f"{lookup}@odata.bind": f"/{set_name}({first})"}).status


def test_a_position_that_somebody_holds_stays(api: Api) -> None:
    """[SEC-76]"""
    position = api.make("positions", name="Head of sales")
    holder = user(api, "ann", positionid__bind=f"/positions({position})")

    answer = api.delete(f"positions({position})")
    assert (405, "0x80040227") == (answer.status, answer.code)

    assert 204 == api.patch(f"systemusers({holder})", {"positionid@odata.bind": None}).status
    assert 204 == api.delete(f"positions({position})").status


def test_disabling_a_user_takes_a_privilege(api: Api) -> None:
    """One's own row can be written, not that. [SEC-40]"""
    ann = user(api, "ann")
    api.entitle("systemusers", ann)

    answer = api.patch(f"systemusers({ann})", {"isdisabled": True}, **as_user(ann))

    assert (403, "0x80040220") == (answer.status, answer.code)
    assert 204 == api.patch(f"systemusers({ann})", {"nickname": "annie"}, **as_user(ann)).status


# --- teams of rows ----------------------------------------------------------------------------------------------------


def template(api: Api, table: str = "account", mask: int = 3) -> str:
    """A template for the teams of rows of a table; 3 is to read and write."""
    code = api.organization.schema.tables[table].object_type_code
    return api.make("teamtemplates", teamtemplatename=table, objecttypecode=code, defaultaccessrightsmask=mask)


def change_team(api: Api, action: str, who: str, account: str, by: str, **headers: str) -> tuple[int, str]:
    """Let a user join or leave the team of an account: the status, and the team's id or the refusal's code."""
    body = {"Record": named("account", account), "TeamTemplate": named("teamtemplate", by)}
    answer = api.post(f"systemusers({who})/{NAMESPACE}{action}", body, **headers)
    return answer.status, answer.json["AccessTeamId"] if answer.status == 200 else answer.code


def test_a_user_joins_the_team_of_a_row(committing_api: Api) -> None:
    """One team per row and template, the server's own, with the template's rights; at once. [SEC-39]"""
    api = committing_api
    ann, ben, account, by = user(api, "ann"), user(api, "ben"), api.make("accounts", name="shared"), template(api)
    for who in (ann, ben):
        api.entitle("systemusers", who)
    assert 403 == api.get(f"accounts({account})", **as_user(ann)).status

    (status, made), again = (change_team(api, "AddUserToRecordTeam", who, account, by) for who in (ann, ben))

    assert (200, (200, made)) == (status, again)
    told = api.read(f"teams({made})")
    assert (ACCESS, True, by) == (told["teamtype"], told["systemmanaged"], told["_teamtemplateid_value"])
    assert 200 == api.get(f"accounts({account})", **as_user(ann)).status
    assert 204 == api.patch(f"accounts({account})", {"name": "seen"}, **as_user(ben)).status
    assert 403 == api.delete(f"accounts({account})", **as_user(ben)).status

    assert (200, made) == change_team(api, "RemoveUserFromRecordTeam", ann, account, by)
    assert 403 == api.get(f"accounts({account})", **as_user(ann)).status
    assert 200 == api.get(f"accounts({account})", **as_user(ben)).status


def test_a_team_of_a_row_is_for_users_with_the_privileges(api: Api) -> None:
    """And its template for rows of one table. [SEC-39]"""
    ann, account, of_accounts = user(api, "ann"), api.make("accounts", name="shared"), template(api)
    reader = role(api, "Reader")
    act(api, f"roles({reader})", "AddPrivilegesRole", Privileges=privileges("Basic", "prvReadAccount"))
    give(api, "systemusers", ann, reader)

    assert (400, "0x80040203") == change_team(api, "AddUserToRecordTeam", ann, account, of_accounts)
    assert (400, "0x80040203") == change_team(api, "AddUserToRecordTeam", ann, account, template(api, "contact"))
    assert (400, "0x80040203") == change_team(api, "RemoveUserFromRecordTeam", ann, account, of_accounts)
    assert 200 == change_team(api, "AddUserToRecordTeam", ann, account, template(api, mask=1))[0]


def test_who_may_not_share_a_row_adds_nobody_to_its_team(api: Api) -> None:
    """[SEC-39], [SEC-52]"""
    ann, account, by = user(api, "ann"), api.make("accounts", name="shared"), template(api)
    api.entitle("systemusers", ann)

    assert (403, "0x80048306") == change_team(api, "AddUserToRecordTeam", ann, account, by, **as_user(ann))
    assert [] == found(api, "teams", f"_teamtemplateid_value eq {by}", "teamid")


def test_rows_without_owners_have_no_teams(api: Api) -> None:
    """They are not shared. [SEC-7], [SEC-39]"""
    body = {"Record": named("businessunit", root(api)), "TeamTemplate": named("teamtemplate", template(api))}

    answer = act(api, f"systemusers({user(api, 'ann')})", "AddUserToRecordTeam", **body)

    assert (400, "0x80040800") == (answer.status, answer.code)


def test_a_table_has_two_templates_at_most(api: Api) -> None:
    """[SEC-39]"""
    template(api)
    template(api)
    code = api.organization.schema.tables["account"].object_type_code
    third = {"teamtemplatename": "third", "objecttypecode": code, "defaultaccessrightsmask": 1}

    answer = api.post("teamtemplates", third)

    assert (400, "0x80040203") == (answer.status, answer.code)
    assert template(api, "contact")
