"""Hold what a user may, by roles, teams and units, at one moment.

In:        made by operations.standings from rows
Out:       `Standing`: for each privilege how far it reaches
Not here:  who asks (security.caller), which rows that means (security.rows), the rows of roles (operations)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Final

import msgspec

from verselet.messages.access import AccessRights
from verselet.query.binding import Part
from verselet.security.privileges import DEEP, GLOBAL, LOCAL
from verselet.security.profiles import NO_PROFILES, ColumnProfiles

PASSED_UP: Final = (
    AccessRights.ReadAccess | AccessRights.WriteAccess | AccessRights.AppendAccess | AccessRights.AppendToAccess
)
"""What a manager may do with the rows of direct reports; with those of deeper ones only read. [SEC-86]"""

encode = msgspec.json.Encoder().encode


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One role as the user has it: held directly, or by a team of the user.

    `unit_id` is the unit of the holder, where the role counts. [SEC-23] `only_team`: what it gives for own rows is for
    the rows of the team, not for those of its members. [SEC-25] `role` names the contents, the same for all copies.
    """

    role: str
    role_id: str
    name: str
    unit_id: str
    team_id: str | None = None
    only_team: bool = False


class Member(msgspec.Struct, frozen=True):
    """A user, or a team of the user, and the unit it is in."""

    id: str
    unit_id: str
    name: str = ""


class Report(msgspec.Struct, frozen=True):
    """A user below the manager, and the teams of that user. `direct`: without anybody between. [SEC-86]"""

    user_id: str
    direct: bool
    teams: tuple[str, ...] = ()


class Reach(msgspec.Struct, frozen=True):
    """How far one privilege goes.

    It goes for all rows (`everything`), or for those owned by `owners`, those that belong to `units`, and those that
    are shared with `sharees`.
    """

    everything: bool
    owners: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    sharees: tuple[str, ...] = ()


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What one user belongs to and holds, as the rows say.

    `administered`: teams whose rows the user reaches without being a member. [SEC-37]
    """

    user: Member
    teams: tuple[Member, ...] = ()
    holdings: tuple[Holding, ...] = ()
    reports: tuple[Report, ...] = ()
    administered: tuple[str, ...] = ()
    columns: ColumnProfiles = NO_PROFILES


class Standing:
    """Everything that decides about one user. What was worked out once is kept; it belongs to this moment alone."""

    def __init__(self, held: Held, book: RoleBook) -> None:
        self.user_id, self.unit_id = held.user.id, held.user.unit_id
        self.teams = held.teams
        self.holdings = held.holdings
        self.reports = held.reports
        self.administered = held.administered
        self.columns = held.columns
        self.book = book
        self._reaches: dict[tuple[str, AccessRights], Reach | None] = {}
        self._listed: dict[tuple[Part, str, int], str] = {}

    @cached_property
    def is_administrator(self) -> bool:
        """The user holds System Administrator, directly or by a team. [SEC-28]"""
        return any(holding.role in self.book.administrators for holding in self.holdings)

    @cached_property
    def principals(self) -> tuple[str, ...]:
        """The user and the user's teams: what is shared with one of them is shared with the user. [SEC-41]"""
        return (self.user_id, *[team.id for team in self.teams])

    @cached_property
    def fingerprint(self) -> str:
        """The same for users whose rights differ in nothing but who and where they are."""
        held = sorted({(item.role, item.team_id is None, item.only_team) for item in self.holdings})
        return sha256(encode([self.book.digest, held, bool(self.reports), self.columns.identity])).hexdigest()[:24]

    def depth(self, privilege: str) -> int:
        """The largest depth at which the privilege is held, by whatever way; 0 for not held. [SEC-24]"""
        if self.is_administrator:
            return GLOBAL
        return max((self.book.depth(item.role, privilege) for item in self.holdings), default=0)

    def reach(self, privilege: str, right: AccessRights) -> Reach | None:
        """How far the privilege goes; None for one that is not held at all. [SEC-23] to [SEC-25], [SEC-41]"""
        key = (privilege, right)
        if key not in self._reaches:
            self._reaches[key] = self._work_out(privilege, right)
        return self._reaches[key]

    def listed(self, part: Part, privilege: str, right: int) -> str:
        """One part of a reach as a JSON list, for a parameter."""
        key = (part, privilege, right)
        found = self._listed.get(key)
        if found is None:
            reach = self.reach(privilege, AccessRights(right)) or Reach(everything=False)
            found = self._listed[key] = encode(getattr(reach, part)).decode()
        return found

    def _work_out(self, privilege: str, right: AccessRights) -> Reach | None:
        if self.is_administrator:
            return Reach(everything=True)
        held = [(item, self.book.depth(item.role, privilege)) for item in self.holdings]
        held = [(item, depth) for item, depth in held if depth]
        if not held:
            return None
        if any(depth & GLOBAL for _, depth in held):
            return Reach(everything=True)
        units: dict[str, None] = {}
        for item, depth in held:
            if depth & DEEP:
                units.update(dict.fromkeys(self.book.units_under(item.unit_id)))
            elif depth & LOCAL:
                units[item.unit_id] = None
        acting = self._acting([item for item, _ in held])
        below = [report for report in self.reports if right in _passed(report)]
        owners = (
            *acting,
            *self.administered,
            *[found for report in below for found in (report.user_id, *report.teams)],
        )
        sharees = (*acting, self.book.organization_id, *[report.user_id for report in below])
        return Reach(False, tuple(dict.fromkeys(owners)), tuple(units), tuple(dict.fromkeys(sharees)))

    def _acting(self, held: list[Holding]) -> tuple[str, ...]:
        """Whose rows count as the user's own: those of teams alone, where only their roles give the privilege."""
        if all(item.only_team for item in held):
            return tuple(dict.fromkeys([item.team_id for item in held if item.team_id is not None]))
        return self.principals


class RoleBook:
    """What roles contain and how units lie, for all users of an organization at one moment.

    `contents`: role → privilege → depth. `below`: unit → the unit and all under it. `administrators`: the copies of
    System Administrator, which hold everything.
    """

    def __init__(
        self,
        *,
        organization_id: str,
        contents: Mapping[str, Mapping[str, int]],
        below: Mapping[str, tuple[str, ...]],
        administrators: frozenset[str],
    ) -> None:
        self.organization_id = organization_id
        self.contents = contents
        self.administrators = administrators
        self._below = below

    @cached_property
    def digest(self) -> str:
        """Another text whenever a role has changed."""
        return sha256(encode([self.contents, sorted(self.administrators)])).hexdigest()

    def depth(self, role: str, privilege: str) -> int:
        """The depths at which a role holds a privilege, as bits; 0 for not held. [SEC-22]"""
        if role in self.administrators:
            return GLOBAL
        return self.contents.get(role, {}).get(privilege, 0)

    def units_under(self, unit_id: str) -> tuple[str, ...]:
        """The unit and all under it. [SEC-22]"""
        return self._below.get(unit_id, (unit_id,))


def _passed(report: Report) -> AccessRights:
    return PASSED_UP if report.direct else AccessRights.ReadAccess
