"""Take away what is kept beside rows when tables and columns go.

In:        an execution and the schema it leaves behind
Out:       files without a column and traces of deleted rows without a table are gone
Not here:  rows that are deleted one by one (operations.rules.cascades)
"""

from __future__ import annotations

from verselet.metadata.columns import Column, FileColumn, ImageColumn, TextColumn
from verselet.metadata.schema import Schema
from verselet.pipeline.execution import Execution
from verselet.sql.columns import stored_columns
from verselet.store.deleted_rows import forget_deleted_of
from verselet.store.files import forget_files_in
from verselet.store.numbers import forget_numbers
from verselet.store.recycle_bin import forget_kept_of, forget_kept_values


def forget_lost_content(run: Execution, schema: Schema) -> None:
    """Files, counters and deleted rows of what goes: a new column or table of that name begins with nothing. [MW-7]"""
    for name, table in run.schema.tables.items():
        kept = schema.tables.get(name)
        if kept is table:
            continue
        for column in table.columns.values():
            if kept is None or column.name not in kept.columns:
                _forget(run, name, column)
        if kept is None:
            forget_deleted_of(run.session, name)
            forget_kept_of(run.session, name)
        else:
            gone = [column for column in table.columns.values() if column.name not in kept.columns]
            stored = [part.name for column in gone for part in stored_columns(table, column)]
            forget_kept_values(run.session, name, stored)


def _forget(run: Execution, table: str, column: Column) -> None:
    match column:
        case FileColumn() | ImageColumn():
            forget_files_in(run.session, table, column.name)
        case TextColumn(auto_number_format=str()):
            forget_numbers(run.session, table, column.name)
        case _:
            return
