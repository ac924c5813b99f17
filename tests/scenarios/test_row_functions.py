"""Functions and actions on rows: states, new rows from others, teams, shares, merging."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import API, NOBODY, Api, Scenario
from tests.scenarios.people import NAMESPACE, named, team, user

__all__ = ["api", "stored_api"]

EVERYTHING = (
    "ReadAccess, WriteAccess, AppendAccess, AppendToAccess, CreateAccess, DeleteAccess, ShareAccess, AssignAccess"
)


def address(set_name: str, row_id: str) -> str:
    """A row as the value of an alias."""
    return f"%7B'@odata.id':'{set_name}({row_id})'%7D"


def shares(api: Api, account: str) -> list[tuple[str, str]]:
    """Principal and mask of each share of an account."""
    answer = api.get(f"RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={address('accounts', account)}").json
    assert f"{API}$metadata#{NAMESPACE}RetrieveSharedPrincipalsAndAccessResponse" == answer["@odata.context"]
    return [(item["Principal"]["ownerid"], item["AccessMask"]) for item in answer["PrincipalAccesses"]]


def share(api: Api, action: str, account: str, principal: Mapping[str, object], mask: object) -> None:
    """Grant or modify access to an account."""
    body = {"Target": named("account", account), "PrincipalAccess": {"Principal": principal, "AccessMask": mask}}
    answer = api.post(action, body)
    assert (204, b"") == (answer.status, answer.body)


def rights(api: Api, principal: str, account: str) -> str:
    """What a user or team may do with an account."""
    call = f"{principal}/{NAMESPACE}RetrievePrincipalAccess(Target=@t)?@t={address('accounts', account)}"
    return str(api.read(call)["AccessRights"])


# --- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status", "valid"),
    [("Completed", 5, True), ("Completed", -1, True), ("Completed", 2, False), ("Open", 2, True), ("Gone", 5, False)],
)
def test_a_state_is_valid_with_its_own_status_reasons(api: Api, state: str, status: int, *, valid: bool) -> None:
    """[FN-20], [MSG-50], [MSG-51]"""
    task = api.make("tasks", subject="a")
    call = f"IsValidStateTransition(Entity=@p1,NewState=@p2,NewStatus=@p3)?@p1={address('tasks', task)}"
    answer = api.read(f"{call}&@p2='{state}'&@p3={status}")
    assert valid is answer["IsValid"]
    assert 0 == api.read(f"tasks({task})")["statecode"]


# --- rows from others -------------------------------------------------------------------------------------------------


def test_a_row_begun_from_another_has_its_columns_and_points_to_it(api: Api) -> None:
    """[FN-19]"""
    account = api.make("accounts", name="Birch", address1_city="Lisbon", telephone1="1")
    call = "InitializeFrom(EntityMoniker=@p1,TargetEntityName='contact',TargetFieldType=@p3)?@p1="
    answer = api.read(f"{call}{address('accounts', account)}&@p3={NAMESPACE}TargetFieldType'ValidForCreate'")
    assert f"{API}$metadata#contacts/$entity" == answer["@odata.context"]
    assert ("Lisbon", "1") == (answer["address1_city"], answer["telephone1"])
    assert f"accounts({account})" == answer["parentcustomerid_account@odata.bind"]
    assert set() == {"contactid", "statecode", "createdon", "name"} & answer.keys()
    begun = {name: value for name, value in answer.items() if not name.startswith("@")}
    made = api.read(f"contacts({api.post('contacts', begun).id})")
    assert (account, "Lisbon") == (made["_parentcustomerid_value"], made["address1_city"])


def test_an_account_begins_as_the_child_of_another(api: Api) -> None:
    """[FN-19]"""
    account = api.make("accounts", name="Birch", revenue=12.5)
    call = "InitializeFrom(EntityMoniker=@p1,TargetEntityName='account',TargetFieldType=0)"
    answer = api.read(f"{call}?@p1={address('accounts', account)}")
    assert (f"accounts({account})", 12.5) == (answer["parentaccountid@odata.bind"], answer["revenue"])


# --- teams ------------------------------------------------------------------------------------------------------------


def test_users_join_and_leave_a_team(api: Api) -> None:
    """[FN-18], [SEC-35]: who is in it already stays, who is not in it stays out."""
    place = f"teams({team(api, 'Blue')})"
    members = {"Members": [named("systemuser", user(api, "anna")), named("systemuser", user(api, "ben"))]}
    for action, expected in (("AddMembersTeam", 2), ("AddMembersTeam", 2), ("RemoveMembersTeam", 0)):
        answer = api.post(f"{place}/{NAMESPACE}{action}", members)
        assert (204, b"") == (answer.status, answer.body)
        assert expected == len(api.values(f"{place}/teammembership_association?$select=systemuserid", "systemuserid"))


def test_a_team_takes_all_new_members_or_none(api: Api) -> None:
    """[FN-18], [E-21]"""
    place = f"teams({team(api, 'Blue')})"
    members = [named("systemuser", user(api, "anna")), named("systemuser", NOBODY)]
    refused = api.post(f"{place}/{NAMESPACE}AddMembersTeam", {"Members": members})
    assert (404, "0x80040217") == (refused.status, refused.code)
    assert [] == api.values(f"{place}/teammembership_association?$select=systemuserid", "systemuserid")


# --- shares -----------------------------------------------------------------------------------------------------------


def test_a_grant_adds_a_change_replaces_and_a_revocation_removes(api: Api) -> None:
    """[FN-16], [FN-17], [SEC-51] to [SEC-55]"""
    account, anna = api.make("accounts", name="a"), user(api, "anna")
    api.entitle("systemusers", anna)
    principal = named("systemuser", anna)
    share(api, "GrantAccess", account, principal, "WriteAccess,ReadAccess")
    assert [(anna, "ReadAccess, WriteAccess")] == shares(api, account)
    share(api, "GrantAccess", account, principal, "ShareAccess")
    assert [(anna, "ReadAccess, WriteAccess, ShareAccess")] == shares(api, account)
    share(api, "ModifyAccess", account, principal, "DeleteAccess")
    assert [(anna, "DeleteAccess")] == shares(api, account)
    (stored,) = api.values(
        f"principalobjectaccessset?$filter=objectid eq {account}".replace(" ", "%20"), "accessrightsmask"
    )
    assert 65_536 == stored
    for _ in range(2):
        answer = api.post("RevokeAccess", {"Target": named("account", account), "Revokee": principal})
        assert (204, []) == (answer.status, shares(api, account))


def test_a_share_without_rights_is_none(api: Api) -> None:
    """[SEC-54], [SEC-59]"""
    account, principal = api.make("accounts", name="a"), named("team", team(api, "Blue"))
    share(api, "ModifyAccess", account, principal, 3)
    share(api, "ModifyAccess", account, principal, "None")
    assert [] == shares(api, account)


def test_a_row_or_principal_that_goes_takes_its_shares_along(api: Api) -> None:
    """[MSG-16]"""
    first, second, blue = api.make("accounts", name="a"), api.make("accounts", name="b"), team(api, "Blue")
    for account in (first, second):
        share(api, "GrantAccess", account, named("team", blue), "ReadAccess")
    api.delete(f"accounts({first})")
    assert [second] == api.values("principalobjectaccessset", "objectid")
    assert 204 == api.delete(f"teams({blue})").status
    assert [] == api.values("principalobjectaccessset", "objectid")


def test_everybody_may_what_owners_and_shares_say(api: Api) -> None:
    """[FN-15], [SEC-41], [SEC-57]: administrators everything, owners everything, others what is shared."""
    account, anna, blue = api.make("accounts", name="a"), user(api, "anna"), team(api, "Blue")
    api.entitle("systemusers", anna)
    api.entitle("teams", blue)
    api.post(f"teams({blue})/{NAMESPACE}AddMembersTeam", {"Members": [named("systemuser", anna)]})
    assert EVERYTHING == rights(api, f"systemusers({api.organization.administrator.user_id})", account)
    assert "None" == rights(api, f"systemusers({anna})", account)
    share(api, "GrantAccess", account, named("team", blue), "ReadAccess")
    share(api, "GrantAccess", account, named("systemuser", anna), "WriteAccess")
    assert "ReadAccess, WriteAccess" == rights(api, f"systemusers({anna})", account)
    assert "ReadAccess" == rights(api, f"teams({blue})", account)
    api.patch(f"accounts({account})", {"ownerid@odata.bind": f"/teams({blue})"})
    assert EVERYTHING == rights(api, f"systemusers({anna})", account)


def test_an_administrator_holds_every_privilege(api: Api) -> None:
    """[FN-14], [SEC-28]"""
    me = api.organization.administrator
    listed = api.read(f"systemusers({me.user_id})/{NAMESPACE}RetrieveUserPrivileges()")["RolePrivileges"]
    assert {"prvReadAccount", "prvShareContact", "prvMerge"} <= {item["PrivilegeName"] for item in listed}
    assert {("Global", me.business_unit_id)} == {(item["Depth"], item["BusinessUnitId"]) for item in listed}
    assert len(listed) == len({item["PrivilegeId"] for item in listed})


def test_privileges_are_rows_and_roles_hold_them(api: Api) -> None:
    """[SEC-21], [SEC-22], [SEC-28]"""
    (privilege,) = api.read("privileges?$filter=name%20eq%20'prvDeleteAccount'")["value"]
    assert (65_536, True) == (privilege["accessright"], privilege["canbebasic"])
    listed = api.read(f"roleprivilegescollection?$filter=privilegeid%20eq%20{privilege['privilegeid']}")["value"]
    assert [1, 1, 8] == sorted(row["privilegedepthmask"] for row in listed)


def test_a_user_holds_what_its_roles_hold(api: Api) -> None:
    """[FN-14], [SEC-23]: itself, or through a team."""
    anna, blue = user(api, "anna"), team(api, "Blue")
    (role,) = api.values("roles?$filter=name%20eq%20'Basic%20User'&$select=roleid", "roleid")
    api.post(f"teams({blue})/{NAMESPACE}AddMembersTeam", {"Members": [named("systemuser", anna)]})
    given = api.post(f"teams({blue})/teamroles_association/$ref", {"@odata.id": f"{API}roles({role})"})
    assert 204 == given.status
    listed = api.read(f"systemusers({anna})/{NAMESPACE}RetrieveUserPrivileges()")["RolePrivileges"]
    depths = {item["PrivilegeName"]: item["Depth"] for item in listed}
    assert ("Basic", "Global", None) == tuple(
        depths.get(name) for name in ("prvReadAccount", "prvReadBusinessUnit", "prvCreateBusinessUnit")
    )


def test_a_new_table_comes_with_its_privileges_and_takes_them_along(own_api: Api) -> None:
    """[SEC-20], [SEC-28], [MW-1], [MW-7]"""
    label = {"LocalizedLabels": [{"Label": "Moth", "LanguageCode": 1033}]}
    name = {
        "@odata.type": f"{NAMESPACE}StringAttributeMetadata",
        "SchemaName": "new_Name",
        "IsPrimaryName": True,
        "MaxLength": 100,
        "DisplayName": label,
    }
    table = {
        "@odata.type": f"{NAMESPACE}EntityMetadata",
        "SchemaName": "new_Moth",
        "DisplayName": label,
        "DisplayCollectionName": label,
        "OwnershipType": "UserOwned",
        "HasNotes": False,
        "HasActivities": False,
        "Attributes": [name],
    }
    asked = "privileges?$filter=contains(name,'new_Moth')&$select=name"
    made = own_api.post("EntityDefinitions", table)
    assert 204 == made.status, made.body
    assert 8 == len(own_api.values(asked, "name"))
    assert 204 == own_api.delete("EntityDefinitions(LogicalName='new_moth')").status
    assert [] == own_api.values(asked, "name")


def test_a_user_without_roles_holds_no_privilege(api: Api) -> None:
    """[FN-14]"""
    assert [] == api.read(f"systemusers({user(api, 'anna')})/{NAMESPACE}RetrieveUserPrivileges()")["RolePrivileges"]


# --- merging ----------------------------------------------------------------------------------------------------------


def merge(api: Api, target: str, subordinate: str, **more: object) -> int:
    """Merge two accounts; the status of the answer."""
    body = {"Target": named("account", target), "Subordinate": named("account", subordinate), **more}
    return api.post("Merge", {"PerformParentingChecks": False, **body}).status


def test_merging_moves_what_hangs_on_the_subordinate(api: Api) -> None:
    """[FN-21], [MSG-41]"""
    target, subordinate = api.make("accounts", name="a", telephone1="1"), api.make("accounts", name="b")
    contact = api.make("contacts", lastname="c", parentcustomerid_account__bind=f"/accounts({subordinate})")
    task = api.make("tasks", subject="t", regardingobjectid_account_task__bind=f"/accounts({subordinate})")
    content = {"@odata.type": f"{NAMESPACE}account", "description": "both"}
    assert 204 == merge(api, target, subordinate, UpdateContent=content)
    kept, gone = api.read(f"accounts({target})"), api.read(f"accounts({subordinate})")
    assert ("both", "a", "1", 0) == (kept["description"], kept["name"], kept["telephone1"], kept["statecode"])
    assert (1, 2, True, target) == (gone["statecode"], gone["statuscode"], gone["merged"], gone["_masterid_value"])
    assert target == api.read(f"contacts({contact})")["_parentcustomerid_value"]
    assert target == api.read(f"tasks({task})")["_regardingobjectid_value"]


def test_a_target_below_its_subordinate_does_not_become_its_own_parent(api: Api) -> None:
    """[MSG-41]"""
    subordinate = api.make("accounts", name="b")
    target = api.make("accounts", name="a", parentaccountid__bind=f"/accounts({subordinate})")
    assert 204 == merge(api, target, subordinate)
    assert api.read(f"accounts({target})")["_parentaccountid_value"] is None


def test_merged_rows_are_not_merged_again(api: Api) -> None:
    """[MSG-41]: masters form no circle."""
    first, second, third = (api.make("accounts", name=name) for name in "abc")
    assert 204 == merge(api, first, second)
    assert [400, 400, 400] == [merge(api, third, second), merge(api, second, first), merge(api, third, third)]


def test_parents_are_compared_where_that_is_asked_for(api: Api) -> None:
    """[FN-21]"""
    parent = api.make("accounts", name="p")
    first = api.make("accounts", name="a", parentaccountid__bind=f"/accounts({parent})")
    second = api.make("accounts", name="b")
    assert 400 == merge(api, first, second, PerformParentingChecks=True)
    assert 204 == merge(api, first, second)


# --- refusals ---------------------------------------------------------------------------------------------------------

ROOT = "accounts(00000000-0000-4000-8000-00000000dead)"
REFUSED = {
    "an action without its parameter": Scenario(
        method="POST", target="GrantAccess", send={}, status=400, error="0x80040203", says="'Target' is required"
    ),
    "a parameter nobody knows": Scenario(
        method="POST", target="GrantAccess", send={"Tagret": 1}, status=400, error="0x80040203", says="Tagret"
    ),
    "an action by GET": Scenario(method="GET", target="GrantAccess", status=405, error="0x80060888"),
    "a function by POST": Scenario(
        method="POST", target="RetrieveSharedPrincipalsAndAccess", status=405, error="0x80060888"
    ),
    "a bound function without its row": Scenario(
        method="GET", target="RetrieveUserPrivileges()", status=404, error="0x80060888", says="RetrieveUserPrivileges"
    ),
    "an operation bound to another table": Scenario(
        method="GET", target=f"{ROOT}/{NAMESPACE}RetrieveUserPrivileges()", status=404, error="0x80060888"
    ),
    "an alias without a value": Scenario(
        method="GET", target="RetrieveSharedPrincipalsAndAccess(Target=@t)", status=400, error="0x80040203", says="@t"
    ),
    "an alias that is no object": Scenario(
        method="GET",
        target="RetrieveSharedPrincipalsAndAccess(Target=@t)?@t=%7B'x",
        status=400,
        error="0x80040203",
        says="Target",
    ),
    "a parameter without a name": Scenario(
        method="GET", target="InitializeFrom('contact')", status=400, error="0x80060888", says="name of its own"
    ),
    "a row that is not there": Scenario(
        method="GET",
        target=f"RetrieveSharedPrincipalsAndAccess(Target=@t)?@t=%7B'@odata.id':'{ROOT}'%7D",
        status=404,
        error="0x80040217",
    ),
    "a type that no table has": Scenario(
        method="POST",
        target="Merge",
        send={"Target": {"@odata.type": "Microsoft.Dynamics.CRM.acount", "acountid": NOBODY}},
        status=400,
        error="0x80048d19",
        says="acount",
    ),
    "a table whose rows do not merge": Scenario(
        method="POST",
        target="Merge",
        send={
            "Target": {"@odata.type": "Microsoft.Dynamics.CRM.businessunit", "businessunitid": "$unit"},
            "Subordinate": {"@odata.type": "Microsoft.Dynamics.CRM.businessunit", "businessunitid": "$unit"},
        },
        status=400,
        error="0x80040800",
        says="Merge",
    ),
    "a share of what has no owner": Scenario(
        method="POST",
        target="GrantAccess",
        send={
            "Target": {"@odata.type": "Microsoft.Dynamics.CRM.businessunit", "businessunitid": "$unit"},
            "PrincipalAccess": {
                "Principal": {"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": "$me"},
                "AccessMask": "ReadAccess",
            },
        },
        status=400,
        error="0x80040800",
        says="businessunit",
    ),
    "a right nobody knows": Scenario(
        method="POST",
        target="GrantAccess",
        send={
            "Target": {"@odata.type": "Microsoft.Dynamics.CRM.businessunit", "businessunitid": "$unit"},
            "PrincipalAccess": {
                "Principal": {"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": "$me"},
                "AccessMask": "ReedAccess",
            },
        },
        status=400,
        error="0x80040203",
        says="ReedAccess",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused(api: Api, name: str) -> None:
    """[FN-3], [FN-4], [FN-8], [FN-29], [SEC-50], [SEC-56], [MSG-3]"""
    scenario, me = REFUSED[name], api.organization.administrator
    Scenario(
        method=scenario.method,
        target=scenario.target,
        send=_filled(scenario.send, {"$unit": me.business_unit_id, "$me": me.user_id}),
        status=scenario.status,
        error=scenario.error,
        says=scenario.says,
    ).run(api)


def test_a_row_is_not_shared_with_its_owner_or_with_another_row(api: Api) -> None:
    """[SEC-56]"""
    account = api.make("accounts", name="a")
    owner = named("systemuser", api.organization.administrator.user_id)
    for principal, code in ((owner, "0x80040214"), (named("account", account), "0x8004020c")):
        access = {"Principal": principal, "AccessMask": "ReadAccess"}
        answer = api.post("GrantAccess", {"Target": named("account", account), "PrincipalAccess": access})
        assert (400, code) == (answer.status, answer.code)
    assert [] == shares(api, account)


def _filled(given: object, words: Mapping[str, str]) -> object:
    if isinstance(given, dict):
        return {name: _filled(value, words) for name, value in given.items()}
    return words.get(given, given) if isinstance(given, str) else given
