"""Plan the jobs that refresh rollups.

In:        a schema, the jobs there are
Out:       for each table with rollups one job that comes back every hour, for each rollup one that begins it
Not here:  working rollups out (operations.rollups), doing the jobs (jobs.rollups)

Which jobs there must be follows from the definitions: a job keeps what its column added up when it was planned, and one
that is about something else by now is planned anew. Their ids follow from the names, so that no two servers on one
database plan a job twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import msgspec

from verselet.clock import wire_form
from verselet.ids import name_id
from verselet.messages.request import Response
from verselet.metadata.columns import Column, Rollup
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.asking import rows_where
from verselet.operations.queueing import JOBS, drop_jobs, queue_job, starting
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value

ROLLUPS_OF_TABLE: Final = 57
ROLLUPS_OF_COLUMN: Final = 58
ROLLUP_JOBS: Final = frozenset({ROLLUPS_OF_TABLE, ROLLUPS_OF_COLUMN})
"""Types of the jobs. [EVT-61]"""

EVERY: Final = timedelta(hours=1)
FIRST: Final = timedelta(hours=12)
"""How long after its definition a rollup is worked out for all rows. [JOB-62]"""

COMPLETED: Final = 3


class RollupTask(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a job keeps: the rollups of a table; or one column, and what it adds up."""

    table: str
    column: str | None = None
    rollup: Rollup | None = None


def rollups_of(table: Table) -> Iterator[Column]:
    """The columns that jobs refresh: not those that clients write as well. [JOB-62], [JOB-65]"""
    for column in table.columns.values():
        if column.rollup is not None and column.source_type == "rollup":
            yield column


def plan_rollups(run: Execution) -> Response:
    """Queue the jobs that are missing; drop those that are about nothing any more. [JOB-62]"""
    _plan(run, run.schema)
    return Response()


def plan_changed_rollups(run: Execution, before: Schema, after: Schema) -> None:
    """The same, after definitions changed, where rollups were among them. [JOB-62]"""
    if _tasks(before) != _tasks(after):
        _plan(run, after)


def _plan(run: Execution, schema: Schema) -> None:
    wanted = _tasks(schema)
    found = [
        row
        for kind in sorted(ROLLUP_JOBS)
        for row in rows_where(run, JOBS, ("asyncoperationid", "statecode", "data"), {"operationtype": kind})
    ]
    fitting = {str(row.id) for row in found if _fits(row, wanted)}
    drop_jobs(run, [str(row.id) for row in found if str(row.id) not in fitting])
    for job_id, task in wanted.items():
        if job_id not in fitting:
            queue_job(run, _job(run, task), job_id)


def _fits(job: Row, wanted: Mapping[str, RollupTask]) -> bool:
    task = wanted.get(str(job.id))
    return task is not None and job.values["data"] == _text(task) and job.values["statecode"] != COMPLETED


def _tasks(schema: Schema) -> dict[str, RollupTask]:
    """Id of a job → what it is about, for all that must be there."""
    found = {}
    for table in schema.tables.values():
        columns = list(rollups_of(table))
        tasks = [RollupTask(table.name, column.name, column.rollup) for column in columns]
        for task in (RollupTask(table.name), *tasks) if columns else ():
            found[name_id(f"rollup/{task.table}/{task.column or ''}")] = task
    return found


def _job(run: Execution, task: RollupTask) -> dict[str, Value]:
    now = run.clock.now()
    if task.column is None:
        kind, name = ROLLUPS_OF_TABLE, f"Calculate Rollup Fields for the {task.table} entity"
        first, due, recurrence = now, now + EVERY, "FREQ=HOURLY;INTERVAL=1"
    else:
        kind = ROLLUPS_OF_COLUMN
        name = f"Mass Calculate Rollup Field Job for the {task.column} attribute of the {task.table} entity"
        # Once it is done there is nothing more to do for it, unless its definition changes.
        first, due, recurrence = now + FIRST, now + FIRST, "FREQ=YEARLY;INTERVAL=10"
    return {
        "name": name[:160],
        "operationtype": kind,
        "primaryentitytype": task.table,
        "data": _text(task),
        "ownerid": Reference("systemuser", run.facts.administrator_id),
        **starting(run, wire_form(due)),
        "recurrencepattern": recurrence,
        "recurrencestarttime": wire_form(first),
    }


def _text(task: RollupTask) -> str:
    return msgspec.json.encode(task).decode()
