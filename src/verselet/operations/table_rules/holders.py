"""Say which roles users and teams may be given, and which they may lose.

In:        rows of `systemuserroles` and `teamroles`
Out:       `USER_ROLE_RULES`, `TEAM_ROLE_RULES`
Not here:  what the roles are worth (security), the roles themselves (the module roles)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.errors import GroupTeamTakesInheritedRoles, InvalidArgument
from verselet.operations.administrators import must_leave_an_administrator
from verselet.operations.hierarchies import id_of
from verselet.operations.holdings import held_by_role, must_hold_all, must_hold_named
from verselet.operations.organization_settings import is_on
from verselet.operations.standings import ADMINISTRATOR_TEMPLATE
from verselet.operations.table_rules.rules import TableRules
from verselet.operations.teams import ACCESS_TEAM
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row

TEAM_ONLY: Final = 0
"""`isinherited` of a role that is for the team's own rows. [SEC-25]"""


def _giving_to_users(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _must_fit(run, row, Reference("systemuser", id_of(row.values.get("systemuserid")) or ""))


def _giving_to_teams(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        team_id = id_of(row.values.get("teamid")) or ""
        kind = (run.read_values("team", team_id, ("teamtype",)) or {}).get("teamtype")
        if kind == ACCESS_TEAM:
            raise InvalidArgument("An access team holds no roles.")
        role = run.read_values("role", id_of(row.values.get("roleid")) or "", ("isinherited",)) or {}
        if isinstance(kind, int) and kind > ACCESS_TEAM and role.get("isinherited") == TEAM_ONLY:
            raise GroupTeamTakesInheritedRoles(team_id)
        _must_fit(run, row, Reference("team", team_id))


def _must_fit(run: Execution, row: Row, principal: Reference) -> None:
    """The role is one of the principal's unit, and the caller holds everything in it. [SEC-13], [SEC-29]"""
    must_hold_named(run, "prvAssignRole")
    role_id = id_of(row.values.get("roleid")) or ""
    role = run.read_values("role", role_id, ("businessunitid",)) or {}
    holder = run.read_values(principal.table, principal.id, ("businessunitid",)) or {}
    if role.get("businessunitid") != holder.get("businessunitid") and not is_on(
        run, "EnableOwnershipAcrossBusinessUnits"
    ):
        raise InvalidArgument(
            f"The role with Id = {role_id} is of another business unit than the {principal.table} with "
            f"Id = {principal.id}."
        )
    must_hold_all(run, held_by_role(run, role_id))


def _taking_from_teams(run: Execution, _pair_id: str) -> None:
    must_hold_named(run, "prvAssignRole")


def _taking_from_users(run: Execution, pair_id: str) -> None:
    must_hold_named(run, "prvAssignRole")
    pair = run.read_values("systemuserroles", pair_id, ("roleid", "systemuserid")) or {}
    role = run.read_values("role", id_of(pair.get("roleid")) or "", ("roletemplateid",)) or {}
    if role.get("roletemplateid") == Reference("roletemplate", ADMINISTRATOR_TEMPLATE):
        must_leave_an_administrator(run, id_of(pair.get("systemuserid")) or "")


USER_ROLE_RULES: Final = TableRules(creating=_giving_to_users, deleting=_taking_from_users)
"""[SEC-13], [SEC-28], [SEC-29]"""

TEAM_ROLE_RULES: Final = TableRules(creating=_giving_to_teams, deleting=_taking_from_teams)
"""[SEC-13], [SEC-29], [SEC-34], [SEC-36]"""
