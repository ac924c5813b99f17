"""Say what is measured: the operations, their requests and their goals.

In:        the ids of benchmarks.data
Out:       `SHAPES`, each with requests that differ from one to the next
Not here:  sending them (benchmarks.traffic), what they cost (benchmarks.figures)
"""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec

from benchmarks.data import (
    EVENT_TYPE,
    EVENTS_PER_SESSION,
    FIRST_EVENT_TYPES,
    QUEUES,
    REPRESENTATIVE,
    SESSIONS_PER_CONVERSATION,
    conversation_id,
    event_id,
    queue_id,
    scratch_session_id,
    session_id,
)

API = "/api/data/v9.2/"
TOKEN = "dev-admin"
EIGHT = (
    "$select=msdyn_sessioneventid,msdyn_name,msdyn_eventtype,msdyn_eventreason,msdyn_eventtime,"
    "_msdyn_omnichannelsession_value,createdon,_ownerid_value"
)
SESSION_COLUMNS = "$select=activityid,subject,msdyn_sessionid,msdyn_sessioncreatedon,statecode,_msdyn_cdsqueueid_value"
BULK = 1_000
VARIANTS = 256
"""Different requests of one shape, so that nothing is fast because it was just asked."""


class Call(msgspec.Struct, frozen=True):
    """One request; `target` is path and query below the address of the API."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of performance.md: its letter, what it does, how to ask for it, and what it may cost.

    `goal_us` is server CPU per request; `rows` is how many rows each request reads or writes.
    """

    letter: str
    what: str
    make: Callable[[random.Random, int], Call]
    rows: int
    goal_us: float | None = None

    def calls(self, sessions: int) -> list[Call]:
        """Requests of this shape on data with so many sessions: the same in every run."""
        chance = random.Random(self.letter)
        return [self.make(chance, sessions) for _ in range(VARIANTS if self.rows < BULK else 8)]


def _point_read(chance: random.Random, sessions: int) -> Call:
    event = event_id(chance.randrange(sessions * EVENTS_PER_SESSION))
    return Call("GET", f"msdyn_sessionevents({event})?{EIGHT}")


def _page_by_lookup(chance: random.Random, sessions: int) -> Call:
    session = session_id(chance.randrange(sessions))
    return Call("GET", f"msdyn_sessionevents?{EIGHT}&$filter=_msdyn_omnichannelsession_value%20eq%20{session}")


def _sorted_page(chance: random.Random, _sessions: int) -> Call:
    queue = queue_id(chance.randrange(QUEUES))
    return Call(
        "GET",
        f"msdyn_ocsessions?{SESSION_COLUMNS}&$filter=_msdyn_cdsqueueid_value%20eq%20{queue}"
        "&$orderby=msdyn_sessioncreatedon%20desc&$top=50",
    )


def _indexed_page(chance: random.Random, _sessions: int) -> Call:
    queue = queue_id(chance.randrange(QUEUES))
    return Call("GET", f"msdyn_ocsessions?{SESSION_COLUMNS}&$filter=_msdyn_cdsqueueid_value%20eq%20{queue}&$top=50")


def _expand(chance: random.Random, sessions: int) -> Call:
    conversation = conversation_id(chance.randrange(sessions // SESSIONS_PER_CONVERSATION))
    return Call(
        "GET",
        f"msdyn_ocsessions?{SESSION_COLUMNS}&$filter=_msdyn_liveworkitemid_value%20eq%20{conversation}"
        f"&$expand=msdyn_ocsession_sessionevent_nested({EIGHT})",
    )


def _long_page(_chance: random.Random, _sessions: int) -> Call:
    return Call("GET", f"msdyn_sessionevents?{EIGHT}", (("prefer", "odata.maxpagesize=1000"),))


def _count(_chance: random.Random, _sessions: int) -> Call:
    return Call("GET", f"msdyn_ocsessions/$count?$filter=_ownerid_value%20eq%20{REPRESENTATIVE}")


def _event(chance: random.Random) -> dict[str, object]:
    return {
        "msdyn_name": f"Event made by a measurement {chance.randrange(1_000_000)}",
        "msdyn_eventtype": EVENT_TYPE + chance.randrange(FIRST_EVENT_TYPES),
        "msdyn_eventreason": EVENT_TYPE + chance.randrange(40),
        "msdyn_eventtime": f"2026-10-{chance.randrange(1, 31):02d}T12:00:00Z",
        "msdyn_omnichannelsession@odata.bind": f"/msdyn_ocsessions({scratch_session_id()})",
    }


def _create(chance: random.Random, _sessions: int) -> Call:
    return Call("POST", "msdyn_sessionevents", _JSON, msgspec.json.encode(_event(chance)))


def _update(chance: random.Random, sessions: int) -> Call:
    event = event_id(chance.randrange(sessions * EVENTS_PER_SESSION))
    changes = {"msdyn_name": f"Changed {chance.randrange(1_000_000)}", "msdyn_eventreason": EVENT_TYPE + 3}
    return Call("PATCH", f"msdyn_sessionevents({event})", (*_JSON, ("if-match", "*")), msgspec.json.encode(changes))


def _create_many(chance: random.Random, _sessions: int) -> Call:
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.msdyn_sessionevent", **_event(chance)} for _ in range(BULK)]
    body = msgspec.json.encode({"Targets": targets})
    return Call("POST", "msdyn_sessionevents/Microsoft.Dynamics.CRM.CreateMultiple", _JSON, body)


_JSON = (("content-type", "application/json"),)

SHAPES = (
    Shape(letter="a", what="row by id, 8 columns", make=_point_read, rows=1, goal_us=150),
    Shape(letter="b", what="20 events of one session", make=_page_by_lookup, rows=20),
    Shape(letter="c", what="50 of 1,430 by lookup, sorted by time", make=_sorted_page, rows=50),
    Shape(letter="c2", what="50 of 1,430 by lookup", make=_indexed_page, rows=50, goal_us=400),
    Shape(letter="d", what="20 sessions with 20 events each", make=_expand, rows=420),
    Shape(letter="e", what="page of 1,000, 8 columns", make=_long_page, rows=1000, goal_us=6_000),
    Shape(letter="f", what="$count over 6,000 rows", make=_count, rows=5_001),
    Shape(letter="h", what="create", make=_create, rows=1, goal_us=300),
    Shape(letter="i", what="update two columns", make=_update, rows=1),
    Shape(letter="j", what="1,000 rows in one CreateMultiple", make=_create_many, rows=BULK, goal_us=120_000),
)
"""The operations of performance.md §9; group-by (g) comes with `$apply`."""
