"""Batches and change sets through the SDK's synchronous client."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from PowerPlatform.Dataverse.core.errors import HttpError

from tests.clients.python_sdk.connection import FORMATTED, Sdk


def test_a_batch_of_reads_answers_in_order(sdk: Sdk) -> None:
    """A row, a list, a table and tables, each in its place. [PS-27], [CC-56]"""
    made = sdk.make_sessions(5)
    batch = sdk.client.batch.new()
    batch.records.retrieve("msevtmgt_session", made[3], select=["msevtmgt_name"])
    batch.records.list(
        "msevtmgt_session",
        filter=sdk.mine,
        select=["msevtmgt_name"],
        orderby=["msevtmgt_name asc"],
        top=2,
        include_annotations=FORMATTED,
    )
    batch.tables.get("contact")
    batch.tables.list(filter="LogicalName eq 'account'", select=["LogicalName"])

    answers = batch.execute().responses

    assert [200] * 4 == [answer.status_code for answer in answers]
    row, rows, table, tables = (_data(answer) for answer in answers)
    assert f"{sdk.mark}-03" == row["msevtmgt_name"]
    assert ["00", "01"] == [member["msevtmgt_name"][-2:] for member in rows["value"]]
    assert ["contacts"] == [member["EntitySetName"] for member in table["value"]]
    assert ["account"] == [member["LogicalName"] for member in tables["value"]]


def test_a_batch_of_writes_creates_updates_and_deletes(sdk: Sdk) -> None:
    """Single and bulk writes beside each other, outside change sets. [PS-27]"""
    made = sdk.client.batch.new()
    made.records.create("account", {"name": f"{sdk.mark} 1"})
    made.records.create("account", [{"name": f"{sdk.mark} 2"}, {"name": f"{sdk.mark} 3"}])
    first, others = made.execute().responses
    ids = [str(first.entity_id), *_data(others)["Ids"]]

    changed = sdk.client.batch.new()
    changed.records.update("account", ids[0], {"telephone1": "1"})
    changed.records.update("account", ids[1:], {"telephone1": "2"})
    has_errors = changed.execute().has_errors
    rows = sdk.client.records.list(
        "account", filter=f"startswith(name,'{sdk.mark}')", select=["telephone1"], orderby=["name asc"]
    )
    gone = sdk.client.batch.new()
    gone.records.delete("account", ids, use_bulk_delete=False)
    deleted = gone.execute().responses

    assert [204, 200] == [first.status_code, others.status_code]
    assert not has_errors
    assert ["1", "2", "2"] == [row["telephone1"] for row in rows]
    assert [204] * 3 == [answer.status_code for answer in deleted]


def test_a_change_set_refers_to_rows_it_makes(sdk: Sdk) -> None:
    """A registration is bound to a session and a contact of the same change set. [PS-27], [CC-18]"""
    to_session = sdk.navigation("msevtmgt_sessionregistration", "msevtmgt_session", "msevtmgt_sessionid")
    to_contact = sdk.navigation("msevtmgt_sessionregistration", "contact", "msevtmgt_contactid")
    batch = sdk.client.batch.new()
    with batch.changeset() as changes:
        session = changes.records.create("msevtmgt_session", {"msevtmgt_name": sdk.mark})
        contact = changes.records.create("contact", {"lastname": sdk.mark})
        binds = {f"{to_session}@odata.bind": session, f"{to_contact}@odata.bind": contact}
        changes.records.create("msevtmgt_sessionregistration", {"msevtmgt_name": sdk.mark, **binds})
        changes.records.update("msevtmgt_session", session, {"msevtmgt_keywords": "changed"})

    answers = batch.execute().responses

    assert [204] * 4 == [answer.status_code for answer in answers]
    assert all(answer.content_id for answer in answers)
    row = sdk.client.records.retrieve(
        "msevtmgt_sessionregistration",
        str(answers[2].entity_id),
        select=["msevtmgt_name"],
        expand=[f"{to_session}($select=msevtmgt_keywords)", f"{to_contact}($select=lastname)"],
    )
    assert row is not None
    assert ("changed", sdk.mark) == (row[to_session]["msevtmgt_keywords"], row[to_contact]["lastname"])


def test_a_change_set_that_fails_leaves_nothing_behind(sdk: Sdk) -> None:
    """The refusal has its status, code and message; the row before it is gone. [PS-27], [CC-55]"""
    batch = sdk.client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": sdk.mark})
        changes.records.update("account", str(uuid.uuid4()), {"telephone1": "9"})

    failed = batch.execute(continue_on_error=True).failed

    assert [(404, "0x80040217")] == [(answer.status_code, answer.error_code) for answer in failed]
    assert all(answer.error_message for answer in failed)
    assert [] == list(sdk.client.records.list("account", filter=f"name eq '{sdk.mark}'", select=["name"]))


def test_a_batch_goes_on_after_an_error_when_asked_to(sdk: Sdk) -> None:
    """As many answers as requests. [PS-27], [CC-56]"""
    assert [404, 200] == _statuses(sdk, continue_on_error=True)


def test_a_batch_ends_with_its_first_error(sdk: Sdk) -> None:
    """The rest is not tried. [PS-27]"""
    assert [404] == _statuses(sdk, continue_on_error=False)


def _statuses(sdk: Sdk, *, continue_on_error: bool) -> list[int]:
    """A batch whose first part finds nothing; the service may give a batch of one error that error's status."""
    batch = sdk.client.batch.new()
    batch.records.retrieve("account", str(uuid.uuid4()), select=["name"])
    batch.tables.get("account")
    try:
        return [answer.status_code for answer in batch.execute(continue_on_error=continue_on_error).responses]
    except HttpError as error:
        if error.status_code != 404:
            pytest.fail(str(error))
        return [error.status_code]


def _data(answer: Any) -> Any:
    assert answer.data is not None
    return answer.data
