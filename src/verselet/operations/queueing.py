"""Queue a job, and take jobs out of the queue.

In:        an execution, the values of the job's row; ids of jobs
Out:       rows of `asyncoperation`, written in the message's own transaction [EVT-2]; there is no other door
Not here:  what a job is about (operations.outbox, operations.bulk_delete, operations.retention), doing it (jobs)

The server goes in and out here, and through the claims of its workers. Messages about rows of `asyncoperation` are
always a client's, or a step's: what those may do, operations.table_rules.jobs says. [EVT-62]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from verselet.operations.create import create_rows
from verselet.operations.rules.cascades import delete_with_children
from verselet.pipeline.execution import Execution
from verselet.values import Row, Value

JOBS: Final = "asyncoperation"


def queue_job(run: Execution, values: Mapping[str, Value], job_id: str | None = None) -> str:
    """Write the job and tell whoever does jobs; its id. Nobody needs a privilege to queue what follows from a message.

    The sequence says which job was made first. [EVT-64]
    """
    row = Row(JOBS, job_id, {**values, "sequence": run.session.next_versions()})
    (made,) = create_rows(run.elevated(), run.schema.tables[JOBS], (row,))
    run.surroundings.job_written()
    return made


def starting(run: Execution, at: str | None) -> dict[str, Value]:
    """The columns of a job that say when it starts: at that moment, or at once. [EVT-60]"""
    waits = at is not None and at > run.clock.now_on_wire()
    return {"statecode": int(waits), "statuscode": 10 if waits else 0, "postponeuntil": at if waits else None}


def drop_jobs(run: Execution, ids: Iterable[str]) -> None:
    """Take jobs out of the queue that nobody is to do any more, whatever their kind."""
    listed = list(ids)
    if listed:
        delete_with_children(run.elevated(), run.schema.tables[JOBS], listed)
