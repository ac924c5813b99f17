"""See now and then whether the recycle bin keeps anything for too long.

In:        an organization
Out:       `BinCleanup`: removes what is over, at most once an hour
Not here:  what is over (operations.empty_bin)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from verselet.messages.lifecycle import EmptyBin
from verselet.organization import Organization

EVERY: Final = timedelta(hours=1)


class BinCleanup:
    """Remembers when it looked last, by the organization's clock. [BIN-8]"""

    def __init__(self) -> None:
        self._looked: datetime | None = None

    def look(self, organization: Organization) -> None:
        """Look, unless it is too early."""
        now = organization.clock.now()
        if self._looked is not None and self._looked <= now < self._looked + EVERY:
            return
        organization.execute(EmptyBin(), organization.administrator)
        self._looked = now
