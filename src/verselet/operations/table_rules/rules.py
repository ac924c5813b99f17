"""Say what a table may have its own mind about.

In:        an execution and the rows a message writes
Out:       `TableRules`: what is asked before and after the write
Not here:  which tables have rules (operations.table_rules.catalogue)

Rules stand around messages, like steps, and see every row, whoever asked. What the server writes by itself, with
`create_rows` or a statement, passes by them: nobody adds members to a default team by hand, but the server does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from verselet.pipeline.execution import Execution
from verselet.values import Row

OverRows: TypeAlias = Callable[[Execution, Sequence[Row]], None]
OverRow: TypeAlias = Callable[[Execution, Row], None]
OverId: TypeAlias = Callable[[Execution, str], None]


def _nothing(_run: Execution, _rows: object) -> None:
    """No rule."""


class TableRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one table. The references in the rows they get are settled: each names a row by its id.

    `creating` and `changing` may refuse, and may add values; `created` sees rows that have ids and are there.
    `changing` gets the id with the values that change; what hangs on the change is done there, in the same transaction.
    `deleting` may refuse, and takes along what no relationship takes along. Rules run as the server itself, unless
    they judge what the caller holds.
    """

    creating: OverRows = _nothing
    created: OverRows = _nothing
    changing: OverRow = _nothing
    deleting: OverId = _nothing
    judges_caller: bool = False
