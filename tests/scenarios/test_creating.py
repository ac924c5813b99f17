"""POST on a set: what the server fills in, what comes back, and rows that come with rows."""

from __future__ import annotations

import pytest

from tests.scenarios.harness import API, NOBODY, NOW, Api


def test_a_new_row_is_named_in_two_headers(api: Api) -> None:
    """204 without a body; OData-EntityId and Location end in the lower-case id. [C-1], [CC-10]"""
    answer = api.post("accounts", {"name": "Birch"})
    assert (204, b"") == (answer.status, answer.body)
    assert f"{API}accounts({answer.id})" == answer.headers["odata-entityid"] == answer.headers["location"]
    assert answer.id == answer.id.lower()


def test_the_server_fills_in_who_when_and_what_state(api: Api) -> None:
    """Times, users, owner, unit, state, defaults. [C-4]"""
    row = api.read(f"accounts({api.make('accounts', name='Birch')})")
    me, unit = api.organization.administrator.user_id, api.organization.administrator.business_unit_id
    assert (NOW, NOW) == (row["createdon"], row["modifiedon"])
    users = ("_createdby_value", "_modifiedby_value", "_ownerid_value", "_owninguser_value")
    assert [me] * 4 == [row[name] for name in users]
    assert (unit, None) == (row["_owningbusinessunit_value"], row["_owningteam_value"])
    assert (0, 1, False) == (row["statecode"], row["statuscode"], row["creditonhold"])


def test_an_empty_object_makes_a_row(api: Api) -> None:
    """Every column is optional. [C-14]"""
    assert 204 == api.post("accounts", {}).status


def test_a_representation_shows_what_was_asked(api: Api) -> None:
    """201 with the row, its tag, and no OData-EntityId. [C-2], [H-17], [H-18], [H-19]"""
    answer = api.post("accounts?$select=name", {"name": "Birch", "revenue": 5}, prefer="return=representation")
    assert (201, "return=representation") == (answer.status, answer.headers["preference-applied"])
    assert f"{API}$metadata#accounts(name)/$entity" == answer.json["@odata.context"]
    assert answer.headers["etag"] == answer.json["@odata.etag"]
    assert {"@odata.context", "@odata.etag", "name", "accountid"} == set(answer.json)
    assert "odata-entityid" not in answer.headers


def test_an_id_may_be_given_once(api: Api) -> None:
    """A second row with the id is refused. [C-3], [E-14]"""
    assert NOBODY == api.post("accounts", {"accountid": NOBODY.upper(), "name": "Birch"}).id
    again = api.post("accounts", {"accountid": NOBODY, "name": "Cedar"})
    assert (412, "0x80040237", "Cannot insert duplicate key.") == (again.status, again.code, again.message)
    assert "Birch" == api.read(f"accounts({NOBODY})")["name"]


def test_columns_that_are_only_read_are_left_out_in_silence(api: Api) -> None:
    """[T-21]"""
    made = api.make("accounts", name="Birch", createdon="2001-01-01T00:00:00Z", versionnumber=1, createdby=None)
    row = api.read(f"accounts({made})?$select=createdon,_createdby_value")
    assert (NOW, api.organization.administrator.user_id) == (row["createdon"], row["_createdby_value"])


def test_a_nested_row_for_a_system_lookup_is_not_made(api: Api) -> None:
    """What a lookup of the system points to is not the caller's to make. [T-21]"""
    before = api.get("systemusers/$count").body
    assert 204 == api.post("accounts", {"name": "Birch", "createdby": {"lastname": "Nobody"}}).status
    assert before == api.get("systemusers/$count").body


def test_overridden_creation_time_is_kept(api: Api) -> None:
    """Rows that come from elsewhere keep their age; when they came stands beside it and stays. [T-21], [JOB-70]"""
    made = api.make("accounts", name="Old", overriddencreatedon="2001-02-03T04:05:06Z")
    assert 204 == api.patch(f"accounts({made})", {"overriddencreatedon": "2002-02-03T04:05:06Z"}).status
    row = api.read(f"accounts({made})?$select=createdon,overriddencreatedon")

    assert ("2001-02-03T04:05:06Z", NOW) == (row["createdon"], row["overriddencreatedon"])


def test_a_creation_time_is_overridden_by_those_who_may(api: Api) -> None:
    """It takes a privilege of its own, which the refusal names; null asks for nothing. [JOB-70]"""
    made = api.make(
        "systemusers",
        lastname="Clerk",
        nickname="clerk",
        domainname="clerk@contour.example",
        internalemailaddress="clerk@contour.example",
        businessunitid__bind=f"/businessunits({api.organization.administrator.business_unit_id})",
    )
    api.entitle("systemusers", made)
    clerk = {"authorization": "Bearer dev:clerk"}
    refused = api.post("accounts", {"name": "Old", "overriddencreatedon": "2001-02-03T04:05:06Z"}, **clerk)

    assert (403, "0x80040220") == (refused.status, refused.code)
    assert "prvOverrideCreatedOnCreatedBy" in refused.message
    assert 204 == api.post("accounts", {"name": "New", "overriddencreatedon": None}, **clerk).status


@pytest.mark.parametrize(
    "spelling",
    ["/contacts({})", "contacts({})", API + "contacts({})", "/api/data/v9.0/contacts({})", "/contacts(contactid={})"],
)
def test_a_lookup_is_bound_in_every_spelling(api: Api, spelling: str) -> None:
    """[C-5], [CC-18], [K-8]"""
    contact = api.make("contacts", lastname="Ash")
    made = api.make("accounts", name="Birch", primarycontactid__bind=spelling.format(contact.upper()))
    assert contact == api.read(f"accounts({made})")["_primarycontactid_value"]


def test_a_lookup_is_bound_by_an_alternate_key(api: Api) -> None:
    """[C-5], [K-7]"""
    gizmo = api.make("new_gizmos", new_name="G", new_code="O'Hara/7")
    part = api.make("new_parts", new_GizmoId__bind="/new_gizmos(new_code='O''Hara/7')")
    assert gizmo == api.read(f"new_parts({part})")["_new_gizmoid_value"]


def test_an_empty_bind_sets_nothing(api: Api) -> None:
    """[C-8]"""
    body = {"name": "Birch", "primarycontactid@odata.bind": None, "parentaccountid": None}
    made = api.post("accounts", body).id
    row = api.read(f"accounts({made})?$select=_primarycontactid_value,_parentaccountid_value")
    assert (None, None) == (row["_primarycontactid_value"], row["_parentaccountid_value"])


def test_rows_in_rows_are_made_together(api: Api) -> None:
    """A parent, children, and their children, all linked by the server. [C-9], [C-10]"""
    answer = api.post(
        "accounts?$select=name&$expand=primarycontactid($select=lastname),Account_Tasks($select=subject)",
        {
            "name": "Birch",
            "primarycontactid": {"lastname": "Ash", "Contact_Tasks": [{"subject": "call"}]},
            "Account_Tasks": [{"subject": "first"}, {"subject": "second"}],
        },
        prefer="return=representation",
    )
    assert 201 == answer.status
    assert "Ash" == answer.json["primarycontactid"]["lastname"]
    assert {"first", "second"} == {task["subject"] for task in answer.json["Account_Tasks"]}
    contact = answer.json["primarycontactid"]["contactid"]
    assert ["call"] == api.values(f"contacts({contact})/Contact_Tasks?$select=subject", "subject")


def test_a_row_that_fails_deep_inside_leaves_nothing(api: Api) -> None:
    """One request, one transaction. [E-21]"""
    before = api.watched()
    answer = api.post("accounts", {"name": "B", "Account_Tasks": [{"subject": "a"}, {"subject": "x" * 201}]})
    assert (400, "0x80044331") == (answer.status, answer.code)
    assert before == api.watched()


def test_rows_that_are_there_are_connected_by_a_list_of_binds(api: Api) -> None:
    """[C-9], [AS-10]"""
    contact = api.make("contacts", lastname="Ash")
    made = api.make("accounts", name="B", contact_customer_accounts__bind=[f"/contacts({contact})"])
    assert made == api.read(f"contacts({contact})")["_parentcustomerid_value"]


def test_a_row_made_in_a_collection_is_linked(api: Api) -> None:
    """POST to a navigation collection. [C-17]"""
    account = api.make("accounts", name="B")
    answer = api.post(f"accounts({account})/Account_Tasks", {"subject": "call"})
    assert 204 == answer.status
    assert account == api.read(f"tasks({answer.id})")["_regardingobjectid_value"]


def test_a_lookup_with_several_targets_knows_which(api: Api) -> None:
    """Each navigation binds its own table; the other expands to null. [C-11], [MT-1] to [MT-4]"""
    account, contact = api.make("accounts", name="B"), api.make("contacts", lastname="Ash")
    made = api.make("contacts", lastname="X", parentcustomerid_account__bind=f"/accounts({account})")
    address = f"contacts({made})?$select=lastname&$expand=parentcustomerid_account($select=name),"
    address += "parentcustomerid_contact($select=lastname)"
    first = api.read(address)
    assert ("B", None) == (first["parentcustomerid_account"]["name"], first["parentcustomerid_contact"])
    api.patch(f"contacts({made})", {"parentcustomerid_contact@odata.bind": f"/contacts({contact})"})
    second = api.read(address)
    assert (None, "Ash") == (second["parentcustomerid_account"], second["parentcustomerid_contact"]["lastname"])


def test_a_team_can_own_a_row(api: Api) -> None:
    """The three columns follow from the owner. [MT-5]"""
    team = api.values("teams?$select=teamid&$top=1", "teamid")[0]
    made = api.make("accounts", name="B", ownerid__bind=f"/teams({team})")
    row = api.read(f"accounts({made})?$select=_ownerid_value,_owningteam_value,_owninguser_value")
    assert (team, team, None) == (row["_ownerid_value"], row["_owningteam_value"], row["_owninguser_value"])


def test_money_is_converted_and_brings_its_currency(api: Api) -> None:
    """[T-8], [T-25]"""
    made = api.make("accounts", name="B", revenue=20000.005)
    row = api.read(f"accounts({made})?$select=revenue,revenue_base,exchangerate")
    assert (20000.01, 20000.01, 1.0) == (row["revenue"], row["revenue_base"], row["exchangerate"])
    assert row["_transactioncurrencyid_value"] is not None


def test_an_activity_is_also_among_the_activities(api: Api) -> None:
    """[C-18]"""
    task = api.make("tasks", subject="call")
    row = api.read(f"activitypointers({task})?$select=subject,activitytypecode")
    assert ("call", "task") == (row["subject"], row["activitytypecode"])


def test_an_empty_text_is_no_text(api: Api) -> None:
    """[T-2]"""
    made = api.make("accounts", name="", description="")
    row = api.read(f"accounts({made})?$select=name,description")
    assert (None, None) == (row["name"], row["description"])


@pytest.mark.parametrize(
    "text",
    [
        "O'Hara",
        '"quoted"',
        "100% _ [a-d]",
        "back\\slash",
        "%27 &amp; <b>",
        "line\r\nline\ttab",
        "\x01\x1f\x7f",
        "é😀￿",
        "--;",
    ],
)
def test_a_text_comes_back_as_it_went_in(api: Api, text: str) -> None:
    """Values are parameters, never part of the SQL. [T-2]"""
    made = api.make("accounts", name=text)
    assert text == api.read(f"accounts({made})?$select=name")["name"]
    assert text.encode() == api.get(f"accounts({made})/name/$value").body


def test_a_body_that_was_encoded_twice_is_read(api: Api) -> None:
    """[CC-20]"""
    assert 204 == api.send("POST", "accounts", b'"{\\"name\\":\\"Birch\\"}"').status


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON;type=entry", ""])
def test_json_has_several_names(api: Api, content_type: str) -> None:
    """[H-2]"""
    assert 204 == api.send("POST", "accounts", {"name": "B"}, headers={"content-type": content_type}).status


def test_annotations_in_a_body_are_ignored(api: Api) -> None:
    """A row that was read can be sent back. [C-13]"""
    read = api.get(
        f"accounts({api.make('accounts', name='B')})?$select=name,revenue", prefer='odata.include-annotations="*"'
    )
    body = {
        name: value for name, value in read.json.items() if name not in {"accountid", "_transactioncurrencyid_value"}
    }
    assert 204 == api.post("accounts", body).status
