"""Hold an organization to what the service lets it ask of retained rows.

In:        who asks, when a question begins and ends
Out:       nothing, or 429 with the time to wait
Not here:  what users may ask of everything else (web.limits), whether limits are set (settings)
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from verselet.clock import Clock
from verselet.errors.limits import TooManyAtOnce, TooManyRequests
from verselet.operations.failures import TakesLong

USERS_AT_ONCE: Final = 5
QUESTIONS: Final = 100
DAY_S: Final = 86_400


class RetainedLimits:
    """Counts the questions about retained rows of one organization, if that is on. [RET-43]"""

    def __init__(self, clock: Clock, *, is_on: bool) -> None:
        self._clock = clock
        self._is_on = is_on
        self._lock = threading.Lock()
        self._asked: deque[float] = deque()
        self._asking: Counter[str] = Counter()

    def asking(self, user_id: str, *, retained: bool) -> AbstractContextManager[None]:
        """Inside, the user asks; only questions about retained rows count, all others pass by at once.

        Raises:
            TooManyAtOnce: five other users ask; one user may ask several things at once.
            TooManyRequests: a hundred questions were asked within a day.
        """
        return self._counted(user_id) if retained and self._is_on else nullcontext()

    @contextmanager
    def _counted(self, user_id: str) -> Iterator[None]:
        now = self._clock.now().timestamp()
        with self._lock:
            self._enter(user_id, now)
        try:
            yield
        except TakesLong:
            # The same question is asked again in another thread, and counted there.
            with self._lock:
                self._asked.remove(now)
            raise
        finally:
            with self._lock:
                self._asking[user_id] -= 1
                self._asking += Counter()

    def _enter(self, user_id: str, now: float) -> None:
        while self._asked and self._asked[0] <= now - DAY_S:
            self._asked.popleft()
        if user_id not in self._asking and len(self._asking) >= USERS_AT_ONCE:
            raise TooManyAtOnce(USERS_AT_ONCE)
        if len(self._asked) >= QUESTIONS:
            raise TooManyRequests(QUESTIONS, DAY_S, int(self._asked[0] + DAY_S - now) + 1)
        self._asked.append(now)
        self._asking[user_id] += 1
