"""Answer short writes; those that come together share a commit.

In:        an organization, and what answers one request
Out:       `ShortWrites`
Not here:  what is short (web.app), what is open between two requests (store.gathering)

A write runs on the event loop, and what is ready in the same turn of the loop is committed with it. While somebody else
writes, a thread of this process or another process of the server, writes wait in a queue instead. One thread works it
off: when its turn has come, everything that waits by then takes part in one commit. (performance.md §7)
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Final, TypeAlias, TypeVar

from verselet.errors import VerseletError
from verselet.organization import Organization
from verselet.web.answers import Answer

Work: TypeAlias = Callable[[], Answer]
Told = TypeVar("Told")

MOST_TOGETHER: Final = 64
"""Writes of one commit of the queue: nobody waits for more than so many others."""


class _Waiting:
    """A write in the queue, and what came of it."""

    __slots__ = ("answer", "came_at", "end", "is_kept", "work")

    def __init__(self, work: Work, end: asyncio.Future[Answer]) -> None:
        self.work = work
        self.end = end
        self.came_at = monotonic()
        self.answer: Answer
        self.is_kept = True

    def learn(self, is_kept: bool) -> None:
        """How the commit it is part of ended."""
        self.is_kept = is_kept


class ShortWrites:
    """The short writes of one organization, on one event loop."""

    def __init__(self, organization: Organization, elsewhere: Callable[[Work], Awaitable[Answer]]) -> None:
        self._store = organization.store
        self._elsewhere = elsewhere
        self._queue: deque[_Waiting] = deque()
        self._is_worked_off = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="verselet-writes")

    async def answer(self, work: Work) -> Answer:
        """Answer once everything is committed that came together. `work` may be done a second time, all by itself."""
        store = self._store
        if self._is_worked_off or store.is_taken(writing=True):
            return await (self._queued(work) if store.gathers else self._elsewhere(work))
        if not store.gathers:
            return work()
        store.gather(on=True)
        try:
            answer = work()
        finally:
            store.gather(on=False)
        group = store.group
        if group is None or await self._is_kept(group.then):
            return answer
        # Nothing is left of what was done for any of them: each is answered by itself.
        return await self._elsewhere(work)

    def settle(self) -> None:
        """Commit what the event loop has left open."""
        with suppress(VerseletError):
            # Those who wait are told, and find out why for themselves.
            self._store.settle()

    def close(self) -> None:
        """Begin no other commit."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _is_kept(self, then: list[Callable[[bool], None]]) -> bool:
        """How the group ends: it is committed once the messages that are here by now have been at work."""
        loop = asyncio.get_running_loop()
        end: asyncio.Future[bool] = loop.create_future()
        if not then:
            loop.call_soon(self.settle)
        then.append(partial(_tell, end))
        return await end

    async def _queued(self, work: Work) -> Answer:
        loop = asyncio.get_running_loop()
        one = _Waiting(work, loop.create_future())
        self._queue.append(one)
        if not self._is_worked_off:
            self._begin(loop)
        return await one.end

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the thread if the turn must be waited for; others come meanwhile."""
        self._is_worked_off = True
        if self._store.is_taken(writing=True):
            self._thread.submit(self._work_off, loop)
        else:
            self._work_off(loop)

    def _work_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """One commit for what waits."""
        done: list[_Waiting] = []
        try:
            while self._queue and len(done) < MOST_TOGETHER:
                one = self._queue.popleft()
                done.append(one)
                self._take_part(one)
            self.settle()
        finally:
            for one in done:
                if not one.is_kept:
                    one.answer = one.work()
            loop.call_soon_threadsafe(self._end, loop, done)

    def _take_part(self, one: _Waiting) -> None:
        # Nobody waits longer because others waited in front of him.
        self._store.gather(on=True, waited_s=monotonic() - one.came_at)
        try:
            one.answer = one.work()
        finally:
            self._store.gather(on=False)
        group = self._store.group
        if group is not None:
            group.then.append(one.learn)

    def _end(self, loop: asyncio.AbstractEventLoop, done: Sequence[_Waiting]) -> None:
        """On the event loop again: answer, and go on if more have come."""
        for one in done:
            _tell(one.end, one.answer)
        self._is_worked_off = False
        if self._queue:
            self._begin(loop)


def _tell(end: asyncio.Future[Told], told: Told) -> None:
    """Unless whoever waited is gone."""
    if not end.done():
        end.set_result(told)
