"""A telephone queue's log becomes calls, attempts and session events."""

from __future__ import annotations

import pytest

from tests.places import SHARED
from verselet.errors import OperatorError
from verselet.seeding.queue_log import Call, Happening, read_calls

DAY = (SHARED / "data" / "contactcentre" / "synthetic-day1.queue_log").read_text("utf-8")


def happenings(*lines: str) -> list[list[tuple[int, int, int]]]:
    """Type, reason and second of each event, by attempt, of one call that starts at 1000."""
    (call,) = read_calls("\n".join(lines), "log")
    return [[(one.type, one.reason, one.at - 1000) for one in attempt.happenings] for attempt in call.attempts]


def test_the_synthetic_day_comes_to_its_known_numbers() -> None:
    """560 conversations, 617 sessions, 3503 events. [OC-A7]"""
    calls = read_calls(DAY, "day 1")
    attempts = [attempt for call in calls for attempt in call.attempts]

    assert (560, 617, 3503) == (len(calls), len(attempts), sum(len(one.happenings) for one in attempts))


def test_an_answered_call_is_one_session_of_six_events() -> None:
    """Created, queued, offered when it began to ring, accepted, ended by the agent. [OC-150]"""
    found = happenings(
        "1000|1000.1|sales|NONE|ENTERQUEUE||+999|1",
        "1008|1000.1|sales|PJSIP/201|CONNECT|8|1000.2|6",
        "1100|1000.1|sales|PJSIP/201|COMPLETEAGENT|8|92|1",
    )

    assert [[(6, 0, 0), (1, 0, 0), (2, 0, 2), (3, 5, 8), (26, 30, 100), (5, 30, 100)]] == found


def test_an_agent_who_does_not_answer_makes_a_second_session() -> None:
    """A refused or missed offer ends the attempt; the next says why it exists. [OC-2], [OC-72]"""
    found = happenings(
        "1000|1000.1|sales|NONE|ENTERQUEUE||+999|1",
        "1020|1000.1|sales|PJSIP/201|RINGNOANSWER|15000",
        "1030|1000.1|sales|NONE|ABANDON|1|1|30",
    )

    assert [
        [(6, 0, 0), (1, 0, 0), (2, 0, 5), (7, 9, 20), (5, 9, 20)],
        [(6, 9, 20), (1, 9, 20), (17, 14, 30), (5, 14, 30)],
    ] == found


def test_the_offer_never_begins_before_the_session() -> None:
    """A ring time longer than the wait is cut. [OC-150]"""
    found = happenings("1000|1000.1|sales|NONE|ENTERQUEUE||+999|1", "1004|1000.1|sales|PJSIP/201|CONNECT|4|x|9")

    assert [[(6, 0, 0), (1, 0, 0), (2, 0, 0), (3, 5, 4)]] == found


@pytest.mark.parametrize(
    ("verb", "pause", "ended", "opening"),
    [
        ("EXITWITHTIMEOUT|1|1|75", 5, [(19, 34, 75), (5, 34, 75)], 34),
        ("EXITEMPTY|1|1|75", 2, [(19, 34, 75), (5, 34, 75)], 34),
        ("BLINDTRANSFER|600|from-queue|1|1|1", 300, [(19, 2, 75), (5, 2, 75)], 2),
    ],
)
def test_a_call_that_is_queued_again_goes_on(
    verb: str, pause: int, ended: list[tuple[int, int, int]], opening: int
) -> None:
    """Queued again in time, the end was an overflow or a transfer, and the next session carries it. [OC-72]"""
    first, second = happenings(
        "1000|1000.1|sales|NONE|ENTERQUEUE||+999|1",
        f"1075|1000.1|sales|NONE|{verb}",
        f"{1075 + pause}|1000.1|support|NONE|ENTERQUEUE||+999|1",
    )

    assert ended == first[2:]
    assert [(6, opening, 75 + pause), (1, opening, 75 + pause)] == second


@pytest.mark.parametrize(
    ("verb", "ended"),
    [
        ("EXITWITHTIMEOUT|1|1|75", [(5, 35, 75)]),
        ("TRANSFER|901|outside|1|1|1", [(18, 12, 75), (5, 12, 75)]),
    ],
)
def test_a_call_that_is_not_queued_again_is_over(verb: str, ended: list[tuple[int, int, int]]) -> None:
    """Without a successor the end is an overflow end, or a transfer to somebody outside. [OC-160]"""
    (only,) = happenings("1000|1000.1|sales|NONE|ENTERQUEUE||+999|1", f"1075|1000.1|sales|NONE|{verb}")

    assert ended == only[2:]


def test_a_call_without_an_end_stays_open() -> None:
    """An abandon is never guessed. [OC-164]"""
    assert [[(6, 0, 0), (1, 0, 0)]] == happenings("1000|1000.1|sales|NONE|ENTERQUEUE||+999|1")


def test_presence_makes_no_call() -> None:
    """Log-ins, pauses and restarts are about no call."""
    assert () == read_calls("1000|NONE|NONE|NONE|QUEUESTART\n1001|NONE|sales|PJSIP/201|PAUSE|", "log")


def test_calls_come_in_the_order_of_their_arrival_with_their_own_lines() -> None:
    """Lines of calls that overlap are told apart by the call id."""
    first, second = read_calls(
        "1|a|sales|NONE|ENTERQUEUE||+1|1\n2|b|support|NONE|ENTERQUEUE||+2|1\n3|a|sales|NONE|ABANDON|1|1|2\n", "log"
    )

    assert ("a", "+1", 4) == (first.call_id, first.caller, len(first.attempts[0].happenings))
    assert Call("b", "+2", second.attempts) == second
    assert Happening(6, 0, 2) == second.attempts[0].happenings[0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("yesterday|a|sales|NONE|ENTERQUEUE", "log: line 1 is no line of a queue log"),
        (
            "1|a|sales|NONE|ENTERQUEUE||+1|1\n2|a|sales|x|ATTENDEDTRANSFER|BRIDGE",
            "log: line 2 has the verb ATTENDEDTRANSFER",
        ),
        ("7|a|sales|x|CONNECT|1|y|1", "log: line 1 is CONNECT of a call that never arrived"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_by_number(text: str, what: str) -> None:
    """Nothing is skipped in silence."""
    with pytest.raises(OperatorError) as refused:
        read_calls(text, "log")

    assert ("VS3010", what) == (refused.value.code, refused.value.what)
