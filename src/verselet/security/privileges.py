"""Name the privileges there are.

In:        the schema
Out:       `Privilege`s with stable ids; depths and how they are stored
Not here:  who holds them (operations.access), what they decide (security.authorize)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from verselet.ids import name_id
from verselet.metadata.schema import PARENT_OF_ACTIVITIES, Schema
from verselet.metadata.tables import Table

VERBS: Final = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share")
"""What can be done with rows. [SEC-20]"""

OF_OWNED_ROWS: Final = frozenset({"Assign", "Share"})
"""What only rows with an owner take."""

OF_NO_TABLE: Final = ("prvActOnBehalfOfAnotherUser", "prvBulkDelete", "prvMerge")
"""Privileges that are about no one table. [SEC-45], [SEC-91], [JOB-6]"""

DEPTHS: Final[Mapping[int, str]] = MappingProxyType({1: "Basic", 2: "Local", 4: "Deep", 8: "Global"})
"""Bit of `privilegedepthmask` → depth. [SEC-22]"""

GLOBAL: Final = 8


class Privilege(msgspec.Struct, frozen=True):
    """A right to do one kind of thing; the same name has the same id everywhere. [SEC-21]"""

    name: str
    id: str


def privileges(schema: Schema) -> tuple[Privilege, ...]:
    """Every privilege there is, by name. [SEC-20]"""
    names = {*OF_NO_TABLE, *(name for table in schema.tables.values() for name in _names(table))}
    return tuple([Privilege(name, name_id(f"privilege/{name}")) for name in sorted(names)])


def deepest(mask: int) -> int:
    """The largest depth of a mask."""
    return max((bit for bit in DEPTHS if bit & mask), default=1)


def _names(table: Table) -> Iterator[str]:
    if table.is_intersect or table.name == "owner":
        return
    # Activities share the privileges of the table they derive from.
    of = "Activity" if table.is_activity or table.name == PARENT_OF_ACTIVITIES else table.schema_name
    for verb in VERBS:
        if verb not in OF_OWNED_ROWS or table.ownership == "user":
            yield f"prv{verb}{of}"
