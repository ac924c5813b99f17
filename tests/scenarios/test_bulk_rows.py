"""CreateMultiple: all rows or none."""

from __future__ import annotations

import pytest

from tests.scenarios.harness import API, NOBODY, Api

CREATE = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
TYPE = "Microsoft.Dynamics.CRM.account"


def test_ids_come_in_the_order_of_the_targets(api: Api) -> None:
    """Also when the rows have different columns. [BM-1], [BM-8]"""
    contact = api.make("contacts", lastname="Ash")
    bound = {"primarycontactid@odata.bind": f"/contacts({contact})"}
    targets: list[dict[str, object]] = [
        {"name": "a"},
        {"revenue": 5, "name": "b"},
        {"name": "c", **bound},
        {"accountid": NOBODY, "name": "d"},
    ]
    answer = api.post(CREATE, {"Targets": [{"@odata.type": f"#{TYPE}", **target} for target in targets]})
    assert 200 == answer.status
    assert f"{API}$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse" == answer.json["@odata.context"]
    ids = answer.json["Ids"]
    assert ["a", "b", "c", "d"] == [api.read(f"accounts({row_id})?$select=name")["name"] for row_id in ids]
    assert NOBODY == ids[3]
    versions = [api.read(f"accounts({row_id})?$select=versionnumber")["versionnumber"] for row_id in ids]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        ({"Targets": []}, 400, "0x80040203", "at least one"),
        ({}, 400, "0x80048d19", "'Targets'"),
        ({"Targets": [{"name": "a"}]}, 400, "0x80048d19", "'@odata.type'"),
        ({"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.contact"}]}, 400, "0x80048d19", "contact"),
        ({"Targets": ["a"]}, 400, "0x80048d19", "object"),
        ({"Targets": {"@odata.type": TYPE}}, 400, "0x80048d19", "list"),
        (
            {"Targets": [{"@odata.type": TYPE, "name": "a"}, {"@odata.type": TYPE, "nam": "b"}]},
            400,
            "0x80048d19",
            "'nam'",
        ),
        (
            {"Targets": [{"@odata.type": TYPE, "name": "a"}, {"@odata.type": TYPE, "name": "b" * 161}]},
            400,
            "0x80044331",
            "'name'",
        ),
        ({"Targets": [{"@odata.type": TYPE, "accountid": NOBODY}] * 2}, 412, "0x80040237", "duplicate"),
        ({"Targets": [{"@odata.type": TYPE, "Account_Tasks": [{}]}]}, 400, "0x80048d19", "navigation"),
    ],
)
def test_one_bad_target_stops_all(api: Api, body: object, status: int, code: str, says: str) -> None:
    """[BM-2], [BM-6], [BM-7], [BM-11]"""
    before = api.watched()
    answer = api.post(CREATE, body)
    assert (status, code) == (answer.status, answer.code)
    assert says in answer.message
    assert before == api.watched()


def test_a_missing_row_stops_an_update_of_many(api: Api) -> None:
    """[BM-3], [BM-6]"""
    account = api.make("accounts", name="a")
    targets = [{"@odata.type": TYPE, "accountid": row, "name": "z"} for row in (account, NOBODY)]
    answer = api.post("accounts/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": targets})
    assert (404, "0x80040217") == (answer.status, answer.code)
    assert "a" == api.read(f"accounts({account})")["name"]
    assert 204 == api.post("accounts/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": targets[:1]}).status
    assert "z" == api.read(f"accounts({account})")["name"]


def test_a_row_that_is_named_twice_takes_the_changes_in_order(api: Api) -> None:
    """[MSG-28]"""
    account = api.make("accounts", name="a")
    row = {"@odata.type": TYPE, "accountid": account}
    targets = [{**row, "name": "first", "telephone1": "1"}, {**row, "name": "second"}]

    assert 204 == api.post("accounts/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": targets}).status
    found = api.read(f"accounts({account})?$select=name,telephone1")
    assert ("second", "1") == (found["name"], found["telephone1"])


def test_an_upsert_of_many_changes_and_makes(api: Api) -> None:
    """[BM-4]"""
    account = api.make("accounts", name="a")
    targets = [{"@odata.type": TYPE, "accountid": row, "name": "z"} for row in (account, NOBODY)]
    assert 204 == api.post("accounts/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": targets}).status
    assert ["z", "z"] == api.values("accounts", "name")
