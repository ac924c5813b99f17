"""Say who is calling.

In:        made by auth from a credential, or by the server for its own work
Out:       `Caller`
Not here:  what the caller may do (security.authorize)
"""

from __future__ import annotations

import msgspec

from verselet.messages.access import AccessRights
from verselet.metadata.languages import BASE_LANGUAGE
from verselet.query.binding import CallerList
from verselet.query.calendar import PLAIN, Calendar
from verselet.security.standing import Reach, Standing


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A user at work: ids, and what decides about the user.

    `real_user_id` is the user who signed in, when acting for another; then each of the two `standings` must allow what
    is done. [SEC-92] `is_administrator`: everything is allowed, as for the server's own work. `calendar` says which day
    it is for the user. [QF-32] `asks_plain`: values are wanted without masks, as far as that is allowed. [SEC-108]

    `language` is the one of the user's settings, whether or not it is switched on.

    `security_class` follows from the others: it is the part of the caller that a compiled plan knows. Callers of one
    class share compiled plans; everything that tells them apart enters as a parameter.
    """

    user_id: str
    business_unit_id: str
    organization_id: str
    full_name: str = ""
    is_administrator: bool = False
    language: int = BASE_LANGUAGE
    real_user_id: str | None = None
    standings: tuple[Standing, ...] = ()
    calendar: Calendar = PLAIN
    asks_plain: bool = False
    security_class: str = ""

    def __post_init__(self) -> None:
        """Find out the class of the caller, once for all its requests."""
        language = "" if self.language == BASE_LANGUAGE else f"in {self.language}"
        calendar = self.calendar.fingerprint + ("plain" if self.asks_plain else "") + language
        fingerprints = [standing.fingerprint for standing in self.standings]
        found = f"administrator{calendar}" if self.is_administrator else "/".join([*fingerprints, calendar])
        msgspec.structs.force_setattr(self, "security_class", found)

    @property
    def has_roles(self) -> bool:
        """The caller holds some role; without any, nothing is allowed. [SEC-33]"""
        return all(standing.holdings for standing in self.standings) and bool(self.standings)

    def reaches(self, privilege: str, right: AccessRights) -> tuple[Reach, ...] | None:
        """How far the privilege goes for each standing; None where one does not hold it. [SEC-40], [SEC-92]"""
        if self.is_administrator:
            return ()
        found = [standing.reach(privilege, right) for standing in self.standings]
        held = tuple([reach for reach in found if reach is not None])
        return held if held and len(held) == len(found) else None

    def holds(self, privilege: str) -> bool:
        """The caller holds a privilege that is about no row."""
        return self.reaches(privilege, AccessRights(0)) is not None

    def listed(self, asked: CallerList) -> str:
        """The value of a parameter that the caller brings."""
        return self.standings[asked.standing].listed(asked.part, asked.privilege, asked.right)
