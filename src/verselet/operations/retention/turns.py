"""Let the runs about one table take turns.

In:        an `Execution`, a run, its table
Out:       `run_at_work`: which other run has the turn
Not here:  what a run does in its turn, how it waits (jobs.retention)

Two runs at once would mark the same rows, and each roll back what the other deleted. A run has the turn while its row
says that it is in progress and its job is done, or about to be gone on with.
"""

from __future__ import annotations

from typing import Final

from verselet.operations.asking import compared, rows_that
from verselet.operations.retention.reading import OPERATIONS
from verselet.operations.rules.listed import as_list
from verselet.pipeline.execution import Execution
from verselet.query.tree import Or
from verselet.sql.retention import versions_sql
from verselet.values import Row

JOBS: Final = "asyncoperation"
SCHEDULED, IN_PROGRESS = 0, 2
READY, LOCKED = 0, 2
"""States of runs and of jobs. [RET-22], [EVT-60]"""


def run_at_work(run: Execution, operation: str, table: str) -> Row | None:
    """The run of the table that has the turn, if it is not the given one.

    Whoever asks beside waits for the end of the transaction: one of them sees what the other one wrote.
    """
    operations = run.schema.tables[OPERATIONS]
    states = Or(tuple([compared(operations, "statecode", state) for state in (SCHEDULED, IN_PROGRESS)]))
    of_table = (compared(operations, "rootentitylogicalname", table), states)
    waiting = rows_that(run, operations, (operations.primary_id,), of_table)
    for row_id in sorted(str(row.id) for row in waiting):
        # One by one: who locks in the same order never waits for somebody who waits for him.
        run.session.run(versions_sql(operations, run.session.dialect), (as_list([row_id]),))
    in_progress = (of_table[0], compared(operations, "statecode", IN_PROGRESS))
    found = rows_that(run, operations, ("name", "asyncoperationid"), in_progress)
    return next((row for row in found if str(row.id) != operation and _is_alive(run, row)), None)


def _is_alive(run: Execution, operation: Row) -> bool:
    """Somebody does its job, or is about to."""
    jobs = run.schema.tables[JOBS]
    alive = Or(tuple([compared(jobs, "statecode", state) for state in (READY, LOCKED)]))
    job = compared(jobs, jobs.primary_id, operation.values["asyncoperationid"])
    return bool(rows_that(run, jobs, (jobs.primary_id,), (job, alive)))
