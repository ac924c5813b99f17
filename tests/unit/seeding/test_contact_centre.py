"""The contact-centre day comes to the same figures as the generator that made it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.places import SHARED
from verselet.metadata.compiled import load_schema
from verselet.seeding.batches import NewRows
from verselet.seeding.contact_centre import Conversation, contact_centre_batches, fold
from verselet.seeding.queue_log import read_calls
from verselet.values import Reference, Row

FOLDER = SHARED / "data" / "contactcentre"
SCHEMA = load_schema()
CALLS = read_calls((FOLDER / "synthetic-day1.queue_log").read_text("utf-8"), "day 1")
FOLDED = [fold(call) for call in CALLS]
TRUTH = json.loads((FOLDER / "synthetic-day1.truth.json").read_bytes())
UNIT = "b0000000-0000-4000-8000-000000000001"
BATCHES = contact_centre_batches(SCHEMA, CALLS, "day", UNIT)
ROWS = {batch.table: batch.rows for batch in BATCHES if isinstance(batch, NewRows)}
CHOICE = 192_350_000


def answered_within(seconds: int) -> int:
    """Conversations that an agent took in time. [OC-M40]"""
    return sum(
        one.started is not None and one.first_wait_s is not None and one.first_wait_s <= seconds for one in FOLDED
    )


def test_the_totals_are_the_generators() -> None:
    """Answered, abandoned, transfers and sums of times. [OC-A7], chapter 10"""
    summary = TRUTH["summary"]
    waits = [one.first_wait_s or 0 for one in FOLDED if one.started is not None]
    abandoned = [one.first_wait_s or 0 for one in FOLDED if one.is_abandoned and one.sessions[-1].closure == 20]
    closures = [session.closure for one in FOLDED for session in one.sessions]
    found = {
        "conversations": len(FOLDED),
        "answered": len(waits),
        "abandoned_by_caller": len(abandoned),
        "ended_by_queue_timeout": closures.count(25),
        "orphans": sum(one.closed is None for one in FOLDED),
        "ring_no_answer": closures.count(2),
        "blind_transfers_to_queue": sum(one.transfers for one in FOLDED),
        "overflow_queue_transfers": sum(one.overflows for one in FOLDED),
        "sum_speed_to_answer": sum(waits),
        "avg_speed_to_answer": round(sum(waits) / len(waits), 3),
        "sum_talk": sum(one.active_s or 0 for one in FOLDED),
        "answered_within": {limit: answered_within(int(limit)) for limit in summary["answered_within"]},
        "sum_time_to_abandon": sum(abandoned),
        "short_abandons_le_10": sum(wait <= 10 for wait in abandoned),
    }

    assert summary == found


def test_every_single_call_is_the_generators() -> None:
    """Start, end, wait, talk, queues, agents and missed offers, call by call. [OC-A7]"""

    def told(call_id: str, one: Conversation) -> dict[str, Any]:
        accepted = [session for session in one.sessions if session.accepted is not None]
        return {
            "callid": call_id,
            "start": one.created,
            "end": one.closed,
            "wait": one.first_wait_s,
            "talk": one.active_s,
            "agents": [session.agent for session in accepted],
            "noanswer": sum(session.closure == 2 for session in one.sessions),
            "queues": [session.queue for session in one.sessions if session.reason != 9],
            "overflow": one.overflows,
        }

    names = ("callid", "start", "end", "wait", "talk", "agents", "noanswer", "queues", "overflow")
    expected = [{name: call.get(name) for name in names} for call in TRUTH["calls"]]

    assert expected == [told(call.call_id, one) for call, one in zip(CALLS, FOLDED, strict=True)]


def test_the_rows_are_as_many_as_the_day_has() -> None:
    """Two queues, seven agents, conversations, sessions and events. [OC-A7]"""
    found = {table: len(rows) for table, rows in ROWS.items() if table != "msdyn_sessionparticipant"}

    assert {
        "queue": 2, "systemuser": 7, "msdyn_ocliveworkitem": 560, "msdyn_ocsession": 617, "msdyn_sessionevent": 3503
    } == found  # fmt: skip


def test_every_asked_agent_is_a_participant_of_its_session() -> None:
    """One primary per session that was offered. [OC-3]"""
    offered = sum(session.assigned is not None for one in FOLDED for session in one.sessions)

    assert offered == len(ROWS["msdyn_sessionparticipant"])


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("answered", (1, 4, {6, 8}, True, False)),
        ("abandon", (1, 4, {12}, False, True)),
        ("timeout", (1, 4, {11}, False, True)),
        ("orphan", (0, 1, {1}, False, False)),
    ],
)
def test_a_conversation_ends_in_the_state_its_events_lead_to(
    outcome: str, expected: tuple[int, int, set[int], bool, bool]
) -> None:
    """State, status, why, accepted, abandoned. [OC-42], [OC-M23]"""
    state, status, reasons, accepted, abandoned = expected
    wanted = {call["callid"] for call in TRUTH["calls"] if call["outcome"] == outcome}
    rows = [row for call, row in zip(CALLS, ROWS["msdyn_ocliveworkitem"], strict=True) if call.call_id in wanted]
    found = [row.values for row in rows]

    assert [] != found
    assert {(state, status, accepted, abandoned)} == {
        (one["statecode"], one["statuscode"], one["msdyn_isagentaccepted"], one["msdyn_isabandoned"]) for one in found
    }
    assert {CHOICE + reason for reason in reasons} == {one["msdyn_statuschangereason"] for one in found}


def test_a_session_event_keeps_the_second_it_happened_in() -> None:
    """The column is formatted as a date and holds a time all the same. [OC-6]"""
    first = ROWS["msdyn_sessionevent"][0].values

    assert ("2026-03-02T08:03:17Z", CHOICE + 6, CHOICE) == (
        first["msdyn_eventtime"],
        first["msdyn_eventtype"],
        first["msdyn_eventreason"],
    )


def test_rows_refer_to_rows_that_come_before_them_or_in_the_last_batch() -> None:
    """The two rows that refer to each other are joined at the end. [OC-150]"""
    seen: set[Reference] = {Reference("businessunit", UNIT)}
    missing: list[tuple[str, str]] = []
    for batch in BATCHES:
        rows = [row for row in batch.rows if isinstance(row, Row)]
        seen.update(Reference(row.table, row.id) for row in rows if row.id is not None)
        missing += [
            (row.table, name)
            for row in rows
            for name, value in row.values.items()
            if isinstance(value, Reference) and value not in seen
        ]

    assert [] == missing


def test_every_value_is_for_a_column_that_can_be_written() -> None:
    """Nothing is aimed at a column that does not exist or that nobody may write. [OC-9]"""
    wrong = {
        (row.table, name)
        for rows in ROWS.values()
        for row in rows
        for name in row.values
        if not SCHEMA.table(row.table).columns[name].create
    }

    assert set() == wrong


def test_ids_follow_from_the_source_and_the_call() -> None:
    """A second import makes no second row, another log makes others. [OC-109]"""

    def ids(source: str) -> list[str | None]:
        batches = contact_centre_batches(SCHEMA, CALLS[:20], source, UNIT)
        return [row.id for batch in batches if isinstance(batch, NewRows) for row in batch.rows]

    assert ids("day") == ids("day")
    assert len(ids("day")) == len(set(ids("day")))
    assert set() == set(ids("day")) & set(ids("other day"))
