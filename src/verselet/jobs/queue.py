"""Take jobs from the queue and give them back done.

In:        an organization
Out:       `run_due`: everything that is due, done; `do_batch`: the jobs that are next
Not here:  what a job does (jobs.bulk_deletion, jobs.system_events), claims that outlive their worker (jobs.claims)

Jobs are claimed several at once, in a transaction of its own. What they did is noted several at once too: a commit that
waits for the disk costs more than most jobs.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import Final, TypeAlias, cast

from verselet.errors import Unexpected, VerseletError
from verselet.jobs import claims
from verselet.jobs.bulk_deletion import delete_found
from verselet.jobs.bulk_detection import detect_found
from verselet.jobs.ending import end
from verselet.jobs.outcome import Outcome, signed
from verselet.jobs.retention import retain_rows
from verselet.jobs.rollups import refresh_rollups
from verselet.jobs.system_events import is_function, run_event
from verselet.messages.jobs import ClaimJobs, GiveJobsBack, HoldJob, JobHeld, JobsClaimed
from verselet.operations.bulk_delete import BULK_DELETE
from verselet.operations.bulk_detection import BULK_DETECTION
from verselet.operations.outbox import SYSTEM_EVENT
from verselet.operations.retention.policies import RETENTION
from verselet.operations.rollup_jobs import ROLLUPS_OF_COLUMN, ROLLUPS_OF_TABLE
from verselet.organization import Organization
from verselet.values import Row

LOG: Final = logging.getLogger("verselet.jobs")

Work: TypeAlias = Callable[[Organization, Row, Callable[[], bool]], Outcome]

Claimed: TypeAlias = tuple[tuple[Row, ...], str]
"""Jobs, and the name of the claim on them."""

KINDS: Final[Mapping[int, Work]] = MappingProxyType(
    {
        BULK_DELETE: delete_found,
        BULK_DETECTION: detect_found,
        SYSTEM_EVENT: run_event,
        RETENTION: retain_rows,
        ROLLUPS_OF_TABLE: refresh_rollups,
        ROLLUPS_OF_COLUMN: refresh_rollups,
    }
)
"""Type of a job → what does it. Jobs of other types are rows that nothing here does. [EVT-61]"""

AT_ONCE: Final = 25
"""So many jobs are claimed together."""

TURN_S: Final = 0.1
"""How long jobs are done before it is noted how they went: others wait that long to write while functions run."""


def run_due(organization: Organization, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Do every job whose time has come; returns how many were done.

    Once `is_stopping` says so, the job at hand becomes ready again, and the others stay so.
    """
    done = 0
    own = claims.Claims()
    while not is_stopping():
        taken, claim = claim_next(organization)
        if not taken:
            return done
        done += do_batch(organization, own, (taken, claim), is_stopping)
    return done


def take_back(organization: Organization) -> None:
    """Jobs that were in progress when the server stopped are ready again. [JOB-4]"""
    claims.take_back(organization, tuple(KINDS))


def take_stale_back(organization: Organization) -> None:
    """Jobs that a server left which is gone are ready again."""
    claims.take_stale_back(organization, tuple(KINDS))


def claim_next(organization: Organization) -> Claimed:
    """The jobs that are next, nobody else's now, and the name of the claim."""
    claim = organization.ids.new_random_id()
    response = organization.execute(ClaimJobs(tuple(KINDS), claim, AT_ONCE), organization.administrator)
    return cast(JobsClaimed, response).jobs, claim


def do_batch(
    organization: Organization,
    own: claims.Claims,
    claimed: Claimed,
    is_stopping: Callable[[], bool],
) -> int:
    """Do claimed jobs in their order; those that are left when the server stops are given back."""
    jobs, claim = claimed
    waiting = deque(jobs)
    done = 0
    with own.using(claim):
        try:
            while waiting and not is_stopping():
                done += _take_turn(organization, claim, waiting, is_stopping)
        except VerseletError:
            # What was done in this turn is undone or will be done again.
            organization.execute(GiveJobsBack(claim), organization.administrator)
            raise
        if waiting:
            organization.execute(GiveJobsBack(claim), organization.administrator)
    return done


def _take_turn(organization: Organization, claim: str, waiting: deque[Row], is_stopping: Callable[[], bool]) -> int:
    """Do jobs of one sort for a moment, and note how they went in one transaction: for functions, the one they ran in.

    A post happens outside: while somebody else's server thinks, no transaction is open.
    """
    inside = is_function(organization, waiting[0])
    until = time.monotonic() + TURN_S
    outcomes: list[tuple[Row, Outcome]] = []
    with organization.transaction() if inside else nullcontext():
        while not outcomes or (waiting and time.monotonic() < until and not is_stopping()):
            if outcomes and is_function(organization, waiting[0]) != inside:
                break
            job = waiting.popleft()
            outcomes.append((job, _do(organization, claim, job, is_stopping)))
        with organization.transaction():
            for job, outcome in outcomes:
                end(organization, claim, job, outcome)
    return sum(not outcome.cancelled for _, outcome in outcomes)


def _do(organization: Organization, claim: str, job: Row, is_stopping: Callable[[], bool]) -> Outcome:
    held = organization.execute(HoldJob(str(job.id), claim), organization.administrator)
    if not cast(JobHeld, held).held:
        return Outcome(cancelled=True)
    kind = job.values["operationtype"]
    try:
        return KINDS[kind if isinstance(kind, int) else -1](organization, job, is_stopping)
    except VerseletError:
        raise
    except Exception:
        # The edge: a fault of ours ends this job, and not the thread that does the others.
        LOG.exception("job %s failed", job.id)
        return Outcome(reason=str(Unexpected()), code=signed(Unexpected.code))
