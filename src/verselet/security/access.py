"""Decide what a standing may do with one row, and say why.

In:        a standing, a table, what the row says of its owner, unit and shares
Out:       `Access`: the rights, and the grounds of each
Not here:  many rows at once (security.rows: the same decision as a condition), reading rows (operations.rights)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Literal, TypeAlias

import msgspec

from verselet.messages.access import AccessRights
from verselet.metadata.tables import Table
from verselet.security.privileges import OF_OWNED_ROWS, has_privileges, privilege_name
from verselet.security.standing import Reach, Standing

Way: TypeAlias = Literal["everything", "owner", "unit", "share"]
"""How a right came: the privilege reaches all rows, the owner's, the unit's, or the row is shared. [SEC-41]"""


class RowFacts(msgspec.Struct, frozen=True):
    """What decides about a row: who owns it, which unit it belongs to, and what was given to whom. [SEC-59]"""

    id: str
    owner: str | None = None
    unit: str | None = None
    shares: tuple[tuple[str, int], ...] = ()


class Ground(msgspec.Struct, frozen=True):
    """Why one right is there. `via` is the owner, the unit or the sharee; empty for `everything`."""

    right: AccessRights
    way: Way
    privilege: str
    via: str = ""


class Access(msgspec.Struct, frozen=True):
    """What a standing may do with a row. `missing` are rights whose privilege is not held at all."""

    grounds: tuple[Ground, ...]
    missing: tuple[AccessRights, ...]

    @property
    def rights(self) -> AccessRights:
        """All of them as one value."""
        return reduce(or_, [ground.right for ground in self.grounds], AccessRights(0))


def access_to(standing: Standing, table: Table, row: RowFacts) -> Access:
    """Everything the standing may do with the row. [SEC-57]"""
    grounds: list[Ground] = []
    missing: list[AccessRights] = []
    for right in rights_about(table):
        if standing.reach(privilege_name(table, right), right) is None:
            missing.append(right)
        grounds += grounds_of(standing, table, row, right)
    return Access(tuple(grounds), tuple(missing))


def grounds_of(standing: Standing, table: Table, row: RowFacts, right: AccessRights) -> tuple[Ground, ...]:
    """Why the standing has the right on the row; empty where it has not. [SEC-41], [SEC-43]"""
    if not has_privileges(table):
        return (Ground(right, "everything", ""),)
    privilege = privilege_name(table, right)
    reach = standing.reach(privilege, right)
    if reach is None:
        return ()
    if reach.everything or table.ownership not in {"user", "business"}:
        return (Ground(right, "everything", privilege),)
    return tuple([Ground(right, way, privilege, via) for way, via in _ways(reach, row, right)])


def rights_about(table: Table) -> Iterator[AccessRights]:
    """The rights there are on rows of the table, in ascending order of their bits. [SEC-20]"""
    for right in AccessRights:
        if table.ownership == "user" or str(right.name).removesuffix("Access") not in OF_OWNED_ROWS:
            yield right


def _ways(reach: Reach, row: RowFacts, right: AccessRights) -> Iterator[tuple[Way, str]]:
    if row.owner is not None and row.owner in reach.owners:
        yield "owner", row.owner
    if row.unit is not None and row.unit in reach.units:
        yield "unit", row.unit
    for principal, mask in row.shares:
        if mask & right and principal in reach.sharees:
            yield "share", principal
