"""Refresh rollups.

In:        an organization, a job about a table's rollups or about one of them
Out:       the rollups of its rows as they should be
Not here:  working them out (operations.rollups), which jobs there are (operations.rollup_jobs)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec

from verselet.jobs.bulk_deletion import is_over
from verselet.jobs.outcome import Outcome
from verselet.messages.rollups import RefreshRollup, RollupRefreshed
from verselet.operations.rollup_jobs import RollupTask, rollups_of
from verselet.organization import Organization
from verselet.values import Row


def refresh_rollups(organization: Organization, job: Row, is_stopping: Callable[[], bool]) -> Outcome:
    """Go through the rows page by page; a job that is interrupted begins again and writes no row twice. [JOB-62]"""
    try:
        task = msgspec.json.decode(str(job.values["data"]), type=RollupTask)
    except msgspec.DecodeError as error:
        return Outcome(reason=f"The job names no rollup: {error}")
    table = organization.schema.tables.get(task.table)
    columns = [] if table is None else [column.name for column in rollups_of(table)]
    for name in columns:
        if task.column not in {None, name}:
            continue
        after: str | None = None
        while True:
            if is_stopping():
                return Outcome(interrupted=True)
            if is_over(organization, job):
                return Outcome(cancelled=True)
            request = RefreshRollup(task.table, name, after, everything=task.column is not None)
            after = cast(RollupRefreshed, organization.execute(request, organization.administrator)).last
            if after is None:
                break
    return Outcome()
