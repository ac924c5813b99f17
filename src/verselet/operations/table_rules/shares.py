"""Keep rows of shares to the messages that share.

In:        messages that would write rows of `principalobjectaccess`
Out:       `ACCESS_RULES`: each is refused
Not here:  sharing (operations.access), the rows of shares (operations.rules.shares)
"""

from __future__ import annotations

from collections.abc import Sequence

from verselet.errors import MessageNotForTable
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.sql.shares import SHARES
from verselet.values import Row


def _creating(_run: Execution, _rows: Sequence[Row]) -> None:
    raise MessageNotForTable("Create", SHARES)


def _changing(_run: Execution, _row: Row) -> None:
    raise MessageNotForTable("Update", SHARES)


def _deleting(_run: Execution, _row_id: str) -> None:
    raise MessageNotForTable("Delete", SHARES)


ACCESS_RULES = TableRules(creating=_creating, changing=_changing, deleting=_deleting)
"""Shares are read like rows, and written by GrantAccess and its siblings only. [SEC-59]"""
