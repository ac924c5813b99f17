"""Answer whether a row may take a state.

In:        a row, the name of a state, a status reason
Out:       yes or no
Not here:  taking it (operations.rules.states)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import TableWithoutStates
from verselet.messages.request import PropertiesResponse
from verselet.messages.states import IsValidStateTransition
from verselet.metadata.columns import StateColumn, StatusColumn
from verselet.operations.finding import named_row
from verselet.operations.rights import READ, must_reach
from verselet.operations.rules.states import may_move
from verselet.pipeline.execution import Execution

DEFAULT = -1
"""The status reason that stands for the state's default. [MSG-50]"""


def is_valid_state_transition(run: Execution) -> PropertiesResponse:
    """The state exists, the status reason belongs to it, and a way leads there if the table limits them. [MSG-51]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: there is no such row.
        TableWithoutStates: its table has no states.
    """
    request = cast(IsValidStateTransition, run.request)
    table, row_id = named_row(run, request.row)
    must_reach(run, table, (row_id,), READ)
    states, reasons = table.columns.get("statecode"), table.columns.get("statuscode")
    if not isinstance(states, StateColumn) or not isinstance(reasons, StatusColumn):
        raise TableWithoutStates(table.name)
    state = next((found for found in states.options if request.new_state in {found.invariant_name, found.label}), None)
    if state is None:
        return _answer(valid=False)
    wanted = state.default_status if request.new_status == DEFAULT else request.new_status
    fits = any(reason.value == wanted and reason.state == state.value for reason in reasons.options)
    if fits and table.enforces_transitions:
        present = run.read_values(table.name, row_id, ("statuscode",)) or {}
        fits = may_move(reasons, present.get("statuscode"), wanted)
    return _answer(valid=fits)


def _answer(*, valid: bool) -> PropertiesResponse:
    return PropertiesResponse("IsValidStateTransitionResponse", {"IsValid": valid})
