"""The tree of business units, default teams, and users who move between units."""

from __future__ import annotations

import pytest

from tests.scenarios.both_stores import api, stored_api
from tests.scenarios.harness import Api
from tests.scenarios.people import (
    act,
    as_user,
    copy_of,
    found,
    give,
    join,
    named,
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


def default_team(api: Api, unit_id: str) -> str:
    """The id of a unit's default team."""
    (found_id,) = found(api, "teams", f"_businessunitid_value eq {unit_id} and isdefault eq true", "teamid")
    return found_id


def teams_of(api: Api, user_id: str) -> set[str]:
    """The teams a user is in."""
    return set(api.values(f"systemusers({user_id})/teammembership_association?$select=teamid", "teamid"))


def test_a_unit_comes_with_its_default_team(api: Api) -> None:
    """Called as the unit, an owner team, without members at first. [SEC-12]"""
    made = unit(api, "East")
    told = api.read(f"teams({default_team(api, made)})")

    assert ("East", 0, True) == (told["name"], told["teamtype"], told["isdefault"])
    assert [] == api.read(f"teams({told['teamid']})/teammembership_association")["value"]


def test_users_are_in_the_default_team_of_their_unit(api: Api) -> None:
    """From the start, without anybody's doing. [SEC-12]"""
    made = unit(api, "East")

    assert {default_team(api, made)} == teams_of(api, user(api, "ann", made))


def test_a_default_team_follows_the_name_of_its_unit(api: Api) -> None:
    """[SEC-12]"""
    made = unit(api, "East")
    before = default_team(api, made)
    assert 204 == api.patch(f"businessunits({made})", {"name": "Far East"}).status

    assert "Far East" == api.read(f"teams({before})")["name"]


def test_a_default_team_is_left_alone_by_everybody(api: Api) -> None:
    """Not deleted, moved, renamed, joined or left by hand. [SEC-12]"""
    made, other = unit(api, "East"), unit(api, "West")
    member, stranger = user(api, "ann", made), user(api, "ben", other)
    address = f"teams({default_team(api, made)})"

    answers = [
        api.delete(address),
        api.patch(address, {"businessunitid@odata.bind": f"/businessunits({other})"}),
        api.patch(address, {"name": "Another"}),
        join(api, default_team(api, made), stranger),
        api.delete(f"{address}/teammembership_association({member})/$ref"),
        act(api, address, "AddMembersTeam", Members=[named("systemuser", stranger)]),
        act(api, address, "ConvertOwnerTeamToAccessTeam"),
    ]

    codes = ["0x80048307", "0x80048308", "0x8004830a", "0x8004830c", "0x8004830c", "0x8004830c", "0x80040203"]
    assert [(400, code) for code in codes] == refused(answers)


def test_there_is_one_root(api: Api) -> None:
    """A unit without another above it is refused, and the root stays what it is. [SEC-10]"""
    below = unit(api, "East")
    address = f"businessunits({root(api)})"

    answers = [
        api.post("businessunits", {"name": "Second root"}),
        api.patch(f"businessunits({below})", {"parentbusinessunitid@odata.bind": None}),
        api.patch(address, {"isdisabled": True}),
        api.patch(address, {"parentbusinessunitid@odata.bind": f"/businessunits({below})"}),
        api.delete(address),
    ]

    expected = [(400, "0x80040203")] * 3 + [(400, "0x80040387"), (405, "0x80040227")]
    assert expected == refused(answers)


def test_no_unit_is_above_itself(api: Api) -> None:
    """[SEC-10]"""
    above = unit(api, "East")
    below = unit(api, "East North", above)

    answers = [
        api.patch(f"businessunits({above})", {"parentbusinessunitid@odata.bind": f"/businessunits({at})"})
        for at in (below, above)
    ]

    assert [(400, "0x80040387")] * 2 == refused(answers)
    assert root(api) == api.read(f"businessunits({above})")["_parentbusinessunitid_value"]


@pytest.mark.parametrize("holder", ["unit", "user", "team", "account"])
def test_a_unit_in_use_stays(api: Api, holder: str) -> None:
    """Child units, users, other teams and rows keep it. [SEC-15]"""
    made = unit(api, "East")
    if holder == "unit":
        unit(api, "East North", made)
    elif holder == "user":
        user(api, "ann", made)
    elif holder == "team":
        team(api, "Pool", made)
    else:
        owner = team(api, "Pool", made)
        api.entitle("teams", owner, made)
        api.make("accounts", name="theirs", ownerid__bind=f"/teams({owner})")
    assert 204 == api.patch(f"businessunits({made})", {"isdisabled": True}).status

    answer = api.delete(f"businessunits({made})")

    assert (405, "0x80040227") == (answer.status, answer.code)
    assert default_team(api, made)


def test_an_enabled_unit_stays(api: Api) -> None:
    """[SEC-15]"""
    answer = api.delete(f"businessunits({unit(api, 'East')})")

    assert (405, "0x80040227") == (answer.status, answer.code)


def test_an_empty_disabled_unit_goes_with_its_team_and_roles(api: Api) -> None:
    """[SEC-12], [SEC-13], [SEC-15]"""
    made = unit(api, "East")
    assert 204 == api.patch(f"businessunits({made})", {"isdisabled": True}).status
    assert 204 == api.delete(f"businessunits({made})").status

    left = [
        found(api, table, f"_businessunitid_value eq {made}", key)
        for table, key in (("teams", "teamid"), ("roles", "roleid"))
    ]
    assert [[], []] == left


def test_a_unit_that_moves_has_the_roles_of_the_units_above_it(api: Api) -> None:
    """What it had from elsewhere goes, in it and below it. [SEC-13]"""
    east, west = unit(api, "East"), unit(api, "West")
    moving = unit(api, "Moving", east)
    below = unit(api, "Below", moving)
    of_east, of_west = role(api, "Of the east", east), role(api, "Of the west", west)
    assert copy_of(api, of_east, below)

    moved = api.patch(f"businessunits({moving})", {"parentbusinessunitid@odata.bind": f"/businessunits({west})"})

    assert 204 == moved.status
    assert [] == found(api, "roles", f"_parentrootroleid_value eq {of_east} and roleid ne {of_east}", "roleid")
    copy = api.read(f"roles({copy_of(api, of_west, below)})")
    assert copy_of(api, of_west, moving) == copy["_parentroleid_value"]
    names = [found(api, "roles", f"_businessunitid_value eq {at}", "name") for at in (moving, root(api))]
    assert {*names[1], "Of the west"} == set(names[0])


# --- users who move ---------------------------------------------------------------------------------------------------


def move(api: Api, user_id: str, to: str, heir: str, *, leaves: bool = False) -> int:
    """Move a user to another unit."""
    return act(
        api,
        f"systemusers({user_id})",
        "SetBusinessSystemUser",
        BusinessUnit=named("businessunit", to),
        ReassignPrincipal=named("systemuser", heir),
        DoNotMoveAllRecords=leaves,
    ).status


def test_a_user_who_moves_takes_rows_along_and_leaves_roles(api: Api) -> None:
    """[SEC-4], [SEC-14]"""
    east, west = unit(api, "East"), unit(api, "West")
    moving = user(api, "ann", east)
    api.entitle("systemusers", moving, east)
    account = api.make("accounts", name="hers", ownerid__bind=f"/systemusers({moving})")

    assert 204 == move(api, moving, west, moving)

    assert west == api.read(f"systemusers({moving})")["_businessunitid_value"]
    assert west == api.read(f"accounts({account})")["_owningbusinessunit_value"]
    assert [] == api.read(f"systemusers({moving})/systemuserroles_association")["value"]
    assert {default_team(api, west)} == teams_of(api, moving)


def test_a_user_may_leave_rows_behind(api: Api) -> None:
    """`DoNotMoveAllRecords` leaves their unit as it is. [SEC-14]"""
    east, west = unit(api, "East"), unit(api, "West")
    moving = user(api, "ann", east)
    api.entitle("systemusers", moving, east)
    account = api.make("accounts", name="hers", ownerid__bind=f"/systemusers({moving})")

    assert 204 == move(api, moving, west, moving, leaves=True)

    told = api.read(f"accounts({account})")
    assert (moving, east) == (told["_ownerid_value"], told["_owningbusinessunit_value"])


def test_somebody_else_may_get_the_rows(api: Api) -> None:
    """`ReassignPrincipal` owns them afterwards, in its own unit. [SEC-14]"""
    east, west = unit(api, "East"), unit(api, "West")
    moving, heir = user(api, "ann", east), user(api, "ben", east)
    for who in (moving, heir):
        api.entitle("systemusers", who, east)
    account = api.make("accounts", name="hers", ownerid__bind=f"/systemusers({moving})")

    assert 204 == move(api, moving, west, heir)

    told = api.read(f"accounts({account})")
    assert (heir, east, heir) == (
        told["_ownerid_value"],
        told["_owningbusinessunit_value"],
        told["_owninguser_value"],
    )


def test_writing_the_unit_of_a_user_or_team_moves_it_as_well(api: Api) -> None:
    """The column says no less than the action. [SEC-4], [SEC-14]"""
    east, west = unit(api, "East"), unit(api, "West")
    owners = {"systemusers": user(api, "ann", east), "teams": team(api, "Pool", east)}
    for set_name, owner in owners.items():
        api.entitle(set_name, owner, east)
        account = api.make("accounts", name="theirs", ownerid__bind=f"/{set_name}({owner})")
        bind = {"businessunitid@odata.bind": f"/businessunits({west})"}
        assert 204 == api.patch(f"{set_name}({owner})", bind).status
        assert west == api.read(f"accounts({account})")["_owningbusinessunit_value"]
        roles = {"systemusers": "systemuserroles", "teams": "teamroles"}[set_name]
        assert [] == api.read(f"{set_name}({owner})/{roles}_association")["value"]


def test_every_row_of_an_owner_gets_another(api: Api) -> None:
    """Of all tables, with the columns that follow from the owner. [SEC-66]"""
    owner, heir = user(api, "ann"), team(api, "Pool")
    api.entitle("systemusers", owner)
    api.entitle("teams", heir)
    account = api.make("accounts", name="hers", ownerid__bind=f"/systemusers({owner})")
    contact = api.make("contacts", lastname="hers", ownerid__bind=f"/systemusers({owner})")
    before = api.read(f"contacts({contact})")["@odata.etag"]

    answer = act(api, f"systemusers({owner})", "ReassignObjectsSystemUser", ReassignPrincipal=named("team", heir))

    assert 204 == answer.status
    for address in (f"accounts({account})", f"contacts({contact})"):
        told = api.read(address)
        assert (heir, heir, None) == (
            told["_ownerid_value"],
            told["_owningteam_value"],
            told["_owninguser_value"],
        )
    assert before != api.read(f"contacts({contact})")["@odata.etag"]


def test_reassigning_many_rows_takes_as_many_statements_as_one(api: Api) -> None:
    """One per table, however many rows. [SEC-66]"""
    first, second = user(api, "ann"), user(api, "ben")
    counts = []
    for who in (first, second):
        api.entitle("systemusers", who)
    for rows in (1, 30):
        bind = {"@odata.type": "Microsoft.Dynamics.CRM.account", "ownerid@odata.bind": f"/systemusers({first})"}
        api.post("accounts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [{"name": "a", **bind}] * rows})
        with counted(api) as statements:
            act(
                api, f"systemusers({first})", "ReassignObjectsSystemUser", ReassignPrincipal=named("systemuser", second)
            )
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert 31 == len(found(api, "accounts", f"_ownerid_value eq {second}", "accountid"))


def test_rows_go_to_nobody_who_cannot_have_them(api: Api) -> None:
    """A user without Read on their table, a disabled one, an access team: nothing has moved then. [SEC-62], [SEC-66]"""
    owner = user(api, "ann")
    api.entitle("systemusers", owner)
    account = api.make("accounts", name="hers", ownerid__bind=f"/systemusers({owner})")
    heirs = [
        named("systemuser", user(api, "ben")),
        named("systemuser", user(api, "eve", isdisabled=True)),
        named("team", team(api, "Pool", teamtype=1)),
    ]

    answers = [act(api, f"systemusers({owner})", "ReassignObjectsSystemUser", ReassignPrincipal=heir) for heir in heirs]

    assert [(403, "0x80040231"), (400, "0x80040225"), (400, "0x80048340")] == refused(answers)
    assert owner == api.read(f"accounts({account})")["_ownerid_value"]


def test_rows_come_back_from_a_team(api: Api) -> None:
    """The unbound form names both. [SEC-66]"""
    heir, owner = user(api, "ann"), team(api, "Pool")
    api.entitle("systemusers", heir)
    api.entitle("teams", owner)
    account = api.make("accounts", name="theirs", ownerid__bind=f"/teams({owner})")

    answer = api.post(
        "ReassignObjectsOwner", {"FromPrincipal": named("team", owner), "ToPrincipal": named("systemuser", heir)}
    )

    assert (204, heir) == (answer.status, api.read(f"accounts({account})")["_ownerid_value"])


def test_nobody_moves_users_without_the_privilege(api: Api) -> None:
    """To write one's own row is not enough to leave the unit. [SEC-40]"""
    east = unit(api, "East")
    moving = user(api, "ann")
    api.entitle("systemusers", moving)

    answer = api.patch(
        f"systemusers({moving})",
        {"businessunitid@odata.bind": f"/businessunits({east})"},
        **as_user(moving),
    )

    assert (403, "0x80040220") == (answer.status, answer.code)
    assert "prvReparentUser" in answer.message
    assert root(api) == api.read(f"systemusers({moving})")["_businessunitid_value"]


def test_the_last_administrator_does_not_move(api: Api) -> None:
    """It would lose System Administrator. [SEC-14], [SEC-28]"""
    me = api.organization.administrator.user_id
    east = unit(api, "East")

    answer = api.patch(f"systemusers({me})", {"businessunitid@odata.bind": f"/businessunits({east})"})

    assert (400, "0x80041d30") == (answer.status, answer.code)


def test_the_organization_may_let_rows_and_roles_go_across_units(api: Api) -> None:
    """Then a user of one unit gets the role of another, keeps it, and leaves its rows where they are. [SEC-8]"""
    east, west = unit(api, "East"), unit(api, "West")
    holder, basic = user(api, "ann", east), builtin_id("role", "basic-user")
    names = ("EnableOwnershipAcrossBusinessUnits", "DoNotRemoveRolesOnChangeBusinessUnit")
    settings = "".join([f"<{name}>true</{name}>" for name in names])
    of_organization = f"organizations({api.organization.id})"
    assert 204 == api.patch(of_organization, {"orgdborgsettings": f"<OrgSettings>{settings}</OrgSettings>"}).status

    assert 204 == give(api, "systemusers", holder, basic).status
    account = api.make("accounts", name="hers", ownerid__bind=f"/systemusers({holder})")
    assert 204 == move(api, holder, west, holder)
    assert east == api.read(f"accounts({account})")["_owningbusinessunit_value"]
    assert [basic] == api.values(f"systemusers({holder})/systemuserroles_association?$select=roleid", "roleid")


def test_roles_of_another_unit_are_not_given(api: Api) -> None:
    """Neither the role of the unit above nor a copy of a unit beside. [SEC-13]"""
    east, west = unit(api, "East"), unit(api, "West")
    made = role(api, "Mine")
    holder, pool = user(api, "ann", east), team(api, "Pool", east)

    wrong = [
        give(api, set_name, who, given)
        for set_name, who in (("systemusers", holder), ("teams", pool))
        for given in (made, copy_of(api, made, west))
    ]

    assert [(400, "0x80040203")] * 4 == refused(wrong)
    assert 204 == give(api, "systemusers", holder, copy_of(api, made, east)).status
