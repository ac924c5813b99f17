"""Random writes to the rows of a world, and which rights each of them takes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

import msgspec

from tests.properties.rights_model import Model
from tests.properties.rights_tables import KEYS, SETS, TEXTS
from tests.properties.rights_world import BITS, OWNED, SCHEMA_NAMES, VERBS, Row, User, World
from tests.scenarios.harness import API

NEW: Final = "5f3e0000-0000-4000-8000-00000000beef"
"""The id of the row that a write makes."""

ANY: Final = ""
"""The id of no row: only the privilege counts."""

LOOKUPS: Final = (
    ("task", "regardingobjectid_account_task", "regardingobjectid", "account"),
    ("task", "regardingobjectid_contact_task", "regardingobjectid", "contact"),
    ("account", "primarycontactid", "primarycontactid", "contact"),
    ("new_part", "new_GizmoId", "new_gizmoid", "new_gizmo"),
    ("new_gizmo", "new_AccountId", "new_accountid", "account"),
)
"""Table, navigation, lookup, target: changing them changes no other row."""

CHANGED: Final = ("account", "contact", "task", "new_gizmo", "new_part")

Need = tuple[str, Row]
"""A right, and the row it is needed on."""


class Write(msgspec.Struct, frozen=True):
    """One request. Whoever sends it must have all `needs`; `is_nothing`: even then nothing changes by it."""

    kind: str
    method: str
    target: str
    body: object
    needs: tuple[Need, ...]
    is_nothing: bool = False


class Writing:
    """Makes writes of a user in a world."""

    def __init__(self, random: Random, world: World, model: Model) -> None:
        self.random, self.world, self.model = random, world, model
        self.homes = {user.id: user.unit for user in world.users} | {team.id: team.unit for team in world.teams}
        self.sets = {user.id: "systemusers" for user in world.users} | {team.id: "teams" for team in world.teams}

    def write(self, user: User) -> Write:
        """Any of them."""
        kinds: list[Callable[[User], Write]] = [
            self._change,
            self._change_several,
            self._create_several,
            self._delete,
            self._assign,
            self._assign_and_change,
            self._create,
            self._create_by_id,
            self._point,
            self._point,
            self._create_pointing,
            self._clear,
            self._pair,
            self._share,
            self._withdraw,
        ]
        return self.random.choice(kinds)(user)

    def _row(self, *tables: str) -> Row:
        table = self.random.choice(tables)
        return self.random.choice([row for row in self.world.rows if row.table == table])

    def _owner(self, table: str) -> str | None:
        """Somebody who may own rows of the table, if anybody may. [SEC-34], [SEC-62]"""
        able = [user.id for user in self.world.users if self.model.has_privilege(user, "Read", table)]
        for team in self.world.teams:
            roles = [role for role in self.world.roles if role.id in team.roles]
            if team.owns and any(f"prvRead{SCHEMA_NAMES[table]}" in role.depths for role in roles):
                able.append(team.id)
        return self.random.choice(able) if able else None

    def _new_row(self, table: str, owner: str | None) -> Row:
        return Row(table, NEW, owner, None if owner is None else self.homes[owner], {})

    def _change(self, _: User) -> Write:
        row = self._row(*CHANGED)
        return Write("change", "PATCH", _address(row), {TEXTS[row.table]: "x"}, (("Write", row),))

    def _change_several(self, _: User) -> Write:
        """All of them or none. [MSG-25]"""
        table = self.random.choice(CHANGED)
        rows = [row for row in self.world.rows if row.table == table]
        chosen = self.random.sample(rows, min(len(rows), 3))
        targets = [{**_named(row), TEXTS[row.table]: "x"} for row in chosen]
        action = f"{SETS[chosen[0].table]}/Microsoft.Dynamics.CRM.UpdateMultiple"
        return Write("several", "POST", action, {"Targets": targets}, tuple([("Write", row) for row in chosen]))

    def _create_several(self, user: User) -> Write:
        table = self.random.choice(CHANGED)
        (body, needs), (other, more) = self._made(user, table), self._made(user, table)
        kind = {"@odata.type": f"Microsoft.Dynamics.CRM.{table}"}
        action = f"{SETS[table]}/Microsoft.Dynamics.CRM.CreateMultiple"
        return Write("create several", "POST", action, {"Targets": [body | kind, other | kind]}, (*needs, *more))

    def _delete(self, _: User) -> Write:
        row = self._row("task", "new_part")
        return Write("delete", "DELETE", _address(row), None, (("Delete", row),))

    def _assign(self, user: User) -> Write:
        row = self._row("task")
        owner = self._owner("task")
        if owner is None:
            return self._change(user)
        # Assigning to the owner changes nothing. [SEC-64]
        body, needs = self._given_to(owner), (("Assign", row),)
        return Write("assign", "PATCH", _address(row), body, needs, is_nothing=owner == row.owner)

    def _assign_and_change(self, user: User) -> Write:
        row = self._row("task")
        owner = self._owner("task")
        if owner is None:
            return self._change(user)
        body = {**self._given_to(owner), "subject": "x"}
        # Named among other columns, the present owner is no assignment. [SEC-64]
        assigning = () if owner == row.owner else (("Assign", row),)
        return Write("assign and change", "PATCH", _address(row), body, (*assigning, ("Write", row)))

    def _given_to(self, owner: str) -> dict[str, object]:
        return {"ownerid@odata.bind": f"/{self.sets[owner]}({owner})"}

    def _made(self, user: User, table: str) -> tuple[dict[str, object], list[Need]]:
        """The body of a new row, and what it takes."""
        body: dict[str, object] = {TEXTS[table]: "new"}
        if table not in OWNED:
            return body, [("Create", self._new_row(table, None))]
        owner = self._owner(table) if self.random.random() < 0.6 else None
        if owner is None:
            owner = user.id
        else:
            body |= self._given_to(owner)
        needs = [("Create", self._new_row(table, owner))]
        if owner != user.id and user not in self._members(owner):
            # Made for somebody else, it is made and assigned. [SEC-6], [SEC-46]
            needs.append(("Assign", Row(table, ANY, None, None, {})))
        return body, needs

    def _members(self, team: str) -> list[User]:
        return [user for user in self.world.users for found in self.model.teams(user) if found.id == team]

    def _create(self, user: User) -> Write:
        table = self.random.choice(CHANGED)
        body, needs = self._made(user, table)
        return Write("create", "POST", SETS[table], {KEYS[table]: NEW, **body}, tuple(needs))

    def _create_by_id(self, user: User) -> Write:
        """A PATCH of a row that is not there makes it. [MSG-23]"""
        table = self.random.choice(CHANGED)
        body, needs = self._made(user, table)
        return Write("upsert", "PATCH", f"{SETS[table]}({NEW})", body, tuple(needs))

    def _point(self, _: User) -> Write:
        table, navigation, column, target = self.random.choice(LOOKUPS)
        row, other = self._row(table), self._row(target)
        needs = (("Write", row), ("Append", row), ("AppendTo", other))
        # Other rows have a version, which is another one after every write.
        same = table == "new_part" and row.values.get(column) == (target, other.id)
        if self.random.random() < 0.5:
            body: dict[str, object] = {f"{navigation}@odata.bind": f"/{_address(other)}"}
            return Write("point", "PATCH", _address(row), body, needs, is_nothing=same)
        body = {"@odata.id": f"{API}{_address(other)}"}
        return Write("point", "PUT", f"{_address(row)}/{navigation}/$ref", body, needs, is_nothing=same)

    def _create_pointing(self, user: User) -> Write:
        table, navigation, _column, target = self.random.choice(LOOKUPS)
        other = self._row(target)
        body, needs = self._made(user, table)
        needs += [("Append", needs[0][1]), ("AppendTo", other)]
        body |= {KEYS[table]: NEW, f"{navigation}@odata.bind": f"/{_address(other)}"}
        return Write("create pointing", "POST", SETS[table], body, tuple(needs))

    def _clear(self, user: User) -> Write:
        """[SEC-30]: clearing a lookup takes nothing on the row it pointed to."""
        pointing = [(item, row) for item in LOOKUPS for row in self.world.rows if row.table == item[0]]
        (_table, navigation, column, target), row = self.random.choice(pointing)
        value = row.values.get(column)
        if not isinstance(value, tuple) or value[0] != target:
            return self._change(user)
        needs = (("Write", row), ("Append", row))
        if self.random.random() < 0.5:
            return Write("clear", "PATCH", _address(row), {navigation: None}, needs)
        return Write("clear", "DELETE", f"{_address(row)}/{navigation}/$ref", None, needs)

    def _pair(self, _: User) -> Write:
        """Both rows of a pair take Append. [SEC-30]"""
        gizmo, contact = self._row("new_gizmo"), self._row("contact")
        needs = (("Append", gizmo), ("Append", contact))
        is_there = any((pair.gizmo, pair.contact) == (gizmo.id, contact.id) for pair in self.world.pairs)
        path = f"{_address(gizmo)}/new_gizmo_contact"
        if is_there:
            return Write("part", "DELETE", f"{path}({contact.id})/$ref", None, needs)
        return Write("pair", "POST", f"{path}/$ref", {"@odata.id": f"{API}{_address(contact)}"}, needs)

    def _share(self, _: User) -> Write:
        """Who gives rights has them, and may share. [SEC-52]"""
        row = self._row("task")
        entitled = [user.id for user in self.world.users if self.model.has_privilege(user, "Read", "task")]
        sharees = [item for item in (*entitled, *[team.id for team in self.world.teams]) if item != row.owner]
        if not sharees:
            return self._change(_)
        given = self.random.sample([verb for verb in VERBS if verb != "Create"], self.random.randint(1, 2))
        action = self.random.choice(["GrantAccess", "ModifyAccess"])
        sharee = self.random.choice(sharees)
        access = {"AccessMask": ",".join([f"{verb}Access" for verb in given]), "Principal": self._principal(sharee)}
        needs = [("Share", row), *[(verb, row) for verb in given]]
        mask, present = sum(BITS[verb] for verb in given), self._given(row, sharee)
        left = mask | present if action == "GrantAccess" else mask
        body = {"Target": _named(row), "PrincipalAccess": access}
        return Write(action, "POST", action, body, tuple(needs), is_nothing=left == present)

    def _withdraw(self, _: User) -> Write:
        row = self._row("task")
        sharee = self.random.choice([*self.homes])
        body = {"Target": _named(row), "Revokee": self._principal(sharee)}
        is_nothing = not self._given(row, sharee)
        return Write("RevokeAccess", "POST", "RevokeAccess", body, (("Share", row),), is_nothing=is_nothing)

    def _principal(self, row_id: str) -> dict[str, str]:
        is_user = any(user.id == row_id for user in self.world.users)
        table = "systemuser" if is_user else "team"
        return {KEYS[table]: row_id, "@odata.type": f"Microsoft.Dynamics.CRM.{table}"}

    def _given(self, row: Row, principal: str) -> int:
        """What the principal was given directly."""
        found = [share for share, _ in self.model.shares(row) if share.principal == principal]
        return found[0].direct if found else 0


def _named(row: Row) -> dict[str, str]:
    return {KEYS[row.table]: row.id, "@odata.type": f"Microsoft.Dynamics.CRM.{row.table}"}


def _address(row: Row) -> str:
    return f"{SETS[row.table]}({row.id})"
