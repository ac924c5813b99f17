"""Say why a user may, or may not.

In:        the standing, the table, the facts of a row: what decided
Out:       `Explanation`: right by right, through which role, team, unit, share or report; or what is missing
Not here:  deciding (security.access), finding rows and names (operations.explaining), how it is shown (cli, server)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from verselet.messages.access import AccessRights, written_rights
from verselet.messages.explaining import Explanation, HeldPrivilege, RightExplained
from verselet.metadata.tables import Table
from verselet.security.access import Access, Ground, RowFacts, access_to, rights_about
from verselet.security.privileges import DEPTHS, deepest, has_privileges, privilege_name
from verselet.security.standing import Holding, Standing


class Names(msgspec.Struct, frozen=True):
    """Names of users, teams and units by id, for a reader."""

    known: Mapping[str, str]

    def of(self, row_id: str) -> str:
        """`Name (id)`, or the id where the name is not known."""
        name = self.known.get(row_id)
        return f"{name} ({row_id})" if name else row_id


def explain(standing: Standing, table: Table, row: RowFacts, names: Names) -> Explanation:
    """The very value that decided, in words. [SEC-41]"""
    access = access_to(standing, table, row)
    return Explanation(
        user=names.of(standing.user_id),
        table=table.name,
        row=row.id,
        owner=None if row.owner is None else names.of(row.owner),
        unit=None if row.unit is None else names.of(row.unit),
        shares=tuple([f"{names.of(who)}: {written_rights(_known(mask))}" for who, mask in row.shares]),
        teams=tuple([names.of(team.id) for team in standing.teams]),
        rights=tuple([_right(standing, table, access, right, names) for right in rights_about(table)]),
    )


def _right(standing: Standing, table: Table, access: Access, right: AccessRights, names: Names) -> RightExplained:
    grounds = [ground for ground in access.grounds if ground.right == right]
    privilege = privilege_name(table, right) if has_privileges(table) else ""
    held = _held(standing, privilege, names)
    if grounds:
        because = tuple([_ground(standing, ground, names) for ground in grounds])
    elif right in access.missing:
        because = (f"no role of the user or of the user's teams holds {privilege}",)
    else:
        because = (
            f"{privilege} is held, but does not reach this row: neither the user nor a team of the user owns it, "
            "its unit is not within the depth, and it is not shared with that right",
        )
    return RightExplained(str(right.name), bool(grounds), privilege, held, because)


def _ground(standing: Standing, ground: Ground, names: Names) -> str:
    """One ground as a sentence."""
    who = names.of(ground.via)
    match ground.way:
        case "everything" if standing.is_administrator:
            return "the user holds System Administrator"
        case "everything":
            return f"{ground.privilege} is held at depth Global" if ground.privilege else "everybody may"
        case "unit":
            return f"the row belongs to the unit {who}, which the depth of {ground.privilege} reaches"
        case "owner":
            return _owned(standing, ground.via, who)
        case "share":
            return "the row is shared with " + ("the user" if ground.via == standing.user_id else who)


def _owned(standing: Standing, owner: str, who: str) -> str:
    if owner == standing.user_id:
        return "the user owns the row"
    if owner in standing.principals:
        return f"the user is a member of the team {who}, which owns the row"
    if owner in standing.administered:
        return f"the user administers the team {who}, which owns the row"
    return f"the row is owned by {who}, who reports to the user, or by a team of such a report"


def _held(standing: Standing, privilege: str, names: Names) -> tuple[HeldPrivilege, ...]:
    found = [(item, standing.book.depth(item.role, privilege)) for item in standing.holdings]
    return tuple([_one_held(item, depth, names) for item, depth in found if depth])


def _one_held(item: Holding, depth: int, names: Names) -> HeldPrivilege:
    through = "the user" if item.team_id is None else f"the team {names.of(item.team_id)}"
    if item.only_team:
        through += ", for its own rows only"
    return HeldPrivilege(item.name, DEPTHS[deepest(depth)], through, names.of(item.unit_id))


def _known(mask: int) -> AccessRights:
    return AccessRights(mask & int(AccessRights(sum(AccessRights))))
