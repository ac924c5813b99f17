"""Keep the settings of the recycle bin in order, and let rows in it be removed for good.

In:        rows of `recyclebinconfig` and `deleteditemreference` on their way
Out:       `BIN_RULES`, `REFERENCE_RULES`
Not here:  what the settings mean (operations.rules.keeping)

A setting is about the table that its name is: the service points to the table's definition besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.errors.recycle_bin import BinRefused
from verselet.metadata.columns import LookupColumn
from verselet.operations.asking import rows_where
from verselet.operations.empty_bin import forget_for_good
from verselet.operations.kept_tables import can_have_bin
from verselet.operations.rules.keeping import DAYS, INHERITED, WHOLE
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.store.recycle_bin import CONFIG, REFERENCES
from verselet.values import Row, Value


def _create(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        name = _must_be_named(run, row.values.get("name"))
        if rows_where(run, CONFIG, ("name",), {"name": name}):
            raise BinRefused(f"There is a setting of the recycle bin for '{name}' already.")
        row.values["name"] = name
        row.values.setdefault("cleanupintervalindays", DAYS if name == WHOLE else INHERITED)
        row.values["isreadyforrecyclebin"] = True
        _must_fit(name, row.values)


def _change(run: Execution, row: Row) -> None:
    present = (run.read_values(CONFIG, row.id or "", ("name",)) or {}).get("name")
    name = str(row.values.get("name", present) or "").lower()
    if name != present:
        raise BinRefused("A setting of the recycle bin stays with its table: delete it, and make another one.")
    _must_fit(name, row.values)


def _must_be_named(run: Execution, given: Value) -> str:
    name = str(given or "").lower()
    table = run.schema.tables.get(name)
    if name == WHOLE:
        return name
    if table is None:
        raise BinRefused("The name of a setting of the recycle bin is 'organization', or the logical name of a table.")
    told_of = run.schema.tables[REFERENCES].columns["deletedobject"]
    if not can_have_bin(table) or not isinstance(told_of, LookupColumn) or name not in told_of.targets:
        raise BinRefused(f"The table '{name}' cannot have a recycle bin.")
    return name


def _must_fit(name: str, values: dict[str, Value]) -> None:
    """Rows are kept for 1 to 30 days, or as long as the organization says. [BIN-1]"""
    if "cleanupintervalindays" not in values:
        return
    days = values["cleanupintervalindays"]
    allowed = isinstance(days, int) and (1 <= days <= DAYS or (days == INHERITED and name != WHOLE))
    if not allowed:
        raise BinRefused("The column 'cleanupintervalindays' is 1 to 30, or -1 for a table that inherits it.")


def _forget(run: Execution, row_id: str) -> None:
    """Without the row that tells of them the deleted rows are nobody's any more."""
    forget_for_good(run, row_id)


BIN_RULES: Final = TableRules(creating=_create, changing=_change)
REFERENCE_RULES: Final = TableRules(deleting=_forget)
