"""Make the rows that everything is measured on, by messages.

In:        an organization, and how many sessions
Out:       `load`; the ids of its rows, which follow from their numbers
Not here:  what is asked of the rows (benchmarks.shapes)

Six of ten conversations, with all that belongs to them, are the owner's: a user who holds every right at Basic depth
and no right deeper, so that the same questions asked in that name fill the same pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from verselet.ids import name_id, numbered_id
from verselet.messages.principals import AddPrivilegesRole, GivenPrivilege
from verselet.messages.request import Associate, Create, CreateMultiple, RowKey
from verselet.operations.founding import builtin_id
from verselet.organization import Organization
from verselet.security.privileges import BASIC
from verselet.values import Reference, Row, Value

SESSIONS = 10_000
EVENTS_PER_SESSION = 20
SESSIONS_PER_CONVERSATION = 20
QUEUES = 7
"""A queue has about 1,400 of the sessions."""

OWNED_OF_TEN = 6
"""Of ten conversations, so many are the owner's, with their sessions and events."""

OWNER = name_id("benchmark/owner")
OWNER_ROLE = name_id("benchmark/owner/role")
RIGHTS = ("Create", "Read", "Write", "Append", "AppendTo")

PER_MESSAGE = 1_000
MESSAGES_PER_TRANSACTION = 100
MINUTES = 30 * 24 * 60
"""Everything happens within a month of thirty days."""

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


def scratch_conversation_id() -> str:
    """The conversation of that session, which nobody asks for."""
    return numbered_id(0x7FFF_FFFF, "benchmark/scratch conversation")


def is_owners(conversation: int) -> bool:
    """The conversation is the owner's."""
    return conversation % 10 < OWNED_OF_TEN


def load(organization: Organization, sessions: int, progress: Progress) -> int:
    """Make queues, conversations, sessions and their events; how many rows that were."""
    _found_owner(organization)
    total = QUEUES + sessions // SESSIONS_PER_CONVERSATION + sessions * (1 + EVENTS_PER_SESSION) + 2
    done = 0
    for rows in (_queues(), _conversations(sessions), _sessions(sessions), _events(sessions)):
        while some := tuple(islice(rows, PER_MESSAGE * MESSAGES_PER_TRANSACTION)):
            with organization.transaction():
                for start in range(0, len(some), PER_MESSAGE):
                    targets = some[start : start + PER_MESSAGE]
                    organization.execute(CreateMultiple(targets[0].table, targets), organization.administrator)
            done += len(some)
            progress(done, total)
    return done


def _found_owner(organization: Organization) -> None:
    """A user whose only role has the rights for the tables of the measurements, at Basic depth.

    Sessions and conversations are activities, and share their privileges.
    """
    administrator = organization.administrator
    unit = Reference("businessunit", administrator.business_unit_id)
    user: dict[str, Value] = {"firstname": "An", "lastname": "Owner", "businessunitid": unit}
    own = [
        GivenPrivilege(BASIC, name=f"prv{right}{table}")
        for table in ("Activity", "msdyn_sessionevent")
        for right in RIGHTS
    ]
    role = Row("role", OWNER_ROLE, {"name": "Owner of sessions", "businessunitid": unit})
    for message in (
        Create(Row("systemuser", OWNER, user)),
        Create(role),
        AddPrivilegesRole(RowKey(OWNER_ROLE), tuple(own)),
        Associate("systemuser", RowKey(OWNER), "systemuserroles_association", "role", RowKey(OWNER_ROLE)),
    ):
        organization.execute(message, administrator)


def _queues() -> Iterator[Row]:
    for number in range(QUEUES):
        yield Row("queue", queue_id(number), {"name": f"Queue {number}"})


def _conversations(sessions: int) -> Iterator[Row]:
    for number in range(sessions // SESSIONS_PER_CONVERSATION):
        values: dict[str, Value] = {"subject": f"Conversation {number}", "ownerid": _owner(number)}
        yield Row("msdyn_ocliveworkitem", conversation_id(number), values)
    yield Row("msdyn_ocliveworkitem", scratch_conversation_id(), {"subject": "Scratch", "ownerid": _owner(0)})


def _sessions(count: int) -> Iterator[Row]:
    for number in range(count):
        yield _session(session_id(number), number, conversation_id(number // SESSIONS_PER_CONVERSATION))
    yield _session(scratch_session_id(), 0, scratch_conversation_id())


def _session(row_id: str, number: int, conversation: str) -> Row:
    return Row(
        "msdyn_ocsession",
        row_id,
        {
            "subject": f"Call {number} about an order that has not come",
            "msdyn_sessionid": f"session-{number:06d}",
            "msdyn_liveworkitemid": Reference("msdyn_ocliveworkitem", conversation),
            "msdyn_cdsqueueid": Reference("queue", queue_id(number % QUEUES)),
            # Neighbours in the queue are far apart in time, so that sorting has something to do.
            "msdyn_sessioncreatedon": _moment(number * 7919 % MINUTES),
            "ownerid": _owner(number // SESSIONS_PER_CONVERSATION),
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
                "ownerid": _owner(session // SESSIONS_PER_CONVERSATION),
            },
        )


def _owner(conversation: int) -> Reference:
    """The owner of a conversation and of all that belongs to it."""
    owner = OWNER if is_owners(conversation) else builtin_id("systemuser", "administrator")
    return Reference("systemuser", owner)


def _moment(minute: int) -> str:
    day, rest = divmod(minute, 24 * 60)
    return f"2026-09-{day + 1:02d}T{rest // 60:02d}:{rest % 60:02d}:00Z"
