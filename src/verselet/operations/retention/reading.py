"""Read retained rows with the statements that active rows are read with.

In:        a table, its rows in the lake, the batches in flight
Out:       `retained_store`: a store in memory that holds those rows and nothing else
Not here:  who may read them (organization.retained), the lake's files (lake)

The rows a row pointed to are there by id and name, so that lookups say what they said. [RET-6]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from verselet.lake import BATCH, ID, RETAINED, Cell
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.asking import compared, rows_that
from verselet.operations.retention.cells import names_of, values_of
from verselet.pipeline.execution import Execution
from verselet.sql.dialects import SQLITE
from verselet.sql.write import insert_sql
from verselet.store.engine import Store, open_store
from verselet.values import Reference

OPERATIONS: Final = "retentionoperation"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is; kept in the paging cookie of its row. [RET-22]

    `last` is the id of the last root that is done. `batch` is on its way to the lake, with rows of `tables`; it is
    retained at the moment when its rows are deleted and it is named here no longer. `undone` are batches that were
    taken back: what lies in the lake of them does not count; while there are `tables`, it is still to be taken out.
    """

    last: str | None = None
    batch: str | None = None
    tables: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


def progress_of(text: object) -> Progress:
    """What the paging cookie of a run says."""
    return msgspec.json.decode(text, type=Progress) if isinstance(text, str) and text else Progress()


def without_unfinished(run: Execution, rows: Sequence[Mapping[str, Cell]]) -> list[Mapping[str, Cell]]:
    """The rows that are retained: those of a batch on its way, or taken back, are not. [RET-3], [RET-45]"""
    named = compared(run.schema.tables[OPERATIONS], "pagingcookie", None, "ne")
    operations = rows_that(run, run.schema.tables[OPERATIONS], ("pagingcookie",), (named,))
    batches: set[Cell] = set()
    for operation in operations:
        progress = progress_of(operation.values["pagingcookie"])
        batches |= {progress.batch, *progress.undone}
    return [row for row in rows if row[BATCH] not in batches]


def retained_store(schema: Schema, table: Table, rows: Sequence[Mapping[str, Cell]]) -> Store:
    """A store with those rows."""
    store = open_store(None)
    store.prepare_schema(schema)
    names: dict[Reference, str] = {}
    with store.begin() as session:
        # An id that was used again may have been retained twice: the later row is the one that counts.
        latest = {str(row[ID]): row for row in sorted(rows, key=lambda row: str(row[RETAINED]))}
        for row in latest.values():
            columns, values = values_of(table, row, SQLITE)
            session.run(insert_sql(table, columns, SQLITE), values)
        for row in rows:
            names.update(names_of(table, row))
        for reference, said in names.items():
            target = schema.tables.get(reference.table)
            if target is not None and target.name != table.name and target.primary_name is not None:
                columns = (target.primary_id, target.primary_name)
                session.run(insert_sql(target, columns, SQLITE), (reference.id, said))
    return store
