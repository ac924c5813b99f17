"""Do the jobs of one organization in the background, one after the other.

In:        an organization
Out:       `Worker`: a thread that does what is due
Not here:  what is due (jobs.queue)
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Final

from verselet.errors import VerseletError
from verselet.jobs.queue import run_due, take_back
from verselet.organization import Organization

LOOK_AGAIN_S: Final = 5.0
"""Jobs that wait for a time, or whose transaction was open when they were announced, are found after that long."""


class Worker:
    """The one thread that does an organization's jobs; `rests` is set while nothing is due."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._stopping = threading.Event()
        self.rests = threading.Event()
        self._thread = threading.Thread(target=self._work, name="verselet-jobs", daemon=True)

    def start(self) -> None:
        """Begin; jobs that a stopped server left half done are done again."""
        self._thread.start()

    def stop(self) -> None:
        """End after the row at hand; the rest of its job is left for the next start."""
        self._stopping.set()
        self._organization.job_queued.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        queued = self._organization.job_queued
        self._attempt(take_back)
        while True:
            queued.clear()
            self.rests.clear()
            self._attempt(self._run_due)
            if self._stopping.is_set():
                return
            self.rests.set()
            queued.wait(LOOK_AGAIN_S)

    def _run_due(self, organization: Organization) -> int:
        return run_due(organization, self._stopping.is_set)

    def _attempt(self, work: Callable[[Organization], object]) -> None:
        """Where the store cannot serve right now, the jobs are still there at the next look."""
        with contextlib.suppress(VerseletError):
            work(self._organization)
