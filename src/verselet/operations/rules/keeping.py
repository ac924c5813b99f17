"""Put what a deletion takes along into the recycle bin.

In:        rows that are about to go
Out:       rows in the bin, in the same transaction; which tables have a bin
Not here:  beginning a deletion (operations.deletions), bringing rows back (operations.restore)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from verselet.metadata.tables import Table
from verselet.pipeline.execution import Execution
from verselet.store.recycle_bin import CONFIG, bin_settings, keep_rows

WHOLE: Final = "organization"
"""The setting that turns the whole feature on. [BIN-1]"""

DAYS: Final = 30
"""How long deleted rows are kept where nothing else is said. [BIN-1]"""

INHERITED: Final = -1


def days_by_table(run: Execution) -> Mapping[str, int]:
    """The tables that have a bin now, and for how many days it keeps rows. [BIN-1], [BIN-2]"""
    if CONFIG not in run.schema.tables:
        return {}
    active = {name.lower(): days for name, days, state in bin_settings(run.session) if not state}
    if WHOLE not in active:
        return {}
    general = active.pop(WHOLE) or DAYS
    return {name: general if days is None or days == INHERITED else days for name, days in active.items()}


def keep(run: Execution, table: Table, listed: str) -> None:
    """Put the rows, whose ids are listed in a JSON text, into the bin before they go. [BIN-3]"""
    if run.deletion is not None and not table.is_intersect:
        keep_rows(run.session, table, listed, run.deletion)
