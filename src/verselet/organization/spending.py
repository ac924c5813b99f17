"""Tell whoever counts requests what the server does on a user's behalf.

In:        a user and a number of requests
Out:       `Spending`
Not here:  counting (web.limits), what is done (jobs)
"""

from __future__ import annotations

from collections.abc import Callable


class Spending:
    """What users spend without sending it; nobody counts it until somebody says so."""

    def __init__(self) -> None:
        self._count: Callable[[str, int], None] | None = None

    def counted_by(self, count: Callable[[str, int], None]) -> None:
        """From now on that counts."""
        self._count = count

    def spend(self, user_id: str, requests: int) -> None:
        """The user has asked so much of the server. [RET-10]"""
        if self._count is not None:
            self._count(user_id, requests)
