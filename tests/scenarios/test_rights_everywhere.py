"""No way of asking shows what the caller may not read; no way of writing changes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.scenarios.both_stores import stored_api
from tests.scenarios.harness import Answer, Api
from tests.scenarios.people import basic_user, user

__all__ = ["stored_api"]

SECRET = "Unseen & Sons"
ROW_REFUSED, PRIVILEGE_MISSING = "0x80048306", "0x80040220"


class World:
    """An account nobody may see, a contact of a Basic user that points to it, and one that is not the user's."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.who = basic_user(api, "seer")
        self.account = api.make("accounts", name=SECRET, telephone1="99")
        parent = f"/accounts({self.account})"
        owner = f"/systemusers({self.who})"
        self.own = api.make("contacts", lastname="Own", parentcustomerid_account__bind=parent, ownerid__bind=owner)
        self.other = api.make("contacts", lastname="Other", parentcustomerid_account__bind=parent)

    def send(self, method: str, target: str, body: object = None, **headers: str) -> Answer:
        """A request of the user; `{own}` and its kin stand for ids."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        address = target.format(account=self.account, own=self.own, other=self.other, who=self.who)
        return self.api.send(method, address, body, headers={"authorization": f"Bearer dev:{self.who}", **told})


@pytest.fixture
def world(stored_api: Api) -> Iterator[World]:
    """On each of the stores."""
    made = World(stored_api)
    yield made
    for address in (f"contacts({made.own})", f"contacts({made.other})", f"accounts({made.account})"):
        stored_api.delete(address)
    stored_api.delete(f"systemusers({made.who})/systemuserroles_association/$ref")


def fetch(text: str) -> str:
    """A FetchXML question as part of an address."""
    return quote(text).replace("%7B", "{").replace("%7D", "}")


REFUSED = [
    "accounts({account})",
    "accounts({account})?$select=name",
    "accounts({account})/name",
    "accounts({account})/name/$value",
    "accounts({account})/contact_customer_accounts",
    "accounts({account})/contact_customer_accounts/$count",
    "accounts({account})/contact_customer_accounts/$ref",
    "contacts({other})",
    "contacts({own})/parentcustomerid_account",
    "contacts({own})/parentcustomerid_account?$select=name",
    "contacts({other})/parentcustomerid_account/$ref",
    "IsValidStateTransition(Entity=@t,NewState='Active',NewStatus=1)?@t=%7B'@odata.id':'accounts({account})'%7D",
    "InitializeFrom(EntityMoniker=@t,TargetEntityName='contact',TargetFieldType=Microsoft.Dynamics.CRM."
    "TargetFieldType'All')?@t=%7B'@odata.id':'accounts({account})'%7D",
]


@pytest.mark.parametrize("address", REFUSED)
def test_a_row_that_may_not_be_read_is_refused(world: World, address: str) -> None:
    """By whatever way it is named. [SEC-42]"""
    answer = world.send("GET", address)
    assert (403, ROW_REFUSED) == (answer.status, answer.code), answer.body
    assert SECRET not in answer.body.decode()


NOTHING_SEEN = [
    "accounts?$filter=accountid eq {account}",
    f"accounts?$filter=name eq '{quote(SECRET)}'",
    "contacts?$filter=parentcustomerid_account/telephone1 eq '99'",
    "contacts?$filter=contactid eq {other}",
    "systemusers?$filter=systemuserid eq {who} and contact_owning_user/any(c:c/lastname eq 'Other')",
    "accounts?$filter=contact_customer_accounts/any(c:c/contactid eq {other})",
    "contacts?fetchXml="
    + fetch(
        "<fetch><entity name='contact'><filter><condition attribute='contactid' operator='eq' value='{own}'/></filter>"
        "<link-entity name='account' from='accountid' to='parentcustomerid'/></entity></fetch>"
    ),
    "contacts?fetchXml="
    + fetch(
        "<fetch><entity name='contact'><filter><condition attribute='contactid' operator='eq' value='{own}'/></filter>"
        "<link-entity name='account' from='accountid' to='parentcustomerid' link-type='exists'/></entity></fetch>"
    ),
    "contacts?sql=" + quote("SELECT c.lastname FROM contact c JOIN account a ON c.parentcustomerid = a.accountid"),
]


@pytest.mark.parametrize("address", NOTHING_SEEN)
def test_lists_leave_out_what_may_not_be_read(world: World, address: str) -> None:
    """Whether rows are listed, tested, joined or looked for. [SEC-44]"""
    answer = world.send("GET", address)
    assert (200, []) == (answer.status, answer.json.get("value")), answer.body


COUNTED = [
    ("accounts/$count", 0),
    ("contacts/$count", 1),
    ("contacts?$count=true&$top=1", 1),
    ("contacts?$apply=aggregate($count as n)", 1),
    (
        "contacts?fetchXml="
        + fetch(
            "<fetch aggregate='true'><entity name='contact'>"
            "<attribute name='contactid' aggregate='count' alias='n'/></entity></fetch>"
        ),
        1,
    ),
    ("contacts?sql=" + quote("SELECT COUNT(*) AS n FROM contact"), 1),
]


@pytest.mark.parametrize(("address", "number"), COUNTED)
def test_counts_are_of_the_rows_the_caller_may_read(world: World, address: str, number: int) -> None:
    """[SEC-44]"""
    answer = world.send("GET", address)
    assert 200 == answer.status, answer.body
    assert number == _counted(answer)


def _counted(answer: Answer) -> Any:
    if not answer.headers["content-type"].startswith("application/json"):
        return int(answer.body.decode("utf-8-sig"))
    found = answer.json
    return found["@odata.count"] if "@odata.count" in found else found["value"][0]["n"]


def test_an_unreadable_row_is_nothing_where_it_is_expanded(world: World) -> None:
    """Its id and its name stay on the row that points to it. [SEC-47]"""
    row = world.send("GET", "contacts({own})?$select=_parentcustomerid_value&$expand=parentcustomerid_account").json
    assert (world.account, None) == (row["_parentcustomerid_value"], row["parentcustomerid_account"])


@pytest.mark.parametrize(
    "address", ['RetrieveTotalRecordCount(EntityNames=@e)?@e=["account"]', "accounts?$select=name"]
)
def test_what_tells_of_all_rows_takes_the_privilege_for_all(world: World, address: str) -> None:
    """Totals and deleted rows say something of rows that the caller may not read. [SEC-44]"""
    tracks = {} if "Total" in address else {"prefer": "odata.track-changes"}
    answer = world.send("GET", quote(address, safe="?()@=$[]"), **tracks)
    assert (403, PRIVILEGE_MISSING) == (answer.status, answer.code), answer.body


WRITES: list[tuple[str, str, object]] = [
    ("PATCH", "accounts({account})", {"name": "taken"}),
    ("PUT", "accounts({account})/name", {"value": "taken"}),
    ("DELETE", "accounts({account})", None),
    ("DELETE", "accounts({account})/name", None),
    ("PATCH", "accounts({account})", {"ownerid@odata.bind": "/systemusers({who})"}),
    ("POST", "contacts", {"lastname": "New", "parentcustomerid_account@odata.bind": "/accounts({account})"}),
    ("PATCH", "contacts({own})", {"parentcustomerid_account@odata.bind": "/accounts({account})"}),
    ("POST", "accounts({account})/contact_customer_accounts/$ref", {"@odata.id": "contacts({own})"}),
    ("PUT", "contacts({own})/parentcustomerid_account/$ref", {"@odata.id": "accounts({account})"}),
    ("DELETE", "accounts({account})/contact_customer_accounts({other})/$ref", None),
    ("PATCH", "contacts({other})", {"lastname": "taken"}),
]


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
def test_a_row_out_of_reach_is_not_written(world: World, method: str, address: str, body: object) -> None:
    """Nor pointed to; and nothing is changed. [SEC-30], [SEC-42], [SEC-45]"""
    before = _snapshot(world)
    if isinstance(body, dict):
        body = {
            name: str(text).format(account=world.account, own=world.own, who=world.who) for name, text in body.items()
        }
    answer = world.send(method, address, body, if_match="*" if method == "PATCH" else "")
    assert (403, ROW_REFUSED) == (answer.status, answer.code), answer.body
    assert before == _snapshot(world)


@pytest.mark.parametrize(
    ("method", "right", "body"),
    [("GET", "ReadAccess", None), ("PATCH", "WriteAccess", {"lastname": "taken"}), ("DELETE", "DeleteAccess", None)],
)
def test_missing_access_names_who_lacks_which_right_on_which_row(
    world: World, method: str, right: str, body: object
) -> None:
    """Its fixed words, by which clients tell it from a missing privilege. [SEC-49]"""
    answer = world.send(method, "contacts({other})", body)
    expected = f"Principal with id {world.who} does not have {right} right(s) for record with id {world.other} "
    assert (403, ROW_REFUSED, expected) == (answer.status, answer.code, answer.message[: len(expected)])
    assert "of entity contact." in answer.message


@pytest.mark.parametrize("address", ["accounts", "EntityDefinitions?$select=LogicalName", "RetrieveVersion"])
def test_a_user_without_roles_is_told_nothing(stored_api: Api, address: str) -> None:
    """But who it is. [SEC-33], [SEC-129]"""
    headers = {"authorization": f"Bearer dev:{user(stored_api, f'empty-{address[:8]}')}"}
    answer = stored_api.send("GET", address, headers=headers)
    assert (403, True) == (answer.status, "not been assigned any roles" in answer.message), answer.body
    assert 200 == stored_api.send("GET", "WhoAmI", headers=headers).status


def _snapshot(world: World) -> list[bytes]:
    return [
        world.api.get(f"{name}?$select={shown},versionnumber&$orderby=createdon").body
        for name, shown in (("accounts", "name"), ("contacts", "lastname"))
    ]
