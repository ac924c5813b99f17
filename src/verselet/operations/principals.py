"""Find out about users and teams: their teams, roles and privileges.

In:        a user or team
Out:       what it belongs to and holds
Not here:  rights on single rows (operations.access), who is calling (auth)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from verselet.messages.access import AccessRights, RetrieveUserPrivileges
from verselet.messages.principals import RetrieveTeamPrivileges
from verselet.messages.request import PropertiesResponse
from verselet.operations.asking import rows_where
from verselet.operations.finding import must_find_id
from verselet.operations.holdings import held_by_team, held_by_user, listed_privileges
from verselet.operations.rights import must_reach
from verselet.operations.standings import ADMINISTRATOR_TEMPLATE
from verselet.pipeline.execution import Execution
from verselet.values import Reference

ROLES_OF: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"systemuser": ("systemuserroles", "systemuserid"), "team": ("teamroles", "teamid")}
)
"""Table of a principal → the intersect table of its roles, and the principal's column there."""


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
    user_id = must_find_id(run, run.schema.tables["systemuser"], request.user)
    must_reach(run, run.schema.tables["systemuser"], (user_id,), AccessRights.ReadAccess)
    unit = (run.read_values("systemuser", user_id, ("businessunitid",)) or {}).get("businessunitid")
    listed = listed_privileges(run, held_by_user(run, user_id), unit)
    if request.only is not None:
        wanted = {text.lower() for text in request.only}
        listed = [
            one for one in listed if not wanted.isdisjoint({one["PrivilegeId"], str(one["PrivilegeName"]).lower()})
        ]
    return PropertiesResponse("RetrieveUserPrivilegesResponse", {"RolePrivileges": listed})


def retrieve_team_privileges(run: Execution) -> PropertiesResponse:
    """Everything the team holds. [SEC-31]"""
    request = cast(RetrieveTeamPrivileges, run.request)
    team_id = must_find_id(run, run.schema.tables["team"], request.team)
    must_reach(run, run.schema.tables["team"], (team_id,), AccessRights.ReadAccess)
    unit = (run.read_values("team", team_id, ("businessunitid",)) or {}).get("businessunitid")
    listed = listed_privileges(run, held_by_team(run, team_id), unit)
    return PropertiesResponse("RetrieveTeamPrivilegesResponse", {"RolePrivileges": listed})
