"""Let clients do with background jobs what they may.

In:        rows of `asyncoperation`
Out:       `JOB_RULES`
Not here:  doing the jobs (jobs), how the server itself writes them (operations.queueing, operations.claiming)

What a job is to do is said by the messages that queue it: nobody writes one that does something as somebody else.
Workers note what becomes of jobs without messages, so whoever sends one is a client or a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from verselet.errors import InvalidArgument
from verselet.errors.jobs import (
    JobMoveRefused,
    JobNeverPaused,
    JobNotCancellable,
    JobNotCompletable,
    JobNotPausable,
    JobNotRecurring,
    JobNotResumable,
    JobOfSystem,
    JobUnfinished,
)
from verselet.operations.queueing import JOBS
from verselet.operations.recurring import read_recurrence
from verselet.operations.retention.policies import RETENTION
from verselet.operations.rollup_jobs import ROLLUP_JOBS
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Row, Value

READY, SUSPENDED, LOCKED, COMPLETED = 0, 1, 2, 3
"""States of a job. [EVT-60]"""

CANCELED: Final = 32
WAYS: Final[Mapping[int, frozenset[int]]] = MappingProxyType(
    {
        READY: frozenset({READY, COMPLETED}),
        SUSPENDED: frozenset({SUSPENDED, READY, COMPLETED}),
        LOCKED: frozenset({LOCKED, READY, SUSPENDED, COMPLETED}),
        COMPLETED: frozenset({COMPLETED}),
    }
)
"""State → the states that may follow. [EVT-62]"""

WRITABLE: Final = frozenset({"statecode", "statuscode", "postponeuntil", "ownerid"})
RECURRENCE: Final = frozenset({"recurrencepattern", "recurrencestarttime"})
"""What clients may change, the second only of a job that recurs; all else is passed over. [EVT-62], [EVT-65]"""

_PRESENT: Final = ("statecode", "statuscode", "operationtype", "recurrencepattern")

REFUSALS: Final[Mapping[int, type[JobMoveRefused]]] = MappingProxyType(
    {READY: JobNotResumable, SUSPENDED: JobNotPausable, LOCKED: JobMoveRefused, COMPLETED: JobNotCompletable}
)
"""The state that is wanted → how it is refused."""


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    if any(row.values.get("data") is not None for row in rows):
        raise InvalidArgument("The column 'data' of a system job is written by the server alone.")
    first = run.session.next_versions(len(rows))
    for number, row in enumerate(rows, first):
        row.values["sequence"] = number


def _changing(run: Execution, row: Row) -> None:
    present = run.read_values(JOBS, row.id or "", _PRESENT) or dict.fromkeys(_PRESENT)
    for name in row.values.keys() - WRITABLE - RECURRENCE:
        del row.values[name]
    if RECURRENCE & row.values.keys():
        _must_recur(present, row.values)
    state = row.values.get("statecode")
    if isinstance(state, int) and state in REFUSALS:
        if state == COMPLETED and present["statecode"] != COMPLETED:
            # A client ends a job in one way only.
            row.values.setdefault("statuscode", CANCELED)
        _must_lead_there(present, state, row.values)
        _must_bear(present["operationtype"], state, present["statecode"])
    elif row.values.get("statuscode") not in {None, present["statuscode"]}:
        raise JobMoveRefused
    if state == COMPLETED and present["statecode"] != COMPLETED:
        row.values["completedon"] = run.clock.now_on_wire()


def _must_recur(present: Mapping[str, Value], wanted: Mapping[str, Value]) -> None:
    """Only a job that recurs gets another recurrence, of the kind its sort can have. [EVT-65]"""
    if not present["recurrencepattern"]:
        raise JobNotRecurring
    pattern = wanted.get("recurrencepattern", present["recurrencepattern"])
    shortest: Literal["HOURLY", "DAILY"] = "HOURLY" if present["operationtype"] in ROLLUP_JOBS else "DAILY"
    if read_recurrence(str(pattern or ""), shortest) is None:
        raise InvalidArgument("The recurrence pattern must be of the form 'FREQ=DAILY;INTERVAL=1'.")


def _must_lead_there(present: Mapping[str, Value], state: int, wanted: Mapping[str, Value]) -> None:
    """The state follows on the one the job is in, by a way that is a client's. [EVT-62]"""
    before = present["statecode"] if isinstance(present["statecode"], int) else READY
    status = wanted.get("statuscode")
    stays = state == before and status in {None, present["statuscode"]}
    cancels = state == COMPLETED and before != COMPLETED and status == CANCELED
    moves = state not in {before, COMPLETED} and state in WAYS[before]
    # What is in progress is put off to a time; without one it would be begun again at once.
    if not (stays or cancels or moves) or (before == LOCKED and state == READY and not wanted.get("postponeuntil")):
        raise REFUSALS[state]


def _must_bear(kind: Value, state: int, before: Value) -> None:
    """Jobs of that kind can be cancelled, or paused. [EVT-62]"""
    if state == before:
        return
    if state == COMPLETED and kind in ROLLUP_JOBS:
        raise JobOfSystem
    if kind == RETENTION and state in {COMPLETED, SUSPENDED}:
        # A run is cancelled by its own row, where its rows are known. [RET-25]
        raise JobNotCancellable if state == COMPLETED else JobNeverPaused


def _deleting(run: Execution, row_id: str) -> None:
    present = run.read_values(JOBS, row_id, _PRESENT) or {}
    if present.get("statecode") != COMPLETED:
        raise JobOfSystem if present.get("operationtype") in ROLLUP_JOBS else JobUnfinished


JOB_RULES: Final = TableRules(creating=_creating, changing=_changing, deleting=_deleting)
"""[EVT-62], [EVT-63], [EVT-64]"""
