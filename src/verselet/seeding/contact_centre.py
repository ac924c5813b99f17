"""Turn a day of telephone calls into conversations, sessions, participants and session events.

In:        calls (seeding.queue_log), the schema for the labels of choices
Out:       batches of rows (seeding.batches); `fold` for the figures of one call
Not here:  reading logs (seeding.queue_log), writing rows (seeding.writing)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from verselet.clock import wire_form
from verselet.ids import name_id, numbered_id
from verselet.metadata.columns import ChoiceColumn
from verselet.metadata.schema import Schema
from verselet.seeding import queue_log as log
from verselet.seeding.batches import Batch, Changes, NewRows
from verselet.seeding.queue_log import Attempt, Call, Happening
from verselet.values import Reference, Row, Value

CHOICE = 192_350_000
"""The first value of the family's choices; types, reasons and closures count from here."""

VOICE = 192_370_000
PRIMARY = CHOICE + 2

CLOSURES = {
    log.R_INVITE_TIMEOUT: 2,
    log.R_AGENT_TRANSFERRED: 6,
    log.R_QUEUE_TRANSFER: 10,
    log.R_CUSTOMER_GONE: 20,
    log.R_AGENT_ENDS: 21,
    log.R_CUSTOMER_ENDS: 22,
    log.R_OVERFLOW_QUEUE: 24,
    log.R_OVERFLOW_END: 25,
}
"""Reason of the end → closure reason; every attempt here had a queue. [OC-71]"""

CLOSED_BECAUSE = {
    log.R_AGENT_TRANSFERRED: (8, "Conversation ended by agent"),
    log.R_AGENT_ENDS: (8, "Conversation ended by agent"),
    log.R_CUSTOMER_ENDS: (6, "Customer disconnected or left active conversation"),
    log.R_CUSTOMER_GONE: (12, "Customer disconnected or left open conversation"),
    log.R_OVERFLOW_END: (11, "Closed due to overflow"),
}
"""Reason of the last end → status change reason of the closed conversation. [OC-42]"""

WAITING = (1, 1, "Awaiting agent assignment")
OFFERED = (2, 2, "Agent assigned, awaiting acceptance")
ENGAGED = (2, 3, "In conversation")
"""Status, status change reason and words of a conversation that is still open. [OC-41], [OC-44]"""

WRAP_UP = (log.AGENT_ENDS, log.CUSTOMER_ENDS)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What the events of one attempt come to; times in seconds since 1970. [OC-50]"""

    queue: str
    agent: str | None
    created: int
    reason: int
    assigned: int | None
    accepted: int | None
    wrapped_up: int | None
    closed: int | None
    closure: int | None
    cause: int | None

    @property
    def active_s(self) -> int | None:
        """From acceptance to the end or the start of wrap-up. [OC-80]"""
        end = self.wrapped_up or self.closed
        return None if self.accepted is None or end is None else end - self.accepted


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What the sessions of one call come to: the figures of the specification's chapter 10."""

    sessions: tuple[Session, ...]
    created: int
    started: int | None
    closed: int | None
    transfers: int
    overflows: int

    @property
    def first_wait_s(self) -> int | None:
        """From the first queue to the first acceptance, or to the end. [OC-M21]"""
        end = self.started if self.started is not None else self.closed
        return None if end is None else end - self.created

    @property
    def is_abandoned(self) -> bool:
        """Closed, and no agent ever accepted. [OC-M23]"""
        return self.closed is not None and self.started is None

    @property
    def active_s(self) -> int | None:
        """The sessions' active time together. [OC-M29]"""
        found = [session.active_s for session in self.sessions if session.active_s is not None]
        return sum(found) if found else None


def fold(call: Call) -> Conversation:
    """The figures of one call out of its events. [OC-100]"""
    sessions = tuple(_session(attempt) for attempt in call.attempts)
    causes = [session.cause for session in sessions]
    ends = [attempt.happenings[-1].reason for attempt in call.attempts]
    overflows = ends.count(log.R_OVERFLOW_QUEUE)
    return Conversation(
        sessions=sessions,
        created=sessions[0].created,
        started=next((session.accepted for session in sessions if session.accepted is not None), None),
        closed=sessions[-1].closed,
        transfers=causes.count(log.TO_AGENT) + causes.count(log.TO_QUEUE) - overflows,
        overflows=overflows,
    )


def _session(attempt: Attempt) -> Session:
    """The figures of one attempt."""
    first: dict[int, Happening] = {}
    for happening in attempt.happenings:
        first.setdefault(happening.type, happening)
    end = first.get(log.SESSION_END)
    at = {kind: happening.at for kind, happening in first.items()}
    cause = attempt.happenings[-2].type if end is not None else None
    assigned = first.get(log.AGENT_ASSIGNED)
    return Session(
        queue=attempt.queue,
        agent=assigned.agent if assigned else None,
        created=at[log.SESSION_CREATED],
        reason=first[log.SESSION_CREATED].reason,
        assigned=at.get(log.AGENT_ASSIGNED),
        accepted=at.get(log.AGENT_ACCEPTED),
        wrapped_up=next((at[kind] for kind in WRAP_UP if kind in at), None),
        closed=end.at if end else None,
        closure=CLOSURES[end.reason] if end else None,
        cause=cause,
    )


def contact_centre_batches(schema: Schema, calls: Sequence[Call], source: str, unit_id: str) -> list[Batch]:
    """All rows of the day: queues, agents, conversations, sessions, participants, events. [OC-150]

    `source` names the log: the ids follow from it, so that a second import makes no second row [OC-109]. Agents that
    do not exist become users of the business unit `unit_id` [OC-152].
    """
    folded = [fold(call) for call in calls]
    queues = sorted({session.queue for conversation in folded for session in conversation.sessions})
    agents = sorted({session.agent for one in folded for session in one.sessions if session.agent is not None})
    told = list(enumerate(zip(calls, folded, strict=True), start=1))
    rows = _Rows(source, unit_id, schema)
    return [
        NewRows("queue", tuple(rows.queue(name) for name in queues)),
        NewRows("systemuser", tuple(rows.agent(name) for name in agents)),
        NewRows("msdyn_ocliveworkitem", tuple(rows.conversation(n, *one) for n, one in told)),
        NewRows("msdyn_ocsession", tuple(row for n, one in told for row in rows.sessions(n, *one))),
        NewRows("msdyn_sessionparticipant", tuple(row for n, one in told for row in rows.participants(n, *one))),
        NewRows("msdyn_sessionevent", tuple(row for n, (call, _) in told for row in rows.events(n, call))),
        Changes("msdyn_ocliveworkitem", tuple(rows.last_session(n, *one) for n, one in told)),
    ]


def _wire(at: int | None) -> str | None:
    """Seconds since 1970 in wire form."""
    return None if at is None else wire_form(datetime.fromtimestamp(at, UTC))


def _agent_name(agent: str) -> str:
    """`201` of `PJSIP/201`."""
    return agent.rpartition("/")[2]


def _subject(number: int) -> str:
    """How the n-th call of the day is called; callers' numbers stay out. [OC-151]"""
    return f"Voice call {number:04}"


class _Rows:
    """The rows of one source: knows their ids, and the labels of the event types."""

    def __init__(self, source: str, unit_id: str, schema: Schema) -> None:
        self._source = source
        self._unit_id = unit_id
        types = schema.table("msdyn_sessionevent").columns["msdyn_eventtype"]
        assert isinstance(types, ChoiceColumn)
        self._label = {option.value: option.label for option in types.options}

    def queue(self, name: str) -> Row:
        """One queue for voice work."""
        values: dict[str, Value] = {
            "name": f"{name.capitalize()} line",
            "description": f"Telephone queue {name} of the synthetic contact-centre day.",
            "queueviewtype": 0,
            "msdyn_isomnichannelqueue": True,
            "msdyn_queuetype": CHOICE + 2,
            "msdyn_priority": 1,
        }
        return Row("queue", self._named("queue", name), values)

    def agent(self, name: str) -> Row:
        """One agent as an enabled user without roles."""
        number = _agent_name(name)
        values: dict[str, Value] = {
            "firstname": "Agent",
            "lastname": number,
            "domainname": f"agent-{number}@verselet.example",
            "internalemailaddress": f"agent-{number}@verselet.example",
            "businessunitid": Reference("businessunit", self._unit_id),
            "accessmode": 0,
        }
        return Row("systemuser", self._named("agent", name), values)

    def conversation(self, number: int, call: Call, one: Conversation) -> Row:
        """One conversation with its folded figures. [OC-M20] to [OC-M35]"""
        values: dict[str, Value] = {
            "subject": _subject(number),
            "msdyn_title": f"{_subject(number)} to the {one.sessions[0].queue} line",
            "msdyn_ocliveworkitemid": f"{number:04}",
            "msdyn_channel": str(VOICE),
            "msdyn_isoutbound": False,
            "msdyn_createdon": _wire(one.created),
            "msdyn_initiatedon": _wire(one.created),
            "msdyn_startedon": _wire(one.started),
            "msdyn_closedon": _wire(one.closed),
            "msdyn_firstwaitstartedon": _wire(one.created),
            "msdyn_conversationfirstwaittimeinseconds": one.first_wait_s,
            "msdyn_isagentsession": True,
            "msdyn_isagentaccepted": one.started is not None,
            "msdyn_isabandoned": one.is_abandoned,
            "msdyn_transfercount": one.transfers,
            "msdyn_overflowtransfercount": one.overflows,
            "msdyn_escalationcount": 0,
            "msdyn_cdsqueueid": Reference("queue", self._named("queue", one.sessions[-1].queue)),
            "actualstart": _wire(one.created),
            "actualend": _wire(one.closed),
            "importsequencenumber": number,
            "overriddencreatedon": _wire(one.created),
        }
        values |= _conversation_state(call, one) | _conversation_times(one)
        last = one.sessions[-1]
        if last.agent is not None and last.accepted is not None:
            values["msdyn_activeagentid"] = Reference("systemuser", self._named("agent", last.agent))
            values["msdyn_activeagentassignedon"] = _wire(last.assigned)
        return Row("msdyn_ocliveworkitem", self._conversation_id(number, call), values)

    def sessions(self, number: int, call: Call, one: Conversation) -> Iterable[Row]:
        """One row per attempt. [OC-2], [OC-22]"""
        for turn, session in enumerate(one.sessions, start=1):
            queue = Reference("queue", self._named("queue", session.queue))
            values: dict[str, Value] = {
                "subject": f"{_subject(number)}, attempt {turn}",
                "msdyn_sessionid": f"{number:04}-{turn}",
                "msdyn_liveworkitemid": Reference("msdyn_ocliveworkitem", self._conversation_id(number, call)),
                "msdyn_channel": VOICE,
                "msdyn_cdsqueueid": queue,
                "msdyn_sessioncreatedon": _wire(session.created),
                "msdyn_sessioncreationreason": CHOICE + session.reason,
                "msdyn_queueassignedon": _wire(session.created),
                "msdyn_queueassignedreason": CHOICE + session.reason,
                "msdyn_agentassignedon": _wire(session.assigned),
                "msdyn_agentacceptedon": _wire(session.accepted),
                "msdyn_sessionclosedon": _wire(session.closed),
                "msdyn_closurereason": None if session.closure is None else CHOICE + session.closure,
                "overriddencreatedon": _wire(session.created),
            }
            yield Row("msdyn_ocsession", self._session_id(number, call, turn), values | _session_state(session))

    def participants(self, number: int, call: Call, one: Conversation) -> Iterable[Row]:
        """The asked agent of each attempt that asked one. [OC-3], [OC-11]"""
        for turn, session in enumerate(one.sessions, start=1):
            if session.agent is None:
                continue
            values: dict[str, Value] = {
                "msdyn_name": f"Agent {_agent_name(session.agent)} in {_subject(number)}, attempt {turn}",
                "msdyn_omnichannelsession": Reference("msdyn_ocsession", self._session_id(number, call, turn)),
                "msdyn_agentid": Reference("systemuser", self._named("agent", session.agent)),
                "msdyn_cdsqueueid": Reference("queue", self._named("queue", session.queue)),
                "msdyn_mode": PRIMARY,
                "msdyn_addedon": _wire(session.assigned),
                "msdyn_joinedon": _wire(session.accepted),
                "msdyn_lefton": _wire(session.closed),
                "msdyn_leftonreason": "AgentTimeout" if session.cause == log.INVITE_TIMEOUT else None,
                "msdyn_activetime": session.active_s,
                "msdyn_talktime": session.active_s,
                "overriddencreatedon": _wire(session.assigned),
            }
            yield Row("msdyn_sessionparticipant", self._participant_id(number, call, turn), values)

    def events(self, number: int, call: Call) -> Iterable[Row]:
        """One row per happening. [OC-4]"""
        for turn, attempt in enumerate(call.attempts, start=1):
            session = Reference("msdyn_ocsession", self._session_id(number, call, turn))
            for place, happening in enumerate(attempt.happenings):
                kind = CHOICE + happening.type
                values: dict[str, Value] = {
                    "msdyn_name": f"{number:04}-{turn} {self._label[kind]}",
                    "msdyn_eventtype": kind,
                    "msdyn_eventreason": CHOICE + happening.reason,
                    "msdyn_eventtime": _wire(happening.at),
                    "msdyn_omnichannelsession": session,
                    "importsequencenumber": place,
                    "overriddencreatedon": _wire(happening.at),
                }
                yield Row("msdyn_sessionevent", self._event_id(number, call, turn, place), values)

    def last_session(self, number: int, call: Call, one: Conversation) -> Row:
        """The conversation's way to its latest session: written last, for the two rows refer to each other."""
        turn = len(one.sessions)
        values: dict[str, Value] = {
            "msdyn_lastsessionid": Reference("msdyn_ocsession", self._session_id(number, call, turn))
        }
        if one.sessions[-1].agent is not None:
            participant = self._participant_id(number, call, turn)
            values["msdyn_activesessionparticipantid"] = Reference("msdyn_sessionparticipant", participant)
        return Row("msdyn_ocliveworkitem", self._conversation_id(number, call), values)

    # Ids follow from the source and the call; the number in front keeps the rows in the order of the day. [OC-109]

    def _named(self, kind: str, name: str) -> str:
        return name_id(f"{self._source}/{kind}/{name}")

    def _conversation_id(self, number: int, call: Call) -> str:
        return numbered_id(number, f"{self._source}/conversation/{call.call_id}")

    def _session_id(self, number: int, call: Call, turn: int) -> str:
        return numbered_id(number << 4 | turn, f"{self._source}/session/{call.call_id}/{turn}")

    def _participant_id(self, number: int, call: Call, turn: int) -> str:
        return numbered_id(number << 4 | turn, f"{self._source}/participant/{call.call_id}/{turn}")

    def _event_id(self, number: int, call: Call, turn: int, place: int) -> str:
        return numbered_id(number << 8 | turn << 4 | place, f"{self._source}/event/{call.call_id}/{turn}/{place}")


def _conversation_state(call: Call, one: Conversation) -> dict[str, Value]:
    """Status, and why it has it. [OC-42], [OC-45]"""
    last = one.sessions[-1]
    if one.closed is not None:
        reason, words = CLOSED_BECAUSE[call.attempts[-1].happenings[-1].reason]
        status, activity = 4, 3
    else:
        status, reason, words = ENGAGED if last.accepted else OFFERED if last.assigned else WAITING
        activity = 1 if last.accepted else 0
    return {
        "statecode": 1 if one.closed is not None else 0,
        "statuscode": status,
        "msdyn_statuschangereason": CHOICE + reason,
        "msdyn_statereason": words,
        "msdyn_conversationactivitystate": activity,
        "msdyn_statusupdatedon": _wire(call.attempts[-1].happenings[-1].at),
    }


def _conversation_times(one: Conversation) -> dict[str, Value]:
    """The seconds of a conversation that was accepted; a telephone log knows neither hold nor wrap-up. [OC-167]"""
    if one.active_s is None:
        return {}
    return {
        "msdyn_conversationhandletimeinseconds": one.active_s,
        "msdyn_conversationtalktimeinseconds": one.active_s,
        "msdyn_conversationholdtimeinseconds": 0,
        "msdyn_conversationwrapuptimeinseconds": 0,
        "msdyn_wrapupinitiatedon": _wire(one.sessions[-1].wrapped_up),
    }


def _session_state(session: Session) -> dict[str, Value]:
    """State of the session: new, active or closed. [OC-22]"""
    if session.closed is not None:
        return {"msdyn_state": CHOICE + 2, "statecode": 1, "statuscode": 2}
    return {"msdyn_state": CHOICE + (1 if session.accepted is not None else 3), "statecode": 0, "statuscode": 1}
