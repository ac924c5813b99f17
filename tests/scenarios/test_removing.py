"""DELETE on a row: what goes with it, what stays, what is in the way."""

from __future__ import annotations

from tests.scenarios.harness import NOBODY, Api


def test_a_row_goes_once(api: Api) -> None:
    """[D-1], [D-6]"""
    account = api.make("accounts", name="B")
    assert (204, 404) == (
        api.delete(f"accounts({account})").status,
        (again := api.delete(f"accounts({account})")).status,
    )
    assert "0x80040217" == again.code
    assert account in again.message


def test_a_row_goes_by_its_key(api: Api) -> None:
    """[D-2], [K-7]"""
    api.make("new_gizmos", new_code="A")
    assert 204 == api.delete("new_gizmos(new_code='A')").status
    assert (404, "0x80060891") == ((again := api.delete("new_gizmos(new_code='A')")).status, again.code)


def test_children_go_with_their_row(api: Api) -> None:
    """Session events with their session. [D-3]"""
    session = api.make("msdyn_ocsessions", subject="Chat")
    event = api.make(
        "msdyn_sessionevents", msdyn_name="E", msdyn_omnichannelsession__bind=f"/msdyn_ocsessions({session})"
    )
    assert 204 == api.delete(f"msdyn_ocsessions({session})").status
    assert 404 == api.get(f"msdyn_sessionevents({event})").status


def test_other_rows_lose_their_link(api: Api) -> None:
    """Remove link: the lookup is null, the row is newer. [D-3], [ET-7]"""
    contact = api.make("contacts", lastname="Ash")
    account = api.make("accounts", name="B", primarycontactid__bind=f"/contacts({contact})")
    before = api.read(f"accounts({account})")["versionnumber"]
    assert 204 == api.delete(f"contacts({contact})").status
    after = api.read(f"accounts({account})")
    assert None is after["_primarycontactid_value"]
    assert before < after["versionnumber"]


def test_a_row_that_is_needed_stays(api: Api) -> None:
    """Restrict: 405, and nothing else was undone either. [D-3], [E-16]"""
    gizmo = api.make("new_gizmos", new_name="G")
    contact = api.make("contacts", lastname="Ash")
    api.post(f"new_gizmos({gizmo})/new_gizmo_contact/$ref", {"@odata.id": f"contacts({contact})"})
    part = api.make("new_parts", new_name="P", new_GizmoId__bind=f"/new_gizmos({gizmo})")
    before = api.watched()
    answer = api.delete(f"new_gizmos({gizmo})")
    assert (405, "0x80040227", before) == (answer.status, answer.code, api.watched())
    assert 204 == api.delete(f"new_parts({part})").status
    assert 204 == api.delete(f"new_gizmos({gizmo})").status


def test_connections_go_with_either_side(api: Api) -> None:
    """[AS-5], [D-3]"""
    gizmo, contact = api.make("new_gizmos"), api.make("contacts", lastname="Ash")
    api.post(f"new_gizmos({gizmo})/new_gizmo_contact/$ref", {"@odata.id": f"contacts({contact})"})
    assert 204 == api.delete(f"contacts({contact})").status
    assert [] == api.values("new_gizmo_contactset", "contactid")


def test_a_row_that_points_to_itself_can_go(api: Api) -> None:
    """A circle has an end. [D-3]"""
    account = api.make("accounts", name="B")
    api.patch(f"accounts({account})", {"parentaccountid@odata.bind": f"/accounts({account})"})
    assert 204 == api.delete(f"accounts({account})").status


def test_a_missing_row_is_named(api: Api) -> None:
    """Clients look for the words. [E-3], [CC-33]"""
    answer = api.delete(f"accounts({NOBODY})")
    assert 404 == answer.status
    assert answer.message.endswith(f"'account' With Id = {NOBODY} Does Not Exist")
