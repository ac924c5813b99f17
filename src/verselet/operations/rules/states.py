"""Keep state and status reason together.

In:        a row that sets one or both
Out:       a row that sets both, fitting
Not here:  transitions a table enforces (a solution's plug-ins)
"""

from __future__ import annotations

from verselet.errors import StatusNotOfState
from verselet.metadata.columns import StateColumn, StatusColumn
from verselet.metadata.tables import Table
from verselet.values import Row, Value


def settle_state(table: Table, row: Row, present_state: int | None) -> None:
    """Fill in what the row leaves open. [UP-6], [C-12]

    A state alone brings its default status reason. A status reason alone must belong to the present state; for a new
    row (`present_state` None) it brings its state.

    Raises:
        StatusNotOfState: the two do not belong together. [E-13]
    """
    state_column, status_column = table.columns.get("statecode"), table.columns.get("statuscode")
    if not isinstance(state_column, StateColumn) or not isinstance(status_column, StatusColumn):
        return
    values = row.values
    state, status = values.get("statecode"), values.get("statuscode")
    if status is None and state is None:
        if present_state is None:
            _set_default(values, state_column, status_column)
        else:
            # A row always has both: null leaves them as they are.
            values.pop("statecode", None)
            values.pop("statuscode", None)
        return
    state_of_status = {reason.value: reason.state for reason in status_column.options}
    if state is None:
        state = state_of_status.get(_number(status)) if present_state is None else present_state
    if status is None:
        status = default_status(state_column, _number(state))
    if state_of_status.get(_number(status), state) != state:
        label = next((option.label for option in state_column.options if option.value == state), str(state))
        raise StatusNotOfState(_number(status), label, table.name, row.id or "")
    values["statecode"], values["statuscode"] = state, status


def default_status(column: StateColumn, state: int) -> int | None:
    """The status reason a row gets with that state."""
    return next((option.default_status for option in column.options if option.value == state), None)


def _set_default(values: dict[str, Value], state_column: StateColumn, status_column: StatusColumn) -> None:
    if state_column.default is None:
        return
    values["statecode"] = state_column.default
    status = status_column.default
    values["statuscode"] = default_status(state_column, state_column.default) if status is None else status


def _number(value: Value) -> int:
    return value if isinstance(value, int) else -1
