"""Write a world into an organization, and keep a second one that holds nothing but what one user may see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from tests.properties.rights_world import OF_UNITS, OWNED, SHARED_BY_ALL, Row, World
from tests.scenarios.harness import Answer, new_organization
from verselet.messages.request import CreateMultiple, Update
from verselet.messages.request import RowKey as Key
from verselet.operations.create import create_rows
from verselet.organization import Organization
from verselet.security.caller import Caller
from verselet.security.privileges import privileges
from verselet.sql.columns import stored_columns
from verselet.sql.dialects import quoted
from verselet.sql.write import insert_sql
from verselet.store.session import Session
from verselet.values import Reference, Stored, Value
from verselet.values import Row as StoredRow
from verselet.web.app import WebApi

PAIRS: Final = ("new_gizmo_contact", "teammembership")
COPIED: Final = (*OWNED, *SHARED_BY_ALL, *OF_UNITS, *PAIRS)
UNIT_COLUMNS: Final[Mapping[str, str]] = {
    "systemuser": "businessunitid",
    "team": "businessunitid",
    "businessunit": "parentbusinessunitid",
}


class Writer:
    """Writes rows of a world as the server itself would, without the messages that would refuse some."""

    def __init__(self, organization: Organization, session: Session) -> None:
        self.organization = organization
        self.session = session
        self.known: frozenset[Reference] = frozenset()

    def write(self, world: World) -> None:
        """All of it. Nobody may have asked anything in the transaction before."""
        self.known = frozenset(_references(world))
        self._principals(world)
        self._roles(world)
        for row in world.rows:
            values = {name: _value(value) for name, value in row.values.items()}
            if row.owner is not None:
                values["ownerid"] = _owner(world, row.owner)
            self._insert(row.table, [(row.id, values)])
            if row.unit is not None:
                # Rows may stay in a unit that their owner left. [SEC-4]
                mark, table = self.session.dialect.placeholder, self.organization.schema.tables[row.table]
                text = f"UPDATE {row.table} SET owningbusinessunit = {mark} WHERE {table.primary_id} = {mark}"
                self.session.run(text, (row.unit, row.id))
        for pair in world.pairs:
            self._insert("new_gizmo_contact", [(pair.id, {"new_gizmoid": pair.gizmo, "contactid": pair.contact})])
        self._shares(world)
        self._hierarchy(world)

    def _principals(self, world: World) -> None:
        for unit in world.units[1:]:
            parent = Reference("businessunit", str(unit.parent))
            self._insert("businessunit", [(unit.id, {"name": f"Unit {unit.id[:4]}", "parentbusinessunitid": parent})])
        for position in world.positions:
            above = None if position.parent is None else Reference("position", position.parent)
            named: dict[str, Value] = {"name": f"Position {position.id[:4]}", "parentpositionid": above}
            self._insert("position", [(position.id, named)])
        for user in world.users:
            values: dict[str, Value] = {"lastname": user.name, "businessunitid": Reference("businessunit", user.unit)}
            if user.manager is not None:
                values["parentsystemuserid"] = Reference("systemuser", user.manager)
            if user.position is not None:
                values["positionid"] = Reference("position", user.position)
            self._insert("systemuser", [(user.id, {**values, "isdisabled": False})])
        for team in world.teams:
            values = {"name": team.name, "businessunitid": Reference("businessunit", team.unit)}
            values |= {
                "teamtype": 0 if team.owns else 1,
                "administratorid": Reference("systemuser", team.administrator),
            }
            self._insert("team", [(team.id, values)])
            members: list[tuple[str | None, dict[str, Value]]] = [
                (None, {"teamid": team.id, "systemuserid": member}) for member in team.members
            ]
            self._insert("teammembership", members)

    def _roles(self, world: World) -> None:
        ids = {privilege.name: privilege.id for privilege in privileges(self.organization.schema.tables.values())}
        homes = {user.id: user.unit for user in world.users} | {team.id: team.unit for team in world.teams}
        for number, role in enumerate(world.roles):
            for unit, copy in role.copies.items():
                values: dict[str, Value] = {
                    "name": f"Role {number}",
                    "businessunitid": Reference("businessunit", unit),
                    "isinherited": 0 if role.team_only else 1,
                }
                if copy != role.id:
                    values["parentrootroleid"] = Reference("role", role.id)
                self._insert("role", [(copy, values)])
            self._insert(
                "roleprivileges",
                [
                    (None, {"roleid": role.id, "privilegeid": ids[name], "privilegedepthmask": depth})
                    for name, depth in role.depths.items()
                ],
            )
            for holders, table, column in (
                (world.users, "systemuserroles", "systemuserid"),
                (world.teams, "teamroles", "teamid"),
            ):
                holding = [holder.id for holder in holders if role.id in holder.roles]
                for holder in holding:
                    self._insert(table, [(None, {column: holder, "roleid": role.copies[homes[holder]]})])

    def _shares(self, world: World) -> None:
        # Those that came along with the rows are no part of the world.
        self.session.run("DELETE FROM principalobjectaccess")
        for share in world.shares:
            values: dict[str, Value] = {
                "objectid": share.row,
                "objecttypecode": share.table,
                "principalid": share.principal,
                "principaltypecode": share.kind,
                "accessrightsmask": share.direct,
                "inheritedaccessrightsmask": share.inherited,
            }
            self._insert("principalobjectaccess", [(None, values)])

    def _hierarchy(self, world: World) -> None:
        """By a message: the organization then knows that rights have changed."""
        values: dict[str, Value] = {"ishierarchicalsecuritymodelenabled": world.passed_up > 0}
        values["usepositionhierarchy"] = world.by_position
        if world.passed_up:
            values["maxdepthforhierarchicalsecuritymodel"] = world.passed_up
        row = StoredRow("organization", world.organization, values)
        self.organization.execute(Update(row, Key(world.organization)), self.organization.administrator)

    def _insert(self, name: str, rows: Sequence[tuple[str | None, dict[str, Value]]]) -> None:
        targets = tuple([StoredRow(name, row_id, values) for row_id, values in rows])
        if targets:
            run = self.organization.opened(CreateMultiple(name, targets), self.session)
            create_rows(run, self.organization.schema.tables[name], targets, self.known)


class Contents(msgspec.Struct, frozen=True):
    """The rows of the copied tables as they are stored: table → id → its stored values; and the ends of pairs."""

    stored: Mapping[str, Mapping[str, tuple[Stored, ...]]]
    of_units: tuple[Row, ...]
    ends: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]]


def contents_of(organization: Organization) -> Contents:
    """What is in the tables, in the middle of a transaction."""
    found: dict[str, dict[str, tuple[Stored, ...]]] = {}
    rows: list[Row] = []
    ends: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {}
    with organization.store.read() as session:
        for name in COPIED:
            table = organization.schema.tables[name]
            names = [*stored_names(organization, name)]
            listed = ", ".join([quoted(column) for column in names])
            lines = session.run(f"SELECT {listed} FROM {name}")
            key = names.index(table.primary_id)
            found[name] = {str(line[key]): line for line in lines}
            if name in OF_UNITS:
                unit = names.index(UNIT_COLUMNS[name])
                units = {str(line[key]): line[unit] for line in lines}
                rows += [Row(name, row_id, None, None if at is None else str(at), {}) for row_id, at in units.items()]
        for name, (one, other) in (
            ("new_gizmo_contact", (("new_gizmo", "new_gizmoid"), ("contact", "contactid"))),
            ("teammembership", (("systemuser", "systemuserid"), ("team", "teamid"))),
        ):
            names = stored_names(organization, name)
            ends[name] = {
                row_id: tuple([(table, str(line[names.index(column)])) for table, column in (one, other)])
                for row_id, line in found[name].items()
            }
    return Contents(found, tuple(rows), ends)


def stored_names(organization: Organization, name: str) -> list[str]:
    """The columns of a table as they are stored, in order."""
    table = organization.schema.tables[name]
    return [stored.name for column in table.columns.values() for stored in stored_columns(table, column)]


Visible: TypeAlias = Callable[[str, str], bool]
"""Whether the row of that table with that id may be seen."""


class Mirror:
    """An organization that holds the rows one user sees and nothing else, asked by who may see everything."""

    def __init__(self, url: str | None) -> None:
        self.organization = new_organization(url)
        self.caller = self.organization.administrator
        self.web = WebApi(self.organization, lambda *_: self.caller)

    def show(self, contents: Contents, visible: Visible, caller: Caller, *, own_teams: bool) -> None:
        """Hold the visible rows from here on, and answer as `caller`, but without hiding anything.

        A pair is visible where both its ends are; with `own_teams` those are too that say which teams the caller is in.
        In a transaction that is taken back.
        """
        self.caller = msgspec.structs.replace(caller, is_administrator=True)
        own = ("systemuser", caller.user_id) if own_teams else None
        with self.organization.store.begin() as session:
            for name in COPIED:
                table = self.organization.schema.tables[name]
                session.run(f"DELETE FROM {name}")
                columns = tuple([column.name for column in table.columns.values() if stored_columns(table, column)])
                lines = contents.stored[name].items()
                ends = contents.ends.get(name, {})
                seen = [
                    line
                    for row_id, line in lines
                    if all(visible(*end) for end in ends.get(row_id, ((name, row_id),))) or own in ends.get(row_id, ())
                ]
                session.run_many(insert_sql(table, columns, session.dialect), seen)


class Signed(msgspec.Struct, frozen=True):
    """Who sends a request: the token, and the user it is sent for."""

    token: str = "dev-admin"
    acting_as: str | None = None


ADMINISTRATOR: Final = Signed()


def ask(web: WebApi, target: str, prefer: str = "", signed: Signed = ADMINISTRATOR) -> Answer:
    """A GET, in process."""
    return send(web, "GET", target, signed, prefer=prefer)


def send(web: WebApi, method: str, target: str, signed: Signed, body: object = None, *, prefer: str = "") -> Answer:
    """A request, in process."""
    path, _, query = target.partition("?")
    scope = {"method": method, "path": f"/api/data/v9.2/{path}", "raw_path": f"/api/data/v9.2/{path}".encode()}
    headers = {"authorization": f"Bearer {signed.token}", "content-type": "application/json"}
    if prefer:
        headers["prefer"] = prefer
    if signed.acting_as is not None:
        headers["mscrmcallerid"] = signed.acting_as
    content = b"" if body is None else json.dumps(body).encode()
    answer = web.handle({**scope, "query_string": query.encode()}, headers, content, "http://127.0.0.1:8765")
    told = {name.decode(): value.decode() for name, value in answer.headers}
    return Answer(answer.status, told, answer.whole_body)


def _references(world: World) -> Iterable[Reference]:
    for table, known in (
        ("businessunit", world.units),
        ("systemuser", world.users),
        ("team", world.teams),
        ("position", world.positions),
    ):
        yield from [Reference(table, item.id) for item in known]
    yield from [Reference(row.table, row.id) for row in world.rows]
    yield from [Reference("role", role.id) for role in world.roles]


def _owner(world: World, row_id: str) -> Reference:
    return Reference("systemuser" if any(user.id == row_id for user in world.users) else "team", row_id)


def _value(value: object) -> Value:
    if isinstance(value, tuple):
        return Reference(*value)
    assert value is None or isinstance(value, str | int)
    return value
