"""Single rows, bulk writes, and refusals, through the SDK's synchronous client."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pandas  # type: ignore[import-untyped]  # its stubs are another package
import pytest
import requests
from PowerPlatform.Dataverse.core.errors import HttpError

from tests.clients.python_sdk.connection import FORMATTED, TOKEN, Sdk


def test_a_contact_is_created_read_updated_and_deleted(sdk: Sdk) -> None:
    """The name is composed, the etag changes with the row, null clears, and a deleted row is None. [PS-3], [PS-5]"""
    records = sdk.client.records
    contact = records.create("contact", {"firstname": "Session", "LastName": f"Registrant {sdk.mark}"})

    first = records.retrieve("contact", contact, select=["firstname", "lastname", "fullname", "jobtitle"])
    records.update("contact", contact, {"firstname": "Grace", "jobtitle": "Engineer"})
    second = records.retrieve("contact", contact, select=["fullname", "jobtitle"])
    records.update("contact", contact, {"jobtitle": None})
    third = records.retrieve("contact", contact, select=["jobtitle"])
    records.delete("contact", contact)

    assert first is not None
    assert second is not None
    assert third is not None
    assert (contact, f"Session Registrant {sdk.mark}") == (first["contactid"], first["fullname"])
    assert (f"Grace Registrant {sdk.mark}", "Engineer") == (second["fullname"], second["jobtitle"])
    assert 'W/"' == str(first.etag)[:3]
    assert first.etag != second.etag
    assert third["jobtitle"] is None
    assert records.retrieve("contact", contact) is None


def test_a_row_takes_the_id_it_is_given_and_keeps_its_text(sdk: Sdk) -> None:
    """Letters of any script, quotes and ampersands arrive as sent, and a filter finds them. [PS-3], [CC-27]"""
    wanted = str(uuid.uuid4())
    name = f"Ünïcødé – 会社 \"quoted\" & 'single' {sdk.mark}"

    made = sdk.client.records.create("account", {"accountid": wanted, "name": name})
    literal = name.replace("'", "''")
    found = sdk.client.records.list("account", filter=f"name eq '{literal}'", select=["name"])

    assert wanted == made
    assert [name] == [row["name"] for row in found]


def test_a_label_becomes_its_number_and_comes_back_formatted(sdk: Sdk) -> None:
    """The client looks the label up; annotations come only when asked for. [PS-2], [CC-14]"""
    records = sdk.client.records
    event = records.create("msdyn_sessionevent", {"msdyn_name": sdk.mark, "msdyn_eventtype": "SessionCreated"})

    chosen = ["msdyn_eventtype", "statecode"]
    told = records.retrieve("msdyn_sessionevent", event, select=chosen, include_annotations=FORMATTED)
    plain = records.retrieve("msdyn_sessionevent", event, select=chosen)

    assert told is not None
    assert plain is not None
    assert (192350006, "SessionCreated") == (told["msdyn_eventtype"], told[f"msdyn_eventtype@{FORMATTED}"])
    assert "Active" == told[f"statecode@{FORMATTED}"]
    assert [] == [name for name in plain.keys() if "@" in name]  # noqa: SIM118  a record of the client, no dict


def test_a_lookup_is_bound_expanded_annotated_and_cleared(sdk: Sdk) -> None:
    """Binding, the three annotations of a lookup, a filter by it, and binding null. [CC-18], [CC-50]"""
    records = sdk.client.records
    navigation = sdk.navigation("msdyn_sessionevent", "msdyn_ocsession", "msdyn_omnichannelsession")
    session = records.create("msdyn_ocsession", {"subject": f"Session {sdk.mark}"})
    bind = f"{navigation}@odata.bind"
    event = records.create("msdyn_sessionevent", {"msdyn_name": sdk.mark, bind: f"/msdyn_ocsessions({session})"})
    column = "_msdyn_omnichannelsession_value"

    told = records.retrieve(
        "msdyn_sessionevent", event, select=[column], expand=[f"{navigation}($select=subject)"], include_annotations="*"
    )
    found = records.list("msdyn_sessionevent", filter=f"{column} eq {session}", select=["msdyn_name"])
    records.update("msdyn_sessionevent", event, {bind: None})
    cleared = records.retrieve("msdyn_sessionevent", event, select=[column])

    assert told is not None
    assert cleared is not None
    assert (session, f"Session {sdk.mark}") == (told[column], told[navigation]["subject"])
    assert "msdyn_ocsession" == told[f"{column}@Microsoft.Dynamics.CRM.lookuplogicalname"]
    assert navigation == told[f"{column}@Microsoft.Dynamics.CRM.associatednavigationproperty"]
    assert f"Session {sdk.mark}" == told[f"{column}@{FORMATTED}"]
    assert [sdk.mark] == [row["msdyn_name"] for row in found]
    assert cleared[column] is None


def test_many_rows_are_created_at_once_and_their_ids_keep_the_order(sdk: Sdk) -> None:
    """One message for twenty-five rows; labels become numbers in each. [PS-4]"""
    made = sdk.make_sessions(25)

    eighth = sdk.client.records.retrieve(
        "msevtmgt_session", made[7], select=["msevtmgt_name", "msevtmgt_sessiontype", "msevtmgt_qna"]
    )

    assert 25 == len(set(made))
    assert eighth is not None
    assert (f"{sdk.mark}-07", 100000004, False) == (
        eighth["msevtmgt_name"],
        eighth["msevtmgt_sessiontype"],
        eighth["msevtmgt_qna"],
    )


def test_a_duration_stands_until_both_times_are_known(sdk: Sdk) -> None:
    """Clients that plan a session know how long it lasts before they know when it ends. [PS-4], [T-24]"""
    records = sdk.client.records
    start = {"msevtmgt_name": sdk.mark, "msevtmgt_starttime": "2030-01-01T09:00:00Z"}

    (made,) = records.create("msevtmgt_session", [{**start, "msevtmgt_durationmins": 45}])
    given = records.retrieve("msevtmgt_session", made, select=["msevtmgt_durationmins"])
    records.update("msevtmgt_session", made, {"msevtmgt_endtime": "2030-01-01T09:30:00Z"})
    decided = records.retrieve("msevtmgt_session", made, select=["msevtmgt_durationmins"])
    records.update("msevtmgt_session", made, {"msevtmgt_durationmins": 60})
    still = records.retrieve("msevtmgt_session", made, select=["msevtmgt_durationmins"])

    found = [row["msevtmgt_durationmins"] for row in (given, decided, still) if row is not None]
    assert [45, 30, 30] == found


def test_many_rows_are_updated_at_once(sdk: Sdk) -> None:
    """One change for all, and one for each. [PS-6]"""
    records = sdk.client.records
    made = sdk.make_sessions(9)

    records.update("msevtmgt_session", made[:5], {"msevtmgt_keywords": "same"})
    records.update("msevtmgt_session", made[5:8], [{"msevtmgt_keywords": f"k{number}"} for number in range(3)])
    rows = records.list("msevtmgt_session", filter=sdk.mine, select=["msevtmgt_keywords"], orderby=["msevtmgt_name"])

    assert [*["same"] * 5, "k0", "k1", "k2", None] == [row["msevtmgt_keywords"] for row in rows]


def test_a_bulk_update_with_an_unknown_id_changes_nothing(sdk: Sdk) -> None:
    """All or none. [PS-6]"""
    records = sdk.client.records
    (made,) = sdk.make_sessions(1)

    with pytest.raises(HttpError) as refused:
        records.update("msevtmgt_session", [made, str(uuid.uuid4())], {"msevtmgt_keywords": "half"})

    found = records.retrieve("msevtmgt_session", made, select=["msevtmgt_keywords"])
    assert 404 == refused.value.status_code, refused.value.message
    assert found is not None
    assert found["msevtmgt_keywords"] is None


def test_a_frame_of_rows_is_created_updated_and_deleted(sdk: Sdk) -> None:
    """A data frame's columns become columns; missing numbers become null. [PS-4], [PS-6]"""
    frames = sdk.client.dataframe
    names = [f"{sdk.mark} {letter}" for letter in "abc"]
    created = frames.create("account", pandas.DataFrame({"name": names, "revenue": [1.5, None, 2.5]}))
    changed = pandas.DataFrame({"accountid": list(created[:2]), "numberofemployees": [10, 20]})
    frames.update("account", changed, id_column="accountid")
    rows = frames.sql(f"SELECT name, numberofemployees FROM account WHERE name LIKE '{sdk.mark} _' ORDER BY name")
    frames.delete("account", created, use_bulk_delete=False)

    assert names == list(rows["name"])
    assert [10, 20] == [int(number) for number in rows["numberofemployees"][:2]]
    left = sdk.client.records.list("account", filter=f"startswith(name,'{sdk.mark}')", select=["name"])
    assert 0 == len(left)


def test_many_rows_are_deleted_by_a_job(sdk: Sdk) -> None:
    """The client gets the job's id, and the rows go. [PS-9]"""
    made = sdk.client.records.create("account", [{"name": f"{sdk.mark} {number}"} for number in range(4)])

    job = sdk.client.records.delete("account", made)

    assert job == str(uuid.UUID(job))
    deadline = datetime.now(UTC).timestamp() + 30
    while sdk.client.records.list("account", filter=f"startswith(name,'{sdk.mark}')", select=["name"]):
        assert datetime.now(UTC).timestamp() < deadline


def test_a_missing_row_is_refused_with_its_code_and_a_request_id(sdk: Sdk) -> None:
    """The client updates with `If-Match: *`, so it never creates. [PS-5], [CC-33]"""
    with pytest.raises(HttpError) as refused:
        sdk.client.records.update("account", str(uuid.uuid4()), {"name": "x"})

    details = refused.value.to_dict()["details"]
    assert (404, "0x80040217") == (refused.value.status_code, details["service_error_code"])
    assert "does not exist" in refused.value.message.lower()
    assert details["service_request_id"] == str(uuid.UUID(details["service_request_id"]))


def test_an_unknown_column_is_refused_by_name(sdk: Sdk) -> None:
    """In a body and in a filter. [CC-33]"""
    with pytest.raises(HttpError) as in_body:
        sdk.client.records.create("account", {"nosuchcolumn": 1})
    with pytest.raises(HttpError) as in_filter:
        sdk.client.records.list("account", filter="nosuchcolumn eq 1")

    assert [400, 400] == [in_body.value.status_code, in_filter.value.status_code]
    assert "nosuchcolumn" in in_body.value.message
    assert "nosuchcolumn" in in_filter.value.message


def test_what_cannot_be_understood_is_refused(sdk: Sdk) -> None:
    """Half a filter, a bind on a column in place of a navigation, and a set that does not exist. [CC-18], [CC-33]"""
    bind = {"lastname": "x", "parentcustomerid@odata.bind": f"/accounts({uuid.uuid4()})"}

    with pytest.raises(HttpError) as half:
        sdk.client.records.list("account", filter="name eq")
    with pytest.raises(HttpError) as bound:
        sdk.client.records.create("contact", bind)
    no_set = requests.get(f"{sdk.api}/nosuchsets", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)

    assert [400, 400, 404] == [half.value.status_code, bound.value.status_code, no_set.status_code]
