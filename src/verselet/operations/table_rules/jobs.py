"""Let background jobs go from state to state as they may.

In:        rows of `asyncoperation`
Out:       `JOB_RULES`
Not here:  doing the jobs (jobs)

What a job is to do is said by the messages that queue it: nobody writes one that does something as somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from verselet.errors import (
    InvalidArgument,
    JobMoveRefused,
    JobNotCompletable,
    JobNotPausable,
    JobNotResumable,
    JobUnfinished,
)
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Row

JOBS: Final = "asyncoperation"
READY, SUSPENDED, LOCKED, COMPLETED = 0, 1, 2, 3
"""States of a job. [EVT-60]"""

WAYS: Final[Mapping[int, frozenset[int]]] = MappingProxyType(
    {
        READY: frozenset({READY, COMPLETED}),
        SUSPENDED: frozenset({SUSPENDED, READY, COMPLETED}),
        LOCKED: frozenset({LOCKED, READY, SUSPENDED, COMPLETED}),
        COMPLETED: frozenset({COMPLETED}),
    }
)
"""State → the states that may follow. [EVT-62]"""

KEPT: Final = frozenset({"data", "operationtype", "dependencytoken", "recurrencepattern", "recurrencestarttime"})
"""What a job is to do stays as it was queued: changes of it are passed over. [EVT-62]"""

REFUSALS: Final[Mapping[int, type[JobMoveRefused]]] = MappingProxyType(
    {READY: JobNotResumable, SUSPENDED: JobNotPausable, LOCKED: JobMoveRefused, COMPLETED: JobNotCompletable}
)
"""The state that is wanted → how it is refused."""


def _state(run: Execution, row_id: str) -> int:
    found = run.read_values(JOBS, row_id, ("statecode",)) or {}
    state = found.get("statecode")
    return state if isinstance(state, int) else READY


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    if any(row.values.get("data") is not None for row in rows):
        raise InvalidArgument("The column 'data' of a system job is written by the server alone.")
    first = run.session.next_versions(len(rows))
    for number, row in enumerate(rows, first):
        row.values["sequence"] = number


def _changing(run: Execution, row: Row) -> None:
    for name in KEPT & row.values.keys():
        del row.values[name]
    wanted = row.values.get("statecode")
    if isinstance(wanted, int) and wanted in REFUSALS and wanted not in WAYS[_state(run, row.id or "")]:
        raise REFUSALS[wanted]
    if wanted == COMPLETED:
        row.values["completedon"] = run.clock.now_on_wire()


def _deleting(run: Execution, row_id: str) -> None:
    if _state(run, row_id) != COMPLETED:
        raise JobUnfinished


JOB_RULES: Final = TableRules(creating=_creating, changing=_changing, deleting=_deleting)
"""[EVT-62], [EVT-63], [EVT-64]"""
