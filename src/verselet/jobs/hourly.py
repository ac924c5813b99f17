"""Have something done once an hour that nobody asks for.

In:        an organization
Out:       `Hourly`: does it, unless it is too early
Not here:  what is done: the recycle bin (operations.empty_bin), the months of divided tables (operations.months)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from verselet.messages.request import Request
from verselet.organization import Organization

EVERY: Final = timedelta(hours=1)


class Hourly:
    """Remembers when it was done last, by the organization's clock. [BIN-8]"""

    def __init__(self, duty: Request) -> None:
        self._duty = duty
        self._done: datetime | None = None

    def look(self, organization: Organization) -> None:
        """Have it done, unless it is too early."""
        now = organization.clock.now()
        if self._done is not None and self._done <= now < self._done + EVERY:
            return
        organization.execute(self._duty, organization.administrator)
        self._done = now
