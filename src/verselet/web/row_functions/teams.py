"""Read and answer the operations on the members of teams.

In:        a call
Out:       an `Answer`
Not here:  what joining does (operations.teams)
"""

from __future__ import annotations

from verselet.messages.teams import AddMembersTeam, RemoveMembersTeam
from verselet.values import KeyReference, Reference
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import as_row, objects_of


def add_members(call: Call) -> Answer:
    """Users join a team. [FN-18]"""
    return call.done(AddMembersTeam(call.bound[1], _members(call)))


def remove_members(call: Call) -> Answer:
    """Users leave a team. [FN-18]"""
    return call.done(RemoveMembersTeam(call.bound[1], _members(call)))


def _members(call: Call) -> tuple[Reference | KeyReference, ...]:
    return tuple([as_row(call.schema, member, "Members") for member in objects_of(call.given, "Members")])
