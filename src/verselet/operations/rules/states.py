"""Keep state and status reason together, and on the ways a table allows.

In:        a row that sets one or both, what it has at present
Out:       a row that sets both, fitting
Not here:  which ways there are (metadata.changes.transitions)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from verselet.errors import StatusNotOfState, TransitionNotAllowed
from verselet.metadata.columns import StateColumn, StatusColumn
from verselet.metadata.tables import Table
from verselet.values import Row, Value

STATES = frozenset({"statecode", "statuscode"})


def settle_state(table: Table, row: Row, present: Mapping[str, Value] | None) -> None:
    """Fill in what the row leaves open. [UP-6], [C-12], [MSG-45], [MSG-46]

    A state alone brings its default status reason. A status reason alone must belong to the present state; for a new
    row (`present` None) it brings its state.

    Raises:
        StatusNotOfState: the two do not belong together. [E-13]
        TransitionNotAllowed: the table enforces its transitions, and this is none of them. [MSG-52]
    """
    state_column, status_column = table.columns.get("statecode"), table.columns.get("statuscode")
    if not isinstance(state_column, StateColumn) or not isinstance(status_column, StatusColumn):
        return
    values = row.values
    state, status = values.get("statecode"), values.get("statuscode")
    if status is None and state is None:
        if present is None:
            values.update(default_states(table))
        else:
            # A row always has both: null leaves them as they are.
            values.pop("statecode", None)
            values.pop("statuscode", None)
        return
    state_of_status = _states_of(status_column)
    if state is None:
        state = state_of_status.get(_number(status)) if present is None else _number(present.get("statecode"))
    if status is None:
        status = default_status(state_column, _number(state))
    if state_of_status.get(_number(status), state) != state:
        raise StatusNotOfState(_number(status), _state_name(table, state_column, state), table.name, row.id or "")
    values["statecode"], values["statuscode"] = state, status
    if present is not None:
        _check_transition(table, row, present)


def default_status(column: StateColumn, state: int) -> int | None:
    """The status reason a row gets with that state."""
    return next((option.default_status for option in column.options if option.value == state), None)


@lru_cache(maxsize=1024)
def default_states(table: Table) -> Mapping[str, Value]:
    """State and status reason of a new row that names neither. [C-12]"""
    values: dict[str, Value] = {}
    state_column, status_column = table.columns.get("statecode"), table.columns.get("statuscode")
    if isinstance(state_column, StateColumn) and isinstance(status_column, StatusColumn):
        _set_default(values, state_column, status_column)
    return MappingProxyType(values)


def _states_of(column: StatusColumn) -> dict[int, int]:
    """Status reason → its state."""
    return {reason.value: reason.state for reason in column.options}


def may_move(column: StatusColumn, present: Value, wanted: Value) -> bool:
    """A list of transitions leads from one status reason to the other; each leads to itself. [MSG-51]"""
    if present == wanted:
        return True
    return any(reason.value == present and wanted in reason.next for reason in column.options)


def _check_transition(table: Table, row: Row, present: Mapping[str, Value]) -> None:
    """Transitions bind the change of a state; within one the service lets every status reason pass. [MSG-52]"""
    column = table.columns["statuscode"]
    if not table.enforces_transitions or not isinstance(column, StatusColumn):
        return
    old, new = present.get("statuscode"), row.values["statuscode"]
    if present.get("statecode") != row.values["statecode"] and not may_move(column, old, new):
        raise TransitionNotAllowed(_number(old), _number(new), table.name, row.id or "")


def _state_name(table: Table, column: StateColumn, state: Value) -> str:
    """The state as messages name it: `AccountState.Active`. [MSG-46]"""
    found = next((option.invariant_name for option in column.options if option.value == state), str(state))
    return f"{table.schema_name}State.{found}"


def _set_default(values: dict[str, Value], state_column: StateColumn, status_column: StatusColumn) -> None:
    if state_column.default is None:
        return
    values["statecode"] = state_column.default
    status = status_column.default
    values["statuscode"] = default_status(state_column, state_column.default) if status is None else status


def _number(value: Value) -> int:
    return value if isinstance(value, int) else -1
