"""Worlds of random units, users, teams, roles, shares and rows, and how they are written into a store.

A world is plain data: the model of the proof reads it and nothing else. What is written is written as rows, without
the messages that would keep it in order, so that also what should not be is tried: circles of managers, ids that two
tables share, rows that stayed behind in another unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Final, TypeAlias

import msgspec

VERBS: Final = ("Read", "Write", "Append", "AppendTo", "Create", "Delete", "Share", "Assign")
BITS: Final[Mapping[str, int]] = {
    "Read": 1,
    "Write": 2,
    "Append": 4,
    "AppendTo": 16,
    "Create": 32,
    "Delete": 65536,
    "Share": 262144,
    "Assign": 524288,
}
"""Verb → bit of the right. [SEC-50]"""

OWNED: Final = ("account", "contact", "task")
SHARED_BY_ALL: Final = ("new_gizmo", "new_part")
OF_UNITS: Final = ("systemuser", "team", "businessunit")
VIEWED: Final = ("activitypointer",)
"""The rows of all activities once more: here those of tasks."""

TABLES: Final = (*OWNED, *VIEWED, *SHARED_BY_ALL, *OF_UNITS)
"""The tables questions are about: rows with an owner, without, and those that stand for users, teams and units."""

SCHEMA_NAMES: Final[Mapping[str, str]] = {
    "account": "Account",
    "contact": "Contact",
    "task": "Activity",
    "activitypointer": "Activity",
    "new_gizmo": "new_Gizmo",
    "new_part": "new_Part",
    "systemuser": "SystemUser",
    "team": "Team",
    "businessunit": "BusinessUnit",
}
"""Table → how its privileges call it. [SEC-20]"""

ACT_FOR_ANOTHER: Final = "prvActOnBehalfOfAnotherUser"
ALL_PRIVILEGES: Final = tuple(sorted({f"prv{verb}{name}" for verb in VERBS for name in SCHEMA_NAMES.values()}))

Facts: TypeAlias = dict[str, object]


class Unit(msgspec.Struct, frozen=True):
    """A business unit; the first of a world is the root."""

    id: str
    parent: str | None


class Position(msgspec.Struct, frozen=True):
    """A position in the organization, and the one above it."""

    id: str
    parent: str | None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user, who reports to `manager` or is in a `position`, and holds `roles` directly."""

    id: str
    name: str
    unit: str
    manager: str | None = None
    position: str | None = None
    roles: tuple[str, ...] = ()


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team; one that `owns` is an owner team, the others are access teams."""

    id: str
    name: str
    unit: str
    owns: bool
    administrator: str
    members: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role: privilege → depth as a bit. `copies`: unit → the id of the role's copy there."""

    id: str
    team_only: bool
    depths: Mapping[str, int]
    copies: Mapping[str, str]


class Share(msgspec.Struct, frozen=True):
    """What was given to a principal on a row, directly and by way of other rows."""

    table: str
    row: str
    kind: str
    principal: str
    direct: int
    inherited: int


class Row(msgspec.Struct, frozen=True):
    """A row: who owns it and which unit it belongs to, where its table has such. `values` are references and texts."""

    table: str
    id: str
    owner: str | None
    unit: str | None
    values: Mapping[str, object]


class Pair(msgspec.Struct, frozen=True):
    """A gizmo and a contact that belong together."""

    id: str
    gizmo: str
    contact: str


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides who sees what.

    `passed_up`: how many levels one sees below, 0 for hierarchy off; `by_position`: below are those in lower positions,
    not those whose manager one is.
    """

    units: tuple[Unit, ...]
    users: tuple[User, ...]
    teams: tuple[Team, ...]
    roles: tuple[Role, ...]
    shares: tuple[Share, ...]
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    organization: str
    passed_up: int
    positions: tuple[Position, ...] = ()
    by_position: bool = False


NAMES: Final = ("Ash", "Beech", "Cedar", "Elm", "elm", "Oak", None)
CUSTOMERS: Final = ("account", "contact")


class Chance:
    """Draws the parts of one world."""

    def __init__(self, random: Random, *, root: str, organization: str) -> None:
        self.random = random
        self.root = root
        self.organization = organization

    def new_id(self) -> str:
        """An id as rows have them."""
        text = f"{self.random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

    def happens(self, part: float) -> bool:
        """True for that part of all calls."""
        return self.random.random() < part

    def some(self, of: Iterable[str], most: int) -> tuple[str, ...]:
        """A few of them, each once."""
        known = list(of)
        return tuple(self.random.sample(known, min(len(known), self.random.randint(0, most))))

    def world(self) -> World:
        """A whole world."""
        units = self._units()
        roles = self._roles(units)
        positions = self._positions()
        users = self._users(units, roles, positions)
        teams = self._teams(units, roles, users)
        rows = self._rows(users, teams, units)
        return World(
            units=units,
            users=users,
            teams=teams,
            roles=roles,
            shares=self._shares(rows, users, teams),
            rows=rows,
            pairs=self._pairs(rows),
            organization=self.organization,
            passed_up=self.random.choice([0, 0, 1, 2, 3]),
            positions=positions,
            by_position=self.happens(0.5),
        )

    def _units(self) -> tuple[Unit, ...]:
        found = [Unit(self.root, None)]
        for _ in range(self.random.randint(2, 5)):
            found.append(Unit(self.new_id(), self.random.choice(found).id))
        return tuple(found)

    def _roles(self, units: tuple[Unit, ...]) -> tuple[Role, ...]:
        return tuple([self._role(units) for _ in range(self.random.randint(3, 5))])

    def _role(self, units: tuple[Unit, ...]) -> Role:
        own = self.new_id()
        depths = {}
        deepest = self.random.choice([(1,), (1, 2), (1, 2, 4), (1, 2, 4, 8), (2, 4)])
        for privilege in ALL_PRIVILEGES:
            verb_held = 0.85 if privilege.startswith("prvRead") else 0.65
            if self.happens(verb_held):
                depths[privilege] = self.random.choice(deepest)
            if privilege.endswith(("new_Gizmo", "new_Part")) and privilege in depths:
                depths[privilege] = 8
        for privilege in ("prvAssignnew_Gizmo", "prvSharenew_Gizmo", "prvAssignnew_Part", "prvSharenew_Part"):
            depths.pop(privilege, None)
        for name in ("SystemUser", "Team", "BusinessUnit"):
            depths.pop(f"prvAssign{name}", None)
            depths.pop(f"prvShare{name}", None)
        if self.happens(0.4):
            depths[ACT_FOR_ANOTHER] = 8
        copies = {unit.id: own if unit.id == self.root else self.new_id() for unit in units}
        return Role(id=own, team_only=self.happens(0.35), depths=depths, copies=copies)

    def _positions(self) -> tuple[Position, ...]:
        ids = [self.new_id() for _ in range(self.random.randint(2, 4))]
        # Circles too, as among managers.
        return tuple([Position(one, self.random.choice(ids) if self.happens(0.7) else None) for one in ids])

    def _users(
        self, units: tuple[Unit, ...], roles: tuple[Role, ...], positions: tuple[Position, ...]
    ) -> tuple[User, ...]:
        ids = [self.new_id() for _ in range(self.random.randint(4, 7))]
        names = [role.id for role in roles]
        found = []
        for number, row_id in enumerate(ids):
            others = [other for other in ids if other != row_id]
            found.append(
                User(
                    id=row_id,
                    name=f"User {number}",
                    unit=self.random.choice(units).id,
                    # Circles too: whoever follows them must come to an end.
                    manager=self.random.choice(others) if self.happens(0.6) else None,
                    position=self.random.choice(positions).id if self.happens(0.8) else None,
                    roles=self.some(names, 2),
                )
            )
        return tuple(found)

    def _teams(self, units: tuple[Unit, ...], roles: tuple[Role, ...], users: tuple[User, ...]) -> tuple[Team, ...]:
        people = [user.id for user in users]
        found = []
        for number in range(self.random.randint(2, 5)):
            owns = self.happens(0.7)
            found.append(
                Team(
                    id=self.new_id(),
                    name=f"Team {number}",
                    unit=self.random.choice(units).id,
                    owns=owns,
                    administrator=self.random.choice(people),
                    members=self.some(people, 4),
                    roles=self.some([role.id for role in roles], 2) if owns else (),
                )
            )
        return tuple(found)

    def _rows(self, users: tuple[User, ...], teams: tuple[Team, ...], units: tuple[Unit, ...]) -> tuple[Row, ...]:
        homes = {user.id: user.unit for user in users} | {team.id: team.unit for team in teams if team.owns}
        ids = {table: [self.new_id() for _ in range(self.random.randint(4, 8))] for table in (*OWNED, *SHARED_BY_ALL)}
        # What is said of a row of one table says nothing of a row of another with the same id.
        ids["contact"][0] = ids["account"][0]
        ids["new_gizmo"][0] = ids["account"][-1]
        found = []
        for table, known in ids.items():
            for number, row_id in enumerate(known):
                owner = self.random.choice(list(homes)) if table in OWNED else None
                unit = None if owner is None else homes[owner]
                if unit is not None and self.happens(0.1):
                    unit = self.random.choice(units).id
                found.append(Row(table, row_id, owner, unit, self._values(table, known[:number], ids, users)))
        return tuple(found)

    def _values(
        self, table: str, earlier: list[str], ids: Mapping[str, list[str]], users: tuple[User, ...]
    ) -> Mapping[str, object]:
        """The columns of a row: texts and numbers, and `(table, id)` for a lookup."""
        name, number = self.random.choice(NAMES), self.random.choice([None, 0, 1, 2, 3])
        one: Facts
        match table:
            case "account":
                one = {"name": name, "numberofemployees": number, "parentaccountid": self._one("account", earlier)}
                one["primarycontactid"] = self._one("contact", ids["contact"])
                one["preferredsystemuserid"] = self._one("systemuser", [user.id for user in users])
            case "contact":
                one = {"lastname": name, "numberofchildren": number, "parentcustomerid": self._customer(ids)}
            case "task":
                one = {"subject": name, "actualdurationminutes": number, "regardingobjectid": self._customer(ids)}
            case "new_gizmo":
                one = {"new_name": name, "new_count": number, "new_customerid": self._customer(ids)}
                one["new_accountid"] = self._one("account", ids["account"])
            case _:
                one = {"new_name": name, "new_gizmoid": self._one("new_gizmo", ids["new_gizmo"])}
        return {column: value for column, value in one.items() if value is not None}

    def _one(self, table: str, of: list[str]) -> tuple[str, str] | None:
        return (table, self.random.choice(of)) if of and self.happens(0.75) else None

    def _customer(self, ids: Mapping[str, list[str]]) -> tuple[str, str] | None:
        table = self.random.choice(CUSTOMERS)
        return self._one(table, ids[table])

    def _shares(self, rows: tuple[Row, ...], users: tuple[User, ...], teams: tuple[Team, ...]) -> tuple[Share, ...]:
        sharees = [*[("systemuser", user.id) for user in users] * 2, *[("team", team.id) for team in teams] * 2]
        sharees.append(("organization", self.organization))
        found: dict[tuple[str, str], Share] = {}
        for _ in range(self.random.randint(0, 25)):
            row = self.random.choice([row for row in rows if row.table in OWNED])
            kind, principal = self.random.choice(sharees)
            masks = [self._mask(), 0]
            self.random.shuffle(masks)
            if self.happens(0.2):
                masks = [self._mask(), self._mask()]
            found[row.id, principal] = Share(row.table, row.id, kind, principal, *masks)
        return tuple(found.values())

    def _mask(self) -> int:
        read = 1 if self.happens(0.7) else 0
        return read | sum(BITS[verb] for verb in VERBS[1:] if verb != "Create" and self.happens(0.4))

    def _pairs(self, rows: tuple[Row, ...]) -> tuple[Pair, ...]:
        gizmos = [row.id for row in rows if row.table == "new_gizmo"]
        contacts = [row.id for row in rows if row.table == "contact"]
        met = {(self.random.choice(gizmos), self.random.choice(contacts)) for _ in range(self.random.randint(0, 10))}
        return tuple([Pair(self.new_id(), *pair) for pair in sorted(met)])
