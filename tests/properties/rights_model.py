"""Who may do what with which row: the words of the specification, one after the other, slow and without tricks.

Nothing of the product is used here. Each function is one rule; the answer for a row looks at everything again.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.properties.rights_world import (
    BITS,
    OF_UNITS,
    OWNED,
    SCHEMA_NAMES,
    VIEWED,
    Role,
    Row,
    Share,
    Team,
    User,
    World,
)

Holding = tuple[Role, str, Team | None]
"""A role, the unit where it counts, and the team that holds it, None for the user."""

PASSED_UP_DIRECTLY = ("Read", "Write", "Append", "AppendTo")


class Model:
    """Decides about the rows of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.users = {user.id: user for user in world.users}
        self.parents = {unit.id: unit.parent for unit in world.units}
        self.above = {position.id: position.parent for position in world.positions}

    # --- what a user holds [SEC-23], [SEC-24] ---

    def teams(self, user: User) -> list[Team]:
        """The teams the user is a member of."""
        return [team for team in self.world.teams if user.id in team.members]

    def holdings(self, user: User) -> Iterator[Holding]:
        """The roles of the user and of the user's teams; a team's role counts at the team's unit. [SEC-23]"""
        for role in self.world.roles:
            if role.id in user.roles:
                yield role, user.unit, None
            for team in self.teams(user):
                if role.id in team.roles:
                    yield role, team.unit, team

    def holding(self, user: User, privilege: str) -> list[tuple[Holding, int]]:
        """Those that have the privilege, and its depth in each."""
        return [(held, held[0].depths[privilege]) for held in self.holdings(user) if privilege in held[0].depths]

    def has_privilege(self, user: User, verb: str, table: str) -> bool:
        """The privilege is held at any depth, by any path. [SEC-40]"""
        return bool(self.holding(user, f"prv{verb}{SCHEMA_NAMES[table]}"))

    def has_role(self, user: User) -> bool:
        """The user holds some role, directly or by a team. [SEC-33]"""
        return any(True for _ in self.holdings(user))

    def is_within(self, unit: str | None, above: str) -> bool:
        """The unit is that unit, or one under it."""
        while unit is not None:
            if unit == above:
                return True
            unit = self.parents[unit]
        return False

    # --- the record access decision [SEC-41] ---

    def may(self, user: User, verb: str, row: Row) -> bool:
        """The privilege check, and then the first of the four ways that gives the right. [SEC-40], [SEC-41]"""
        held = self.holding(user, f"prv{verb}{SCHEMA_NAMES[row.table]}")
        if not held:
            return False
        if row.table not in OWNED and row.table not in VIEWED and row.table not in OF_UNITS:
            # All or nothing. [SEC-7]
            return True
        return (
            any(self.owns_or_is_given(user, team, role, verb, row) for (role, _, team), _ in held)
            or any(self.reaches(depth, unit, row) for (_, unit, _), depth in held)
            or self.administers_owner(user, row)
            or self.is_passed_up(user, verb, row)
        )

    def owns_or_is_given(self, user: User, team: Team | None, role: Role, verb: str, row: Row) -> bool:
        """The row's owner, or a share. A role for teams only lets a member act as that team alone. [SEC-25]"""
        if team is not None and role.team_only:
            selves = {team.id}
        else:
            selves = {user.id, *[found.id for found in self.teams(user)]}
        if owner_of(row) in selves:
            return True
        given = {*selves, self.world.organization}
        return any(share.principal in given and mask & BITS[verb] for share, mask in self.shares(row))

    def shares(self, row: Row) -> Iterator[tuple[Share, int]]:
        """What the row was given to; a share is of a row of its own table. [SEC-59]"""
        table = "task" if row.table in VIEWED else row.table
        for share in self.world.shares:
            if (share.table, share.row) == (table, row.id):
                yield share, share.direct | share.inherited

    def reaches(self, depth: int, unit: str, row: Row) -> bool:
        """By unit: everything, the unit and those under it, or the unit itself. [SEC-22], [SEC-41]"""
        at = unit_of(row)
        if depth == 8:
            return True
        if depth == 4:
            return at is not None and self.is_within(at, unit)
        return depth == 2 and at == unit

    def administers_owner(self, user: User, row: Row) -> bool:
        """The rows of a team are also its administrator's. [SEC-37]"""
        return any(team.administrator == user.id and team.id == owner_of(row) for team in self.world.teams)

    # --- hierarchy [SEC-85] to [SEC-89] ---

    def is_passed_up(self, user: User, verb: str, row: Row) -> bool:
        """The row is owned by, owned by a team of, or shared directly with, somebody below. [SEC-86]"""
        for report, level in self.reports(user):
            if verb != "Read" and (level > 1 or verb not in PASSED_UP_DIRECTLY):
                continue
            if owner_of(row) in {report.id, *[team.id for team in self.teams(report)]}:
                return True
            if any(share.principal == report.id and mask & BITS[verb] for share, mask in self.shares(row)):
                return True
        return False

    def reports(self, user: User) -> Iterator[tuple[User, int]]:
        """Everybody below the user, with how far. [SEC-85], [SEC-86]"""
        return self.in_lower_positions(user) if self.world.by_position else self.managed(user)

    def in_lower_positions(self, user: User) -> Iterator[tuple[User, int]]:
        """Those in positions below the user's; units do not matter. [SEC-87]"""
        for report in self.world.users:
            level, at = 0, report.position
            while at is not None and level < self.world.passed_up:
                at, level = self.above[at], level + 1
                if at is not None and at == user.position:
                    if report.id != user.id:
                        yield report, level
                    break

    def managed(self, user: User) -> Iterator[tuple[User, int]]:
        """Those the user manages; only those in the user's unit or under it. [SEC-87]"""
        for report in self.world.users:
            level, at = 0, report
            while at.manager is not None and level < self.world.passed_up:
                at, level = self.users[at.manager], level + 1
                if at.id == user.id:
                    if report.id != user.id and self.is_within(report.unit, user.unit):
                        yield report, level
                    break

    def rights(self, user: User, row: Row) -> int:
        """All rights on a row, as bits. [SEC-57]"""
        return sum(bit for verb, bit in BITS.items() if self.may(user, verb, row))


def owner_of(row: Row) -> str | None:
    """Who owns a row; the row of a user or a team is that principal's own. [SEC-1]"""
    return row.id if row.table in OF_UNITS else row.owner


def unit_of(row: Row) -> str | None:
    """The unit a row belongs to. [SEC-1], [SEC-4]"""
    return row.unit
