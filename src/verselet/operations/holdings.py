"""Find out what users, teams and roles hold.

In:        a user, team or role
Out:       privileges with their depths, as a mapping or as clients read them
Not here:  whether it reaches a row (security), changing what roles hold (operations.role_privileges)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verselet.errors import GrantsMoreThanHeld, PrivilegeMissing
from verselet.messages.access import AccessRights
from verselet.operations.hierarchies import id_of
from verselet.pipeline.execution import Execution
from verselet.security.privileges import DEPTHS, deepest, privileges_by_id
from verselet.sql.roles import held_by_role_sql, held_by_team_sql, held_by_user_sql
from verselet.values import Stored, Value


def held_by_user(run: Execution, user_id: str) -> dict[str, int]:
    """Id of a privilege → the bit of its largest depth, by whatever role, its own or a team's. [SEC-23], [SEC-24]"""
    return _largest(run.session.run(held_by_user_sql(run.session.dialect), (user_id, user_id)))


def held_by_team(run: Execution, team_id: str) -> dict[str, int]:
    """Id of a privilege → the bit of its largest depth."""
    return _largest(run.session.run(held_by_team_sql(run.session.dialect), (team_id,)))


def held_by_role(run: Execution, role_id: str) -> dict[str, int]:
    """Id of a privilege → the bit of its depth."""
    return _largest(run.session.run(held_by_role_sql(run.session.dialect), (role_id,)))


def must_hold_all(run: Execution, wanted: Mapping[str, int]) -> None:
    """The caller holds those privileges at those depths itself; so does who signed in, when acting for another.

    Args:
        run: the message that gives them.
        wanted: id of a privilege → the bit of its depth.

    Raises:
        GrantsMoreThanHeld: it does not. [SEC-29]
    """
    # The server pairs rows for whoever asked it to: what counts is where that one stands.
    if all(standing.is_administrator for standing in run.caller.standings):
        return
    known = privileges_by_id(run.schema)
    for user_id in filter(None, (run.caller.user_id, run.caller.real_user_id)):
        held = held_by_user(run, user_id)
        for privilege, depth in wanted.items():
            if held.get(privilege, 0) < depth and privilege in known:
                raise GrantsMoreThanHeld(user_id, known[privilege].name)


def must_hold_named(run: Execution, name: str) -> None:
    """The caller holds a privilege that is about no table; so does who signed in, when acting for another.

    Raises:
        PrivilegeMissing: it does not. [SEC-40]
    """
    for standing in run.caller.standings:
        if not standing.is_administrator and standing.reach(name, AccessRights(0)) is None:
            raise PrivilegeMissing(run.caller.user_id, name, "none")


def listed_privileges(run: Execution, held: Mapping[str, int], unit: Value) -> list[dict[str, str | None]]:
    """What is held, as clients read it, by name. [SEC-26]"""
    return [
        {
            "Depth": DEPTHS[held[privilege.id]],
            "PrivilegeId": privilege.id,
            "BusinessUnitId": id_of(unit),
            "PrivilegeName": privilege.name,
        }
        for privilege in privileges_by_id(run.schema).values()
        if privilege.id in held
    ]


def _largest(rows: Sequence[tuple[Stored, ...]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for privilege, mask in rows:
        depth = deepest(mask if isinstance(mask, int) else 0)
        found[str(privilege)] = max(found.get(str(privilege), 0), depth)
    return found
