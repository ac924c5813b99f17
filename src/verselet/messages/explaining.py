"""Ask why a user may do what with a row.

In:        made by server and cli
Out:       frozen messages
Not here:  what the service itself can be asked (messages.access)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import ReadingRequest, Response, RowKey
from verselet.values import KeyReference, Reference


class ExplainAccess(ReadingRequest, frozen=True, tag=True):
    """Why a user has which rights on a row. For System Administrator."""

    user: RowKey
    row: Reference | KeyReference


class HeldPrivilege(msgspec.Struct, frozen=True):
    """A role that gives the privilege: `through` is the user or a team, which counts in its unit. [SEC-23]"""

    role: str
    depth: str
    through: str
    unit: str


class RightExplained(msgspec.Struct, frozen=True):
    """One right on the row: `because` says every ground of it, or all that is missing."""

    right: str
    allowed: bool
    privilege: str
    held: tuple[HeldPrivilege, ...]
    because: tuple[str, ...]


class Explanation(msgspec.Struct, frozen=True):
    """Everything that decided about one user and one row."""

    user: str
    table: str
    row: str
    owner: str | None
    unit: str | None
    shares: tuple[str, ...]
    teams: tuple[str, ...]
    rights: tuple[RightExplained, ...]


class AccessExplained(Response, frozen=True):
    """What decided, in words."""

    explanation: Explanation
