"""Say what is measured: the operations, their requests and their goals.

In:        the ids of benchmarks.data
Out:       `SHAPES`, each with requests that differ from one to the next; `MANNERS` of asking
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
    OWNER,
    QUEUES,
    SESSIONS_PER_CONVERSATION,
    conversation_id,
    event_id,
    is_owners,
    queue_id,
    scratch_session_id,
    session_id,
)

API = "/api/data/v9.2/"
ADMINISTRATOR = "dev-admin"
EIGHT = (
    "$select=msdyn_sessioneventid,msdyn_name,msdyn_eventtype,msdyn_eventreason,msdyn_eventtime,"
    "_msdyn_omnichannelsession_value,createdon,_ownerid_value"
)
SESSION_COLUMNS = "$select=activityid,subject,msdyn_sessionid,msdyn_sessioncreatedon,statecode,_msdyn_cdsqueueid_value"
JSON = (("content-type", "application/json"),)
BULK = 1_000
VARIANTS = 256
"""Different requests of one shape, so that nothing is fast because it was just asked."""


class Call(msgspec.Struct, frozen=True):
    """One request; `target` is path and query below the address of the API."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    token: str = ADMINISTRATOR

    @property
    def path(self) -> str:
        """The path with the query; `target` may be one that is not the API's."""
        return self.target if self.target.startswith("/") else API + self.target

    @property
    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers, and who asks."""
        return (("authorization", f"Bearer {self.token}"), *self.headers)


class Manner(msgspec.Struct, frozen=True):
    """Who asks, and whether answers are to explain their values."""

    says: str
    token: str = ADMINISTRATOR
    is_annotated: bool = False

    def of(self, call: Call) -> Call:
        """The same request, asked in this manner."""
        if not self.is_annotated:
            return msgspec.structs.replace(call, token=self.token)
        prefer = ",".join([*[value for name, value in call.headers if name == "prefer"], ANNOTATED])
        kept = tuple([header for header in call.headers if header[0] != "prefer"])
        return msgspec.structs.replace(call, token=self.token, headers=(*kept, ("prefer", prefer)))


ANNOTATED = 'odata.include-annotations="*"'
PLAIN = Manner("administrator")
BASIC_DEPTH = Manner("Basic depth", f"dev:{OWNER}")
MANNERS = (
    PLAIN,
    BASIC_DEPTH,
    Manner("administrator, annotated", is_annotated=True),
    Manner("Basic depth, annotated", BASIC_DEPTH.token, is_annotated=True),
)


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of performance.md: its letter, what it does, how to ask for it, and what it may cost.

    `at_most` is the goal: server CPU as a multiple of statement and echo; some have one in microseconds too. `rows` is
    how many rows a request reads or writes. What `walks` reads the whole table of events.
    """

    letter: str
    what: str
    make: Callable[[random.Random, int], Call]
    rows: int
    at_most: float
    goal_us: float | None = None
    is_annotated: bool = False
    walks: bool = False
    writes: bool = False

    def calls(self, sessions: int, manner: Manner = PLAIN) -> list[Call]:
        """Requests of this shape on data with so many sessions: the same in every run."""
        chance = random.Random(self.letter)
        return [manner.of(self.make(chance, sessions)) for _ in range(VARIANTS if self.rows < BULK else 8)]

    def is_asked(self, manner: Manner) -> bool:
        """Annotations are asked for where an answer has rows of a table."""
        return self.is_annotated or not manner.is_annotated


def some_conversation(chance: random.Random, sessions: int) -> int:
    """The number of one of the owner's."""
    while not is_owners(found := chance.randrange(sessions // SESSIONS_PER_CONVERSATION)):
        pass
    return found


def some_conversation_id(chance: random.Random, sessions: int) -> str:
    """One of the owner's."""
    return conversation_id(some_conversation(chance, sessions))


def some_session(chance: random.Random, sessions: int) -> int:
    """The number of a session of such a conversation."""
    return some_conversation(chance, sessions) * SESSIONS_PER_CONVERSATION + chance.randrange(SESSIONS_PER_CONVERSATION)


def some_event_id(chance: random.Random, sessions: int) -> str:
    """An event of such a session."""
    return event_id(some_session(chance, sessions) * EVENTS_PER_SESSION + chance.randrange(EVENTS_PER_SESSION))


def _point_read(chance: random.Random, sessions: int) -> Call:
    return Call("GET", f"msdyn_sessionevents({some_event_id(chance, sessions)})?{EIGHT}")


def _page_by_lookup(chance: random.Random, sessions: int) -> Call:
    session = session_id(some_session(chance, sessions))
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
    conversation = some_conversation_id(chance, sessions)
    return Call(
        "GET",
        f"msdyn_ocsessions?{SESSION_COLUMNS}&$filter=_msdyn_liveworkitemid_value%20eq%20{conversation}"
        f"&$expand=msdyn_ocsession_sessionevent_nested({EIGHT})",
    )


def _long_page(_chance: random.Random, _sessions: int) -> Call:
    return Call("GET", f"msdyn_sessionevents?{EIGHT}", (("prefer", "odata.maxpagesize=1000"),))


def _count(_chance: random.Random, _sessions: int) -> Call:
    return Call("GET", f"msdyn_ocsessions/$count?$filter=_ownerid_value%20eq%20{OWNER}")


def _group(chance: random.Random, _sessions: int) -> Call:
    # Five types of twenty-five: 40,000 of the events, within what may be aggregated.
    first = EVENT_TYPE + chance.randrange(FIRST_EVENT_TYPES - 4)
    within = f"msdyn_eventtype%20ge%20{first}%20and%20msdyn_eventtype%20le%20{first + 4}"
    return Call(
        "GET",
        f"msdyn_sessionevents?$apply=filter({within})"
        "/groupby((msdyn_eventreason),aggregate($count%20as%20total,msdyn_eventtime%20with%20max%20as%20last))",
    )


def _event(chance: random.Random) -> dict[str, object]:
    return {
        "msdyn_name": f"Event made by a measurement {chance.randrange(1_000_000)}",
        "msdyn_eventtype": EVENT_TYPE + chance.randrange(FIRST_EVENT_TYPES),
        "msdyn_eventreason": EVENT_TYPE + chance.randrange(40),
        "msdyn_eventtime": f"2026-10-{chance.randrange(1, 31):02d}T12:00:00Z",
        "msdyn_omnichannelsession@odata.bind": f"/msdyn_ocsessions({scratch_session_id()})",
    }


def _create(chance: random.Random, _sessions: int) -> Call:
    return Call("POST", "msdyn_sessionevents", JSON, msgspec.json.encode(_event(chance)))


def _update(chance: random.Random, sessions: int) -> Call:
    changes = {"msdyn_name": f"Changed {chance.randrange(1_000_000)}", "msdyn_eventreason": EVENT_TYPE + 3}
    return Call(
        "PATCH",
        f"msdyn_sessionevents({some_event_id(chance, sessions)})",
        (*JSON, ("if-match", "*")),
        msgspec.json.encode(changes),
    )


def _create_many(chance: random.Random, _sessions: int) -> Call:
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.msdyn_sessionevent", **_event(chance)} for _ in range(BULK)]
    body = msgspec.json.encode({"Targets": targets})
    return Call("POST", "msdyn_sessionevents/Microsoft.Dynamics.CRM.CreateMultiple", JSON, body)


def _update_many(chance: random.Random, sessions: int) -> Call:
    ids: set[str] = set()
    while len(ids) < BULK:
        ids.add(some_event_id(chance, sessions))
    changes = {"@odata.type": "Microsoft.Dynamics.CRM.msdyn_sessionevent", "msdyn_eventreason": EVENT_TYPE + 3}
    targets = [
        {**changes, "msdyn_sessioneventid": row_id, "msdyn_name": f"Changed {chance.randrange(1_000_000)}"}
        for row_id in sorted(ids)
    ]
    body = msgspec.json.encode({"Targets": targets})
    return Call("POST", "msdyn_sessionevents/Microsoft.Dynamics.CRM.UpdateMultiple", JSON, body)


SHAPES = (
    Shape(
        letter="a", what="row by id, 8 columns", make=_point_read, rows=1, at_most=2.5, goal_us=150, is_annotated=True
    ),
    Shape(letter="b", what="20 events of one session", make=_page_by_lookup, rows=20, at_most=2, is_annotated=True),
    Shape(
        letter="c",
        what="50 of 1,430 by lookup, sorted by time",
        make=_sorted_page,
        rows=50,
        at_most=2,
        is_annotated=True,
    ),
    Shape(
        letter="c2",
        what="50 of 1,430 by lookup",
        make=_indexed_page,
        rows=50,
        at_most=2,
        goal_us=400,
        is_annotated=True,
    ),
    Shape(letter="d", what="20 sessions with 20 events each", make=_expand, rows=420, at_most=1.6, is_annotated=True),
    Shape(
        letter="e",
        what="page of 1,000, 8 columns",
        make=_long_page,
        rows=1000,
        at_most=1.6,
        goal_us=6_000,
        is_annotated=True,
    ),
    Shape(letter="f", what="$count over 6,000 rows", make=_count, rows=5_001, at_most=1.3),
    Shape(letter="g", what="40,000 of 200,000 rows in groups", make=_group, rows=40_000, at_most=1.3, walks=True),
    Shape(letter="h", what="create", make=_create, rows=1, at_most=3, goal_us=300, writes=True),
    Shape(letter="i", what="update two columns", make=_update, rows=1, at_most=3, writes=True),
    Shape(
        letter="j",
        what="1,000 rows in one CreateMultiple",
        make=_create_many,
        rows=BULK,
        at_most=2.5,
        goal_us=120_000,
        writes=True,
    ),
    Shape(
        letter="j2",
        what="two columns of 1,000 rows in one UpdateMultiple",
        make=_update_many,
        rows=BULK,
        at_most=3,
        writes=True,
    ),
)
"""The operations of performance.md §9; what a start costs (k) is no request."""
