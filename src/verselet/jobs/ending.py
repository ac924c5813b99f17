"""Say in its row how a job went.

In:        a claimed job, its outcome
Out:       the job over, waiting for its next start, or waiting to be tried again
Not here:  doing it (jobs.queue)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

from msgspec import structs

from verselet.clock import wire_form
from verselet.jobs.bulk_deletion import operation_of, state_of
from verselet.jobs.outcome import Outcome
from verselet.messages.jobs import EndJob, JobHeld
from verselet.messages.request import Delete, RowKey, Update
from verselet.operations.bulk_delete import BULK_DELETE
from verselet.operations.recurring import next_start, read_recurrence
from verselet.organization import Organization
from verselet.values import Row, Value

JOBS: Final = "asyncoperation"
OPERATIONS: Final = "bulkdeleteoperation"

READY, SUSPENDED, COMPLETED = 0, 1, 3
WAITING, SUCCEEDED, FAILED = 10, 30, 31
"""States and status reasons of a job. [EVT-60]"""

WAITS_S: Final = (10, 60, 300)
"""How long a step waits that asks to be run again: after its first try, its second, its third. [EVT-64]"""


def end(organization: Organization, claim: str, job: Row, outcome: Outcome) -> None:
    """Write how it went; a recurring job waits for its next start. [JOB-4], [EVT-65]

    A job that somebody cancelled or paused meanwhile stays so.
    """
    administrator = organization.administrator
    ending = _ending(claim, job, outcome, organization.clock.now())
    held = cast(JobHeld, organization.execute(ending, administrator)).held
    if job.values["operationtype"] == BULK_DELETE:
        _tell_operation(organization, job, outcome, ending.postponed)
    if held and outcome.is_forgotten and not outcome.reason:
        organization.execute(Delete(JOBS, RowKey(job.id)), administrator)


def _ending(claim: str, job: Row, outcome: Outcome, now: datetime) -> EndJob:
    """What is to be written."""
    tries = job.values["retrycount"]
    tries = tries if isinstance(tries, int) else 0
    ready = EndJob(str(job.id), claim, READY, 0, retries=tries)
    if outcome.interrupted:
        return ready
    failed = structs.replace(ready, reason=outcome.reason, error=outcome.code)
    if outcome.waits_s:
        later = wire_form(now + timedelta(seconds=outcome.waits_s))
        return structs.replace(ready, state=SUSPENDED, status=WAITING, postponed=later, reason=outcome.reason)
    if outcome.asks_again and tries < len(WAITS_S):
        later = wire_form(now + timedelta(seconds=WAITS_S[tries]))
        return structs.replace(failed, state=SUSPENDED, status=WAITING, postponed=later, retries=tries + 1)
    if outcome.reason:
        return structs.replace(failed, state=COMPLETED, status=FAILED, completed=wire_form(now))
    following = _next_start(job, now)
    if following is not None:
        return structs.replace(ready, state=SUSPENDED, status=WAITING, postponed=following, retries=0)
    return structs.replace(ready, state=COMPLETED, status=SUCCEEDED, completed=wire_form(now))


def _next_start(job: Row, now: datetime) -> str | None:
    """When a recurring job is done again; None for one that is done once. [EVT-65]"""
    recurrence = read_recurrence(str(job.values["recurrencepattern"] or ""), "HOURLY")
    if recurrence is None:
        return None
    first = datetime.fromisoformat(str(job.values["recurrencestarttime"] or wire_form(now)))
    return wire_form(next_start(first, recurrence, now))


def _tell_operation(organization: Organization, job: Row, outcome: Outcome, following: str | None) -> None:
    """The operation of a bulk deletion goes through the states of its job. [JOB-2], [JOB-8]"""
    operation, state = operation_of(organization, job), state_of(organization, job)
    if operation is None or state is None:
        return
    changes: dict[str, Value] = {**outcome.counts, **state}
    if following is not None:
        changes["nextrun"] = following
    organization.execute(Update(Row(OPERATIONS, operation, changes), RowKey(operation)), organization.administrator)
