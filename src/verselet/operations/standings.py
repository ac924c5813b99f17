"""Find out where users stand: their teams, roles, units and reports, read from rows.

In:        an open session and the id of a user
Out:       `Standings`: one `Standing` per user, kept until something about anybody's rights is written
Not here:  what a standing means (security.standing), when it is forgotten (organization)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

import msgspec

from verselet.metadata.schema import Schema
from verselet.operations.secured_columns import read_masks, read_profiles
from verselet.pipeline.execution import Execution
from verselet.query.plan import Masked
from verselet.security.columns import NO_MASKS
from verselet.security.privileges import deepest, privileges_by_id
from verselet.security.standing import Held, Holding, Member, Report, RoleBook, Standing
from verselet.sql import principals
from verselet.store.session import Session
from verselet.values import Stored

SECURITY_TABLES: Final = frozenset({
    "attributemaskingrule", "businessunit", "fieldpermission", "fieldsecurityprofile", "maskingrule", "organization",
    "position", "principalobjectattributeaccess", "privilege", "role", "roleprivileges", "systemuser",
    "systemuserprofiles", "systemuserroles", "team", "teammembership", "teamprofiles",
    "teamroles", "usersettings",
})  # fmt: skip
"""Tables whose rows say who may do what, or how somebody counts: writing one makes what is known out of date."""

ADMINISTRATOR_TEMPLATE: Final = "627090ff-40a3-4053-8790-584edc5be201"
"""The template of System Administrator, the same in every organization of the service. [SEC-28]"""

TEAM_PRIVILEGES_ONLY: Final = 0
"""`role.isinherited` of a role whose Basic depth is for the rows of the team. [SEC-25]"""

ACCESS_HOURS: Final = 4
"""For how long a user who came is not written down again, where the organization says nothing. [JOB-40]"""

DEFAULT_DEPTH: Final = 3
"""How many levels of reports a manager reaches where the organization says nothing. [SEC-85]"""

json_text = msgspec.json.Encoder().encode


class Standings:
    """The standings of one organization's users, as of the last change of anybody's rights.

    `generation` is the number of that change: what a session sees is remembered only if it is the state of that number.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._standings: dict[str, Standing] = {}
        self._book: RoleBook | None = None
        self._masks: frozenset[Masked] | None = None
        self._is_auditing: bool | None = None
        self._access_hours: int | None = None

    def forget(self, generation: int) -> None:
        """Something about rights was written: everything is read anew, from the next request on."""
        self.generation = generation
        self._standings = {}
        self._book = None
        self._masks = None
        self._is_auditing = None
        self._access_hours = None

    def is_auditing(self, run: Execution) -> bool:
        """The organization wants changes written down. [JOB-40]"""
        found = self._is_auditing
        if found is None:
            generation = run.session.remembers("rights")
            values = run.read_values("organization", run.facts.id, ("isauditenabled",)) or {}
            found = values.get("isauditenabled") is True
            self._is_auditing = found if generation == self.generation else None
        return found

    def access_hours(self, read: Callable[[], AbstractContextManager[Session]]) -> int:
        """For how many hours a user who came is not written down again; 0 where nobody is. [JOB-40]"""
        found = self._access_hours
        if found is None:
            with read() as session:
                generation = session.remembers("rights")
                found = _access_hours(session)
            self._access_hours = found if generation == self.generation else None
        return found

    def masks(self, read: Callable[[], AbstractContextManager[Session]], schema: Schema) -> frozenset[Masked]:
        """What is masked, of all that is secured. [SEC-108]"""
        found = self._masks
        if found is None and schema.guards:
            with read() as session:
                generation = session.remembers("rights")
                found = read_masks(session)
            self._masks = found if generation == self.generation else None
        return found or NO_MASKS

    def of(self, user_id: str, session: Session, schema: Schema) -> Standing:
        """Where the user stands. What another thread writes meanwhile is seen by the next one to ask."""
        found = self._standings.get(user_id)
        if found is not None:
            return found
        generation = session.remembers("rights")
        book = (self._book if generation == self.generation else None) or read_book(session, schema)
        found = read_standing(user_id, book, session, schema)
        if generation == self.generation:
            self._book = book
            self._standings[user_id] = found
        return found


def read_book(session: Session, schema: Schema) -> RoleBook:
    """What all roles contain and how the units lie, as this session sees them."""
    asked = _Asked(session)
    known = privileges_by_id(schema)
    contents: dict[str, dict[str, int]] = {}
    for role, privilege, mask in asked(principals.CONTENTS, ADMINISTRATOR_TEMPLATE):
        if str(privilege) in known:
            depth = deepest(mask if isinstance(mask, int) else 0)
            contents.setdefault(str(role), {})[known[str(privilege)].name] = depth
    (organization,) = asked(principals.ORGANIZATION)
    return RoleBook(
        organization_id=str(organization[0]),
        contents=contents,
        below=_below([(str(unit), parent) for unit, parent in asked(principals.UNITS)]),
        administrators=frozenset([str(row[0]) for row in asked(principals.ADMINISTRATORS, ADMINISTRATOR_TEMPLATE)]),
    )


def read_standing(user_id: str, book: RoleBook, session: Session, schema: Schema) -> Standing:
    """Where the user stands, from the rows as this session sees them."""
    asked = _Asked(session)
    rows = asked(principals.UNIT_OF_USER, user_id)
    user = Member(user_id, str(rows[0][0]) if rows else "")
    teams = tuple(
        [Member(str(team), str(unit), str(name)) for team, unit, name in asked(principals.MEMBER_OF, user_id)]
    )
    listed = json_text([team.id for team in teams]).decode()
    units = {team.id: team.unit_id for team in teams}
    found = asked(principals.ROLES_OF_USER, user_id)
    found += asked(principals.ROLES_OF_TEAMS, listed) if teams else []
    holdings = tuple([_holding(row, user, units) for row in found])
    held = Held(
        user=user,
        teams=teams,
        holdings=holdings,
        reports=_reports(user, book, session, schema),
        administered=tuple([str(row[0]) for row in asked(principals.ADMINISTERS, user_id)]),
        columns=read_profiles(user_id, session),
    )
    return Standing(held, book)


def read_team_standing(team_id: str, book: RoleBook, session: Session) -> Standing:
    """Where a team stands by itself: its roles, at its unit, for what it owns and is shared with. [SEC-57]"""
    asked = _Asked(session)
    ((unit, _),) = asked(principals.UNIT_OF_TEAM, team_id)
    team = Member(team_id, str(unit))
    rows = asked(principals.ROLES_OF_TEAMS, json_text([team_id]).decode())
    return Standing(Held(user=team, holdings=tuple([_holding((*row[:4], None), team, {}) for row in rows])), book)


def _access_hours(session: Session) -> int:
    ((is_auditing, watches, hours),) = _Asked(session)(principals.ACCESSES)
    if not is_auditing or not watches:
        return 0
    return hours if isinstance(hours, int) and hours > 0 else ACCESS_HOURS


class _Asked:
    """Asks the questions of sql.principals in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, question: str, *values: Stored) -> list[tuple[Stored, ...]]:
        return self._session.run(principals.written(question, self._session.dialect), values)


def _holding(row: tuple[Stored, ...], user: Member, units: dict[str, str]) -> Holding:
    role, role_id, name, inherited, team = row
    team_id = None if team is None else str(team)
    return Holding(
        role=str(role),
        role_id=str(role_id),
        name=str(name),
        unit_id=user.unit_id if team_id is None else units[team_id],
        team_id=team_id,
        only_team=team_id is not None and inherited == TEAM_PRIVILEGES_ONLY,
    )


def _reports(user: Member, book: RoleBook, session: Session, schema: Schema) -> tuple[Report, ...]:
    """Whose rows the user reaches as a manager; nobody's unless the organization says so. [SEC-85] to [SEC-87]"""
    asked = _Asked(session)
    ((_, enabled, by_position, depth),) = asked(principals.ORGANIZATION)
    if not enabled or (by_position and "position" not in schema.tables):
        return ()
    deepest_level = depth if isinstance(depth, int) and depth > 0 else DEFAULT_DEPTH
    if by_position:
        rows = asked(principals.HOLDERS_BELOW, user.id, deepest_level, user.id)
    else:
        within = set(book.units_under(user.unit_id))
        rows = asked(principals.REPORTS, user.id, deepest_level, user.id)
        rows = [row for row in rows if str(row[1]) in within]
    teams: dict[str, list[str]] = {}
    for person, team in asked(principals.TEAMS_OF_MANY, json_text([str(row[0]) for row in rows]).decode()):
        teams.setdefault(str(person), []).append(str(team))
    return tuple([Report(str(person), level == 1, tuple(teams.get(str(person), ()))) for person, _, level in rows])


def _below(units: list[tuple[str, Stored]]) -> dict[str, tuple[str, ...]]:
    """Each unit with all units under it. [SEC-22]"""
    children: dict[str, list[str]] = {}
    for unit, parent in units:
        if parent is not None:
            children.setdefault(str(parent), []).append(unit)
    found: dict[str, tuple[str, ...]] = {}
    for unit, _ in units:
        reached = {unit: None}
        waiting = [unit]
        while waiting:
            # Rows that form a circle, which no message makes, end here too.
            new = [child for child in children.get(waiting.pop(), ()) if child not in reached]
            reached.update(dict.fromkeys(new))
            waiting += new
        found[unit] = tuple(reached)
    return found
