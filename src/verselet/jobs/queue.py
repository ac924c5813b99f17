"""Take jobs from the queue and give them back done.

In:        an organization
Out:       `run_due`: everything that is due, done; `take_back`: jobs that a stopped server left half done
Not here:  what a job does (jobs.bulk_deletion), when this is called (jobs.worker)

A job is claimed in a transaction of its own: whoever finds it ready makes it locked, so that nobody else does it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias, cast

from verselet.clock import wire_form
from verselet.jobs.bulk_deletion import delete_found, operation_of
from verselet.jobs.outcome import Outcome
from verselet.jobs.system_events import run_event
from verselet.messages.jobs import ClaimJob, JobClaimed
from verselet.messages.request import Delete, RetrieveMultiple, RetrieveMultipleResponse, RowKey, Update
from verselet.operations.asking import compared
from verselet.operations.bulk_delete import BULK_DELETE, days_between
from verselet.operations.outbox import SYSTEM_EVENT
from verselet.organization import Organization
from verselet.query.tree import And, Or, Query
from verselet.values import Row, Value

JOBS: Final = "asyncoperation"
OPERATIONS: Final = "bulkdeleteoperation"

READY, SUSPENDED, LOCKED, COMPLETED = 0, 1, 2, 3
WAITING, IN_PROGRESS, SUCCEEDED, FAILED = 10, 20, 30, 31
"""States and status reasons of a job. [EVT-60]"""

Work: TypeAlias = Callable[[Organization, Row, Callable[[], bool]], Outcome]

KINDS: Final[Mapping[int, Work]] = MappingProxyType({BULK_DELETE: delete_found, SYSTEM_EVENT: run_event})
"""Type of a job → what does it. Jobs of other types are rows that nothing here does. [EVT-61]"""

COLUMNS: Final = (
    "asyncoperationid",
    "operationtype",
    "_ownerid_value",
    "data",
    "postponeuntil",
    "recurrencepattern",
    "recurrencestarttime",
    "createdon",
)


def run_due(organization: Organization, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Do every job whose time has come; returns how many were done.

    Once `is_stopping` says so, the job at hand becomes ready again, and the others stay so.
    """
    done = 0
    for job in _due(organization):
        if is_stopping():
            return done
        if _claim(organization, job):
            _finish(organization, job, _do(organization, job, is_stopping))
            done += 1
    return done


def take_back(organization: Organization) -> None:
    """Jobs that were in progress when the server stopped are ready again: what they deleted stays deleted. [JOB-4]"""
    for job in _jobs(organization, LOCKED):
        _write(organization, job, {"statecode": READY, "statuscode": 0})


def _due(organization: Organization) -> list[Row]:
    """Ready, or suspended until a time that has come; the oldest first."""
    now = organization.clock.now_on_wire()
    found = [*_jobs(organization, READY), *_jobs(organization, SUSPENDED)]
    due = [job for job in found if str(job.values["postponeuntil"] or "") <= now]
    return sorted(due, key=lambda job: (str(job.values["createdon"]), str(job.id)))


def _do(organization: Organization, job: Row, is_stopping: Callable[[], bool]) -> Outcome:
    kind = job.values["operationtype"]
    return KINDS[kind if isinstance(kind, int) else -1](organization, job, is_stopping)


def _jobs(organization: Organization, state: int) -> tuple[Row, ...]:
    table = organization.schema.tables[JOBS]
    kinds = Or(tuple([compared(table, "operationtype", kind) for kind in KINDS]))
    query = Query(table=JOBS, select=COLUMNS, filter=And((kinds, compared(table, "statecode", state))))
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    return cast(RetrieveMultipleResponse, response).rows


def _claim(organization: Organization, job: Row) -> bool:
    """Lock the job, unless somebody changed its state meanwhile."""
    response = organization.execute(ClaimJob(job.id or ""), organization.administrator)
    return cast(JobClaimed, response).claimed


def _finish(organization: Organization, job: Row, outcome: Outcome) -> None:
    """Write how it went; a recurring job waits for its next start. [JOB-4], [EVT-65]"""
    now = organization.clock.now()
    counts = dict(outcome.counts)
    if outcome.interrupted:
        _write(organization, job, {"statecode": READY, "statuscode": 0}, counts)
        return
    if outcome.cancelled:
        _write(organization, job, {"completedon": wire_form(now)}, {**counts, "statecode": COMPLETED, "statuscode": 32})
        return
    recurrence = job.values["recurrencepattern"]
    following = None
    if isinstance(recurrence, str) and not outcome.reason:
        following = _next_start(str(job.values["recurrencestarttime"] or wire_form(now)), recurrence, now)
    if following is not None:
        state: dict[str, Value] = {"statecode": SUSPENDED, "statuscode": WAITING}
        _write(organization, job, {**state, "postponeuntil": following}, {**counts, **state, "nextrun": following})
        return
    state = {"statecode": COMPLETED, "statuscode": FAILED if outcome.reason else SUCCEEDED}
    ended: dict[str, Value] = {"completedon": wire_form(now), "message": outcome.reason or None}
    if outcome.reason:
        ended.update({"errorcode": outcome.code, "friendlymessage": outcome.reason})
    _write(organization, job, {**state, **ended}, {**counts, **state})
    if outcome.is_forgotten:
        organization.execute(Delete(JOBS, RowKey(job.id)), organization.administrator)


def _next_start(first: str, recurrence: str, now: datetime) -> str | None:
    days = days_between(recurrence)
    if days is None:
        return None
    at = datetime.fromisoformat(first)
    step = timedelta(days=days)
    passed = max(0, (now - at) // step)
    return wire_form(at + (passed + 1) * step)


def _write(
    organization: Organization, job: Row, values: dict[str, Value], of_operation: dict[str, Value] | None = None
) -> None:
    """Change the job, and its operation along with it."""
    administrator = organization.administrator
    with organization.transaction():
        organization.execute(Update(Row(JOBS, job.id, values), RowKey(job.id)), administrator)
        states = {name: value for name, value in values.items() if name in {"statecode", "statuscode"}}
        changes = {**states, **(of_operation or {})}
        if changes and job.values["operationtype"] == BULK_DELETE:
            operation = operation_of(organization, job)
            if operation is not None:
                organization.execute(Update(Row(OPERATIONS, operation, changes), RowKey(operation)), administrator)
