"""Load an organization fixture through messages.

In:        a fixture (seeding.fixture), an organization
Out:       how many rows were written, by table
Not here:  the format (seeding.fixture), the demo (seeding.demo)

All or nothing, in one transaction; every row has an id and is upserted, so a second load changes nothing but time
stamps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from verselet.errors import OperatorError, ServiceError, did_you_mean
from verselet.ids import GUID
from verselet.messages.request import Associate, Request, RowKey, Update, Upsert
from verselet.organization import Organization
from verselet.query.tree import And, Comparison, Path, Query
from verselet.query.tree import Literal as LiteralValue
from verselet.security.credentials import keep_client_secret, keep_password
from verselet.seeding.fixture import REFUSED, WRONG_SHAPE, Fixture, Unit, User, unsupported
from verselet.seeding.writing import Progress, retrieve
from verselet.values import Reference, Row, Value


class Step(msgspec.Struct, frozen=True):
    """One message, and the place in the file it comes from."""

    path: str
    request: Request


class RowStep(msgspec.Struct, frozen=True):
    """One row as the Web API would take it, read when its turn comes; `change` does not make it where it is missing."""

    path: str
    table: str
    id: str | None
    body: Mapping[str, object]
    change: bool = False


class SecretStep(msgspec.Struct, frozen=True):
    """A secret to keep: of the application with that id, or the password of the user with it."""

    path: str
    of: Literal["application", "user"]
    id: str
    secret: str


Work: TypeAlias = Step | RowStep | SecretStep


def load_fixture(organization: Organization, fixture: Fixture, name: str, progress: Progress) -> Mapping[str, int]:
    """Load a fixture; `name` is the file's, for refusals.

    Raises:
        OperatorError: something in it is refused; nothing of it was kept then.
    """
    return run(organization, list(_Plan(organization, fixture, name).work()), name, progress)


def run(organization: Organization, work: Sequence[Work], name: str, progress: Progress) -> Mapping[str, int]:
    """Do the work in one transaction; count the rows that were written."""
    written: Counter[str] = Counter()
    with organization.transaction():
        for number, item in enumerate(work, start=1):
            if isinstance(item, SecretStep):
                keep = keep_client_secret if item.of == "application" else keep_password
                keep(organization.credentials, item.id, item.secret)
                progress(number, len(work), item.path)
                continue
            try:
                request = item.request if isinstance(item, Step) else _request(organization, item, name)
                if not (isinstance(request, Associate) and _is_linked(organization, request)):
                    organization.execute(request, organization.administrator)
            except ServiceError as error:
                why = f"{error.message} {error.hint}".strip()
                raise OperatorError(REFUSED, f"{name}: {item.path} was refused", why, "correct this place") from error
            if isinstance(request, Upsert):
                written[request.target.table] += 1
            progress(number, len(work), item.path)
    return written


def _request(organization: Organization, item: RowStep, name: str) -> Request:
    """The message that writes a row of the file."""
    table = organization.schema.tables.get(item.table)
    if table is None:
        hint = did_you_mean(item.table, organization.schema.tables)
        raise OperatorError(
            WRONG_SHAPE, f"{name}: {item.path}", f"there is no table {item.table}. {hint}", "correct it"
        )
    body = dict(item.body)
    row_id = item.id or body.pop(table.primary_id, None)
    if not isinstance(row_id, str) or not GUID.match(row_id):
        why = f"a row needs its {table.primary_id}: without it a second load would make the row again"
        raise OperatorError(WRONG_SHAPE, f"{name}: {item.path}", why, f"add {table.primary_id}")
    row = organization.read_row(table, body, creating=not item.change)
    target = Row(item.table, row_id.lower(), row.values)
    return Update(target, RowKey(target.id)) if item.change else Upsert(target, RowKey(target.id))


def _is_linked(organization: Organization, request: Associate) -> bool:
    """Whether the two rows are connected already: to connect them again would be refused. [AS-6]"""
    pair = organization.schema.across[request.table].get(request.navigation)
    if pair is None or request.key.id is None or request.other.id is None:
        return False
    is_first = pair.table1 == request.table and pair.navigation1 == request.navigation
    columns = (pair.column1, pair.column2) if is_first else (pair.column2, pair.column1)
    equal = zip(columns, (request.key.id, request.other.id), strict=True)
    condition = And(
        tuple(Comparison("eq", Path((column,), 0, 0), LiteralValue("guid", value, 0, 0)) for column, value in equal)
    )
    return bool(retrieve(organization, Query(table=pair.intersect_table, select=columns, filter=condition, top=1)))


class _Plan:
    """The work of one fixture: knows what its keys stand for."""

    def __init__(self, organization: Organization, fixture: Fixture, name: str) -> None:
        self._organization = organization
        self._fixture = fixture
        self._name = name
        self._root_id = organization.administrator.business_unit_id
        self._units = {unit.key: self._unit_id(number, unit) for number, unit in enumerate(fixture.businessunits)}
        self._users = {user.key: user.systemuserid.lower() for user in fixture.users}
        self._roles: dict[str, str] = {}

    def work(self) -> Iterator[Work]:
        """Everything, in an order in which each refers to what is before it."""
        self._check_organization()
        yield from self._unit_work()
        yield from self._role_work()
        yield from self._user_work()
        yield from self._team_work()
        for table, rows in self._fixture.rows.items():
            for number, body in enumerate(rows):
                yield RowStep(f"$.rows.{table}[{number}]", table, None, body)

    def _check_organization(self) -> None:
        """The organization is there already: a fixture may name it, not rename it."""
        part = self._fixture.organization
        for member, given, present in (
            ("organizationid", part.organizationid, self._organization.id),
            ("name", part.name, self._organization.name),
        ):
            if given is not None and given.lower() != present.lower():
                raise unsupported(
                    self._name, f"$.organization.{member}", f"this organization has the {member} {present}"
                )
        if part.tenantid is not None:
            raise unsupported(self._name, "$.organization.tenantid", "a tenant of its own is not supported yet")
        for number, words in enumerate(self._fixture.othertables):
            # The list may explain: "msdyn_ocsession (primary id activityid)".
            if words.split()[0] not in self._organization.schema.tables:
                raise unsupported(self._name, f"$.othertables[{number}]", f"there is no table {words.split()[0]}")

    def _unit_id(self, number: int, unit: Unit) -> str:
        """The id of a unit; the root is there already and keeps its own."""
        if unit.parent is not None and unit.businessunitid is not None:
            return unit.businessunitid.lower()
        if unit.parent is None and (unit.businessunitid or self._root_id).lower() == self._root_id:
            return self._root_id
        path = f"$.businessunits[{number}].businessunitid"
        if unit.parent is None:
            raise unsupported(self._name, path, f"the root unit is there already, with the id {self._root_id}")
        raise self._wrong(path, "a unit below the root needs an id")

    def _unit_work(self) -> Iterator[Work]:
        for number, unit in enumerate(self._fixture.businessunits):
            path = f"$.businessunits[{number}]"
            values: dict[str, Value] = {"name": unit.name}
            if unit.parent is not None:
                parent = self._found(self._units, unit.parent, f"{path}.parent")
                values["parentbusinessunitid"] = Reference("businessunit", parent)
            yield self._upsert(path, Row("businessunit", self._units[unit.key], values))

    def _role_work(self) -> Iterator[Work]:
        for number, role in enumerate(self._fixture.roles):
            path = f"$.roles[{number}]"
            if role.builtin:
                self._roles[role.key] = self._builtin_role(role.name, path)
                continue
            if role.roleid is None:
                raise self._wrong(path, "a role needs a roleid")
            self._roles[role.key] = role.roleid.lower()
            unit = Reference("businessunit", self._root_id)
            values: dict[str, Value] = {"name": role.name, "businessunitid": unit, "isinherited": role.isinherited}
            yield self._upsert(path, Row("role", self._roles[role.key], values))

    def _builtin_role(self, role: str, path: str) -> str:
        """The id of a role that every organization has."""
        condition = Comparison("eq", Path(("name",), 0, 0), LiteralValue("text", role, 0, 0))
        found = retrieve(self._organization, Query(table="role", select=("roleid",), filter=condition, top=1))
        if not found or found[0].id is None:
            raise self._wrong(path, f"there is no built-in role {role}")
        return found[0].id

    def _user_work(self) -> Iterator[Work]:
        for number, user in enumerate(self._fixture.users):
            path = f"$.users[{number}]"
            first, _, last = user.fullname.rpartition(" ")
            unit = self._found(self._units, user.businessunit, f"{path}.businessunit")
            values: dict[str, Value] = {
                "firstname": first or None,
                "lastname": last,
                "nickname": user.key,
                "domainname": user.internalemailaddress,
                "internalemailaddress": user.internalemailaddress,
                "azureactivedirectoryobjectid": user.azureactivedirectoryobjectid,
                "businessunitid": Reference("businessunit", unit),
                "isdisabled": user.isdisabled,
                "applicationid": user.applicationid,
                "accessmode": 4 if user.applicationid else 0,
            }
            yield self._upsert(path, Row("systemuser", self._users[user.key], values))
            yield from self._secrets(path, user)
        for number, user in enumerate(self._fixture.users):
            path, user_id = f"$.users[{number}]", self._users[user.key]
            if user.manager is not None:
                manager = Reference("systemuser", self._found(self._users, user.manager, f"{path}.manager"))
                yield Step(
                    f"{path}.manager",
                    Update(Row("systemuser", user_id, {"parentsystemuserid": manager}), RowKey(user_id)),
                )
            yield from self._links("systemuser", user_id, "systemuserroles_association", "role", path, user.roles)

    def _secrets(self, path: str, user: User) -> Iterator[Work]:
        """What the user proves itself with: applications have secrets, people have passwords. [SEC-121], [SEC-127]"""
        if user.clientsecret is not None:
            if user.applicationid is None:
                raise self._wrong(f"{path}.clientsecret", "only a user with an applicationid has a client secret")
            yield SecretStep(f"{path}.clientsecret", "application", user.applicationid, user.clientsecret)
        if user.password is not None:
            if user.applicationid is not None:
                raise self._wrong(f"{path}.password", "an application has no password; give it a clientsecret")
            yield SecretStep(f"{path}.password", "user", self._users[user.key], user.password)

    def _team_work(self) -> Iterator[Work]:
        for number, team in enumerate(self._fixture.teams):
            path, team_id = f"$.teams[{number}]", team.teamid.lower()
            administrator = self._organization.administrator.user_id
            if team.administrator is not None:
                administrator = self._found(self._users, team.administrator, f"{path}.administrator")
            unit = self._found(self._units, team.businessunit, f"{path}.businessunit")
            values: dict[str, Value] = {
                "name": team.name,
                "teamtype": team.teamtype,
                "businessunitid": Reference("businessunit", unit),
                "administratorid": Reference("systemuser", administrator),
            }
            yield self._upsert(path, Row("team", team_id, values))
            yield from self._links("team", team_id, "teamroles_association", "role", path, team.roles)
            yield from self._links("team", team_id, "teammembership_association", "systemuser", path, team.members)

    def _links(
        self, table: str, row_id: str, navigation: str, other: str, path: str, keys: Sequence[str]
    ) -> Iterator[Work]:
        """Connections to rows named by key."""
        known, member = (self._roles, "roles") if other == "role" else (self._users, "members")
        for number, key in enumerate(keys):
            place = f"{path}.{member}[{number}]"
            other_id = self._found(known, key, place)
            yield Step(place, Associate(table, RowKey(row_id), navigation, other, RowKey(other_id)))

    def _upsert(self, path: str, row: Row) -> Step:
        return Step(path, Upsert(row, RowKey(row.id)))

    def _found(self, known: Mapping[str, str], key: str, path: str) -> str:
        """The id behind a key of the file."""
        if key not in known:
            raise self._wrong(path, f"there is no key {key}. {did_you_mean(key, known)}".strip())
        return known[key]

    def _wrong(self, path: str, why: str) -> OperatorError:
        return OperatorError(WRONG_SHAPE, f"{self._name}: {path}", why, "correct the file")
