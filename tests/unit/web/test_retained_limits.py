"""What may be asked of retained rows. [RET-43]"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from verselet.clock import Clock
from verselet.errors.limits import TooManyAtOnce, TooManyRequests
from verselet.operations.failures import TakesLong
from verselet.web.retained_limits import DAY_S, QUESTIONS, USERS_AT_ONCE, RetainedLimits

START = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)


def ask(limits: RetainedLimits, user: str = "ann", *, retained: bool = True) -> None:
    """One question, answered at once."""
    with limits.asking(user, retained=retained):
        pass


def test_a_day_has_a_hundred_questions_whoever_asks() -> None:
    """Of retained rows; others are not counted, and a day later there are a hundred more. [RET-43]"""
    clock = Clock(START)
    limits = RetainedLimits(clock, is_on=True)
    for number in range(QUESTIONS):
        ask(limits, f"user {number}")
        ask(limits, retained=False)
    clock.advance(timedelta(hours=1))
    with pytest.raises(TooManyRequests) as refused:
        ask(limits)
    assert (429, 0x80072322, DAY_S - 3_600 + 1) == (
        refused.value.status,
        refused.value.code,
        refused.value.retry_after_s,
    )
    ask(limits, retained=False)
    clock.advance(timedelta(seconds=DAY_S - 3_600))
    ask(limits)


def test_five_users_ask_at_once() -> None:
    """Each of them as often as they like; the sixth waits for one to have been answered. [RET-43]"""
    limits = RetainedLimits(Clock(START), is_on=True)
    with ExitStack() as asking:
        for number in range(USERS_AT_ONCE):
            asking.enter_context(limits.asking(f"user {number}", retained=True))
        ask(limits, "user 0")
        with pytest.raises(TooManyAtOnce) as refused:
            ask(limits, "another")
    assert (429, 0x80072326) == (refused.value.status, refused.value.code)
    ask(limits, "another")


def test_a_question_that_moves_to_another_thread_counts_once() -> None:
    """[RET-43]"""
    limits = RetainedLimits(Clock(START), is_on=True)
    for _ in range(QUESTIONS):
        with pytest.raises(TakesLong), limits.asking("ann", retained=True):
            raise TakesLong
    for _ in range(QUESTIONS):
        ask(limits)
    with pytest.raises(TooManyRequests):
        ask(limits)


def test_nobody_is_held_to_it_unless_limits_are_on() -> None:
    """Off by default. [RET-43]"""
    limits = RetainedLimits(Clock(START), is_on=False)
    for _ in range(QUESTIONS + 1):
        ask(limits)
