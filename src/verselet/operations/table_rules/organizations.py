"""Notice what the organization's own row switches.

In:        the row of `organization` on its way
Out:       `ORGANIZATION_RULES`
Not here:  what the settings mean (the operations they are about)
"""

from __future__ import annotations

from typing import Final

from verselet.operations.rules.audit_switches import SETTINGS, note_settings
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Row


def _changing(run: Execution, row: Row) -> None:
    if not row.values.keys().isdisjoint(SETTINGS):
        present = run.read_values("organization", row.id or "", SETTINGS) or {}
        note_settings(run, present, row.values)


ORGANIZATION_RULES: Final = TableRules(changing=_changing)
"""[JOB-42]"""
