"""Make the rows that everything is measured on, by messages.

In:        an organization, and how many sessions
Out:       `load`; the ids of its rows, which follow from their numbers
Not here:  what is asked of the rows (benchmarks.shapes)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from verselet.ids import numbered_id
from verselet.messages.request import CreateMultiple
from verselet.operations.founding import builtin_id
from verselet.organization import Organization
from verselet.values import Reference, Row

SESSIONS = 10_000
EVENTS_PER_SESSION = 20
SESSIONS_PER_CONVERSATION = 20
QUEUES = 7
"""A queue has about 1,400 of the sessions."""

OWNED_OF_TEN = 6
"""Of ten sessions, so many are the representative's: 6,000 of all."""

PER_MESSAGE = 1_000
MINUTES = 30 * 24 * 60
"""Everything happens within a month of thirty days."""

REPRESENTATIVE = builtin_id("systemuser", "representative")
EVENT_TYPE = 192_350_000
FIRST_EVENT_TYPES = 25

Progress = Callable[[int, int], None]


def queue_id(number: int) -> str:
    """The id of a queue."""
    return numbered_id(number, f"benchmark/queue/{number}")


def conversation_id(number: int) -> str:
    """The id of a conversation; the first twenty sessions belong to conversation 0."""
    return numbered_id(number, f"benchmark/conversation/{number}")


def session_id(number: int) -> str:
    """The id of a session."""
    return numbered_id(number, f"benchmark/session/{number}")


def event_id(number: int) -> str:
    """The id of a session event; the first twenty belong to session 0."""
    return numbered_id(number, f"benchmark/event/{number}")


def scratch_session_id() -> str:
    """The session whose events are created and forgotten by the measurements of writes."""
    return numbered_id(0x7FFF_FFFF, "benchmark/scratch")


def load(organization: Organization, sessions: int, progress: Progress) -> int:
    """Make queues, conversations, sessions and their events; how many rows that were."""
    total = QUEUES + sessions // SESSIONS_PER_CONVERSATION + sessions * (1 + EVENTS_PER_SESSION) + 1
    done = 0
    for rows in (_queues(), _conversations(sessions), _sessions(sessions), _events(sessions)):
        while targets := tuple(islice(rows, PER_MESSAGE)):
            organization.execute(CreateMultiple(targets[0].table, targets), organization.administrator)
            done += len(targets)
            progress(done, total)
    return done


def _queues() -> Iterator[Row]:
    for number in range(QUEUES):
        yield Row("queue", queue_id(number), {"name": f"Queue {number}"})


def _conversations(sessions: int) -> Iterator[Row]:
    for number in range(sessions // SESSIONS_PER_CONVERSATION):
        yield Row("msdyn_ocliveworkitem", conversation_id(number), {"subject": f"Conversation {number}"})


def _sessions(count: int) -> Iterator[Row]:
    for number in range(count):
        yield _session(session_id(number), number)
    yield _session(scratch_session_id(), 0)


def _session(row_id: str, number: int) -> Row:
    owner = REPRESENTATIVE if number % 10 < OWNED_OF_TEN else builtin_id("systemuser", "administrator")
    return Row(
        "msdyn_ocsession",
        row_id,
        {
            "subject": f"Call {number} about an order that has not come",
            "msdyn_sessionid": f"session-{number:06d}",
            "msdyn_liveworkitemid": Reference(
                "msdyn_ocliveworkitem", conversation_id(number // SESSIONS_PER_CONVERSATION)
            ),
            "msdyn_cdsqueueid": Reference("queue", queue_id(number % QUEUES)),
            # Neighbours in the queue are far apart in time, so that sorting has something to do.
            "msdyn_sessioncreatedon": _moment(number * 7919 % MINUTES),
            "ownerid": Reference("systemuser", owner),
        },
    )


def _events(sessions: int) -> Iterator[Row]:
    for number in range(sessions * EVENTS_PER_SESSION):
        session = number // EVENTS_PER_SESSION
        yield Row(
            "msdyn_sessionevent",
            event_id(number),
            {
                "msdyn_name": f"Event {number % EVENTS_PER_SESSION} of session {session}",
                "msdyn_eventtype": EVENT_TYPE + number % FIRST_EVENT_TYPES,
                "msdyn_eventreason": EVENT_TYPE + number % 40,
                "msdyn_eventtime": _moment(number % MINUTES),
                "msdyn_omnichannelsession": Reference("msdyn_ocsession", session_id(session)),
            },
        )


def _moment(minute: int) -> str:
    day, rest = divmod(minute, 24 * 60)
    return f"2026-09-{day + 1:02d}T{rest // 60:02d}:{rest % 60:02d}:00Z"
