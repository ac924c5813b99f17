"""Let users join and leave teams.

In:        a team and users
Out:       rows of the intersect table, made or removed
Not here:  what members may do (security)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument
from verselet.messages.request import Associate, Disassociate, Response, RowKey
from verselet.messages.teams import AddMembersTeam, RemoveMembersTeam
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.rules.references import ids_by_values
from verselet.pipeline.execution import Execution
from verselet.values import KeyReference, Reference

MEMBERS = "teammembership_association"


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


def _users(run: Execution, members: tuple[Reference | KeyReference, ...]) -> list[str]:
    """The ids of the users, each once."""
    found: dict[str, None] = {}
    for member in members:
        if member.table != "systemuser":
            raise InvalidArgument(f"Members of a team are users; '{member.table}' is something else.")
        found[named_row(run, member)[1]] = None
    return list(found)
