"""Name the privileges there are.

In:        tables
Out:       `Privilege`s with stable ids; depths and how they are stored
Not here:  who holds them (operations.principals), what they decide (security.authorize)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import msgspec

from verselet.ids import name_id
from verselet.messages.access import AccessRights
from verselet.metadata.schema import PARENT_OF_ACTIVITIES, Schema
from verselet.metadata.tables import Table

VERBS: Final[Mapping[str, AccessRights]] = MappingProxyType(
    {str(right.name).removesuffix("Access"): right for right in AccessRights}
)
"""What can be done with rows → the right that it takes. [SEC-20]"""

_VERB_OF: Final[Mapping[AccessRights, str]] = MappingProxyType({right: verb for verb, right in VERBS.items()})

OF_OWNED_ROWS: Final = frozenset({"Assign", "Share"})
"""What only rows with an owner take."""

GRADED: Final = frozenset({"user", "business"})
"""Rows with an owner or a unit can be reached to different depths; others all or not at all. [SEC-1], [SEC-7]"""

ACT_ON_BEHALF: Final = "prvActOnBehalfOfAnotherUser"
"""What it takes to act as somebody else. [SEC-91]"""

OF_NO_TABLE: Final = (
    ACT_ON_BEHALF,
    "prvAssignRole",
    "prvBulkDelete",
    "prvBypassCustomBusinessLogic",
    "prvBypassCustomPlugins",
    "prvCreateSharePointData",
    "prvDisableBusinessUnit",
    "prvDisableUser",
    "prvMerge",
    "prvOverrideCreatedOnCreatedBy",
    "prvPublishCustomization",
    "prvReadAuditSummary",
    "prvReadRecordAuditHistory",
    "prvReadSharePointData",
    "prvReadSharePointDocument",
    "prvReparentBusinessUnit",
    "prvReparentTeam",
    "prvReparentUser",
    "prvWriteSharePointData",
    *(
        f"prv{verb}{definition}"
        for definition in ("Attribute", "Entity", "OptionSet", "Relationship")
        for verb in ("Create", "Delete", "Read", "Write")
    ),
)
"""Privileges that are about no one table of this server.

[SEC-32], [SEC-45], [SEC-91], [JOB-6], [JOB-70], messages.md (bypassing), the definitions of tables and their parts.
"""

DEPTHS: Final[Mapping[int, str]] = MappingProxyType({1: "Basic", 2: "Local", 4: "Deep", 8: "Global"})
"""Bit of `privilegedepthmask` → depth. [SEC-22]"""

BASIC: Final = 1
LOCAL: Final = 2
DEEP: Final = 4
GLOBAL: Final = 8


class Privilege(msgspec.Struct, frozen=True):
    """A right to do one kind of thing; the same name has the same id everywhere. [SEC-21]

    `graded`: it can be held for one's own rows only; otherwise it is held for all or not at all.
    """

    name: str
    right: AccessRights
    graded: bool

    @property
    def id(self) -> str:
        """Follows from the name."""
        return name_id(f"privilege/{self.name}")


def privileges(tables: Iterable[Table]) -> tuple[Privilege, ...]:
    """The privileges about those tables, and those about none, by name. [SEC-20]"""
    found = {name: Privilege(name, AccessRights(0), graded=False) for name in OF_NO_TABLE}
    for table in tables:
        found.update({privilege.name: privilege for privilege in privileges_of(table)})
    return tuple([found[name] for name in sorted(found)])


@lru_cache(maxsize=4)
def privileges_by_id(schema: Schema) -> Mapping[str, Privilege]:
    """Id → privilege, of all tables of a schema and of none, in the order of their names."""
    return MappingProxyType({privilege.id: privilege for privilege in privileges(schema.tables.values())})


def deepest(mask: int) -> int:
    """The largest depth of a mask."""
    return max((bit for bit in DEPTHS if bit & mask), default=BASIC)


def privilege_name(table: Table, right: AccessRights) -> str:
    """What it takes to do that with rows of the table, as `prvReadAccount`. [SEC-20]"""
    if table.name == "audit" and right is AccessRights.ReadAccess:
        # It is called as the service calls it. [JOB-44]
        return "prvReadAuditSummary"
    # Activities share the privileges of the table they derive from.
    of = "Activity" if table.is_activity or table.name == PARENT_OF_ACTIVITIES else table.schema_name
    return f"prv{_VERB_OF[right]}{of}"


def unit_column(table: Table) -> str | None:
    """The column that says which unit a row belongs to; a unit belongs to the one above it. [SEC-1]"""
    if table.name == "businessunit":
        return "parentbusinessunitid"
    return {"user": "owningbusinessunit", "business": "businessunitid"}.get(table.ownership)


def has_privileges(table: Table) -> bool:
    """Something about its rows can be held; rows of an intersect table are seen by whoever sees both ends."""
    return not table.is_intersect and table.name != "owner"


def privileges_of(table: Table) -> Iterator[Privilege]:
    """The privileges about one table. [SEC-20]"""
    if not has_privileges(table):
        return
    graded = table.ownership in GRADED
    for verb, right in VERBS.items():
        if verb not in OF_OWNED_ROWS or table.ownership == "user":
            yield Privilege(privilege_name(table, right), right, graded=graded)
