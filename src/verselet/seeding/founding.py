"""Found a new organization as its fixture wants it.

In:        the files a new organization will be filled with, the name it was given
Out:       `founding_in()`: the ids the organization and its first rows get
Not here:  filling it (seeding.loading), an organization that is there already: it keeps what it has
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from verselet.clock import Clock
from verselet.operations.founding import (
    ADMINISTRATOR_ID,
    DEFAULT_NAME,
    ROOT_TEAM_ID,
    ROOT_UNIT_ID,
    Founding,
    founding_of,
)
from verselet.seeding.fixture import DEMO, read_file


class _OrganizationPart(msgspec.Struct, frozen=True):
    organizationid: str | None = None
    tenantid: str | None = None
    name: str | None = None


class _Unit(msgspec.Struct, frozen=True):
    key: str
    parent: str | None = None
    businessunitid: str | None = None


class _Role(msgspec.Struct, frozen=True):
    key: str
    name: str
    builtin: bool = False


class _User(msgspec.Struct, frozen=True):
    systemuserid: str
    roles: tuple[str, ...] = ()
    applicationid: str | None = None


class _Team(msgspec.Struct, frozen=True):
    teamid: str
    businessunit: str
    isdefault: bool = False


class _Sketch(msgspec.Struct, frozen=True):
    """As much of a fixture as decides ids."""

    organization: _OrganizationPart = _OrganizationPart()
    businessunits: tuple[_Unit, ...] = ()
    roles: tuple[_Role, ...] = ()
    users: tuple[_User, ...] = ()
    teams: tuple[_Team, ...] = ()


def founding_in(files: Iterable[str], name: str | None) -> Founding | None:
    """What a new organization is founded with: the ids of the first file that names an organization or a root unit.

    None where no file does. What is wrong inside a file is refused when it is loaded.

    Raises:
        OperatorError: a file cannot be read; before anything is founded.
    """
    contents = [read_file(file) for file in files if file != DEMO]
    for content in contents:
        found = _sketch(content)
        if found is not None and (found.organization != _OrganizationPart() or _root(found) is not None):
            return _founding(found, name)
    return None


def _sketch(content: bytes) -> _Sketch | None:
    try:
        return msgspec.json.decode(content, type=_Sketch)
    except ValueError:
        return None


def _root(found: _Sketch) -> _Unit | None:
    return next((unit for unit in found.businessunits if unit.parent is None and unit.businessunitid), None)


def _founding(found: _Sketch, name: str | None) -> Founding:
    part, root = found.organization, _root(found)
    plain = founding_of(name or part.name or DEFAULT_NAME, Clock().now_on_wire())
    own_id = part.organizationid or plain.id
    team = next((one.teamid for one in found.teams if one.isdefault and root and one.businessunit == root.key), None)
    return Founding(
        id=own_id.lower(),
        name=plain.name,
        tenant_id=(part.tenantid or own_id).lower(),
        created_at=plain.created_at,
        root_unit_id=(root.businessunitid if root and root.businessunitid else ROOT_UNIT_ID).lower(),
        root_team_id=(team or ROOT_TEAM_ID).lower(),
        administrator_id=_administrator(found).lower(),
    )


def _administrator(found: _Sketch) -> str:
    """The first person of the file who is System Administrator takes the place of the one every organization has."""
    wanted = {role.key for role in found.roles if role.builtin and role.name == "System Administrator"}
    people = (user for user in found.users if user.applicationid is None and wanted & set(user.roles))
    return next((user.systemuserid for user in people), ADMINISTRATOR_ID)
