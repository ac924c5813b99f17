"""PATCH on a row: update, upsert, preconditions and entity tags."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.harness import API, NOBODY, NOW, Api

REPRESENTATION = "return=representation"


@pytest.fixture
def account(api: Api) -> str:
    """A row to change."""
    return api.make("accounts", name="Birch", description="old")


def test_an_update_changes_what_is_given(api: Api, account: str) -> None:
    """204 with the address; the rest stays. [UP-1]"""
    answer = api.patch(f"accounts({account})", {"name": "Cedar"})
    assert (204, f"{API}accounts({account})") == (answer.status, answer.headers["odata-entityid"])
    row = api.read(f"accounts({account})")
    assert ("Cedar", "old") == (row["name"], row["description"])


def test_every_update_counts(api: Api, account: str) -> None:
    """Time, user and version change even when no value does. [UP-7], [ET-1], [ET-7]"""
    before = api.read(f"accounts({account})?$select=modifiedon,createdon,versionnumber")
    clock = api.organization.clock
    clock.advance(timedelta(hours=1))
    api.patch(f"accounts({account})", {"name": "Birch"})
    clock.advance(-timedelta(hours=1))
    after = api.read(f"accounts({account})?$select=modifiedon,createdon,versionnumber")
    assert (NOW, "2026-03-04T06:06:07Z") == (before["modifiedon"], after["modifiedon"])
    assert before["createdon"] == after["createdon"]
    assert before["versionnumber"] < after["versionnumber"]
    assert f'W/"{after["versionnumber"]}"' == after["@odata.etag"]


def test_a_representation_ignores_expand_on_update(api: Api, account: str) -> None:
    """[UP-3], [X-11]"""
    address = f"accounts({account})?$select=name&$expand=Account_Tasks"
    answer = api.patch(address, {"name": "Cedar"}, prefer=REPRESENTATION)
    assert (200, "Cedar", False) == (answer.status, answer.json["name"], "Account_Tasks" in answer.json)


@pytest.mark.parametrize("body", [{"primarycontactid@odata.bind": None}, {"primarycontactid": None}])
def test_a_lookup_is_cleared(api: Api, account: str, body: dict[str, None]) -> None:
    """[UP-4]"""
    contact = api.make("contacts", lastname="Ash")
    api.patch(f"accounts({account})", {"primarycontactid@odata.bind": f"/contacts({contact})"})
    assert 204 == api.patch(f"accounts({account})", body).status
    assert None is api.read(f"accounts({account})")["_primarycontactid_value"]


def test_an_update_does_not_rename_a_row(api: Api, account: str) -> None:
    """[UP-8]"""
    assert 204 == api.patch(f"accounts({account})", {"accountid": NOBODY, "name": "Cedar"}).status
    assert "Cedar" == api.read(f"accounts({account})")["name"]


@pytest.mark.parametrize(
    ("body", "pair"),
    [
        ({"statecode": 1}, (1, 2)),
        ({"statecode": 1, "statuscode": 2}, (1, 2)),
        ({"statecode": 1, "statuscode": None}, (1, 2)),
        ({"statuscode": 1}, (0, 1)),
        ({"statuscode": None}, (0, 1)),
    ],
)
def test_state_and_status_go_together(api: Api, account: str, body: object, pair: tuple[int, int]) -> None:
    """A state brings its status; null leaves both. [UP-6]"""
    assert 204 == api.patch(f"accounts({account})", body).status
    row = api.read(f"accounts({account})?$select=statecode,statuscode")
    assert pair == (row["statecode"], row["statuscode"])


def test_computed_columns_follow(api: Api) -> None:
    """A full name from its parts. [T-24]"""
    contact = api.make("contacts", firstname="Ada", lastname="Ash")
    api.patch(f"contacts({contact})", {"lastname": "Elm"})
    assert "Ada Elm" == api.read(f"contacts({contact})")["fullname"]


def test_a_new_owner_brings_its_unit(api: Api, account: str) -> None:
    """[UP-13]"""
    unit = api.make(
        "businessunits",
        name="North",
        parentbusinessunitid__bind=f"/businessunits({api.organization.administrator.business_unit_id})",
    )
    user = api.make("systemusers", lastname="North", businessunitid__bind=f"/businessunits({unit})")
    api.entitle("systemusers", user, unit)
    assert 204 == api.patch(f"accounts({account})", {"ownerid@odata.bind": f"/systemusers({user})"}).status
    row = api.read(f"accounts({account})")
    assert (user, unit) == (row["_ownerid_value"], row["_owningbusinessunit_value"])


# --- preconditions, as the table of worked forms has them ------------------------------------------------------------

CURRENT, STALE = "current", 'W/"1"'

WORKED_FORMS = [
    ("WF-1", {}, True, 204, ""),
    ("WF-1", {}, False, 204, ""),
    ("WF-1", {"if-none-match": "null"}, True, 204, ""),
    ("WF-1", {"if-none-match": "null"}, False, 204, ""),
    ("WF-2", {"if-match": "*"}, True, 204, ""),
    ("WF-2", {"if-match": "*"}, False, 404, "0x80040217"),
    ("WF-3", {"if-match": CURRENT}, True, 204, ""),
    ("WF-3", {"if-match": CURRENT}, False, 404, "0x80040217"),
    ("WF-4", {"if-match": STALE}, True, 412, "0x80060882"),
    ("WF-4", {"if-match": STALE}, False, 404, "0x80040217"),
    ("WF-5", {"if-none-match": "*"}, True, 412, "0x80040237"),
    ("WF-5", {"if-none-match": "*"}, False, 204, ""),
    ("WF-6", {"if-match": "*", "if-none-match": "null"}, True, 204, ""),
    ("WF-6", {"if-match": "*", "if-none-match": "null"}, False, 404, "0x80040217"),
]


@pytest.mark.parametrize("prefer", ["", REPRESENTATION])
@pytest.mark.parametrize("form", WORKED_FORMS)
def test_preconditions_decide(
    api: Api, account: str, form: tuple[str, dict[str, str], bool, int, str], prefer: str
) -> None:
    """[WF-1] to [WF-6]"""
    rule, headers, exists, status, code = form
    tag = api.read(f"accounts({account})?$select=name")["@odata.etag"]
    given = {name: tag if text == CURRENT else text for name, text in headers.items()} | {"prefer": prefer}
    before = api.watched()
    answer = api.send("PATCH", f"accounts({account if exists else NOBODY})", {"name": "Cedar"}, headers=given)
    if prefer and status == 204:
        status = 200 if exists else 201
    assert status == answer.status, rule
    if code:
        assert (code, before) == (answer.code, api.watched())
    else:
        assert "Cedar" == api.read(f"accounts({account if exists else NOBODY})")["name"]


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_a_stale_tag_stops_other_methods_too(api: Api, account: str, method: str) -> None:
    """[D-4], [SP-5], [ET-3]"""
    address = f"accounts({account})" + ("/name" if method == "PUT" else "")
    before = api.watched()
    answer = api.send(method, address, {"value": "x"}, headers={"if-match": STALE})
    assert (412, "0x80060882", before) == (answer.status, answer.code, api.watched())


def test_a_tag_that_is_current_lets_a_row_go(api: Api, account: str) -> None:
    """[ET-3]"""
    tag = api.get(f"accounts({account})").headers["etag"]
    assert 204 == api.delete(f"accounts({account})", if_match=tag).status


def test_a_read_of_an_unchanged_row_is_short(api: Api, account: str) -> None:
    """304 without a body, with the tag; a changed row comes in full. [R-10], [ET-2]"""
    tag = api.get(f"accounts({account})").headers["etag"]
    answer = api.get(f"accounts({account})?$select=name", if_none_match=tag)
    assert (304, b"", tag) == (answer.status, answer.body, answer.headers["etag"])
    assert 200 == api.get(f"accounts({account})", if_none_match=STALE).status
    assert 200 == api.get(f"accounts({account})?$expand=Account_Tasks", if_none_match=tag).status
    assert 200 == api.get(f"accounts({account})", if_none_match=tag, prefer='odata.include-annotations="*"').status


def test_rows_without_versions_ignore_versions(api: Api) -> None:
    """No tag of theirs is stale, and none says that nothing changed. [ET-6]"""
    part = api.make("new_parts", new_name="P")
    tag = api.get(f"new_parts({part})").headers["etag"]
    assert 'W/"0"' == tag
    assert 200 == api.get(f"new_parts({part})", if_none_match=tag).status
    assert 204 == api.patch(f"new_parts({part})", {"new_name": "Q"}, if_match='W/"7"').status
    assert 404 == api.patch(f"new_parts({NOBODY})", {"new_name": "Q"}, if_match='W/"7"').status
    assert 204 == api.delete(f"new_parts({part})", if_match='W/"7"').status


def test_rows_of_intersect_tables_have_tags(api: Api) -> None:
    """A connection is a row of its own. [J-4], [MD-12]"""
    gizmo, contact = api.make("new_gizmos"), api.make("contacts", lastname="Ash")
    api.post(f"new_gizmos({gizmo})/new_gizmo_contact/$ref", {"@odata.id": f"contacts({contact})"})
    (row,) = api.get("new_gizmo_contactset").json["value"]
    assert (gizmo, contact) == (row["new_gizmoid"], row["contactid"])
    assert f'W/"{row["versionnumber"]}"' == row["@odata.etag"]


# --- upsert ----------------------------------------------------------------------------------------------------------


def test_an_upsert_makes_the_row_it_names(api: Api) -> None:
    """With that id and the defaults of a new row. [US-1], [US-2], [US-8]"""
    answer = api.patch(f"accounts({NOBODY.upper()})", {"name": "New"}, prefer=REPRESENTATION)
    assert (201, NOBODY, "New", 0) == (
        answer.status,
        answer.json["accountid"],
        answer.json["name"],
        answer.json["statecode"],
    )


def test_an_upsert_makes_rows_with_rows(api: Api) -> None:
    """A new row takes nested rows, a row that is there does not. [US-8], [UP-9]"""
    body = {"name": "New", "Account_Tasks": [{"subject": "call"}], "primarycontactid": {"lastname": "Ash"}}
    assert 204 == api.patch(f"accounts({NOBODY})", body).status
    assert ["call"] == api.values(f"accounts({NOBODY})/Account_Tasks", "subject")
    before = api.watched()
    again = api.patch(f"accounts({NOBODY})", body)
    assert (400, "0x80048d19", before) == (again.status, again.code, api.watched())
    assert "Deep update of navigation properties is not allowed." in again.message


def test_an_upsert_by_key_copies_the_key(api: Api) -> None:
    """Into the new row; on update the address decides. [US-3]"""
    assert 204 == api.patch("new_gizmos(new_code='C-1')", {"new_name": "first"}).status
    assert 204 == api.patch("new_gizmos(new_code='c-1')", {"new_name": "second", "new_code": "other"}).status
    row = api.read("new_gizmos(new_code='C-1')")
    assert ("C-1", "second", 1) == (row["new_code"], row["new_name"], len(api.values("new_gizmos", "new_name")))


def test_an_upsert_by_key_prefers_the_body_when_it_creates(api: Api) -> None:
    """[US-3]"""
    assert 204 == api.patch("new_gizmos(new_code='C-1')", {"new_code": "C-2"}).status
    assert ["C-2"] == api.values("new_gizmos", "new_code")


@pytest.mark.parametrize(
    ("key", "echoed"),
    [
        ("new_code='A%201'", "new_code='A%201'"),
        ("new_code='%C3%84'", "new_code='%C3%84'"),
        ("new_code='x%0d%0aset-cookie:%20y'", "new_code='x%0D%0Aset-cookie:%20y'"),
    ],
)
def test_an_address_by_key_is_echoed_encoded(api: Api, key: str, echoed: str) -> None:
    """No value of a key can begin a header of its own. [US-4], [US-7]"""
    answer = api.patch(f"new_gizmos({key})", {"new_name": "x"})
    assert (204, f"{API}new_gizmos({echoed})") == (answer.status, answer.headers["odata-entityid"])


def test_a_key_of_several_columns_names_a_row(api: Api) -> None:
    """In any order; the lookup by its property. [K-1], [K-2]"""
    account = api.make("accounts", name="B")
    gizmo = api.make("new_gizmos", new_ticks=7, new_AccountId__bind=f"/accounts({account})")
    for key in (f"_new_accountid_value={account},new_ticks=7", f"new_ticks=7,_new_accountid_value={account}"):
        assert gizmo == api.read(f"new_gizmos({key})")["new_gizmoid"]


def test_key_values_are_unique_unless_null(api: Api) -> None:
    """[K-5], [K-9]"""
    api.make("new_gizmos", new_code="A")
    api.make("new_gizmos")
    api.make("new_gizmos")
    answer = api.post("new_gizmos", {"new_code": "a"})
    assert (412, "0x80060892") == (answer.status, answer.code)
    other = api.make("new_gizmos", new_code="B")
    assert (412, "0x80060892") == ((again := api.patch(f"new_gizmos({other})", {"new_code": "A"})).status, again.code)
    assert "new_code" in again.message
