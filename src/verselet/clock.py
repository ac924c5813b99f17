"""Tell the organization's time: real, frozen or moved.

In:        the machine's clock, and what the lab sets
Out:       `Clock.now()` and its wire form
Not here:  time zones of callers (query.functions), timers (jobs)
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def wire_form(at: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`, whole seconds, always UTC. [T-9]"""
    return f"{at.astimezone(UTC).isoformat()[:19]}Z"


class Clock:
    """One organization's clock. Frozen, it stands still; moved, it runs ahead of or behind the machine's."""

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at
        self._moved_by = timedelta(0)
        self._second = (0, "")

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        if self._frozen_at is not None:
            return self._frozen_at
        return datetime.now(UTC) + self._moved_by

    def now_on_wire(self) -> str:
        """The time now in its wire form."""
        if self._frozen_at is not None or self._moved_by:
            return wire_form(self.now())
        now = int(time.time())
        second, text = self._second
        if second != now:
            text = wire_form(datetime.fromtimestamp(now, UTC))
            self._second = (now, text)
        return text

    def freeze(self, at: datetime) -> None:
        """Stand still at that time."""
        self._frozen_at = at

    def advance(self, by: timedelta) -> None:
        """Move ahead, frozen or not."""
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._moved_by += by
