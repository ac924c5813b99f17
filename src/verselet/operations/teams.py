"""Make default teams, convert teams, and let users join and leave them.

In:        a team and users
Out:       rows of `team` and of the intersect table, made, changed or removed
Not here:  what members may do (security)
"""

from __future__ import annotations

from typing import Final, cast

from verselet.errors import InvalidArgument, TeamOwnsRows
from verselet.messages.access import AccessRights
from verselet.messages.principals import ConvertOwnerTeamToAccessTeam
from verselet.messages.request import Associate, Disassociate, Response, RowKey
from verselet.messages.teams import AddMembersTeam, RemoveMembersTeam
from verselet.operations.asking import rows_where
from verselet.operations.create import create_rows
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.rewriting import owns_rows, rewrite
from verselet.operations.rights import must_reach
from verselet.operations.rules.references import ids_by_values
from verselet.pipeline.execution import Execution
from verselet.values import KeyReference, Reference, Row, Value

MEMBERS = "teammembership_association"

OWNER_TEAM: Final = 0
ACCESS_TEAM: Final = 1
"""Values of `teamtype`; the others are groups of the directory. [SEC-34], [SEC-36]"""


def add_members(run: Execution) -> Response:
    """The users join; all of them, or none. [FN-18], [SEC-35]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the team or a user is not there.
        InvalidArgument: a member is no user.
    """
    request = cast(AddMembersTeam, run.request)
    team_id = must_find_id(run, run.schema.tables["team"], request.team)
    for user_id in _users(run, request.members):
        pair = (("systemuserid", user_id), ("teamid", team_id))
        if ids_by_values(run.schema.tables["teammembership"], pair, run.session) is None:
            run.send(Associate("team", RowKey(team_id), MEMBERS, "systemuser", RowKey(user_id)))
    return Response()


def remove_members(run: Execution) -> Response:
    """The users leave; all of them, or none. Refusals as `add_members`. [FN-18], [SEC-35]"""
    request = cast(RemoveMembersTeam, run.request)
    team_id = must_find_id(run, run.schema.tables["team"], request.team)
    for user_id in _users(run, request.members):
        run.send(Disassociate("team", RowKey(team_id), MEMBERS, "systemuser", RowKey(user_id)))
    return Response()


def default_team(run: Execution, unit_id: str) -> str | None:
    """The id of the default team of a unit. [SEC-12]"""
    found = rows_where(run, "team", ("teamid",), {"businessunitid": unit_id, "isdefault": True})
    return found[0].id if found else None


def make_default_team(run: Execution, unit_id: str, name: str, team_id: str | None = None) -> str:
    """The team of everybody in a unit; the id may be given. [SEC-12]"""
    unit = Reference("businessunit", unit_id)
    values: dict[str, Value] = {
        "name": name,
        "description": "Default team of the business unit; its members are the users of the unit.",
        "teamtype": OWNER_TEAM,
        "isdefault": True,
        "systemmanaged": True,
        "administratorid": Reference("systemuser", run.caller.user_id),
        "businessunitid": unit,
        "organizationid": run.facts.id,
    }
    (made,) = create_rows(run, run.schema.tables["team"], (Row("team", team_id, values),), frozenset({unit}))
    return made


def convert_to_access_team(run: Execution) -> Response:
    """The team is there for shares only from now on; there is no way back. [SEC-34]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the team is not there.
        InvalidArgument: it is a default team, no owner team, or holds roles.
        TeamOwnsRows: rows belong to it.
    """
    request = cast(ConvertOwnerTeamToAccessTeam, run.request)
    team_id = must_find_id(run, run.schema.tables["team"], request.team)
    must_reach(run, run.schema.tables["team"], (team_id,), AccessRights.WriteAccess)
    found = run.read_values("team", team_id, ("teamtype", "isdefault")) or {}
    if found.get("teamtype") != OWNER_TEAM or found.get("isdefault"):
        raise InvalidArgument("Only an owner team that is no default team can become an access team.")
    if rows_where(run, "teamroles", ("roleid",), {"teamid": team_id}):
        raise InvalidArgument("A team with roles cannot become an access team: take its roles first.")
    if owns_rows(run, team_id):
        raise TeamOwnsRows(team_id)
    rewrite(run, run.schema.tables["team"], {"teamtype": ACCESS_TEAM}, "teamid", team_id)
    return Response()


def _users(run: Execution, members: tuple[Reference | KeyReference, ...]) -> list[str]:
    """The ids of the users, each once."""
    found: dict[str, None] = {}
    for member in members:
        if member.table != "systemuser":
            raise InvalidArgument(f"Members of a team are users; '{member.table}' is something else.")
        found[named_row(run, member)[1]] = None
    return list(found)
