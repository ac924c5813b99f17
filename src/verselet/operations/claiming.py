"""Take jobs so that nobody else takes them too, keep them while they are done, end them.

In:        messages of the server to itself about claims
Out:       the rows of `asyncoperation`
Not here:  doing jobs (jobs)

These are statements, not updates: a job goes through its states without events, and who has lost a claim changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, cast

from verselet.messages.jobs import (
    ClaimJobs,
    EndJob,
    GiveJobsBack,
    HoldJob,
    JobHeld,
    JobsClaimed,
    RenewClaims,
    TakeJobsBack,
)
from verselet.messages.request import Request, Response
from verselet.pipeline.execution import Execution
from verselet.sql.columns import stored_columns
from verselet.sql.dialects import quoted
from verselet.sql.jobs import (
    claim_sql,
    end_sql,
    give_back_sql,
    hold_sql,
    renew_sql,
    take_back_sql,
    take_stale_sql,
    wake_sql,
)
from verselet.store.codecs import decoder
from verselet.values import Row, Stored, Value

JOBS: Final = "asyncoperation"
SEEN: Final = (
    "asyncoperationid",
    "operationtype",
    "createdby",
    "data",
    "recurrencepattern",
    "recurrencestarttime",
    "retrycount",
    "sequence",
)
"""What is read of a job that is taken."""


def claim_jobs(run: Execution) -> JobsClaimed:
    """Wake what has waited long enough, then take the oldest: in one statement, so that of several workers one does."""
    request = cast(ClaimJobs, run.request)
    session, now = run.session, run.clock.now_on_wire()
    session.run(wake_sql(session.dialect, request.kinds), (now,))
    table = run.schema.tables[JOBS]
    stored = [stored_columns(table, table.columns[name]) for name in SEEN]
    returned = [quoted(column.name) for columns in stored for column in columns]
    text = claim_sql(session.dialect, request.kinds, returned)
    rows = session.run(text, (now, now, request.claim, now, request.most))
    found = [_job(run, [len(columns) for columns in stored], row) for row in rows]
    return JobsClaimed(tuple(sorted(found, key=lambda job: (job.values["sequence"] or 0, job.id))))


def _job(run: Execution, widths: list[int], row: tuple[Stored, ...]) -> Row:
    table = run.schema.tables[JOBS]
    values: dict[str, Value] = {}
    at = 0
    for name, width in zip(SEEN, widths, strict=True):
        values[name] = decoder(table, table.columns[name], run.session.dialect)(row[at : at + width])
        at += width
    return Row(JOBS, str(values.pop("asyncoperationid")), values)


def hold_job(run: Execution) -> JobHeld:
    """Inside a transaction nobody changes the job from here on until it is over."""
    request = cast(HoldJob, run.request)
    values = (run.clock.now_on_wire(), request.job, request.claim)
    run.session.run(hold_sql(run.session.dialect), values)
    return JobHeld(run.session.row_count > 0)


def end_job(run: Execution) -> JobHeld:
    """What somebody did to the job meanwhile stays. [EVT-62]"""
    request = cast(EndJob, run.request)
    values = (
        request.state,
        request.status,
        request.completed,
        request.postponed,
        request.retries,
        request.reason,
        None if request.error is None else request.reason,
        request.error,
        run.clock.now_on_wire(),
        request.job,
        request.claim,
    )
    run.session.run(end_sql(run.session.dialect), values)
    return JobHeld(run.session.row_count > 0)


def renew_claims(run: Execution) -> Response:
    """They last from now on as if they had just been made."""
    request = cast(RenewClaims, run.request)
    now = run.clock.now_on_wire()
    for claim in request.claims:
        run.session.run(renew_sql(run.session.dialect), (now, claim))
    return Response()


def give_jobs_back(run: Execution) -> Response:
    """The rest of a claim is for somebody else, or for later."""
    run.session.run(give_back_sql(run.session.dialect), (cast(GiveJobsBack, run.request).claim,))
    return Response()


def take_jobs_back(run: Execution) -> Response:
    """What a worker left behind that is not there any more."""
    request = cast(TakeJobsBack, run.request)
    if request.not_since is None:
        run.session.run(take_back_sql(request.kinds))
    else:
        run.session.run(take_stale_sql(run.session.dialect, request.kinds), (request.not_since,))
    return Response()


CLAIMING: Final[Mapping[type[Request], Callable[[Execution], Response]]] = MappingProxyType(
    {
        ClaimJobs: claim_jobs,
        HoldJob: hold_job,
        EndJob: end_job,
        RenewClaims: renew_claims,
        GiveJobsBack: give_jobs_back,
        TakeJobsBack: take_jobs_back,
    }
)
"""Message → what does it."""
