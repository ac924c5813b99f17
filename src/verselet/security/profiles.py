"""Hold what column security profiles give to one user.

In:        made by operations.standings from rows
Out:       `ColumnRights`, `ColumnProfiles`
Not here:  what that means for a plan or a write (security.columns)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec

from verselet.ids import name_id

ADMINISTRATOR_PROFILE: Final = "572329c1-a042-4e22-be47-367c6374ea45"
"""The profile with all rights on all secured columns, the same in every organization. [SEC-102]"""

ColumnRight: TypeAlias = Literal["read", "create", "update"]


class ColumnRights(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done with the values of one secured column; several profiles add up. [SEC-101]

    `unmasked`: 0 shows what a mask leaves, 1 everything of a single row that is asked for, 3 of many. [SEC-108]
    """

    read: bool = False
    create: bool = False
    update: bool = False
    unmasked: int = 0

    def has(self, right: ColumnRight) -> bool:
        """The right is among them."""
        return {"read": self.read, "create": self.create, "update": self.update}[right]


NO_RIGHTS: Final = ColumnRights()


class ColumnProfiles(msgspec.Struct, frozen=True, kw_only=True):
    """All profiles of a user and of the user's teams as one, and what single values are shared.

    `everything`: the user has the profile of administrators. `rights`: (table, column) → rights. `shared` are the ids
    of the columns of which a value of some row is shared with the user or a team. [SEC-102], [SEC-106]
    """

    everything: bool = False
    rights: Mapping[tuple[str, str], ColumnRights] = MappingProxyType({})
    shared: frozenset[str] = frozenset()

    def of(self, table: str, column: str) -> ColumnRights:
        """The rights on one column."""
        return self.rights.get((table, column), NO_RIGHTS)

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for users whom plans may treat alike."""
        return self.everything, sorted(self.rights.items(), key=_name), sorted(self.shared)


NO_PROFILES: Final = ColumnProfiles()


@lru_cache(maxsize=4096)
def share_id(table: str, column: str) -> str:
    """The MetadataId of a column, by which shares of its values name it. [SEC-106]"""
    return name_id("column", table, column)


def _name(item: tuple[tuple[str, str], ColumnRights]) -> tuple[str, str]:
    return item[0]
