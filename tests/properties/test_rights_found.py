"""What the random worlds once found, each in the smallest world that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.properties.rights_store import Signed, Writer, ask, send
from tests.properties.rights_world import Role as WorldRole
from tests.properties.rights_world import Row, Share, Team, Unit, User, World
from tests.scenarios.harness import API, Api, new_organization, undone
from verselet.web.app import WebApi

ME, OTHER, TEAM, ROLE, UNIT, READER, COPY = (f"5f3e0000-0000-4000-8000-0000000000a{number}" for number in range(7))
ONE, TWO, THREE = (f"5f3e0000-0000-4000-8000-0000000000b{number}" for number in range(3))
SIGNED = Signed(f"dev:{ME}")
ACCOUNTS = ("prvReadAccount", "prvWriteAccount", "prvCreateAccount", "prvAppendAccount", "prvAppendToAccount")


@pytest.fixture(scope="module")
def opened() -> Iterator[Api]:
    """An organization for all worlds."""
    with Api(new_organization()) as api:
        yield api


@pytest.fixture
def api(opened: Api) -> Iterator[Api]:
    """The same, for one world."""
    with undone(opened.organization):
        yield opened


def write(
    api: Api, depths: Mapping[str, int], rows: tuple[Row, ...], shares: tuple[Share, ...] = (), *, manager: bool = False
) -> WebApi:
    """Two users in two units, and a team of one of them; `depths` is what the first one may, the others read."""
    root = api.organization.administrator.business_unit_id
    role = WorldRole(id=ROLE, team_only=False, depths=depths, copies={root: ROLE})
    reader = WorldRole(id=READER, team_only=False, depths={"prvReadAccount": 1}, copies={root: READER, UNIT: COPY})
    users = (
        User(id=ME, name="Me", unit=root, roles=(ROLE,), manager=OTHER if manager else None),
        User(id=OTHER, name="Other", unit=UNIT, roles=(READER,), manager=ME if manager else None),
    )
    world = World(
        units=(Unit(root, None), Unit(UNIT, root)),
        users=users,
        teams=(Team(id=TEAM, name="Team", unit=UNIT, owns=True, administrator=OTHER, members=(ME,), roles=(READER,)),),
        roles=(role, reader),
        shares=shares,
        rows=rows,
        pairs=(),
        organization=api.organization.id,
        passed_up=3 if manager else 0,
    )
    with api.organization.store.begin() as session:
        Writer(api.organization, session).write(world)
    return api.web


def account(row_id: str, owner: str, parent: str | None = None) -> Row:
    """An account that belongs to a user, or to the team in its unit."""
    values = {"name": row_id[-2:], **({} if parent is None else {"parentaccountid": ("account", parent)})}
    return Row("account", row_id, owner, None, values)


def names(web: WebApi, target: str) -> list[str]:
    """The names of the accounts in the answer."""
    answer = ask(web, target, signed=SIGNED)
    assert 200 == answer.status, answer.body
    return [row["name"] for row in answer.json["value"]]


def test_a_share_opens_no_row_of_another_table_with_the_same_id(api: Api) -> None:
    """Neither in lists nor alone. [SEC-59]"""
    contact = Row("contact", ONE, OTHER, None, {"lastname": "x"})
    share = Share("contact", ONE, "systemuser", ME, 1, 0)
    web = write(api, {"prvReadAccount": 1, "prvReadContact": 1}, (account(ONE, OTHER), contact), (share,))

    assert [] == names(web, "accounts")
    assert "0x80048306" == ask(web, f"accounts({ONE})", signed=SIGNED).code
    assert 200 == ask(web, f"contacts({ONE})", signed=SIGNED).status


@pytest.mark.parametrize(("function", "start"), [("Under", ONE), ("Above", THREE)])
def test_a_hierarchy_is_followed_over_rows_that_may_be_read(api: Api, function: str, start: str) -> None:
    """A hidden row leads nowhere. [SEC-44], [QF-30]"""
    hidden = account(TWO, OTHER, ONE)
    web = write(api, {"prvReadAccount": 1}, (account(ONE, ME), hidden, account(THREE, ME, TWO)))
    asked = f"Microsoft.Dynamics.CRM.{function}(PropertyName='accountid',PropertyValue='{start}')"

    assert [] == names(web, f"accounts?$filter={asked}")
    assert 2 == len(api.values(f"accounts?$filter={asked}", "name"))


def test_whose_teams_one_is_in_can_be_asked_without_a_right_to_read_teams(api: Api) -> None:
    """The operator names no table. [SEC-45], [QF-27]"""
    web = write(api, {"prvReadAccount": 1}, (account(ONE, TEAM), account(TWO, ME)))

    asked = "Microsoft.Dynamics.CRM.EqualUserTeams(PropertyName='ownerid')"
    assert ["b0"] == names(web, f"accounts?$filter={asked}")


def test_owners_are_the_users_and_teams_that_may_be_seen(api: Api) -> None:
    """Nobody else, also where a row leads to one. [SEC-47]"""
    web = write(api, {"prvReadAccount": 8, "prvReadSystemUser": 1}, (account(ONE, ME), account(TWO, OTHER)))

    assert ["Me"] == [row["name"] for row in ask(web, "owners", signed=SIGNED).json["value"]]
    rows = ask(web, "accounts?$select=name&$expand=ownerid($select=name)&$orderby=name", signed=SIGNED).json["value"]
    assert [True, False] == [row["ownerid"] is not None for row in rows]


def test_a_circle_of_managers_makes_nobody_a_report_of_oneself(api: Api) -> None:
    """[SEC-86]"""
    write(api, {"prvReadAccount": 1}, (account(ONE, ME),), manager=True)
    caller = api.organization.find_caller(ME)

    assert caller is not None
    assert [OTHER] == [report.user_id for report in caller.standings[0].reports]


def test_clearing_a_lookup_takes_append_on_its_row(api: Api) -> None:
    """[SEC-30]"""
    rows = (account(ONE, OTHER), account(TWO, ME, ONE))
    web = write(api, {"prvReadAccount": 8, "prvWriteAccount": 8}, rows)

    answer = send(web, "PATCH", f"accounts({TWO})", SIGNED, {"parentaccountid": None})
    assert (403, "0x80040220") == (answer.status, answer.code)
    assert "prvAppendAccount" in answer.message


@pytest.mark.parametrize(("append", "status"), [(1, 403), (8, 204)])
def test_a_new_row_that_points_somewhere_takes_append_on_itself(api: Api, append: int, status: int) -> None:
    """For whomever it is made. [SEC-30]"""
    depths = {**dict.fromkeys(ACCOUNTS, 8), "prvAppendAccount": append, "prvAssignAccount": 8}
    web = write(api, depths, (account(ONE, ME),))
    body = {"ownerid@odata.bind": f"/systemusers({OTHER})", "parentaccountid@odata.bind": f"{API}accounts({ONE})"}

    assert status == send(web, "POST", "accounts", SIGNED, body).status


@pytest.mark.parametrize(("owner", "status"), [(f"/systemusers({OTHER})", 403), (f"/teams({TEAM})", 204)])
def test_a_row_for_another_takes_the_right_to_assign(api: Api, owner: str, status: int) -> None:
    """A team of the caller is no other. [SEC-6], [SEC-46]"""
    web = write(api, dict.fromkeys(ACCOUNTS, 8), ())

    answer = send(web, "POST", "accounts", SIGNED, {"name": "x", "ownerid@odata.bind": owner})
    assert status == answer.status
