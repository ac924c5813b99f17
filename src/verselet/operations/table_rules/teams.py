"""Keep default teams as they are, and what teams of each type may do.

In:        rows of `team` and `teammembership`
Out:       `TEAM_RULES`, `MEMBERSHIP_RULES`
Not here:  roles of teams (the module holders), teams of rows (operations.record_teams)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.errors import (
    DefaultTeamKeepsMembers,
    DefaultTeamNotDeletable,
    DefaultTeamNotMovable,
    DefaultTeamNotRenamable,
    InvalidArgument,
    TeamOwnsRows,
)
from verselet.operations.hierarchies import id_of
from verselet.operations.moving import move_principal
from verselet.operations.rewriting import owns_rows
from verselet.operations.table_rules.rules import TableRules
from verselet.operations.teams import ACCESS_TEAM, OWNER_TEAM
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value

TEAM: Final = "team"
MEMBERSHIP: Final = "teammembership"
GROUP_TEAMS: Final = frozenset({2, 3})
"""Values of `teamtype`: their members come from the directory. [SEC-36]"""


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        values = row.values
        if values.get("businessunitid") is None:
            values["businessunitid"] = Reference("businessunit", run.caller.business_unit_id)
        if values.get("administratorid") is None:
            values["administratorid"] = Reference("systemuser", run.caller.user_id)
        if values.get("teamtype") in GROUP_TEAMS and values.get("azureactivedirectoryobjectid") is None:
            raise InvalidArgument("A team of a group needs the group's azureactivedirectoryobjectid.")
        values["organizationid"] = run.facts.id


def _changing(run: Execution, row: Row) -> None:
    team_id, values = row.id or "", row.values
    present = _team(run, team_id)
    if present.get("isdefault"):
        if "name" in values and values["name"] != present["name"]:
            raise DefaultTeamNotRenamable(team_id)
        if "businessunitid" in values and values["businessunitid"] != present["businessunitid"]:
            raise DefaultTeamNotMovable(team_id)
    if "teamtype" in values and values["teamtype"] != present.get("teamtype"):
        raise InvalidArgument("The type of a team does not change; ConvertOwnerTeamToAccessTeam makes an access team.")
    unit = values.get("businessunitid")
    if isinstance(unit, Reference):
        move_principal(run, Reference(TEAM, team_id), unit)


def _deleting(run: Execution, team_id: str) -> None:
    if _team(run, team_id).get("isdefault"):
        raise DefaultTeamNotDeletable(team_id)
    if owns_rows(run, team_id):
        raise TeamOwnsRows(team_id)


def _joining(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _must_be_joined_by_hand(run, id_of(row.values.get("teamid")) or "")


def _leaving(run: Execution, membership_id: str) -> None:
    present = run.read_values(MEMBERSHIP, membership_id, ("teamid",)) or {}
    _must_be_joined_by_hand(run, id_of(present.get("teamid")) or "")


def _must_be_joined_by_hand(run: Execution, team_id: str) -> None:
    """Members of default teams follow the unit, those of group teams the directory. [SEC-12], [SEC-36]"""
    present = _team(run, team_id)
    if present.get("isdefault"):
        raise DefaultTeamKeepsMembers(team_id)
    if present.get("teamtype", OWNER_TEAM) not in {OWNER_TEAM, ACCESS_TEAM}:
        raise InvalidArgument("The members of a team of a group are those of the group.")


def _team(run: Execution, team_id: str) -> dict[str, Value]:
    return run.read_values(TEAM, team_id, ("isdefault", "name", "businessunitid", "teamtype")) or {}


TEAM_RULES: Final = TableRules(creating=_creating, changing=_changing, deleting=_deleting)
"""[SEC-12], [SEC-14], [SEC-34], [SEC-38]"""

MEMBERSHIP_RULES: Final = TableRules(creating=_joining, deleting=_leaving)
"""[SEC-12], [SEC-36]"""
