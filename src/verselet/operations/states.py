"""Answer whether a row may take a state.

In:        a row, the name of a state, a status reason
Out:       yes or no
Not here:  taking it (operations.rules.states)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument
from verselet.messages.request import PropertiesResponse
from verselet.messages.states import IsValidStateTransition
from verselet.metadata.columns import StateColumn, StatusColumn
from verselet.operations.finding import named_row
from verselet.pipeline.execution import Execution

DEFAULT = -1
"""The status reason that stands for the state's default. [MSG-50]"""


def is_valid_state_transition(run: Execution) -> PropertiesResponse:
    """The state exists and the status reason belongs to it; no table here limits the ways between. [FN-20], [MSG-51]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: there is no such row.
        InvalidArgument: its table has no states.
    """
    request = cast(IsValidStateTransition, run.request)
    table, _ = named_row(run, request.row)
    states, reasons = table.columns.get("statecode"), table.columns.get("statuscode")
    if not isinstance(states, StateColumn) or not isinstance(reasons, StatusColumn):
        raise InvalidArgument(f"The rows of '{table.name}' have no states.")
    state = next((found for found in states.options if request.new_state in {found.invariant_name, found.label}), None)
    fits = state is not None and (
        request.new_status == DEFAULT
        or any(reason.value == request.new_status and reason.state == state.value for reason in reasons.options)
    )
    return PropertiesResponse("IsValidStateTransitionResponse", {"IsValid": fits})
