"""One connection and its clock: who owes something for too long is let go, who is only slow is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from verselet.server.connections import HEAD_LIMIT_BYTES, SLOWEST_BYTES_PER_S, BoundedProtocol, Listening, Patience

PATIENCE = Patience(connections=3, seconds=10)
WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
UPLOAD = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10000000\r\n\r\n"


class Timer:
    """What was planned, and whether it still is."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.is_planned = True

    def cancel(self) -> None:
        """Plan it no more."""
        self.is_planned = False


class Transport:
    """What came out of a connection; `waiting` bytes were not taken by the client."""

    def __init__(self) -> None:
        self.written = b""
        self.ended = ""
        self.waiting = 0

    def write(self, data: bytes) -> None:
        """Note it."""
        self.written += data

    def close(self) -> None:
        """Say goodbye."""
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        """Let go."""
        self.ended = self.ended or "aborted"

    def is_closing(self) -> bool:
        """It has ended."""
        return bool(self.ended)

    def get_write_buffer_size(self) -> int:
        """What the client has not taken."""
        return self.waiting

    def get_extra_info(self, _name: str) -> None:
        """Nothing is known of it."""

    def pause_reading(self) -> None:
        """Its bytes stay where they are."""

    def resume_reading(self) -> None:
        """Its bytes come again."""


class House:
    """Protocols of one endpoint, whose time is moved by hand."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.timers: list[Timer] = []
        self.now = 0.0
        self.state = ServerState()
        self.config = Listening(_unending, lifespan="off", log_config=None, ws="none", timeout_keep_alive=75)
        self.config.patience = PATIENCE

    def opened(self) -> tuple[BoundedProtocol, Transport]:
        """A new connection; a second passes with each."""
        self.now += 1
        protocol = BoundedProtocol(self.config, self.state, {}, cast(Any, self))
        transport = Transport()
        protocol.connection_made(cast(Any, transport))
        return protocol, transport

    def call_later(self, _after_s: float, work: Callable[[], None]) -> Timer:
        """Note what is planned."""
        self.timers.append(Timer(work))
        return self.timers[-1]

    def time(self) -> float:
        """The time by hand."""
        return self.now

    def create_task(self, coroutine: Any) -> asyncio.Task[None]:
        """Begin an answer, which never ends."""
        return self.loop.create_task(coroutine)

    def pass_time(self) -> None:
        """What was planned until now happens."""
        due, self.timers = self.timers, []
        for timer in due:
            if timer.is_planned:
                timer.work()

    def close(self) -> None:
        """End the answers that never end."""
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


async def _unending(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.Event().wait()


@pytest.fixture
def house() -> Iterator[House]:
    """An endpoint."""
    made = House()
    yield made
    made.close()


def test_a_client_that_says_nothing_is_let_go(house: House) -> None:
    """Its connection is one that somebody else could use."""
    _, transport = house.opened()
    house.pass_time()
    assert ("closed", b"") == (transport.ended, transport.written)


def test_a_client_that_is_answered_owes_nothing(house: House) -> None:
    """However long its answer takes."""
    protocol, transport = house.opened()
    protocol.data_received(WHOLE)
    house.pass_time()
    assert ("", []) == (transport.ended, house.timers)


def test_half_a_head_is_waited_for_once(house: House) -> None:
    """A byte now and then does not buy more time: 408."""
    protocol, transport = house.opened()
    protocol.data_received(WHOLE[:10])
    protocol.data_received(WHOLE[10:12])
    house.pass_time()
    assert ("closed", True) == (transport.ended, transport.written.startswith(b"HTTP/1.1 408 "))


@pytest.mark.parametrize("in_pieces", [True, False])
def test_a_head_that_is_too_large_is_refused(house: House, in_pieces: bool) -> None:
    """In one piece or in many: 431."""
    protocol, transport = house.opened()
    head = WHOLE[:-2] + b"x-filler: " + b"y" * 2 * HEAD_LIMIT_BYTES + b"\r\n\r\n"
    for piece in [head[at : at + 30_000] for at in range(0, len(head), 30_000)] if in_pieces else [head]:
        if not transport.ended:
            protocol.data_received(piece)
    assert ("closed", True) == (transport.ended, transport.written.startswith(b"HTTP/1.1 431 "))


def test_a_large_body_behind_a_small_head_is_no_large_head(house: House) -> None:
    """They may come in one piece."""
    protocol, transport = house.opened()
    protocol.data_received(UPLOAD + b"x" * 200_000)
    protocol.data_received(b"x" * 200_000)
    assert "" == transport.ended


def test_a_body_may_take_long_and_must_not_drip(house: House) -> None:
    """A thousand bytes a second are enough; less is answered with 408."""
    protocol, transport = house.opened()
    protocol.data_received(UPLOAD)
    enough = int(SLOWEST_BYTES_PER_S * PATIENCE.seconds)
    for _ in range(5):
        protocol.flow.resume_reading()
        protocol.data_received(b"x" * enough)
        protocol.flow.resume_reading()
        house.pass_time()
        assert "" == transport.ended
    protocol.data_received(b"x" * (enough - 1))
    house.pass_time()
    assert ("closed", True) == (transport.ended, transport.written.startswith(b"HTTP/1.1 408 "))


def test_a_client_is_not_blamed_for_what_nobody_reads(house: House) -> None:
    """The server is busy, and has told the machine to wait."""
    protocol, transport = house.opened()
    protocol.data_received(UPLOAD)
    protocol.flow.pause_reading()
    house.pass_time()
    assert "" == transport.ended


def test_a_refused_body_that_goes_on_is_cut_off(house: House) -> None:
    """It was answered for; what still comes is read only so long."""
    protocol, transport = house.opened()
    protocol.data_received(UPLOAD)
    protocol.cycle.response_complete = True
    house.pass_time()
    assert "aborted" == transport.ended


def test_a_client_that_takes_nothing_of_its_answer_is_let_go(house: House) -> None:
    """One that takes it slowly is not."""
    protocol, transport = house.opened()
    protocol.data_received(WHOLE)
    transport.waiting = 1_000_000
    protocol.pause_writing()
    transport.waiting = 900_000
    house.pass_time()
    assert "" == transport.ended
    house.pass_time()
    assert "aborted" == transport.ended


def test_an_answer_that_was_taken_is_not_looked_at_again(house: House) -> None:
    """Nor is one whose client has gone."""
    for leave in (BoundedProtocol.resume_writing, lambda protocol: protocol.connection_lost(None)):
        protocol, transport = house.opened()
        protocol.data_received(WHOLE)
        protocol.pause_writing()
        leave(protocol)
        transport.ended = ""
        house.pass_time()
        assert "" == transport.ended


def test_the_one_that_waited_longest_makes_room(house: House) -> None:
    """Between requests, or before the first: not those that are answered."""
    answered, first = house.opened()
    answered.data_received(WHOLE)
    idle = [house.opened()[1] for _ in range(2)]
    _, newest = house.opened()
    assert ["", "aborted", "", ""] == [first.ended, idle[0].ended, idle[1].ended, newest.ended]


def test_where_all_are_answered_a_new_one_is_told_to_come_again(house: House) -> None:
    """503 with Retry-After."""
    for _ in range(3):
        house.opened()[0].data_received(WHOLE)
    _, turned_away = house.opened()
    assert "closed" == turned_away.ended
    assert turned_away.written.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in turned_away.written
