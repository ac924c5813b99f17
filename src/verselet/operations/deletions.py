"""Begin a deletion whose rows the recycle bin keeps.

In:        the row it is about
Out:       the group its rows are kept under, and the row that tells clients of it
Not here:  putting rows into the bin (operations.rules.keeping), removing them for good (operations.empty_bin)
"""

from __future__ import annotations

from verselet.metadata.tables import Table
from verselet.operations.create import create_rows
from verselet.operations.rules.keeping import days_by_table
from verselet.pipeline.execution import Execution
from verselet.store.recycle_bin import REFERENCES, Group, is_kept
from verselet.values import Reference, Row, Value


def begin_group(run: Execution, table: Table, row_id: str) -> Group | None:
    """Tell clients of the row that goes, in one row of its own; None where nothing is kept. [BIN-3], [BIN-5]

    A copy that is in the bin already stays as it is, so then nothing is kept either. [BIN-4]
    """
    if table.name not in days_by_table(run) or is_kept(run.session, table.name, row_id):
        return None
    deleted = Reference(table.name, row_id)
    name = _name_of(run, table, row_id)
    values: dict[str, Value] = {"name": name, "deletedobject": deleted, "validforrestore": True}
    references = run.schema.tables[REFERENCES]
    (group_id,) = create_rows(run.elevated(), references, (Row(REFERENCES, None, values),), frozenset({deleted}))
    return Group(group_id, table.name, row_id, run.clock.now_on_wire())


def _name_of(run: Execution, table: Table, row_id: str) -> str | None:
    if table.primary_name is None:
        return None
    found = (run.read_values(table.name, row_id, (table.primary_name,)) or {}).get(table.primary_name)
    return str(found)[:100] if found else None
