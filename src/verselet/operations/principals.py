"""Find out about users and teams: their teams, roles and privileges.

In:        a user or team
Out:       what it belongs to and holds
Not here:  rights on single rows (operations.access), who is calling (auth)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from verselet.messages.access import RetrieveUserPrivileges
from verselet.messages.request import PropertiesResponse
from verselet.operations.asking import rows_where
from verselet.operations.finding import must_find_id
from verselet.pipeline.execution import Execution
from verselet.security.privileges import DEPTHS, GLOBAL, deepest, privileges
from verselet.values import Reference

ADMINISTRATOR_TEMPLATE: Final = "627090ff-40a3-4053-8790-584edc5be201"
"""The template of System Administrator, the same in every organization of the service. [SEC-28]"""

ROLES_OF: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"systemuser": ("systemuserroles", "systemuserid"), "team": ("teamroles", "teamid")}
)
"""Table of a principal → the intersect table of its roles, and the principal's column there."""


def teams_of(run: Execution, principal: Reference) -> list[Reference]:
    """The teams a user is a member of; a team is in none."""
    if principal.table != "systemuser":
        return []
    found = rows_where(run, "teammembership", ("teamid",), {"systemuserid": principal.id})
    return [Reference("team", str(row.values["teamid"])) for row in found]


def roles_of(run: Execution, principal: Reference) -> list[str]:
    """The ids of the roles a user or team holds itself."""
    if principal.table not in ROLES_OF:
        return []
    table, column = ROLES_OF[principal.table]
    return [str(row.values["roleid"]) for row in rows_where(run, table, ("roleid",), {column: principal.id})]


def is_administrator(run: Execution, principal: Reference) -> bool:
    """The user or team holds System Administrator, in whichever unit's copy. [SEC-28]"""
    templates = [run.read_values("role", role, ("roletemplateid",)) for role in roles_of(run, principal)]
    wanted = Reference("roletemplate", ADMINISTRATOR_TEMPLATE)
    return any(found is not None and found["roletemplateid"] == wanted for found in templates)


def retrieve_user_privileges(run: Execution) -> PropertiesResponse:
    """Everything the user holds, itself or through its teams, each privilege once at its largest depth.

    [FN-14], [SEC-23], [SEC-31]
    """
    request = cast(RetrieveUserPrivileges, run.request)
    user = Reference("systemuser", must_find_id(run, run.schema.tables["systemuser"], request.user))
    unit = (run.read_values("systemuser", user.id, ("businessunitid",)) or {}).get("businessunitid")
    known = privileges(run.schema.tables.values())
    if is_administrator(run, user):
        held = {privilege.id: GLOBAL for privilege in known}
    else:
        held = _held(run, [user, *teams_of(run, user)])
    listed = [
        {
            "Depth": DEPTHS[held[privilege.id]],
            "PrivilegeId": privilege.id,
            "BusinessUnitId": unit.id if isinstance(unit, Reference) else None,
            "PrivilegeName": privilege.name,
        }
        for privilege in known
        if privilege.id in held
    ]
    return PropertiesResponse("RetrieveUserPrivilegesResponse", {"RolePrivileges": listed})


def _held(run: Execution, principals: list[Reference]) -> dict[str, int]:
    """Id of a privilege → the bit of its largest depth. [SEC-24]"""
    found: dict[str, int] = {}
    for role in {role for principal in principals for role in roles_of(run, principal)}:
        for row in rows_where(run, "roleprivileges", ("privilegeid", "privilegedepthmask"), {"roleid": role}):
            mask = row.values["privilegedepthmask"]
            privilege = str(row.values["privilegeid"])
            found[privilege] = max(found.get(privilege, 0), deepest(mask if isinstance(mask, int) else 0))
    return found
