"""Hold every user to what the service lets one user ask.

In:        who asks, when a request begins and ends
Out:       nothing, or 429 with the time to wait; headers that tell what is left
Not here:  who is asking (auth), which limits are set (settings)

One window slides over each user's requests, in sixty slots: what a request costs here is the same however many came
before, and so is what is kept of a user. Only the users who asked last are kept. [LIM-6], [LIM-7]
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from verselet.clock import Clock
from verselet.errors.limits import TooManyAtOnce, TooManyRequests, TooMuchExecutionTime
from verselet.operations.failures import TakesLong
from verselet.web.answers import Answer, Header

SLOTS: Final = 60
MOST_USERS: Final = 10_000
"""So many users are watched; of one who asked longer ago than all of them nothing is known."""


class ServiceLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one user may ask in a window of so many seconds, and at once. [LIM-1] to [LIM-3]"""

    requests: int = 6_000
    execution_s: float = 1_200.0
    at_once: int = 52
    window_s: int = 300


class _Window:
    """What one user asked, by slots of time; `refused` in a row."""

    def __init__(self, slot: int) -> None:
        self.slot = slot
        self.counts = [0] * SLOTS
        self.seconds = [0.0] * SLOTS
        self.requests = 0
        self.execution_s = 0.0
        self.at_once = 0
        self.refused = 0

    def move_to(self, slot: int) -> None:
        """Forget what the window has left behind. A clock that was put back moves nothing."""
        for passed in range(min(max(slot - self.slot, 0), SLOTS)):
            place = (self.slot + 1 + passed) % SLOTS
            self.requests -= self.counts[place]
            self.execution_s -= self.seconds[place]
            self.counts[place], self.seconds[place] = 0, 0.0
        self.slot = max(slot, self.slot)

    def add(self, requests: int, seconds: float) -> None:
        """Count something in the present slot."""
        place = self.slot % SLOTS
        self.counts[place] += requests
        self.seconds[place] += seconds
        self.requests += requests
        self.execution_s += seconds

    def slots_to_wait(self) -> int:
        """How many slots pass until the oldest one that counts is left behind."""
        for passed in range(1, SLOTS):
            place = (self.slot + passed) % SLOTS
            if self.counts[place] or self.seconds[place]:
                return passed
        return SLOTS


class Limiter:
    """Counts what users ask. Without `limits` only those are counted who have a number of requests of their own.

    `own` is looked at anew for every request: user → that number.
    """

    def __init__(self, clock: Clock, limits: ServiceLimits | None, own: Mapping[str, int]) -> None:
        self._clock = clock
        self._is_on = limits is not None
        self._limits = limits or ServiceLimits()
        self._own = own
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()
        self._refusing = (0, 0)

    def refuse_next(self, requests: int, wait_s: int) -> None:
        """So many of the next requests are refused, whoever sends them: a client's retries can be tried. [LIM-7]

        None is refused any more where the number is 0.
        """
        with self._lock:
            self._refusing = (requests, wait_s)

    def answer(self, user_id: str, work: Callable[[], Answer]) -> Answer:
        """Do the work of a request, within the limits of its user. [LIM-1] to [LIM-5]

        Raises:
            TooManyRequests, TooMuchExecutionTime, TooManyAtOnce: before any work.
        """
        if self._refusing[0]:
            self._refuse_one()
        if not self._is_on and user_id not in self._own:
            return work()
        with self._lock:
            window = self._enter(user_id)
        began, taken_back = time.perf_counter(), 0
        try:
            answer = work()
        except TakesLong:
            # The same request is begun again in another thread, and counted there.
            taken_back = 1
            raise
        finally:
            with self._lock:
                window.at_once -= 1
                window.add(-taken_back, time.perf_counter() - began)
        return msgspec.structs.replace(answer, headers=(*answer.headers, *self._left(user_id, window)))

    def spend(self, user_id: str, requests: int) -> None:
        """Count what the server did for a user who did not send it. It was done: what it may refuse is what follows."""
        if self._is_on or user_id in self._own:
            with self._lock:
                self._window(user_id)[0].add(requests, 0.0)

    def _refuse_one(self) -> None:
        with self._lock:
            left, wait_s = self._refusing
            self._refusing = (max(left - 1, 0), wait_s)
        if left:
            raise TooManyRequests(self._limits.requests, self._limits.window_s, wait_s)

    def _left(self, user_id: str, window: _Window) -> tuple[Header, ...]:
        """What the user has left of the window. [LIM-5]"""
        requests = max(self._most(user_id) - window.requests, 0)
        seconds = max(self._limits.execution_s - window.execution_s, 0.0)
        return (
            (b"x-ms-ratelimit-burst-remaining-xrm-requests", str(requests).encode()),
            (b"x-ms-ratelimit-time-remaining-xrm-requests", f"{seconds:,.2f}".encode()),
        )

    def _window(self, user_id: str) -> tuple[_Window, float, float]:
        """The user's window, moved to the present; the present, and how wide a slot is."""
        now = self._clock.now().timestamp()
        width = self._limits.window_s / SLOTS
        slot = int(now / width)
        window = self._windows.pop(user_id, None) or _Window(slot)
        self._windows[user_id] = window
        if len(self._windows) > MOST_USERS:
            del self._windows[next(iter(self._windows))]
        window.move_to(slot)
        return window, now, width

    def _enter(self, user_id: str) -> _Window:
        window, now, width = self._window(user_id)
        self._refuse(user_id, window, now, width)
        window.refused = 0
        window.at_once += 1
        window.add(1, 0.0)
        return window

    def _refuse(self, user_id: str, window: _Window, now: float, width: float) -> None:
        limits = self._limits
        most = self._most(user_id)
        # Who goes on asking waits longer. [LIM-4]
        until = (window.slot + window.slots_to_wait()) * width - now
        wait = min(max(int(until) + 1 + window.refused, 1), limits.window_s)
        if window.requests >= most:
            window.refused += 1
            raise TooManyRequests(most, limits.window_s, wait)
        if window.execution_s >= limits.execution_s:
            window.refused += 1
            raise TooMuchExecutionTime(int(limits.execution_s * 1000), limits.window_s, wait)
        if window.at_once >= limits.at_once:
            raise TooManyAtOnce(limits.at_once)

    def _most(self, user_id: str) -> int:
        return self._own.get(user_id, self._limits.requests)
