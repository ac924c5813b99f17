"""Connections are handed to whoever has fewest, and none is lost that was handed to nobody's hands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence

import pytest
from typing_extensions import override

from verselet.server import seats
from verselet.server.handing import Usher
from verselet.server.listen import Endpoint, Switch, serve
from verselet.server.seats import Answer, Seat

LIMIT_S = 30


class Member:
    """One of several that answer: with its name, as long as the client wants."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.has = 0

    async def answer(self, connection: socket.socket, when_lost: Callable[[], None]) -> None:
        """Say who it is, and wait until the client goes."""
        loop = asyncio.get_running_loop()
        self.has += 1
        await loop.sock_sendall(connection, self.name)
        await loop.sock_recv(connection, 1)
        connection.close()
        self.has -= 1
        when_lost()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A free port."""
    opened = Endpoint("127.0.0.1", 0)
    yield opened
    opened.close()


@pytest.fixture
def usher(endpoint: Endpoint) -> Iterator[Usher]:
    """Stands at that address."""
    made = Usher([endpoint])
    yield made
    made.close()


async def come(endpoint: Endpoint) -> tuple[bytes, asyncio.StreamWriter]:
    """A client that comes and stays; who answers."""
    async with asyncio.timeout(LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        return await reader.readexactly(1), writer


async def go(*writers: asyncio.StreamWriter) -> None:
    """Clients that leave."""
    for writer in writers:
        writer.close()
        await writer.wait_closed()


def seated(usher: Usher, members: list[Member], stack: contextlib.ExitStack) -> list[Seat]:
    """A seat for each."""
    seats = [stack.enter_context(usher.seat()) for _ in members]
    for seat, member in zip(seats, members, strict=True):
        seat.begin([member.answer])
    return seats


def test_all_have_equally_many_whatever_comes_between(endpoint: Endpoint, usher: Usher) -> None:
    """Of clients that stay, though one that leaves at once comes before each of them. (run-several-processes)"""

    async def run() -> list[int]:
        members = [Member(b"a"), Member(b"b"), Member(b"c"), Member(b"d")]
        with contextlib.ExitStack() as stack:
            seated(usher, members, stack)
            usher.begin()
            staying = []
            for _ in range(32):
                _, leaving = await come(endpoint)
                await go(leaving)
                staying.append((await come(endpoint))[1])
                async with asyncio.timeout(LIMIT_S):
                    while sum(member.has for member in members) > len(staying):
                        await asyncio.sleep(0)
            found = [member.has for member in members]
            await go(*staying)
            return found

    counts = asyncio.run(run())
    assert 32 == sum(counts)
    # That a client has left is heard a moment after the next one has come.
    assert max(counts) - min(counts) <= 2


def test_whoever_comes_later_gets_more_until_it_has_as_many(endpoint: Endpoint, usher: Usher) -> None:
    """Another process in the place of one that died begins with none. (run-several-processes)"""

    async def run() -> bytes:
        with contextlib.ExitStack() as stack:
            seated(usher, [Member(b"a")], stack)
            usher.begin()
            before = [await come(endpoint) for _ in range(5)]
            seated(usher, [Member(b"b")], stack)
            after = [await come(endpoint)]
            while after[-1][0] != b"b":  # Until it has been heard of.
                after.append(await come(endpoint))
            several = len(after) + 3
            after += [await come(endpoint) for _ in range(several)]
            await go(*[writer for _, writer in (*before, *after)])
            return b"".join([name for name, _ in after])

    found = asyncio.run(run())
    assert b"b" * 4 in found


def test_what_a_process_did_not_take_is_for_another_one(endpoint: Endpoint, usher: Usher) -> None:
    """One that hangs and ends costs none of the connections that it was handed. (run-several-processes)"""
    hung = asyncio.new_event_loop()

    async def begin(seat: Seat) -> None:
        seat.begin([Member(b"x").answer])

    async def leave(seat: Seat) -> None:
        seat.leave()

    async def run() -> list[bytes]:
        with contextlib.ExitStack() as stack:
            (seat,) = [stack.enter_context(usher.seat())]
            await asyncio.to_thread(hung.run_until_complete, begin(seat))
            usher.begin()
            coming = [asyncio.create_task(come(endpoint)) for _ in range(40)]
            await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED, timeout=0)
            seated(usher, [Member(b"a")], stack)
            await asyncio.to_thread(hung.run_until_complete, leave(seat))
            found = await asyncio.gather(*coming)
            await go(*[writer for _, writer in found])
            return [name for name, _ in found]

    try:
        assert [b"a"] * 40 == asyncio.run(run())
    finally:
        hung.close()


def test_what_a_process_has_no_room_for_comes_again(
    endpoint: Endpoint, usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that may have no file more open waits for a moment; the client waits with it. (run-several-processes)"""
    receive = socket.recv_fds
    thrown_away = iter([True, True])

    def without_room(end: socket.socket, size: int, most: int) -> tuple[bytes, list[int], int, object]:
        door, found, flags, address = receive(end, size, most)
        if len(found) == 1 and next(thrown_away, False):
            os.close(found.pop())
        return door, found, flags, address

    monkeypatch.setattr(socket, "recv_fds", without_room)
    monkeypatch.setattr(seats, "PAUSE_S", 0.0)

    async def run() -> list[bytes]:
        with contextlib.ExitStack() as stack:
            seated(usher, [Member(b"a")], stack)
            usher.begin()
            found = await asyncio.gather(*[come(endpoint) for _ in range(5)])
            await go(*[writer for _, writer in found])
            return [name for name, _ in found]

    assert [b"a"] * 5 == asyncio.run(run())
    assert next(thrown_away, None) is None


def test_while_nobody_is_there_clients_wait_and_afterwards_they_are_refused(endpoint: Endpoint) -> None:
    """The machine keeps them until a process is ready; once it is over it lets nobody in. (run-several-processes)"""
    usher = Usher([endpoint])

    async def run() -> bytes:
        usher.begin()
        coming = asyncio.create_task(come(endpoint))
        with contextlib.ExitStack() as stack:
            seated(usher, [Member(b"a")], stack)
            name, writer = await coming
            await go(writer)
        return name

    assert b"a" == asyncio.run(run())
    usher.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", endpoint.port), timeout=LIMIT_S)


class Own(Seat):
    """Given connections by the test itself."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        super().__init__(theirs)

    @override
    def begin(self, doors: Sequence[Answer]) -> None:
        self.door = doors[0]

    def give_back(self) -> None:
        """Nothing stays open."""
        self.leave()
        self._ours.close()


@pytest.mark.parametrize("context", [None, ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)])
def test_that_a_client_has_gone_is_told_once(endpoint: Endpoint, context: ssl.SSLContext | None) -> None:
    """Also where it could not agree on TLS: its process gets others then. (run-several-processes)"""
    told: list[None] = []

    async def unused(_scope: object, _receive: object, _send: object) -> None:
        raise AssertionError

    async def run() -> None:
        seat, switch = Own(), Switch()
        here, there = socket.socketpair()
        serving = asyncio.create_task(serve(unused, [(endpoint, context)], switch, switch.stop, (), seat=seat))
        while not switch.is_ready and not hasattr(seat, "door"):
            await asyncio.sleep(0)
        here.sendall(b"no request, no TLS\r\n\r\n")
        there.setblocking(False)
        await seat.door(there, lambda: told.append(None))
        here.close()
        await serving
        seat.give_back()

    asyncio.run(run())
    assert [None] == told
