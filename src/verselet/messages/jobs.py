"""Work on system jobs.

In:        made by jobs
Out:       frozen messages
Not here:  the rows of jobs, which are rows like others (messages.request)

A claim is a name that one worker gives to the jobs it takes together. It lasts as long as it is renewed; who has lost
it can neither begin nor end a job under it.
"""

from __future__ import annotations

from verselet.messages.request import Request, Response
from verselet.values import Row


class ClaimJobs(Request, frozen=True, tag=True):
    """Take jobs of some types that are due, the oldest first, before anybody else does. [EVT-60], [EVT-64]"""

    kinds: tuple[int, ...]
    claim: str
    most: int


class JobsClaimed(Response, frozen=True):
    """The jobs that are taken now."""

    jobs: tuple[Row, ...]


class HoldJob(Request, frozen=True, tag=True):
    """Make sure that nobody ended, paused or took back a claimed job; in a transaction, until it is over."""

    job: str
    claim: str


class EndJob(Request, frozen=True, tag=True):
    """Say how a claimed job went. [EVT-48], [EVT-60]"""

    job: str
    claim: str
    state: int
    status: int
    completed: str | None = None
    postponed: str | None = None
    retries: int = 0
    reason: str | None = None
    error: int | None = None


class JobHeld(Response, frozen=True):
    """Whether the job was still in progress under the claim."""

    held: bool


class RenewClaims(Request, frozen=True, tag=True):
    """Say that the claims are still at work."""

    claims: tuple[str, ...]


class GiveJobsBack(Request, frozen=True, tag=True):
    """What is claimed and not done is ready again."""

    claim: str


class TakeJobsBack(Request, frozen=True, tag=True):
    """Jobs in progress whose claim was not renewed since a time, of all claims without one, are ready again."""

    kinds: tuple[int, ...]
    not_since: str | None = None
