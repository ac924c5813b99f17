"""Say what the peer is asked: the operations of benchmarks.shapes in its own words.

In:        the ids of benchmarks.data
Out:       `PEER_CALLS`: the letter of an operation → how one request is made
Not here:  the peer's answers (peer.app)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from benchmarks.data import EVENT_TYPE, FIRST_EVENT_TYPES, OWNER, QUEUES, queue_id, scratch_session_id, session_id
from benchmarks.shapes import BULK, JSON, Call, some_conversation_id, some_event_id, some_session

Make = Callable[[random.Random, int], Call]


def _event(chance: random.Random) -> dict[str, object]:
    return {
        "name": f"Event made by a measurement {chance.randrange(1_000_000)}",
        "type": EVENT_TYPE + chance.randrange(FIRST_EVENT_TYPES),
        "reason": EVENT_TYPE + chance.randrange(40),
        "time": f"2026-10-{chance.randrange(1, 31):02d}T12:00:00Z",
        "session_id": scratch_session_id(),
    }


def _of_queue(more: str) -> Make:
    return lambda chance, _: Call("GET", f"/sessions?queue={queue_id(chance.randrange(QUEUES))}&limit=50{more}")


def _groups(chance: random.Random, _sessions: int) -> Call:
    first = EVENT_TYPE + chance.randrange(FIRST_EVENT_TYPES - 4)
    return Call("GET", f"/events/groups?first={first}&last={first + 4}")


def _update(chance: random.Random, sessions: int) -> Call:
    changes = {"name": f"Changed {chance.randrange(1_000_000)}", "reason": EVENT_TYPE + 3}
    return Call("PATCH", f"/events/{some_event_id(chance, sessions)}", JSON, msgspec.json.encode(changes))


PEER_CALLS: Mapping[str, Make] = MappingProxyType(
    {
        "a": lambda chance, sessions: Call("GET", f"/events/{some_event_id(chance, sessions)}"),
        "b": lambda chance, sessions: Call("GET", f"/events?session={session_id(some_session(chance, sessions))}"),
        "c": _of_queue("&newest=true"),
        "c2": _of_queue(""),
        "d": lambda chance, sessions: Call("GET", f"/conversations/{some_conversation_id(chance, sessions)}/sessions"),
        "e": lambda _, __: Call("GET", "/events?limit=1000"),
        "f": lambda _, __: Call("GET", f"/sessions/count?owner={OWNER}"),
        "g": _groups,
        "h": lambda chance, _: Call("POST", "/events", JSON, msgspec.json.encode(_event(chance))),
        "i": _update,
        "j": lambda chance, _: Call(
            "POST", "/events/bulk", JSON, msgspec.json.encode([_event(chance) for _ in range(BULK)])
        ),
    }
)
