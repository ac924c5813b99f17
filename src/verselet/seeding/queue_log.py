"""Read a telephone queue's log as calls, attempts and session events.

In:        the text of an Asterisk `queue_log`, `epoch|callid|queue|agent|verb|data1|…` per line
Out:       `Call`: its attempts, each with its happenings in order
Not here:  the rows made of them (seeding.contact_centre)

Queues that ring one agent at a time; verbs that would need more (parallel ringing, attended transfers) are refused by
name. [OC-150], chapter 12
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from verselet.errors import OperatorError

QUEUE_ASSIGNED, AGENT_ASSIGNED, AGENT_ACCEPTED, SESSION_END, SESSION_CREATED, INVITE_TIMEOUT = 1, 2, 3, 5, 6, 7
CUSTOMER_DISCONNECTED, TO_AGENT, TO_QUEUE, CUSTOMER_ENDS, AGENT_ENDS = 17, 18, 19, 25, 26
"""Event types; the choice's value is 192350000 more. [OC-T01] to [OC-T32]"""

R_DEFAULT, R_QUEUE_TRANSFER, R_USER_ACCEPT, R_INVITE_TIMEOUT, R_AGENT_TRANSFERRED, R_CUSTOMER_GONE = 0, 2, 5, 9, 12, 14
R_CUSTOMER_ENDS, R_AGENT_ENDS, R_OVERFLOW_QUEUE, R_OVERFLOW_END = 29, 30, 34, 35
"""Event reasons; the choice's value is 192350000 more. [OC-60]"""

ENDINGS: Mapping[str, tuple[int, int]] = {
    "COMPLETEAGENT": (AGENT_ENDS, R_AGENT_ENDS),
    "COMPLETECALLER": (CUSTOMER_ENDS, R_CUSTOMER_ENDS),
    "ABANDON": (CUSTOMER_DISCONNECTED, R_CUSTOMER_GONE),
}
"""Verbs that end a call: the cause, and the reason of cause and end alike."""

ABOUT_NO_CALL = ("NONE", "REALTIME")
FOLLOWS_OVERFLOW_S = 5
FOLLOWS_TRANSFER_S = 300


class LogLine(msgspec.Struct, frozen=True):
    """One line; `at` in seconds since 1970, `number` counts from 1."""

    number: int
    at: int
    call_id: str
    queue: str
    agent: str
    verb: str
    data: tuple[str, ...]


class Happening(msgspec.Struct, frozen=True):
    """One session event. `agent` where one is asked or answers."""

    type: int
    reason: int
    at: int
    agent: str | None = None


class Attempt(msgspec.Struct, frozen=True):
    """One attempt to serve the call in one queue: a session. [OC-2]"""

    queue: str
    happenings: tuple[Happening, ...]


class Call(msgspec.Struct, frozen=True):
    """One call from first arrival to final end: a conversation. [OC-1]"""

    call_id: str
    caller: str
    attempts: tuple[Attempt, ...]


def read_calls(text: str, name: str) -> tuple[Call, ...]:
    """The calls of a log in the order in which they arrive; `name` is for refusals.

    Raises:
        OperatorError: a line that cannot be read, or a verb that is not supported.
    """
    lines_by_call: dict[str, list[LogLine]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        read = _read_line(number, line, name)
        # Log-ins, pauses and restarts are presence: no session event comes of them.
        if read.call_id not in ABOUT_NO_CALL:
            lines_by_call.setdefault(read.call_id, []).append(read)
    return tuple(_call(lines, name) for lines in lines_by_call.values())


def _read_line(number: int, line: str, name: str) -> LogLine:
    """One line; fields missing at the end are empty."""
    at, *rest = line.split("|")
    if not at.isdecimal() or len(rest) < 4:
        raise _refused(name, number, "is no line of a queue log", "epoch|callid|queue|agent|verb|… is expected")
    call_id, queue, agent, verb, *data = rest
    return LogLine(number, int(at), call_id, queue, agent, verb, (*data, "", "", "", "", ""))


def _call(lines: Sequence[LogLine], name: str) -> Call:
    """One call out of its lines."""
    first = lines[0]
    if first.verb != "ENTERQUEUE":
        raise _refused(
            name, first.number, f"is {first.verb} of a call that never arrived", "logs that begin amid calls"
        )
    return Call(first.call_id, first.data[1], tuple(_attempts(lines, name)))


def _attempts(lines: Sequence[LogLine], name: str) -> Iterable[Attempt]:
    """The attempts of one call. An attempt ends where the next begins or the call is over; an orphan stays open."""
    happenings: list[Happening] = []
    queue, opening = "", R_DEFAULT
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line.verb == "ENTERQUEUE":
            queue = line.queue
            happenings = _opened(opening, line.at)
        elif line.verb == "RINGNOANSWER":
            happenings += _offered(line, int(line.data[0]) // 1000, happenings)
            happenings += _ended(INVITE_TIMEOUT, R_INVITE_TIMEOUT, line.at, line.agent)
            yield Attempt(queue, tuple(happenings))
            happenings = _opened(R_INVITE_TIMEOUT, line.at)
        elif line.verb == "CONNECT":
            happenings += _offered(line, int(line.data[2] or 0), happenings)
            happenings.append(Happening(AGENT_ACCEPTED, R_USER_ACCEPT, line.at, line.agent))
        else:
            happenings += _closed(line, following, name)
            opening = happenings[-1].reason
            yield Attempt(queue, tuple(happenings))
            happenings = []
    if happenings:
        yield Attempt(queue, tuple(happenings))


def _opened(reason: int, at: int) -> list[Happening]:
    """A new attempt: created and put into the queue at once, for one reason. [OC-73], [OC-T01]"""
    return [Happening(SESSION_CREATED, reason, at), Happening(QUEUE_ASSIGNED, reason, at)]


def _offered(line: LogLine, ring_s: int, before: Sequence[Happening]) -> list[Happening]:
    """The ringing began `ring_s` ago, but not before the previous event. The reason follows [OC-162]."""
    opening = before[0].reason
    reason = opening if opening == R_INVITE_TIMEOUT else R_DEFAULT
    return [Happening(AGENT_ASSIGNED, reason, max(line.at - ring_s, before[-1].at), line.agent)]


def _ended(cause: int, reason: int, at: int, agent: str | None = None) -> list[Happening]:
    """A cause, and the end of the session in the same second. [OC-21]"""
    return [Happening(cause, reason, at, agent), Happening(SESSION_END, reason, at)]


def _closed(line: LogLine, following: LogLine | None, name: str) -> list[Happening]:
    """What ends an attempt. Whether it was handed on shows only in the line that follows."""
    again_s = following.at - line.at if following is not None and following.verb == "ENTERQUEUE" else None
    if line.verb in ENDINGS:
        return _ended(*ENDINGS[line.verb], line.at)
    if line.verb in {"BLINDTRANSFER", "TRANSFER"}:
        if again_s is not None and again_s <= FOLLOWS_TRANSFER_S:
            return _ended(TO_QUEUE, R_QUEUE_TRANSFER, line.at)
        return _ended(TO_AGENT, R_AGENT_TRANSFERRED, line.at)
    if line.verb in {"EXITWITHTIMEOUT", "EXITEMPTY"}:
        if again_s is not None and again_s <= FOLLOWS_OVERFLOW_S:
            return _ended(TO_QUEUE, R_OVERFLOW_QUEUE, line.at)
        return [Happening(SESSION_END, R_OVERFLOW_END, line.at)]
    raise _refused(name, line.number, f"has the verb {line.verb}", "this verb is not read yet")


def _refused(name: str, number: int, what: str, why: str) -> OperatorError:
    """A line that cannot be used."""
    return OperatorError("VS3010", f"{name}: line {number} {what}", why, "correct the line, or leave its call out")
