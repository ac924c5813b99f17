"""Keep what was written down as it is.

In:        messages that would write rows of `audit`
Out:       `AUDIT_RULES`
Not here:  writing changes down (operations.rules.auditing)
"""

from __future__ import annotations

from verselet.errors import MessageNotForTable
from verselet.operations.rules.auditing import AUDIT
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution


def _no_create(_run: Execution, _rows: object) -> None:
    raise MessageNotForTable("Create", AUDIT)


def _no_update(_run: Execution, _row: object) -> None:
    raise MessageNotForTable("Update", AUDIT)


def _no_delete(_run: Execution, _row_id: str) -> None:
    raise MessageNotForTable("Delete", AUDIT)


AUDIT_RULES = TableRules(creating=_no_create, changing=_no_update, deleting=_no_delete)
"""Nobody writes history by hand. [JOB-41]"""
