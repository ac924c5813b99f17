"""Read an organization fixture, strictly.

In:        the content of a fixture file
Out:       `Fixture`: settings, units, users, roles, teams, profiles, definitions and rows
Not here:  the messages that load it (seeding.loading), files of named sets (seeding.sets)

What is not known is refused with its place. Only what the file itself marks as optional, with `capability`, may be left
out, and whoever loads the file is told.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec

from verselet.errors import OperatorError
from verselet.security.credentials import LONGEST_SECRET
from verselet.seeding.definition_parts import RelationshipPart, TablePart

_T = TypeVar("_T")

DEMO = "demo"
"""The seed that is no file."""

NOT_READABLE = "VS3001"
WRONG_SHAPE = "VS3002"
REFUSED = "VS3003"
NOT_SUPPORTED = "VS3004"

Depth: TypeAlias = Literal["Basic", "Local", "Deep", "Global"]
Secret: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_SECRET)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown members are refused."""


class RecycleBin(_Strict, frozen=True):
    """How long the bin keeps deleted rows, and of which tables."""

    organization: dict[str, int] = {}
    tables: tuple[str, ...] = ()


class OrganizationPart(_Strict, frozen=True):
    """What the fixture says about the organization itself. A new organization is founded with these ids."""

    organizationid: str | None = None
    tenantid: str | None = None
    name: str | None = None
    settings: dict[str, bool | int | str] = {}
    recyclebin: RecycleBin | None = None


class Unit(_Strict, frozen=True):
    """One business unit; the root has no parent. Its id must be the organization's own, unless that is new."""

    key: str
    name: str
    parent: str | None
    businessunitid: str | None = None


class User(_Strict, frozen=True):
    """One user; `key` is also stored, so that `Bearer dev:<key>` finds it.

    `clientsecret` belongs to an `applicationid`, `password` to a person; both are kept as hashes. [SEC-121]
    `throttle`: so many requests may the user send in the window of the limits, while this server runs. [LIM-7]
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
    throttle: int | None = None
    note: str = ""


class Grant(_Strict, frozen=True):
    """Every one of the verbs on every one of the tables. [SEC-20]"""

    tables: tuple[str, ...]
    verbs: tuple[str, ...]
    depth: Depth


class NamedPrivilege(_Strict, frozen=True):
    """A privilege by its name."""

    name: str
    depth: Depth


class Role(_Strict, frozen=True):
    """One role; `builtin` ones are found by name."""

    key: str
    name: str
    roleid: str | None = None
    builtin: bool = False
    roletemplateid: str | None = None
    isinherited: int = 1
    grants: tuple[Grant, ...] = ()
    privileges: tuple[NamedPrivilege, ...] = ()
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


class Permission(_Strict, frozen=True):
    """What a profile allows with one column. [SEC-101]"""

    entityname: str
    attributelogicalname: str
    canread: int = 0
    cancreate: int = 0
    canupdate: int = 0
    canreadunmasked: int = 0


class Profile(_Strict, frozen=True):
    """One column security profile, with the users and teams that have it. [SEC-101]"""

    key: str
    fieldsecurityprofileid: str
    name: str
    permissions: tuple[Permission, ...] = ()
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    note: str = ""


class Fixture(_Strict, frozen=True):
    """One file. `rows` maps a table's logical name to rows as a POST body would hold them, ids included."""

    organization: OrganizationPart = OrganizationPart()
    publisherprefix: str | None = None
    businessunits: tuple[Unit, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    teams: tuple[Team, ...] = ()
    columnsecurityprofiles: tuple[Profile, ...] = ()
    tables: tuple[TablePart, ...] = ()
    relationships: tuple[RelationshipPart, ...] = ()
    othertables: tuple[str, ...] = ()
    rows: dict[str, tuple[dict[str, object], ...]] = {}


def read_fixture(content: bytes, name: str) -> Fixture:
    """The fixture in a file; `name` is for refusals.

    Raises:
        OperatorError: no JSON, a member that is unknown or of the wrong type.
    """
    return decode(content, Fixture, name)


def read_file(path: str) -> bytes:
    """The content of a file.

    Raises:
        OperatorError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        do = f"give the path of a fixture file, or {DEMO}"
        raise OperatorError(NOT_READABLE, f"{path} cannot be read", error.strerror or str(error), do) from error


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
    """A part the server cannot load."""
    return OperatorError(NOT_SUPPORTED, f"{name}: {path} cannot be loaded", why, "leave this part out")
