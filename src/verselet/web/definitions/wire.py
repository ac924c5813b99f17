"""Say what a kind of definition consists of on the wire.

In:        nothing
Out:       `Member`, `Link`, `WireType` and `Subject`: what the sibling modules describe definitions with
Not here:  the definitions themselves (tables, columns, …), what of them a request asks for (selection)

One description serves three: it writes the answer, names what can be selected and filtered, and becomes the entity type
in `$metadata`. Members are read one by one, because most requests want three of a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Generic, Protocol, TypeVar, cast

import msgspec

NAMESPACE = "Microsoft.Dynamics.CRM"

TEXT = "Edm.String"
YES_NO = "Edm.Boolean"
NUMBER = "Edm.Int32"
GUID = "Edm.Guid"
TIME = "Edm.DateTimeOffset"
LABEL = "mscrm.Label"
MANAGED = "mscrm.BooleanManagedProperty"

S = TypeVar("S", contravariant=True)  # noqa: PLC0105  one letter says it: the subject


class Subject(Protocol):
    """A definition that can be written: it knows its exact type, which may derive from the declared one. [J-12]"""

    @property
    def wire_type(self) -> WireType:
        """The exact type."""
        ...


class Member(msgspec.Struct, Generic[S], frozen=True):
    """One property: its name, its EDM type (ours with the prefix `mscrm.`) and how to read it. [MD-3]"""

    name: str
    edm: str
    read: Callable[[S], object]


class Link(msgspec.Struct, Generic[S], frozen=True):
    """One navigation property; `many` says whether it leads to a collection. [MD-10]

    `index` names the property that is unique among the targets besides `MetadataId`.
    """

    name: str
    target: WireType
    read: Callable[[S], Iterable[Subject]]
    many: bool = True
    index: str = "MetadataId"


class WireType(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """A type of definitions with what it inherits.

    `absent` names what the service has here and this server has not: refused by name, not as unknown.
    """

    name: str
    parent: WireType | None = None
    members: tuple[Member[object], ...] = ()
    links: tuple[Link[object], ...] = ()
    absent: tuple[str, ...] = ()

    @cached_property
    def all_members(self) -> dict[str, Member[object]]:
        """Name → property, inherited ones first."""
        inherited = self.parent.all_members if self.parent else {}
        return inherited | {member.name: member for member in self.members}

    @cached_property
    def all_links(self) -> dict[str, Link[object]]:
        """Name → navigation property, inherited ones first."""
        inherited = self.parent.all_links if self.parent else {}
        return inherited | {link.name: link for link in self.links}

    @cached_property
    def all_absent(self) -> frozenset[str]:
        """Names that are refused as not built."""
        inherited = self.parent.all_absent if self.parent else frozenset[str]()
        return inherited | frozenset(self.absent)

    def is_a(self, other: WireType) -> bool:
        """It is that type, or derives from it."""
        return self is other or (self.parent is not None and self.parent.is_a(other))


def wire_type(
    name: str,
    parent: WireType | None = None,
    members: Sequence[Member[S]] = (),
    links: Sequence[Link[S]] = (),
    absent: tuple[str, ...] = (),
) -> WireType:
    """A type whose members read one kind of subject.

    What a member reads is forgotten here: the subjects of a type are made by the module that describes it, and only
    they name that type as theirs.
    """
    return WireType(
        name=name,
        parent=parent,
        members=cast("tuple[Member[object], ...]", tuple(members)),
        links=cast("tuple[Link[object], ...]", tuple(links)),
        absent=absent,
    )


def always(name: str, edm: str, value: object = None) -> Member[object]:
    """A property that is the same for all: a fact about this server, or nothing. An empty one is null. [CC-60]"""
    return Member(name, edm, lambda _: value)


def switch(name: str, property_name: str, *, value: bool) -> Member[object]:
    """A property of `BooleanManagedProperty` that is the same for all. [T-19]"""
    shape = managed(property_name, value=value)
    return Member(name, MANAGED, lambda _: shape)


def managed(property_name: str, *, value: object, can_be_changed: bool = False) -> dict[str, object]:
    """The shape of a managed property: a value that a solution can lock. [MD-8], [MW-4]"""
    return {"Value": value, "CanBeChanged": can_be_changed, "ManagedPropertyLogicalName": property_name}


METADATA_BASE: WireType = WireType(name="MetadataBase")
"""What all definitions derive from; `MetadataId` is written by each kind, so each with a set has a key of its own."""
