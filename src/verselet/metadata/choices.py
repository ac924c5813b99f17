"""Say what can be chosen: options of choice columns, states and status reasons.

In:        facts from table files
Out:       frozen structs and `GlobalChoice`, a named list several columns can share
Not here:  the columns that use them (metadata.columns)
"""

from __future__ import annotations

import msgspec


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One option of a list: its number on the wire and its label."""

    value: int
    label: str


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One state, with the status reason a row gets when only the state is set. [UP-6]"""

    value: int
    label: str
    default_status: int
    invariant_name: str


class StatusReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One status reason, the state it belongs to, and the reasons a row may go to from it.

    What `next` says counts where the table enforces transitions. [MSG-51]
    """

    value: int
    label: str
    state: int
    next: tuple[int, ...] = ()


class GlobalChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A named list of options; `made_here` in this organization, so it can be deleted again. [MW-11]"""

    name: str
    label: str = ""
    description: str = ""
    options: tuple[Choice, ...] = ()
    made_here: bool = False
