"""Remove retained rows for good.

In:        an execution, the lake, ids of rows of a table
Out:       the rows gone from the lake
Not here:  which rows (jobs.bulk_deletion), what comes to the lake (jobs.retention)
"""

from __future__ import annotations

from collections.abc import Sequence

from verselet.lake import BATCH, ID, Lake, Scan
from verselet.lake.scan import Every, Not, OneOf
from verselet.metadata.tables import Table
from verselet.operations.retention.reading import unfinished
from verselet.operations.rights import DELETE, must_reach_all
from verselet.pipeline.execution import Execution


def remove_retained(run: Execution, lake: Lake, table: Table, ids: Sequence[str]) -> None:
    """Remove those rows, as often as they are there. [RET-44]

    A row of the same id that is on its way to the lake is another one.

    Raises:
        PrivilegeMissing: the caller may not delete all rows of the table.
    """
    snapshot = lake.look(table.name)
    must_reach_all(run, table, DELETE)
    if snapshot is None:
        return
    there = Every((OneOf(ID, tuple(ids)), Not(OneOf(BATCH, unfinished(run)))))
    batches = {str(batch) for cells in snapshot.read(Scan(columns=(BATCH,), test=there)) for batch in cells[BATCH]}
    lake.remove(table.name, Every((OneOf(ID, tuple(ids)), OneOf(BATCH, tuple(sorted(batches))))))
