"""Let background jobs go from state to state as they may.

In:        rows of `asyncoperation`
Out:       `JOB_RULES`
Not here:  doing the jobs (jobs)

The one who does the jobs takes and ends them with the same messages, so the ways of a job are those of both: only a
job that is over stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.errors import (
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
        READY: frozenset({READY, LOCKED, COMPLETED}),
        SUSPENDED: frozenset({SUSPENDED, READY, LOCKED, COMPLETED}),
        LOCKED: frozenset({LOCKED, READY, SUSPENDED, COMPLETED}),
        COMPLETED: frozenset({COMPLETED}),
    }
)
"""State → the states that may follow. [EVT-62]"""

REFUSALS: Final[Mapping[int, type[JobMoveRefused]]] = MappingProxyType(
    {READY: JobNotResumable, SUSPENDED: JobNotPausable, LOCKED: JobMoveRefused, COMPLETED: JobNotCompletable}
)
"""The state that is wanted → how it is refused."""


def _state(run: Execution, row_id: str) -> int:
    found = run.read_values(JOBS, row_id, ("statecode",)) or {}
    state = found.get("statecode")
    return state if isinstance(state, int) else READY


def _changing(run: Execution, row: Row) -> None:
    wanted = row.values.get("statecode")
    if isinstance(wanted, int) and wanted in REFUSALS and wanted not in WAYS[_state(run, row.id or "")]:
        raise REFUSALS[wanted]


def _deleting(run: Execution, row_id: str) -> None:
    if _state(run, row_id) != COMPLETED:
        raise JobUnfinished


JOB_RULES: Final = TableRules(changing=_changing, deleting=_deleting)
"""[EVT-62], [EVT-63]"""
