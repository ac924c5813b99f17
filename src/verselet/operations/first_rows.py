"""Give a new organization the rows every organization starts with.

In:        a store, what the organization is founded with
Out:       rows, in one transaction; where an organization is there already, what it has missed since
Not here:  which rows (operations.builtin)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from verselet.messages.request import CreateMultiple, Request
from verselet.metadata.compiled import builtin_solution_dirs
from verselet.metadata.schema import Schema
from verselet.operations.builtin import builtin_rows
from verselet.operations.create import create_rows
from verselet.operations.founding import Founding, is_new, keep_founding
from verselet.operations.later_rows import note_first_rows, write_later_rows
from verselet.pipeline.execution import Execution
from verselet.store.engine import Store
from verselet.store.session import Session
from verselet.values import Reference


def write_first_rows(
    store: Store, schema: Schema, founding: Founding, opened: Callable[[Request, Session], Execution]
) -> None:
    """Found the organization, or bring the one that is there up to date. [OC-4]

    `opened` starts a message in an open transaction.
    """
    if not is_new(store, schema):
        write_later_rows(store, schema, founding, opened)
        return
    rows = builtin_rows(schema, founding, builtin_solution_dirs())
    known = frozenset(Reference(row.table, row.id or "") for row in rows)
    with store.begin() as session:
        keep_founding(session, founding)
        note_first_rows(session, rows)
        for name, members in groupby(rows, key=lambda row: row.table):
            targets = tuple(members)
            create_rows(opened(CreateMultiple(name, targets), session), schema.tables[name], targets, known)
