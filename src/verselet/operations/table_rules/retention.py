"""Keep retention policies in order.

In:        rows of `retentionconfig` on their way
Out:       refusals; runs queued and taken back
Not here:  what a policy must be (operations.retention.policies), its runs (jobs.retention)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.operations.retention.policies import POLICIES, drop_runs, must_be_policy, queue_run
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Row, Value

ACTIVE: Final = 10
"""The status reason of a policy that runs; beside it, 20 is paused and 30 cancelled. [RET-21]"""

JUDGED: Final = ("uniquename", "entitylogicalname", "criteria", "recurrence")
PLANNED: Final = ("starttime", "recurrence", "statecode", "statuscode")
"""Columns that decide whether a policy can be, and when it runs."""


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        must_be_policy(run, row.id, row.values)
        row.values["nextrun"] = row.values.get("starttime") or run.clock.now_on_wire()


def _created(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _plan(run, row.id or "", row.values)


def _changing(run: Execution, row: Row) -> None:
    """A run in progress goes on. [RET-26]"""
    row_id = row.id or ""
    present = run.read_values(POLICIES, row_id, (*JUDGED, *PLANNED)) or {}
    wanted = {**present, **row.values}
    if not row.values.keys().isdisjoint(JUDGED):
        must_be_policy(run, row_id, wanted)
    if row.values.keys().isdisjoint(PLANNED):
        return
    if "statuscode" not in row.values and "statecode" in row.values:
        wanted["statuscode"] = None
    drop_runs(run, row_id)
    row.values["nextrun"] = wanted.get("starttime") or run.clock.now_on_wire()
    _plan(run, row_id, wanted)


def _plan(run: Execution, row_id: str, values: dict[str, Value]) -> None:
    if not values.get("statecode") and values.get("statuscode") in {None, ACTIVE}:
        start = values.get("starttime")
        queue_run(run, row_id, str(start) if start is not None else None)


def _deleting(run: Execution, row_id: str) -> None:
    drop_runs(run, row_id)


POLICY_RULES: Final = TableRules(creating=_creating, created=_created, changing=_changing, deleting=_deleting)
"""[RET-20], [RET-21], [RET-26]"""
