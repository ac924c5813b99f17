"""Roles, their copies, what they hold, and who may change and give them."""

from __future__ import annotations

import pytest

from tests import definition_bodies
from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import Api
from tests.scenarios.people import (
    NAMESPACE,
    act,
    as_user,
    copy_of,
    found,
    give,
    held,
    join,
    privileges,
    refused,
    role,
    root,
    team,
    unit,
    user,
)
from tests.scenarios.test_assigning import counted
from verselet.operations.founding import builtin_id

__all__ = ["api", "stored_api"]

ADMINISTRATOR = builtin_id("role", "system-administrator")
FIRST = {
    "prvReadSdkMessage",
    "prvReadSdkMessageProcessingStep",
    "prvReadSdkMessageProcessingStepImage",
    "prvReadPluginAssembly",
    "prvReadPluginType",
    "prvReadSharePointData",
    "prvReadSharePointDocument",
    "prvCreateSharePointData",
    "prvWriteSharePointData",
}


def privilege_id(api: Api, name: str) -> str:
    """The id of a privilege."""
    (row_id,) = found(api, "privileges", f"name eq '{name}'", "privilegeid")
    return row_id


def test_a_new_role_holds_the_nine_privileges_of_every_role(api: Api) -> None:
    """Everywhere. [SEC-32]"""
    assert dict.fromkeys(FIRST, "Global") == held(api, role(api, "Mine"))


def test_a_role_has_a_copy_in_every_unit_below(api: Api) -> None:
    """Each points to the one above it and to the role, and holds the same. [SEC-13]"""
    east, west = unit(api, "East"), unit(api, "West")
    north = unit(api, "East North", east)
    made = role(api, "Mine", description="Ours", isinherited=0)
    of_east, of_north = copy_of(api, made, east), copy_of(api, made, north)

    told = api.read(f"roles({of_north})")
    assert ("Mine", "Ours", 0, of_east, made) == (
        told["name"],
        told["description"],
        told["isinherited"],
        told["_parentroleid_value"],
        told["_parentrootroleid_value"],
    )
    assert made == api.read(f"roles({of_east})")["_parentroleid_value"]
    assert made == api.read(f"roles({made})")["_parentrootroleid_value"]
    assert held(api, made) == held(api, of_north) == held(api, copy_of(api, made, west))


def test_a_role_of_a_unit_comes_to_the_units_below_it_only(api: Api) -> None:
    """Neither up nor sideways. [SEC-13]"""
    east, _west = unit(api, "East"), unit(api, "West")
    north = unit(api, "East North", east)
    made = role(api, "Of the east", east)

    units = found(api, "roles", f"_parentrootroleid_value eq {made}", "_businessunitid_value")

    assert {east, north} == set(units)


def test_a_new_unit_gets_every_role_of_the_unit_above(api: Api) -> None:
    """Also those that unit has as copies, with all they hold. [SEC-13]"""
    made = role(api, "Mine")
    east = unit(api, "East")
    act(api, f"roles({made})", "AddPrivilegesRole", Privileges=privileges("Local", "prvReadAccount"))
    north = unit(api, "East North", east)

    names = [sorted(found(api, "roles", f"_businessunitid_value eq {at}", "name")) for at in (root(api), north)]

    assert names[0] == names[1]
    assert "Local" == held(api, copy_of(api, made, north))["prvReadAccount"]
    assert held(api, ADMINISTRATOR) == held(api, copy_of(api, ADMINISTRATOR, north))


def test_what_a_role_holds_costs_its_copies_no_statement_more(api: Api) -> None:
    """A unit is made with as many statements, however many privileges the roles hold. [SEC-13]"""
    made = role(api, "Mine")
    unit(api, "First")
    counts = []
    for name in ("Second", "Third"):
        with counted(api) as statements:
            unit(api, name)
        counts.append(len(statements))
        every = [{"Depth": "Global", "PrivilegeName": name} for name in held(api, ADMINISTRATOR)]
        assert 204 == act(api, f"roles({made})", "ReplacePrivilegesRole", Privileges=every).status

    assert counts[0] == counts[1]


def test_copies_change_with_their_role_only(api: Api) -> None:
    """Neither they nor what they hold is written by hand. [SEC-13]"""
    east = unit(api, "East")
    made = role(api, "Mine")
    copy = copy_of(api, made, east)
    privilege = privilege_id(api, "prvReadAccount")

    answers = [
        api.patch(f"roles({copy})", {"name": "Another"}),
        api.delete(f"roles({copy})"),
        act(api, f"roles({copy})", "AddPrivilegesRole", Privileges=privileges("Basic", "prvReadAccount")),
        act(api, f"roles({copy})", "ReplacePrivilegesRole", Privileges=[]),
        act(api, f"roles({copy})", "RemovePrivilegeRole", PrivilegeId=privilege),
        api.post(f"roles({copy})/roleprivileges_association/$ref", {"@odata.id": f"privileges({privilege})"}),
    ]

    assert [(400, "0x80044152")] * 6 == refused(answers)


def test_a_change_of_a_role_reaches_its_copies(api: Api) -> None:
    """And with the role they go. [SEC-13]"""
    east = unit(api, "East")
    made = role(api, "Mine")
    copy = copy_of(api, made, east)
    assert 204 == api.patch(f"roles({made})", {"name": "Ours", "isinherited": 0}).status

    told = api.read(f"roles({copy})")
    assert ("Ours", 0, made) == (told["name"], told["isinherited"], told["_parentrootroleid_value"])

    assert 204 == api.delete(f"roles({made})").status
    assert [404, 404] == [api.get(f"roles({gone})").status for gone in (made, copy)]
    assert [] == found(api, "roleprivilegescollection", f"roleid eq {copy}", "roleprivilegeid")


def test_privileges_of_a_role_are_added_deepened_replaced_and_removed(api: Api) -> None:
    """The copies hold the same after each step. [SEC-26]"""
    east = unit(api, "East")
    made = role(api, "Mine")
    copy = copy_of(api, made, east)
    address = f"roles({made})"

    def both() -> tuple[dict[str, str], dict[str, str]]:
        seen = [{name: depth for name, depth in held(api, one).items() if name not in FIRST} for one in (made, copy)]
        return seen[0], seen[1]

    named = privileges("Basic", "prvReadAccount", "prvWriteAccount")
    assert 204 == act(api, address, "AddPrivilegesRole", Privileges=named).status
    assert ({"prvReadAccount": "Basic", "prvWriteAccount": "Basic"},) * 2 == both()
    by_id = [{"Depth": "Deep", "PrivilegeId": privilege_id(api, "prvReadAccount"), "BusinessUnitId": root(api)}]
    assert 204 == act(api, address, "AddPrivilegesRole", Privileges=by_id).status
    assert ({"prvReadAccount": "Deep", "prvWriteAccount": "Basic"},) * 2 == both()
    removed = act(api, address, "RemovePrivilegeRole", PrivilegeId=privilege_id(api, "prvWriteAccount"))
    assert (204, ({"prvReadAccount": "Deep"},) * 2) == (removed.status, both())
    assert 204 == act(api, address, "ReplacePrivilegesRole", Privileges=privileges("Local", "prvReadContact")).status
    assert {"prvReadContact": "Local"} == held(api, made) == held(api, copy)


def test_the_privileges_of_a_role_are_a_collection_of_it(api: Api) -> None:
    """`roleprivileges_association` leads to them. [SEC-26]"""
    made = role(api, "Mine")

    assert FIRST == set(api.values(f"roles({made})/roleprivileges_association?$select=name", "name"))


def test_what_a_role_holds_follows_rows_that_are_written_one_by_one(api: Api) -> None:
    """The copies hold what the role holds, by whatever way it came. [SEC-13]"""
    east = unit(api, "East")
    made = role(api, "Mine")
    copy, privilege = copy_of(api, made, east), privilege_id(api, "prvReadAccount")

    address = f"roles({made})/roleprivileges_association"
    assert 204 == api.post(f"{address}/$ref", {"@odata.id": f"privileges({privilege})"}).status
    assert "Basic" == held(api, made)["prvReadAccount"] == held(api, copy)["prvReadAccount"]
    assert 204 == api.delete(f"{address}({privilege})/$ref").status
    assert "prvReadAccount" not in {**held(api, made), **held(api, copy)}


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"Depth": "Basic", "PrivilegeName": "prvReadNothing"}, 404, "0x80040217"),
        ({"Depth": "Basic", "PrivilegeName": "prvReadOrganization"}, 400, "0x80040203"),
        ({"Depth": "Everywhere", "PrivilegeName": "prvReadAccount"}, 400, "0x80040203"),
        ({"Depth": "Basic", "PrivilegeId": "prvReadAccount"}, 400, "0x80040203"),
        ({"PrivilegeName": "prvReadAccount"}, 400, "0x80040203"),
    ],
)
def test_what_no_role_can_hold_is_refused(api: Api, given: dict[str, str], status: int, code: str) -> None:
    """No such privilege, no such depth, or none for this privilege. [SEC-7], [SEC-26]"""
    answer = act(api, f"roles({role(api, 'Mine')})", "AddPrivilegesRole", Privileges=[given])

    assert (status, code) == (answer.status, answer.code)


def test_a_value_that_does_not_fit_reaches_no_copy(api: Api) -> None:
    """It is refused as in any other table. [E-8], [SEC-13]"""
    made = role(api, "Mine")

    answer = api.patch(f"roles({made})", {"isinherited": 2**40})

    assert (400, "0x8004431a") == (answer.status, answer.code)


def test_system_administrator_never_changes(api: Api) -> None:
    """Neither the role nor what it holds; nor does it go. [SEC-28]"""
    address = f"roles({ADMINISTRATOR})"

    answers = [
        api.patch(address, {"name": "Somebody"}),
        act(api, address, "RemovePrivilegeRole", PrivilegeId=privilege_id(api, "prvReadAccount")),
        act(api, address, "ReplacePrivilegesRole", Privileges=[]),
        act(api, address, "AddPrivilegesRole", Privileges=privileges("Basic", "prvReadAccount")),
        api.delete(address),
    ]

    assert [*[(400, "0x80041d31")] * 4, (400, "0x80041d2e")] == refused(answers)
    assert "Global" == held(api, ADMINISTRATOR)["prvReadAccount"]


def test_the_last_administrator_stays_one(api: Api) -> None:
    """It keeps the role, is not disabled and not deleted, as long as nobody else has it. [SEC-28]"""
    me = api.organization.administrator.user_id
    of_me = f"systemusers({me})/systemuserroles_association({ADMINISTRATOR})/$ref"

    answers = [
        api.delete(of_me),
        api.patch(f"systemusers({me})", {"isdisabled": True}),
        api.delete(f"systemusers({me})"),
    ]
    assert [(400, "0x80041d30"), (400, "0x80041d2f"), (400, "0x80041d30")] == refused(answers)

    assert 204 == give(api, "systemusers", user(api, "ann"), ADMINISTRATOR).status
    assert 204 == api.delete(of_me).status


def test_a_disabled_administrator_is_none(api: Api) -> None:
    """Somebody who may do everything must be able to. [SEC-28]"""
    me = api.organization.administrator.user_id
    other = user(api, "ann", isdisabled=True)
    assert 204 == give(api, "systemusers", other, ADMINISTRATOR).status

    answer = api.delete(f"systemusers({me})/systemuserroles_association({ADMINISTRATOR})/$ref")

    assert (400, "0x80041d30") == (answer.status, answer.code)


def test_nobody_gives_what_they_do_not_hold(api: Api) -> None:
    """Neither in a role, nor by giving a role, nor deeper. [SEC-29]"""
    manager, other, modest = user(api, "ann"), user(api, "ben"), role(api, "Modest")
    powers = role(api, "Role manager")
    named = ("prvReadRole", "prvWriteRole", "prvAppendRole", "prvReadSystemUser", "prvAppendSystemUser")
    deep = privileges("Global", *named, "prvAssignRole") + privileges("Local", "prvReadAccount")
    assert 204 == act(api, f"roles({powers})", "AddPrivilegesRole", Privileges=deep).status
    assert 204 == give(api, "systemusers", manager, powers).status

    def add(depth: str, name: str) -> tuple[int, str]:
        body = {"Privileges": privileges(depth, name)}
        answer = api.post(f"roles({modest})/{NAMESPACE}AddPrivilegesRole", body, **as_user(manager))
        return answer.status, answer.code if answer.status >= 400 else ""

    assert (204, "") == add("Basic", "prvReadAccount")
    assert (403, "0x80040220") == add("Global", "prvReadAccount")
    assert (403, "0x80040220") == add("Basic", "prvWriteAccount")

    def give_as_manager(role_id: str) -> int:
        target = f"systemusers({other})/systemuserroles_association/$ref"
        return api.post(target, {"@odata.id": f"roles({role_id})"}, **as_user(manager)).status

    assert [204, 403] == [give_as_manager(modest), give_as_manager(ADMINISTRATOR)]


def test_giving_roles_takes_a_privilege(api: Api) -> None:
    """Who may write users does not give them roles for that. [SEC-27], [SEC-40]"""
    ann = user(api, "ann")
    basic = builtin_id("role", "basic-user")
    assert 204 == give(api, "systemusers", ann, basic).status
    delegate = builtin_id("role", "delegate")

    answer = api.post(
        f"systemusers({ann})/systemuserroles_association/$ref", {"@odata.id": f"roles({delegate})"}, **as_user(ann)
    )

    assert 403 == answer.status
    assert [basic] == api.values(f"systemusers({ann})/systemuserroles_association?$select=roleid", "roleid")


def test_privileges_of_a_user_are_asked_for_one_by_one(api: Api) -> None:
    """By name, by id, by several names; through teams as well; nothing for what is not held. [SEC-31]"""
    ann, pool = user(api, "ann"), team(api, "Pool")
    own, of_team = role(api, "Own"), role(api, "Of the team")
    act(api, f"roles({own})", "AddPrivilegesRole", Privileges=privileges("Basic", "prvReadAccount"))
    act(api, f"roles({of_team})", "AddPrivilegesRole", Privileges=privileges("Deep", "prvReadAccount"))
    give(api, "systemusers", ann, own)
    give(api, "teams", pool, of_team)
    address = f"systemusers({ann})/{NAMESPACE}"

    def told(call: str) -> list[tuple[str, str]]:
        return [(one["PrivilegeName"], one["Depth"]) for one in api.read(address + call)["RolePrivileges"]]

    assert [("prvReadAccount", "Basic")] == told("RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadAccount')")
    assert 204 == join(api, pool, ann).status
    by_id = f"RetrieveUserPrivilegeByPrivilegeId(PrivilegeId={privilege_id(api, 'prvReadAccount')})"
    assert [("prvReadAccount", "Deep")] == told(by_id)
    names = "%5B'prvReadAccount','prvReadContact','prvReadSdkMessage'%5D".replace("'", '"').replace('"', "%22")
    several = told(f"RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p={names}")
    assert [("prvReadAccount", "Deep"), ("prvReadSdkMessage", "Global")] == several
    assert [] == told("RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvNothing')")
    of_pool = api.read(f"teams({pool})/{NAMESPACE}RetrieveTeamPrivileges()")["RolePrivileges"]
    assert {"prvReadAccount": "Deep", **dict.fromkeys(FIRST, "Global")} == {
        one["PrivilegeName"]: one["Depth"] for one in of_pool
    }


def test_the_answer_of_each_function_has_its_name(api: Api) -> None:
    """[FN-5], [SEC-31]"""
    me = api.organization.administrator.user_id
    call = f"systemusers({me})/{NAMESPACE}RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvMerge')"
    told = api.read(call)

    assert told["@odata.context"].endswith(f"$metadata#{NAMESPACE}RetrieveUserPrivilegeByPrivilegeNameResponse")
    (one,) = told["RolePrivileges"]
    assert {"Depth", "PrivilegeId", "BusinessUnitId", "PrivilegeName"} == one.keys()
    assert ("Global", root(api)) == (one["Depth"], one["BusinessUnitId"])


def test_administrators_of_every_unit_hold_the_privileges_of_a_new_table(own_api: Api) -> None:
    """So do customizers. [SEC-28]"""
    east = unit(own_api, "East")
    assert 204 == own_api.post("EntityDefinitions", definition_bodies.table("new_Box")).status

    for key in ("system-administrator", "system-customizer"):
        made = builtin_id("role", key)
        depths = [held(own_api, one).get("prvWritenew_Box") for one in (made, copy_of(own_api, made, east))]
        assert ["Global", "Global"] == depths


@pytest.mark.parametrize(
    ("key", "name", "expected"),
    [
        ("basic-user", "prvWriteAccount", "Basic"),
        ("basic-user", "prvReadSystemUser", "Global"),
        ("basic-user", "prvCreateEntity", None),
        ("system-customizer", "prvCreateEntity", "Global"),
        ("system-customizer", "prvReadAccount", "Basic"),
        ("delegate", "prvActOnBehalfOfAnotherUser", "Global"),
        ("delegate", "prvReadAccount", None),
        ("contact-centre-agent", "prvWritemsdyn_sessionevent", "Local"),
        ("contact-centre-agent", "prvDeletemsdyn_sessionevent", None),
        ("event-coordinator", "prvDeletemsevtmgt_CheckIn", "Deep"),
        ("event-coordinator", "prvReadmsdyn_sessionevent", None),
    ],
)
def test_shipped_roles_hold_what_their_work_takes(api: Api, key: str, name: str, expected: str | None) -> None:
    """[SEC-28], [SEC-32], [SEC-91]"""
    told = held(api, builtin_id("role", key))

    assert expected == told.get(name)
    assert FIRST <= told.keys()
