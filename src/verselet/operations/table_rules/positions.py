"""Keep positions above and below each other without a loop.

In:        rows of `position`
Out:       `POSITION_RULES`
Not here:  what a position lets see (security)
"""

from __future__ import annotations

from typing import Final

from verselet.operations.hierarchies import must_not_loop
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Row

PARENT: Final = "parentpositionid"


def _changing(run: Execution, row: Row) -> None:
    must_not_loop(run, row, PARENT)


POSITION_RULES: Final = TableRules(changing=_changing)
"""[SEC-85]"""
