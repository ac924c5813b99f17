"""`$ref`: rows connected and disconnected."""

from __future__ import annotations

import pytest

from tests.scenarios.harness import API, NOBODY, Api


@pytest.fixture
def pair(api: Api) -> tuple[str, str]:
    """An account and a contact."""
    return api.make("accounts", name="Birch"), api.make("contacts", lastname="Ash")


@pytest.mark.parametrize("spelling", [API + "contacts({})", "contacts({})", "/contacts({})"])
def test_a_child_joins_a_collection(api: Api, pair: tuple[str, str], spelling: str) -> None:
    """From the parent's side. [AS-1], [AS-5], [CC-17]"""
    account, contact = pair
    address = f"accounts({account})/contact_customer_accounts"
    assert 204 == api.post(f"{address}/$ref", {"@odata.id": spelling.format(contact)}).status
    assert account == api.read(f"contacts({contact})")["_parentcustomerid_value"]
    references = api.read(f"{address}/$ref")
    assert f"{API}$metadata#Collection($ref)" == references["@odata.context"]
    assert [{"@odata.id": f"{API}contacts({contact})"}] == references["value"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_lookup_is_set_and_cleared(api: Api, pair: tuple[str, str], method: str) -> None:
    """Clearing an empty one is no fault. [AS-2], [AS-3], [R-9], [CC-17]"""
    account, contact = pair
    address = f"accounts({account})/primarycontactid/$ref"
    assert 204 == api.send(method, address, {"@odata.id": f"contacts({contact})"}).status
    assert f"{API}contacts({contact})" == api.read(address)["@odata.id"]
    assert (204, 204) == (api.delete(address).status, api.delete(address).status)
    assert None is api.read(f"accounts({account})")["_primarycontactid_value"]


@pytest.mark.parametrize(
    "form", ["({})/$ref", "/$ref?$id={}contacts({})", "/$ref?$id=contacts({})", "/$ref?$id=/contacts({})"]
)
def test_a_child_leaves_a_collection(api: Api, pair: tuple[str, str], form: str) -> None:
    """[AS-4], [CC-17]"""
    account, contact = pair
    address = f"accounts({account})/contact_customer_accounts"
    api.post(f"{address}/$ref", {"@odata.id": f"contacts({contact})"})
    names = (API, contact) if form.count("{}") == 2 else (contact,)
    assert 204 == api.delete(address + form.format(*names)).status
    assert None is api.read(f"contacts({contact})")["_parentcustomerid_value"]


def test_a_child_of_another_parent_is_left_alone(api: Api, pair: tuple[str, str]) -> None:
    """Disconnecting what is not connected changes nothing. [AS-4], [AS-5]"""
    account, contact = pair
    other = api.make("accounts", name="Other")
    api.post(f"accounts({other})/contact_customer_accounts/$ref", {"@odata.id": f"contacts({contact})"})
    assert 204 == api.delete(f"accounts({account})/contact_customer_accounts({contact})/$ref").status
    assert other == api.read(f"contacts({contact})")["_parentcustomerid_value"]


def test_many_to_many_rows_meet_once(api: Api, pair: tuple[str, str]) -> None:
    """From both sides; a second time is refused. [AS-5], [AS-6], [AS-11]"""
    _, contact = pair
    gizmo = api.make("new_gizmos", new_name="G")
    there, back = f"new_gizmos({gizmo})/new_gizmo_contact", f"contacts({contact})/new_gizmo_contact"
    assert 204 == api.post(f"{there}/$ref", {"@odata.id": f"contacts({contact})"}).status
    again = api.post(f"{back}/$ref", {"@odata.id": f"new_gizmos({gizmo})"})
    assert (412, "0x80040237") == (again.status, again.code)
    assert (["Ash"], ["G"]) == (api.values(there, "lastname"), api.values(back, "new_name"))
    assert 204 == api.delete(f"{back}({gizmo})/$ref").status
    assert [] == api.values(there, "lastname")
    assert 204 == api.delete(f"{back}({gizmo})/$ref").status


def test_both_sides_may_call_the_navigation_the_same(api: Api) -> None:
    """Users and roles. [AS-5]"""
    me = api.organization.administrator.user_id
    role = api.make("roles", name="R", businessunitid__bind=_unit(api))
    assert (
        204 == api.post(f"systemusers({me})/systemuserroles_association/$ref", {"@odata.id": f"roles({role})"}).status
    )
    assert [me] == api.values(f"roles({role})/systemuserroles_association?$select=systemuserid", "systemuserid")
    wrong = api.post(f"roles({role})/systemuserroles_association/$ref", {"@odata.id": f"roles({role})"})
    assert 400 == wrong.status


@pytest.mark.parametrize(
    ("address", "named", "status", "code"),
    [
        ("accounts({account})/primarycontactid/$ref", f"contacts({NOBODY})", 404, "0x80040217"),
        (f"accounts({NOBODY})/primarycontactid/$ref", "contacts({contact})", 404, "0x80040217"),
        ("accounts({account})/primarycontactid/$ref", "accounts({account})", 400, "0x80040203"),
        ("accounts({account})/primarycontactid/$ref", "nothings({account})", 400, "0x80048d19"),
        ("accounts({account})/primarycontactid/$ref", "rubbish", 400, "0x80060888"),
        ("accounts({account})/createdby/$ref", "systemusers({me})", 400, "0x80040203"),
        ("accounts({account})/nonsense/$ref", "contacts({contact})", 404, "0x80060888"),
    ],
)
def test_references_that_cannot_be(
    api: Api, pair: tuple[str, str], address: str, named: str, status: int, code: str
) -> None:
    """Missing rows, wrong tables, lookups of the system. [AS-7], [AS-8], [T-21]"""
    words = {"account": pair[0], "contact": pair[1], "me": api.organization.administrator.user_id}
    before = api.watched()
    answer = api.put(address.format(**words), {"@odata.id": named.format(**words)})
    assert (status, code) == (answer.status, answer.code)
    assert before == api.watched()


def _unit(api: Api) -> str:
    return f"/businessunits({api.organization.administrator.business_unit_id})"
