"""Keep the tree of business units, with a default team and the roles in each.

In:        rows of `businessunit`
Out:       `UNIT_RULES`
Not here:  copying roles (operations.role_copies), default teams (operations.teams), users (the sibling module)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.errors import InvalidArgument, UnitNotDeletable
from verselet.operations.hierarchies import id_of, must_not_loop
from verselet.operations.holdings import must_hold_named
from verselet.operations.rewriting import rewrite
from verselet.operations.role_copies import PARENT_UNIT, settle_copies
from verselet.operations.rules.cascades import delete_with_children
from verselet.operations.table_rules.rules import TableRules
from verselet.operations.teams import default_team, make_default_team
from verselet.pipeline.execution import Execution
from verselet.values import Row

UNIT: Final = "businessunit"


def _creating(_run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.values.get(PARENT_UNIT) is None:
            raise InvalidArgument("A business unit needs the unit above it: there is one root only.")


def _created(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        unit_id, parent_id = row.id or "", id_of(row.values[PARENT_UNIT]) or ""
        if default_team(run, unit_id) is None:
            make_default_team(run, unit_id, str(row.values.get("name") or ""))
        settle_copies(run, unit_id, parent_id)


def _changing(run: Execution, row: Row) -> None:
    unit_id, values = row.id or "", row.values
    present = id_of((run.read_values(UNIT, unit_id, (PARENT_UNIT,)) or {}).get(PARENT_UNIT))
    if "isdisabled" in values:
        must_hold_named(run, "prvDisableBusinessUnit")
    if values.get("isdisabled") is True and present is None:
        raise InvalidArgument("The root business unit cannot be disabled.")
    if PARENT_UNIT in values:
        _move(run, row, present)
    if "name" in values:
        team = default_team(run, unit_id)
        if team is not None:
            rewrite(run, run.schema.tables["team"], {"name": values["name"]}, "teamid", team)


def _move(run: Execution, row: Row, present: str | None) -> None:
    """Another unit above this one, and its roles with it. [SEC-10]"""
    wanted = id_of(row.values[PARENT_UNIT])
    if wanted == present:
        return
    if wanted is None:
        raise InvalidArgument("A business unit needs the unit above it: there is one root only.")
    must_hold_named(run, "prvReparentBusinessUnit")
    must_not_loop(run, row, PARENT_UNIT)
    settle_copies(run, row.id or "", wanted)


def _deleting(run: Execution, unit_id: str) -> None:
    """The default team and the roles go along; users, other teams, units and rows do not. [SEC-15]"""
    present = run.read_values(UNIT, unit_id, (PARENT_UNIT, "isdisabled")) or {}
    if present.get(PARENT_UNIT) is None:
        raise UnitNotDeletable(unit_id, "it is the root")
    if present.get("isdisabled") is not True:
        raise UnitNotDeletable(unit_id, "it is not disabled")
    team = default_team(run, unit_id)
    if team is not None:
        delete_with_children(run, run.schema.tables["team"], [team])


UNIT_RULES: Final = TableRules(creating=_creating, created=_created, changing=_changing, deleting=_deleting)
"""[SEC-10], [SEC-12], [SEC-13], [SEC-15]"""
