"""Say who is calling.

In:        made by auth from a credential, or by the server for its own work
Out:       `Caller`
Not here:  what the caller may do (security.authorize)
"""

from __future__ import annotations

import msgspec


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A user at work: ids, and whether the user holds System Administrator.

    `security_class` is what plans may depend on: callers of one class share compiled plans, and everything that
    tells them apart enters as a parameter. `real_user_id` is the user who signed in, when acting for another. [IP-2]
    """

    user_id: str
    business_unit_id: str
    organization_id: str
    full_name: str = ""
    is_administrator: bool = False
    language: int = 1033
    real_user_id: str | None = None

    @property
    def security_class(self) -> str:
        """The part of the caller that a compiled plan knows."""
        return "administrator" if self.is_administrator else "user"
