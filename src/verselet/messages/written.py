"""Say which tables a message names as those it writes.

In:        a message
Out:       names of tables; None where the message does not tell
Not here:  what it does to them (operations)
"""

from __future__ import annotations

from verselet.messages import request as rows
from verselet.messages.request import Request


def tables_written(request: Request) -> tuple[str, ...] | None:
    """The tables whose rows the message is about, as far as plain messages about rows say it."""
    match request:
        case rows.Create(target=row) | rows.Update(target=row) | rows.Upsert(target=row):
            return (row.table,)
        case rows.Associate(table=table, other_table=other):
            return (table, other)
        case rows.Disassociate(table=table, other_table=other):
            return (table,) if other is None else (table, other)
        case (
            rows.CreateMultiple(table=table)
            | rows.UpdateMultiple(table=table)
            | rows.UpsertMultiple(table=table)
            | rows.Delete(table=table)
        ):
            return (table,)
        case _:
            return None
