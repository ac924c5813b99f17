"""Queue the deletion of many rows.

In:        queries, a name, when to start
Out:       the job and its operation as rows, in one transaction
Not here:  doing it (jobs)
"""

from __future__ import annotations

from typing import Final, cast

import msgspec

from verselet.errors import InvalidArgument, JobWithoutName
from verselet.messages.bulk_delete import BulkDelete, BulkDeletion
from verselet.messages.request import Create, PropertiesResponse
from verselet.metadata.schema import Schema
from verselet.operations.queueing import JOBS, queue_job, starting
from verselet.operations.recurring import read_recurrence
from verselet.pipeline.execution import Execution
from verselet.query.fetchxml.tree import Fetch
from verselet.values import Reference, Row, Value

BULK_DELETE: Final = 13
"""The type of the job. [EVT-61]"""


def bulk_delete(run: Execution) -> PropertiesResponse:
    """Write the job and its operation; the id of the job is the answer. [BM-10], [JOB-1], [JOB-2]

    Raises:
        JobWithoutName: a job needs a name. [JOB-3]
        InvalidArgument: no query, or a recurrence of another form.
        FetchRefused and its kin: a query that cannot be answered.
    """
    request = cast(BulkDelete, run.request)
    if not request.name.strip():
        raise JobWithoutName
    if not request.queries:
        raise InvalidArgument("The parameter 'QuerySet' must hold at least one query.")
    for query in request.queries:
        must_be_answerable(query, run.schema)
    due = due_at(run, request.start, request.recurrence)
    job: dict[str, Value] = {
        "name": request.name,
        "operationtype": BULK_DELETE,
        "messagename": "BulkDelete",
        "data": msgspec.json.encode(BulkDeletion(request.queries, request.skips_bin)).decode(),
        **due,
    }
    made = queue_job(run, job)
    operation: dict[str, Value] = {
        "name": request.name,
        "asyncoperationid": Reference(JOBS, made),
        "isrecurring": bool(request.recurrence),
        "nextrun": request.start,
        "successcount": 0,
        "failurecount": 0,
        "statecode": due["statecode"],
        "statuscode": due["statuscode"],
    }
    run.send(Create(Row("bulkdeleteoperation", None, operation)))
    return PropertiesResponse("BulkDeleteResponse", {"JobId": made})


def due_at(run: Execution, start: str | None, recurrence: str) -> dict[str, Value]:
    """The columns of a job that say when it is done. [EVT-60], [EVT-65]

    Raises:
        InvalidArgument: a recurrence of another form. [JOB-3]
    """
    if recurrence and read_recurrence(recurrence) is None:
        raise InvalidArgument(
            "The recurrence pattern must be empty, or as 'FREQ=DAILY;INTERVAL=1'; also WEEKLY, MONTHLY, YEARLY."
        )
    return {
        **starting(run, start),
        "recurrencepattern": recurrence or None,
        "recurrencestarttime": start,
    }


def must_be_answerable(query: Fetch, schema: Schema) -> None:
    """Refuse a query now rather than in the background. Refusals as `resolve_fetch`.

    Raises:
        InvalidArgument: there is no such table.
    """
    # Only who deletes in bulk pays for the resolver at start.
    from verselet.query.fetchxml.resolve import Additions, resolve_fetch

    table = schema.tables.get(query.table)
    if table is None:
        raise InvalidArgument(f"There is no table '{query.table[:80]}'.")
    resolve_fetch(query, table, schema, Additions())
