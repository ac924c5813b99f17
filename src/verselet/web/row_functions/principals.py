"""Read and answer the operations on what roles, users and teams hold, and on where they belong.

In:        a call
Out:       an `Answer`
Not here:  what they do (operations.role_privileges, operations.moving, operations.record_teams)
"""

from __future__ import annotations

from typing import Final, cast

from verselet.errors import BadRequest
from verselet.ids import GUID
from verselet.messages.access import RetrieveUserPrivileges
from verselet.messages.principals import (
    AddPrivilegesRole,
    AddUserToRecordTeam,
    ConvertOwnerTeamToAccessTeam,
    GivenPrivilege,
    ReassignObjectsOwner,
    RemovePrivilegeRole,
    RemoveUserFromRecordTeam,
    ReplacePrivilegesRole,
    RetrieveRolePrivilegesRole,
    RetrieveTeamPrivileges,
    SetBusinessSystemUser,
)
from verselet.messages.request import PropertiesResponse, RowKey
from verselet.security.privileges import DEPTHS
from verselet.values import Reference
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import Given, needed, objects_of, text_of

BITS: Final = {name: bit for bit, name in DEPTHS.items()} | dict(enumerate(DEPTHS))
"""A depth as clients name it, or its number in `PrivilegeDepth` → its bit. [SEC-22]"""


def add_privileges(call: Call) -> Answer:
    """A role holds more. [SEC-26]"""
    return call.done(AddPrivilegesRole(call.bound[1], _privileges(call)))


def replace_privileges(call: Call) -> Answer:
    """A role holds these only. [SEC-26]"""
    return call.done(ReplacePrivilegesRole(call.bound[1], _privileges(call)))


def remove_privilege(call: Call) -> Answer:
    """A role holds one less. [SEC-26]"""
    return call.done(RemovePrivilegeRole(call.bound[1], _guid(call.given, "PrivilegeId")))


def role_privileges(call: Call) -> Answer:
    """What a role holds. [SEC-26]"""
    return call.properties(RetrieveRolePrivilegesRole(RowKey(_guid(call.given, "RoleId"))))


def user_privileges(call: Call) -> Answer:
    """Which privileges a user holds. [FN-14], [SEC-31]"""
    return _held(call, None)


def user_privilege_by_name(call: Call) -> Answer:
    """One of them, by name; none where it is not held. [SEC-31]"""
    return _held(call, (text_of(call.given, "PrivilegeName"),))


def user_privilege_by_id(call: Call) -> Answer:
    """One of them, by id. [SEC-31]"""
    return _held(call, (_guid(call.given, "PrivilegeId"),))


def user_privileges_by_names(call: Call) -> Answer:
    """Some of them, by their names. [SEC-31]"""
    names = needed(call.given, "PrivilegeNames")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadRequest("The parameter 'PrivilegeNames' must be a list of texts.")
    return _held(call, tuple(cast(list[str], names)))


def team_privileges(call: Call) -> Answer:
    """Which privileges a team holds. [SEC-31]"""
    return call.properties(RetrieveTeamPrivileges(call.bound[1]))


def set_business(call: Call) -> Answer:
    """A user moves to another unit. [SEC-14]"""
    leaves = call.given.get("DoNotMoveAllRecords") or False
    if not isinstance(leaves, bool):
        raise BadRequest("The parameter 'DoNotMoveAllRecords' must be true or false.")
    return call.done(
        SetBusinessSystemUser(call.bound[1], call.row("BusinessUnit"), call.row("ReassignPrincipal"), leaves)
    )


def reassign_of_user(call: Call) -> Answer:
    """The rows of a user get another owner. [SEC-66]"""
    table, key = call.bound
    return call.done(ReassignObjectsOwner(table.name, key, call.row("ReassignPrincipal")))


def reassign_of_owner(call: Call) -> Answer:
    """The rows of a user or team get another owner. [SEC-66]"""
    owner = call.row("FromPrincipal")
    key = RowKey(owner.id) if isinstance(owner, Reference) else RowKey(None, owner.values)
    return call.done(ReassignObjectsOwner(owner.table, key, call.row("ToPrincipal")))


def convert_team(call: Call) -> Answer:
    """An owner team becomes an access team. [SEC-34]"""
    return call.done(ConvertOwnerTeamToAccessTeam(call.bound[1]))


def add_to_record_team(call: Call) -> Answer:
    """A user joins the team of a row. [SEC-39]"""
    return call.properties(AddUserToRecordTeam(call.bound[1], call.row("Record"), call.row("TeamTemplate")))


def remove_from_record_team(call: Call) -> Answer:
    """A user leaves the team of a row. [SEC-39]"""
    return call.properties(RemoveUserFromRecordTeam(call.bound[1], call.row("Record"), call.row("TeamTemplate")))


def _held(call: Call, only: tuple[str, ...] | None) -> Answer:
    response = cast(PropertiesResponse, call.execute(RetrieveUserPrivileges(call.bound[1], only)))
    return call.written(f"Microsoft.Dynamics.CRM.{call.name}Response", response.properties)


def _privileges(call: Call) -> tuple[GivenPrivilege, ...]:
    return tuple([_privilege(one) for one in objects_of(call.given, "Privileges")])


def _privilege(given: Given) -> GivenPrivilege:
    """One privilege with its depth; `BusinessUnitId` says nothing that the role does not say. [SEC-26]"""
    depth = needed(given, "Depth")
    bit = BITS.get(depth) if isinstance(depth, str | int) else None
    if bit is None:
        raise BadRequest(f"'{str(depth)[:80]}' is no member of PrivilegeDepth.")
    name = given.get("PrivilegeName")
    if given.get("PrivilegeId") is None and isinstance(name, str):
        return GivenPrivilege(bit, name=name)
    return GivenPrivilege(bit, id=_guid(given, "PrivilegeId"))


def _guid(given: Given, name: str) -> str:
    found = text_of(given, name)
    if not GUID.match(found):
        raise BadRequest(f"The parameter '{name}' must be a GUID.")
    return found.lower()
