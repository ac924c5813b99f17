"""Walk rows that stand above and below each other: units, managers, positions.

In:        a table, the column by which a row names the one above it, the id of a row
Out:       the ids above or below; a refusal of loops
Not here:  what follows from it (security, operations.table_rules)
"""

from __future__ import annotations

from verselet.errors import HierarchyLoop
from verselet.pipeline.execution import Execution
from verselet.sql.hierarchies import above_sql, below_sql
from verselet.values import Reference, Row, Value


def above(run: Execution, table_name: str, parent: str, row_id: str) -> list[str]:
    """The row itself and all above it."""
    text = above_sql(run.schema.tables[table_name], parent, run.session.dialect)
    return [str(found[0]) for found in run.session.run(text, (row_id,))]


def below(run: Execution, table_name: str, parent: str, row_id: str) -> list[tuple[str, str | None]]:
    """The row itself and all below it, those nearer to it first; each with the id of the row above it."""
    text = below_sql(run.schema.tables[table_name], parent, run.session.dialect)
    found = run.session.run(text, (row_id,))
    return [(str(below_it), None if above_it is None else str(above_it)) for below_it, above_it in found]


def must_not_loop(run: Execution, row: Row, parent: str) -> None:
    """A row that names another one above it must not be above that one.

    Raises:
        HierarchyLoop: it would be. [SEC-10]
    """
    wanted = id_of(row.values.get(parent))
    if wanted is not None and row.id is not None and row.id in above(run, row.table, parent, wanted):
        raise HierarchyLoop(row.table, row.id)


def id_of(value: Value) -> str | None:
    """The id that a lookup holds; columns of some tables hold it bare."""
    if isinstance(value, Reference):
        return value.id
    return value if isinstance(value, str) else None
