"""Change what roles hold, where users and teams belong, and who owns their rows.

In:        made by web
Out:       frozen messages
Not here:  joining teams (messages.teams), shares (messages.access), giving roles (messages.request.Associate)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import ReadingRequest, Request, RowKey
from verselet.values import KeyReference, Reference


class GivenPrivilege(msgspec.Struct, frozen=True):
    """One privilege, by its id or its name, and the bit of its depth. [SEC-22], [SEC-26]"""

    depth: int
    id: str | None = None
    name: str | None = None


class AddPrivilegesRole(Request, frozen=True, tag=True):
    """A role holds more; what it holds already gets another depth. [SEC-26]"""

    role: RowKey
    privileges: tuple[GivenPrivilege, ...]


class ReplacePrivilegesRole(Request, frozen=True, tag=True):
    """A role holds these and nothing else. [SEC-26]"""

    role: RowKey
    privileges: tuple[GivenPrivilege, ...]


class RemovePrivilegeRole(Request, frozen=True, tag=True):
    """A role holds a privilege no longer. [SEC-26]"""

    role: RowKey
    privilege_id: str


class RetrieveRolePrivilegesRole(ReadingRequest, frozen=True, tag=True):
    """What a role holds, and how deep. [SEC-26]"""

    role: RowKey


class RetrieveTeamPrivileges(ReadingRequest, frozen=True, tag=True):
    """Which privileges a team holds, and how deep. [SEC-31]"""

    team: RowKey


class SetBusinessSystemUser(Request, frozen=True, tag=True):
    """A user moves to another unit; `heir` gets its rows, which may be the user. [SEC-14]"""

    user: RowKey
    unit: Reference | KeyReference
    heir: Reference | KeyReference
    leaves_rows: bool = False


class ReassignObjectsOwner(Request, frozen=True, tag=True):
    """Every row of one owner, a user or team, gets another. [SEC-66]"""

    table: str
    owner: RowKey
    heir: Reference | KeyReference


class ConvertOwnerTeamToAccessTeam(Request, frozen=True, tag=True):
    """A team that owns nothing and holds no roles is from now on there for shares only. [SEC-34]"""

    team: RowKey


class AddUserToRecordTeam(Request, frozen=True, tag=True):
    """A user joins the team that has access to one row, by a template. [SEC-39]"""

    user: RowKey
    record: Reference | KeyReference
    template: Reference | KeyReference


class RemoveUserFromRecordTeam(Request, frozen=True, tag=True):
    """A user leaves such a team. [SEC-39]"""

    user: RowKey
    record: Reference | KeyReference
    template: Reference | KeyReference
