"""Read an organization fixture, strictly.

In:        the content of a fixture file
Out:       `Fixture`: units, users, roles, teams and rows, each with its JSON path; what cannot be loaded is refused
Not here:  the messages that load it (seeding.loading), files of named sets (seeding.sets)

A part that would need what this server has not yet (tables made by a fixture, privileges of roles, column security,
settings that change behaviour) is refused by name, never skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from verselet.errors import OperatorError
from verselet.security.credentials import LONGEST_SECRET

_T = TypeVar("_T")

NOT_READABLE = "VS3001"
WRONG_SHAPE = "VS3002"
REFUSED = "VS3003"
NOT_SUPPORTED = "VS3004"

INERT_SETTINGS: Mapping[str, tuple[object, ...]] = {
    "isauditenabled": (False,),
    "sharetopreviousowneronassign": (False,),
    "ishierarchicalsecuritymodelenabled": (False,),
    "usepositionhierarchy": (False,),
    "maxdepthforhierarchicalsecuritymodel": (1, 2, 3, 4, 5),
    "EnableOwnershipAcrossBusinessUnits": (False,),
}
"""Setting → the values that ask for nothing but what the server does anyway."""


Secret: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_SECRET)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown members are refused."""


class OrganizationPart(_Strict, frozen=True):
    """What the fixture says about the organization itself."""

    organizationid: str | None = None
    tenantid: str | None = None
    name: str | None = None
    settings: dict[str, object] = {}
    recyclebin: dict[str, object] = {}


class Unit(_Strict, frozen=True):
    """One business unit; the root has no parent, and no id of its own: it is there already."""

    key: str
    name: str
    parent: str | None
    businessunitid: str | None = None


class User(_Strict, frozen=True):
    """One user; `key` is also stored, so that `Bearer dev:<key>` finds it.

    `clientsecret` belongs to an `applicationid`, `password` to a person; both are kept as hashes. [SEC-121]
    """

    key: str
    systemuserid: str
    fullname: str
    businessunit: str
    internalemailaddress: str
    azureactivedirectoryobjectid: str | None = None
    roles: tuple[str, ...] = ()
    manager: str | None = None
    isdisabled: bool = False
    applicationid: str | None = None
    clientsecret: Secret | None = None
    password: Secret | None = None
    note: str = ""


class Role(_Strict, frozen=True):
    """One role; `builtin` ones are found by name."""

    key: str
    name: str
    roleid: str | None = None
    builtin: bool = False
    roletemplateid: str | None = None
    isinherited: int = 1
    grants: tuple[object, ...] = ()
    privileges: tuple[object, ...] = ()
    note: str = ""


class Team(_Strict, frozen=True):
    """One team with its members and roles; without an administrator the organization's own is it."""

    key: str
    teamid: str
    name: str
    businessunit: str
    administrator: str | None = None
    teamtype: int = 0
    isdefault: bool = False
    roles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    note: str = ""


class Fixture(_Strict, frozen=True):
    """One file. `rows` maps a table's logical name to rows as a POST body would hold them, ids included."""

    organization: OrganizationPart = OrganizationPart()
    publisherprefix: str | None = None
    businessunits: tuple[Unit, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    teams: tuple[Team, ...] = ()
    columnsecurityprofiles: tuple[object, ...] = ()
    tables: tuple[object, ...] = ()
    relationships: tuple[object, ...] = ()
    othertables: tuple[str, ...] = ()
    rows: dict[str, tuple[dict[str, object], ...]] = {}


def read_fixture(content: bytes, name: str) -> Fixture:
    """The fixture in a file; `name` is for refusals.

    Raises:
        OperatorError: no JSON, a member that is unknown or of the wrong type, or a part that is not supported.
    """
    fixture = decode(content, Fixture, name)
    for path, why in _not_supported(fixture):
        raise unsupported(name, path, why)
    return fixture


def decode(content: bytes, wanted: type[_T], name: str) -> _T:
    """JSON as the wanted type; refusals name file and path."""
    try:
        return msgspec.json.Decoder(wanted, float_hook=Decimal).decode(content)
    except msgspec.ValidationError as error:
        why, _, path = str(error).partition(" - at ")
        raise OperatorError(
            WRONG_SHAPE, f"{name}: {path.strip('`') or '$'}", why, "correct the file; contract: organization fixtures"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OperatorError(NOT_READABLE, f"{name} is no JSON", str(error), "correct the file") from error


def unsupported(name: str, path: str, why: str) -> OperatorError:
    """A part the server cannot load yet."""
    return OperatorError(NOT_SUPPORTED, f"{name}: {path} cannot be loaded", why, "leave this part out")


def _not_supported(fixture: Fixture) -> Iterator[tuple[str, str]]:
    """Path and reason of everything that would have no effect here."""
    for part in ("tables", "relationships"):
        if getattr(fixture, part):
            yield f"$.{part}[0]", "a fixture cannot make tables yet: table definitions are read-only here"
    if fixture.columnsecurityprofiles:
        yield "$.columnsecurityprofiles[0]", "column security is not supported yet"
    yield from _settings_not_supported(fixture.organization)
    yield from _principals_not_supported(fixture)


def _settings_not_supported(part: OrganizationPart) -> Iterator[tuple[str, str]]:
    """Settings that ask for what the server does not do."""
    if part.recyclebin:
        yield "$.organization.recyclebin", "the recycle bin is not supported yet"
    for setting, value in part.settings.items():
        if value not in INERT_SETTINGS.get(setting, ()):
            yield f"$.organization.settings.{setting}", f"the setting {setting} has no effect here yet"


def _principals_not_supported(fixture: Fixture) -> Iterator[tuple[str, str]]:
    """Roles and users that ask for what the server does not do."""
    for number, role in enumerate(fixture.roles):
        for member in ("grants", "privileges"):
            if getattr(role, member):
                yield f"$.roles[{number}].{member}", "privileges of roles are not supported yet"
    for number, team in enumerate(fixture.teams):
        if team.isdefault:
            yield f"$.teams[{number}].isdefault", "the default team of a unit cannot be given an id of its own yet"
