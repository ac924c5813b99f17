"""Keep the claims of one worker alive, and take back those of workers that are gone.

In:        an organization
Out:       `Claims`: claims in use; `take_back`, `take_stale_back`
Not here:  what is claimed (jobs.queue), when claims are renewed (jobs.worker)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from verselet.clock import wire_form
from verselet.messages.jobs import RenewClaims, TakeJobsBack
from verselet.organization import Organization

LEASE_S: Final = 20
"""So long a claim lasts that nobody renews: the jobs of a server that died come back after that time."""


class Claims:
    """The claims in use in this process."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def using(self, name: str) -> Iterator[None]:
        """Inside, the claim is renewed along with the others."""
        with self._lock:
            self._names.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._names.discard(name)

    def renew(self, organization: Organization) -> None:
        """Say that the work goes on."""
        with self._lock:
            names = tuple(sorted(self._names))
        if names:
            organization.execute(RenewClaims(names), organization.administrator)


def take_back(organization: Organization, kinds: tuple[int, ...]) -> None:
    """Jobs that were in progress when the server stopped are ready again: what they did stays done. [JOB-4]"""
    organization.execute(TakeJobsBack(kinds), organization.administrator)


def take_stale_back(organization: Organization, kinds: tuple[int, ...]) -> None:
    """Jobs whose worker has not been heard of for too long are ready again."""
    not_since = wire_form(organization.clock.now() - timedelta(seconds=LEASE_S))
    organization.execute(TakeJobsBack(kinds, not_since), organization.administrator)
