"""Do the jobs of one organization in the background.

In:        an organization
Out:       `Worker`: threads that do what is due
Not here:  what is due (jobs.queue)

One thread at a time takes jobs; while it does them, the next one takes what has come meanwhile. So a receiver that does
not answer holds up the jobs that were taken with its own, and no others. A further thread says that the work goes on,
and one does what is done once an hour.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Final

from verselet.errors import VerseletError
from verselet.jobs.claims import LEASE_S, Claims
from verselet.jobs.hourly import Hourly
from verselet.jobs.queue import AT_ONCE, Claimed, claim_next, do_batch, take_back, take_stale_back
from verselet.messages.lifecycle import EmptyBin, KeepMonths
from verselet.messages.rollups import PlanRollups
from verselet.organization import Organization

LOOK_AGAIN_S: Final = 5.0
"""Jobs that wait for a time, or whose transaction was open when they were announced, are found after that long."""

THREADS: Final = 4
"""So many batches are in progress at once."""


class Worker:
    """The threads that do an organization's jobs; `rests` is set while nothing is due and nothing is done.

    `alone`: nobody else works on the same rows, so what is in progress at the start was left behind.
    """

    def __init__(self, organization: Organization, *, alone: bool = True) -> None:
        self._organization = organization
        self._alone = alone
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._busy = 0
        self._claims = Claims()
        self._hourly = (Hourly(EmptyBin()), Hourly(KeepMonths()))
        self.rests = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, name="verselet-claims", daemon=True),
            threading.Thread(target=self._look_around, name="verselet-hourly", daemon=True),
        ]
        for number in range(THREADS):
            made = threading.Thread(target=self._work, name=f"verselet-jobs-{number}", daemon=True)
            self._threads.append(made)

    def start(self) -> None:
        """Begin; jobs that a stopped server left half done are done again."""
        self._attempt(take_back if self._alone else take_stale_back)
        self._attempt(_plan)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the row at hand; the rest of its job is left for the next start."""
        self._stopping.set()
        self._organization.job_queued.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _keep(self) -> None:
        """Renew what is at work; take what others left."""
        while not self._stopping.wait(LEASE_S / 4):
            self._attempt(self._claims.renew)
            self._attempt(take_stale_back)

    def _look_around(self) -> None:
        """Do what is done once an hour, however long it takes. [BIN-8], [JOB-40]"""
        while not self._stopping.wait(LEASE_S / 4):
            for duty in self._hourly:
                self._attempt(duty.look)

    def _work(self) -> None:
        while not self._stopping.is_set():
            with self._turn:
                claimed = self._next()
            if claimed is not None:
                with contextlib.suppress(VerseletError):
                    do_batch(self._organization, self._claims, claimed, self._stopping.is_set)
                self._count(-1)

    def _next(self) -> Claimed | None:
        """Wait for jobs and claim them; None when there was nothing to take."""
        queued = self._organization.job_queued
        if self._stopping.is_set():
            return None
        queued.clear()
        taken: Claimed = ((), "")
        self.rests.clear()
        with contextlib.suppress(VerseletError):
            self._organization.keep_up()
            taken = claim_next(self._organization)
        if taken[0]:
            self._count(1)
            if len(taken[0]) == AT_ONCE:
                queued.set()
            return taken
        with self._counting:
            if not self._busy:
                self.rests.set()
        if not self._stopping.is_set():
            queued.wait(LOOK_AGAIN_S)
        return None

    def _count(self, change: int) -> None:
        """A batch is begun or done; after one that is done there may be a next of the same token. [EVT-64]"""
        with self._counting:
            self._busy += change
        if change < 0:
            self._organization.job_queued.set()

    def _attempt(self, work: Callable[[Organization], object]) -> None:
        """Where the store cannot serve right now, the jobs are still there at the next look."""
        with contextlib.suppress(VerseletError):
            work(self._organization)


def _plan(organization: Organization) -> None:
    """Definitions that came with a new version may have brought rollups. [JOB-62]"""
    organization.execute(PlanRollups(), organization.administrator)
