"""Say who is in an organization: units, roles, users, teams, column security profiles.

In:        a fixture, and what its definitions left out
Out:       `People`: the work that makes them, in an order in which each refers to what is before it
Not here:  doing the work (seeding.work), what a role's grants mean (seeding.grants)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from verselet.ids import name_id
from verselet.messages.request import Associate, Create, Related, RowKey
from verselet.organization import Organization
from verselet.seeding.fixture import Fixture, Profile, Role, Team, Unit, User, unsupported
from verselet.seeding.grants import privilege_work, wanted_privileges
from verselet.seeding.work import Deed, Question, Secret, Step, WantedRow, Work, found_id, rows_with, wrong
from verselet.values import Reference, Row, Value


class People:
    """The work of one fixture: knows what its keys stand for."""

    def __init__(self, organization: Organization, fixture: Fixture, name: str, left_out: frozenset[str]) -> None:
        self._organization = organization
        self._fixture = fixture
        self._name = name
        self._left_out = left_out
        self._root_id = organization.founding.root_unit_id
        self._units = {unit.key: self._unit_id(number, unit) for number, unit in enumerate(fixture.businessunits)}
        self._users = {user.key: user.systemuserid.lower() for user in fixture.users}
        self._roles = {role.key: self._role_id(number, role) for number, role in enumerate(fixture.roles)}
        self._teams = {team.key: team.teamid.lower() for team in fixture.teams}

    def work(self) -> Iterator[Work]:
        """Everything."""
        for number, unit in enumerate(self._fixture.businessunits):
            yield from self._unit(f"$.businessunits[{number}]", unit)
        for number, role in enumerate(self._fixture.roles):
            yield from self._role(f"$.roles[{number}]", role)
        for number, user in enumerate(self._fixture.users):
            yield from self._user(f"$.users[{number}]", user)
        for number, user in enumerate(self._fixture.users):
            yield from self._place_of_user(f"$.users[{number}]", user)
        for number, team in enumerate(self._fixture.teams):
            yield from self._team(f"$.teams[{number}]", team)
        for number, profile in enumerate(self._fixture.columnsecurityprofiles):
            yield from self._profile(f"$.columnsecurityprofiles[{number}]", profile)

    # --- units --------------------------------------------------------------------------------------------------------

    def _unit_id(self, number: int, unit: Unit) -> str:
        """The id of a unit; the root's is the organization's own."""
        if unit.parent is not None and unit.businessunitid is not None:
            return unit.businessunitid.lower()
        if unit.parent is None and (unit.businessunitid or self._root_id).lower() == self._root_id:
            return self._root_id
        path = f"$.businessunits[{number}].businessunitid"
        if unit.parent is None:
            why = f"the root unit is there already, with the id {self._root_id}"
            raise unsupported(self._name, path, f"{why}; only a new organization takes it from a fixture")
        raise wrong(self._name, path, "a unit below the root needs an id")

    def _unit(self, path: str, unit: Unit) -> Iterator[Work]:
        values: dict[str, Value] = {"name": unit.name}
        if unit.parent is not None:
            parent = found_id(self._units, unit.parent, self._name, f"{path}.parent")
            values["parentbusinessunitid"] = Reference("businessunit", parent)
        teams = tuple(self._default_team(team) for team in self._fixture.teams if _is_default(team, unit))
        yield WantedRow(path, Row("businessunit", self._units[unit.key], values), teams)

    def _default_team(self, team: Team) -> Related:
        """The team that comes with a new unit, with the id the file gives it. [SEC-12]"""
        administrator = Reference("systemuser", self._organization.administrator.user_id)
        values: dict[str, Value] = {
            "name": team.name,
            "teamtype": 0,
            "isdefault": True,
            "systemmanaged": True,
            "administratorid": administrator,
        }
        return Related("businessunitid", Create(Row("team", team.teamid.lower(), values)))

    # --- roles --------------------------------------------------------------------------------------------------------

    def _role_id(self, number: int, role: Role) -> str:
        if role.builtin:
            return self._builtin_role(role.name, f"$.roles[{number}]")
        if role.roleid is None:
            raise wrong(self._name, f"$.roles[{number}]", "a role needs a roleid")
        return role.roleid.lower()

    def _builtin_role(self, role: str, path: str) -> str:
        """The id of a role that every organization has, in the root unit."""
        found = rows_with(self._organization, "role", ("roleid",), name=role, businessunitid=self._root_id)
        if not found or found[0].id is None:
            raise wrong(self._name, path, f"there is no built-in role {role}")
        return found[0].id

    def _role(self, path: str, role: Role) -> Iterator[Work]:
        if role.builtin:
            return
        unit = Reference("businessunit", self._root_id)
        values: dict[str, Value] = {"name": role.name, "businessunitid": unit, "isinherited": role.isinherited}
        role_id = self._roles[role.key]
        yield WantedRow(path, Row("role", role_id, values))

        def privileges(organization: Organization) -> Iterator[Deed]:
            wanted = wanted_privileges(organization, role, f"{self._name}: {path}", self._left_out)
            return privilege_work(organization, role_id, path, wanted)

        yield Question(f"{path}.grants", privileges)

    # --- users --------------------------------------------------------------------------------------------------------

    def _user(self, path: str, user: User) -> Iterator[Work]:
        first, _, last = user.fullname.rpartition(" ")
        unit = found_id(self._units, user.businessunit, self._name, f"{path}.businessunit")
        object_id, application_id = user.azureactivedirectoryobjectid, user.applicationid
        values: dict[str, Value] = {
            "firstname": first or None,
            "lastname": last,
            "nickname": user.key,
            "domainname": user.internalemailaddress,
            "internalemailaddress": user.internalemailaddress,
            "azureactivedirectoryobjectid": object_id.lower() if object_id else None,
            "businessunitid": Reference("businessunit", unit),
            "isdisabled": user.isdisabled,
            "applicationid": application_id.lower() if application_id else None,
            "accessmode": 4 if application_id else 0,
        }
        yield WantedRow(path, Row("systemuser", self._users[user.key], values))
        if user.throttle is not None:
            self._organization.limit_requests(self._users[user.key], user.throttle)
        yield from self._secrets(path, user)

    def _secrets(self, path: str, user: User) -> Iterator[Work]:
        """What the user proves itself with: applications have secrets, people have passwords. [SEC-121], [SEC-127]"""
        if user.clientsecret is not None:
            if user.applicationid is None:
                raise wrong(self._name, f"{path}.clientsecret", "only a user with an applicationid has a client secret")
            yield Secret(f"{path}.clientsecret", "application", user.applicationid, user.clientsecret)
        if user.password is not None:
            if user.applicationid is not None:
                place = f"{path}.password"
                raise wrong(self._name, place, "an application has no password; give it a clientsecret")
            yield Secret(f"{path}.password", "user", self._users[user.key], user.password)

    def _place_of_user(self, path: str, user: User) -> Iterator[Work]:
        """The manager and the roles, once everybody is there."""
        user_id = self._users[user.key]
        if user.manager is not None:
            manager = Reference("systemuser", found_id(self._users, user.manager, self._name, f"{path}.manager"))
            yield WantedRow(f"{path}.manager", Row("systemuser", user_id, {"parentsystemuserid": manager}))
        unit = self._units[user.businessunit]
        yield from self._role_links("systemuser", user_id, unit, path, user.roles)

    def _role_links(self, table: str, holder: str, unit: str, path: str, keys: Sequence[str]) -> Iterator[Work]:
        """The holder's roles: of each the copy that belongs to the holder's unit. [SEC-13]"""
        navigation = "systemuserroles_association" if table == "systemuser" else "teamroles_association"
        for number, key in enumerate(keys):
            place = f"{path}.roles[{number}]"
            role = found_id(self._roles, key, self._name, place)

            def link(organization: Organization, role: str = role, place: str = place) -> Iterator[Deed]:
                copies = rows_with(organization, "role", ("roleid",), parentrootroleid=role, businessunitid=unit)
                own = copies[0].id if copies else role
                yield Step(place, Associate(table, RowKey(holder), navigation, "role", RowKey(own)))

            yield Question(place, link)

    # --- teams and profiles -------------------------------------------------------------------------------------------

    def _team(self, path: str, team: Team) -> Iterator[Work]:
        if team.isdefault:
            yield Question(path, partial(self._check_default_team, path=path, team=team))
            unit = self._units[team.businessunit]
            yield from self._role_links("team", team.teamid.lower(), unit, path, team.roles)
            return
        administrator = self._organization.administrator.user_id
        if team.administrator is not None:
            administrator = found_id(self._users, team.administrator, self._name, f"{path}.administrator")
        unit, team_id = (
            found_id(self._units, team.businessunit, self._name, f"{path}.businessunit"),
            team.teamid.lower(),
        )
        values: dict[str, Value] = {
            "name": team.name,
            "teamtype": team.teamtype,
            "businessunitid": Reference("businessunit", unit),
            "administratorid": Reference("systemuser", administrator),
        }
        yield WantedRow(path, Row("team", team_id, values))
        yield from self._role_links("team", team_id, unit, path, team.roles)
        for number, key in enumerate(team.members):
            place = f"{path}.members[{number}]"
            member = found_id(self._users, key, self._name, place)
            yield _link(place, "team", team_id, "teammembership_association", "systemuser", member)

    def _check_default_team(self, organization: Organization, path: str, team: Team) -> tuple[Deed, ...]:
        """The default team of a unit that was there already keeps its id; that of another has the file's. [SEC-12]"""
        unit = found_id(self._units, team.businessunit, self._name, f"{path}.businessunit")
        rows = rows_with(organization, "team", ("teamid", "isdefault"), businessunitid=unit)
        found = next((row.id for row in rows if row.values["isdefault"]), None)
        if found != team.teamid.lower():
            raise unsupported(
                self._name, f"{path}.teamid", f"the default team of the unit is there already, as {found}"
            )
        return ()

    def _profile(self, path: str, profile: Profile) -> Iterator[Work]:
        profile_id = profile.fieldsecurityprofileid.lower()
        yield WantedRow(path, Row("fieldsecurityprofile", profile_id, {"name": profile.name}))
        for number, permission in enumerate(profile.permissions):
            table, column = permission.entityname, permission.attributelogicalname
            values: dict[str, Value] = {
                "fieldsecurityprofileid": Reference("fieldsecurityprofile", profile_id),
                "entityname": table,
                "attributelogicalname": column,
                "canread": permission.canread,
                "cancreate": permission.cancreate,
                "canupdate": permission.canupdate,
                "canreadunmasked": permission.canreadunmasked,
            }
            own_id = name_id(f"permission/{profile_id}/{table}/{column}")
            yield WantedRow(f"{path}.permissions[{number}]", Row("fieldpermission", own_id, values))
        for member, table, known, navigation in (
            ("users", "systemuser", self._users, "systemuserprofiles_association"),
            ("teams", "team", self._teams, "teamprofiles_association"),
        ):
            for number, key in enumerate(getattr(profile, member)):
                place = f"{path}.{member}[{number}]"
                other = found_id(known, key, self._name, place)
                yield _link(place, table, other, navigation, "fieldsecurityprofile", profile_id)


def _is_default(team: Team, unit: Unit) -> bool:
    return team.isdefault and team.businessunit == unit.key


def _link(path: str, table: str, row_id: str, navigation: str, other: str, other_id: str) -> Step:
    return Step(path, Associate(table, RowKey(row_id), navigation, other, RowKey(other_id)))
