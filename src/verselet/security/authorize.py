"""Decide whether a caller may send a message.

In:        a request, its caller, the schema
Out:       a `Verdict` with its reason
Not here:  which rows (security.rows)

For now one question decides: does the caller hold System Administrator? Roles with depths come with their tables.
"""

from __future__ import annotations

import msgspec

from verselet.errors import AccessDenied
from verselet.messages.request import Request, WhoAmI
from verselet.metadata.schema import Schema
from verselet.security.caller import Caller

OPEN_TO_ALL: tuple[type[Request], ...] = (WhoAmI,)
"""Messages every signed-in user may send."""


class Verdict(msgspec.Struct, frozen=True):
    """May the caller, and why."""

    allowed: bool
    reason: str

    def or_refuse(self) -> None:
        """Raise what the verdict means.

        Raises:
            AccessDenied: the caller may not. [E-17]
        """
        if not self.allowed:
            raise AccessDenied(self.reason)


def authorize(request: Request, caller: Caller, _schema: Schema) -> Verdict:
    """The verdict on one message."""
    if caller.is_administrator:
        return Verdict(allowed=True, reason="System Administrator")
    if isinstance(request, OPEN_TO_ALL):
        return Verdict(allowed=True, reason="every user may ask this")
    return Verdict(
        allowed=False,
        reason=f"Principal user (Id={caller.user_id}) is missing the role System Administrator, which the message "
        f"{type(request).__name__} needs on this server.",
    )


def authorize_reading(caller: Caller, table: str) -> Verdict:
    """The verdict on reading a table; which of its rows is decided by `security.rows`."""
    if caller.is_administrator:
        return Verdict(allowed=True, reason="System Administrator")
    return Verdict(
        allowed=False,
        reason=f"Principal user (Id={caller.user_id}) is missing prvRead{table} privilege.",
    )
