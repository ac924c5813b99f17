"""What one user may ask of the server. [LIM-1] to [LIM-7]"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from verselet.clock import Clock
from verselet.errors.limits import TooManyAtOnce, TooManyRequests, TooMuchAsked, TooMuchExecutionTime
from verselet.operations.failures import TakesLong
from verselet.web.answers import Answer
from verselet.web.errors import refusal
from verselet.web.limits import MOST_USERS, Limiter, ServiceLimits

START = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
ANN, BEN = "ann", "ben"


def _done() -> Answer:
    return Answer(204)


def _limiter(own: Mapping[str, int] | None = None, **limits: float) -> tuple[Limiter, Clock]:
    clock = Clock(START)
    return Limiter(clock, ServiceLimits(**limits), own or {}), clock  # type: ignore[arg-type]


def _headers(answer: Answer) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in answer.headers}


def test_nobody_is_counted_where_no_limits_are_set() -> None:
    """Off by default: no header, no refusal. [LIM-7]"""
    limiter = Limiter(Clock(START), None, {})
    assert [()] * 10 == [limiter.answer(ANN, _done).headers for _ in range(10)]


def test_the_next_requests_are_refused_on_demand() -> None:
    """So many, whoever sends them, also where no limits are set; then all goes on as before. [LIM-7]"""
    limiter = Limiter(Clock(START), None, {})
    limiter.refuse_next(2, 7)
    for user in (ANN, BEN):
        with pytest.raises(TooManyRequests) as refused:
            limiter.answer(user, _done)
        answer = refusal(refused.value, everything=False, challenge="")
        assert (429, "7") == (answer.status, _headers(answer)["retry-after"])
    assert 204 == limiter.answer(ANN, _done).status
    limiter.refuse_next(5, 7)
    limiter.refuse_next(0, 0)
    assert 204 == limiter.answer(ANN, _done).status


def test_a_request_too_many_is_refused_in_the_words_of_the_service() -> None:
    """Each user is counted alone. [LIM-1], [LIM-4], [LIM-6], [LM-1], [LM-2], [E-18]"""
    limiter, _ = _limiter(requests=3)
    for _ in range(3):
        limiter.answer(ANN, _done)
    with pytest.raises(TooManyRequests) as refused:
        limiter.answer(ANN, _done)
    answer = refusal(refused.value, everything=False, challenge="")
    expected = "Number of requests exceeded the limit of 3 over time window of 300 seconds."
    assert (429, 0x80072322, expected) == (answer.status, refused.value.code, refused.value.message)
    assert "300" == _headers(answer)["retry-after"]
    assert 204 == limiter.answer(BEN, _done).status


def test_the_window_slides() -> None:
    """What is 300 seconds old counts no longer; the wait ends then. [LIM-1], [LIM-4]"""
    limiter, clock = _limiter(requests=2)
    limiter.answer(ANN, _done)
    clock.advance(timedelta(seconds=200))
    limiter.answer(ANN, _done)
    with pytest.raises(TooManyRequests) as refused:
        limiter.answer(ANN, _done)
    clock.advance(timedelta(seconds=refused.value.retry_after_s))
    assert 204 == limiter.answer(ANN, _done).status
    with pytest.raises(TooManyRequests):
        limiter.answer(ANN, _done)
    clock.advance(timedelta(days=1))
    assert "1" == _headers(limiter.answer(ANN, _done))["x-ms-ratelimit-burst-remaining-xrm-requests"]


def test_who_goes_on_asking_waits_longer() -> None:
    """[LIM-4]"""
    limiter, clock = _limiter(requests=1)
    limiter.answer(ANN, _done)
    clock.advance(timedelta(seconds=150))
    waits = []
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refused:
            limiter.answer(ANN, _done)
        waits.append(refused.value.retry_after_s)
    assert [waits[0], waits[0] + 1, waits[0] + 2] == waits


def test_requests_that_took_too_long_together_are_refused() -> None:
    """[LIM-2]"""
    limiter, _ = _limiter(execution_s=0.0)
    with pytest.raises(TooMuchExecutionTime) as refused:
        limiter.answer(ANN, _done)
    assert 0x80072321 == refused.value.code
    told = str(TooMuchExecutionTime(1_200_000, 300, 1).message)
    assert told.startswith("Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds")


def test_too_many_at_once_are_refused_until_one_is_answered() -> None:
    """[LIM-3], [LIM-4]"""
    limiter, _ = _limiter(at_once=1)

    def another() -> Answer:
        return limiter.answer(ANN, _done)

    with pytest.raises(TooManyAtOnce) as refused:
        limiter.answer(ANN, another)
    assert (0x80072326, 1) == (refused.value.code, refused.value.retry_after_s)
    assert 204 == another().status


def test_answers_tell_what_is_left() -> None:
    """[LIM-5]"""
    limiter, _ = _limiter()
    told = _headers(limiter.answer(ANN, _done))
    expected = {
        "x-ms-ratelimit-burst-remaining-xrm-requests": "5999",
        "x-ms-ratelimit-time-remaining-xrm-requests": "1,200.00",
    }
    assert expected == told


def test_a_request_that_begins_again_in_another_thread_counts_once() -> None:
    """What was given up on the event loop is the same request. [LIM-1]"""
    limiter, _ = _limiter(requests=1)

    def too_long() -> Answer:
        raise TakesLong

    with pytest.raises(TakesLong):
        limiter.answer(ANN, too_long)
    assert 204 == limiter.answer(ANN, _done).status


def test_a_user_may_have_a_limit_of_its_own() -> None:
    """Also where nobody else has any. [LIM-7]"""
    own = {ANN: 1}
    limiter = Limiter(Clock(START), None, own)
    limiter.answer(ANN, _done)
    with pytest.raises(TooMuchAsked):
        limiter.answer(ANN, _done)
    assert () == limiter.answer(BEN, _done).headers


def test_only_so_many_users_are_kept() -> None:
    """The memory does not grow with the users there are. [LIM-6]"""
    limiter, _ = _limiter(requests=1)
    limiter.answer(ANN, _done)
    for number in range(MOST_USERS):
        limiter.answer(str(number), _done)
    assert 204 == limiter.answer(ANN, _done).status
