"""Delete the rows that lie in the lake.

In:        an `Execution` of `PurgeRetainedContent`
Out:       the rows gone; those that cannot go rolled back
Not here:  deleting one row (operations.delete), the lake (lake)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import NotFound, ServiceError
from verselet.messages.request import Delete, RowKey
from verselet.messages.retention import DELETE, Failure, Family, Purged, PurgeRetainedContent, RollbackRetain
from verselet.operations.retention.gathering import changed
from verselet.operations.retention.marking import failure_of
from verselet.pipeline.execution import Execution
from verselet.values import Reference


def purge_retained_content(run: Execution) -> Purged:
    """Delete each row with a real Delete, the deepest first. [RET-7] What refuses stays, with its family. [RET-35]

    A row that changed since it was marked stays too. [RET-4]
    """
    request = cast(PurgeRetainedContent, run.request)
    different = changed(run, request.families) if request.families else {}
    gone: list[Family] = []
    failures: list[Failure] = []
    for family in request.families:
        row = different.get(family.root.id)
        if row is not None:
            failure: Failure | None = Failure(DELETE, row.table, row.id, "The row changed after it was marked.")
        else:
            failure = _delete(run, family)
        if failure is None:
            gone.append(family)
        else:
            failures.append(failure)
            roll_back(run, family, request.operation)
    return Purged(tuple(gone), tuple(failures))


def roll_back(run: Execution, family: Family, operation: str) -> None:
    """The family stays. [RET-2]"""
    for row in family.rows:
        run.send_elevated(RollbackRetain(Reference(row.table, row.id), operation))


def _delete(run: Execution, family: Family) -> Failure | None:
    row = family.root
    try:
        with run.session.savepoint():
            for row in reversed(family.rows):
                _delete_one(run, row.table, row.id)
    except ServiceError as refusal:
        return failure_of(DELETE, row, refusal)
    return None


def _delete_one(run: Execution, table: str, row_id: str) -> None:
    try:
        run.send_elevated(Delete(table, RowKey(row_id), by_retention=True))
    except NotFound:
        # A step on another row of the family may have deleted it; the copy was made before.
        return
