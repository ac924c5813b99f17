"""Say from which status reason a row may go to which other.

In:        a table, the transitions somebody wants
Out:       the status column with them; what cannot be is refused
Not here:  how clients write them (web.definition_writes), refusing changes of rows (operations.rules.states)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.metadata.columns import StateColumn, StatusColumn
from verselet.metadata.tables import Table

LIMITED = frozenset({"account", "contact", "incident", "lead", "opportunity"})
"""The shipped tables whose transitions can be limited; beside them, custom ones can. [MSG-53]"""


def check_transitions(table: Table) -> None:
    """Refuse to enforce transitions where there can be none.

    Raises:
        InvalidArgument: an activity, a table without states, or a shipped one the service does not list. [MSG-53]
    """
    if not table.enforces_transitions:
        return
    has_states = any(isinstance(column, StateColumn) for column in table.columns.values())
    if not has_states or table.is_activity or not (table.custom or table.name in LIMITED):
        raise InvalidArgument(f"The table '{table.name}' has no state model, so its transitions cannot be enforced.")


def with_transitions(column: StatusColumn, wanted: Mapping[int, Iterable[int]]) -> StatusColumn:
    """The status column in which some reasons lead to others; reasons that are not named keep what they have.

    Raises:
        InvalidArgument: a number that is no status reason of the table.
    """
    known = {reason.value for reason in column.options}
    for value in {*wanted, *(to for following in wanted.values() for to in following)}:
        if value not in known:
            raise InvalidArgument(f"{value} is no status reason, so no transition can begin or end with it.")
    options = tuple(
        structs.replace(reason, next=tuple(sorted(wanted[reason.value]))) if reason.value in wanted else reason
        for reason in column.options
    )
    return structs.replace(column, options=options)
