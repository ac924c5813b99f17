"""Follow the path of a request through the definitions.

In:        segments behind the root, and a view of the schema
Out:       `Place`: one definition or a collection of them, or `Value`: one property
Not here:  what is written of it (selection), which are kept (filters)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from verselet.errors import (
    KeyRefused,
    NotFound,
    NotSupportedHere,
    QueryRefused,
    ResourceNotFound,
    TableDefinitionNotFound,
)
from verselet.query.odata.keys import Segment, parse_key
from verselet.web.definitions.choices import OPTION_SET_BASE, global_option_set
from verselet.web.definitions.relationships import RELATIONSHIP, all_relationships
from verselet.web.definitions.tables import ENTITY, ShownTable
from verselet.web.definitions.types import derived
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import NAMESPACE, Link, Subject, WireType

_ID = "MetadataId"


class Collection(msgspec.Struct, frozen=True, dict=True, eq=False, kw_only=True):
    """Definitions of one declared type; `index` names the property they are found by besides their id. [MD-1]

    `path` is what the context calls it.
    """

    path: str
    declared: WireType
    subjects: tuple[Subject, ...]
    index: str

    @cached_property
    def by_name(self) -> dict[str, Subject]:
        """Value of the property `index` → definition."""
        return {str(value): subject for value, subject in self._valued(self.index)}

    @cached_property
    def by_id(self) -> dict[str, Subject]:
        """Id → definition."""
        return {str(value): subject for value, subject in self._valued(_ID)}

    def _valued(self, member: str) -> Iterable[tuple[object, Subject]]:
        read = self.declared.all_members[member].read
        return ((read(subject), subject) for subject in self.subjects)


class One(msgspec.Struct, frozen=True, kw_only=True):
    """One definition, or none where a link leads nowhere; `path` names it in the context of what lies behind it."""

    path: str
    set_path: str
    declared: WireType
    subject: Subject | None


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One property of one definition; `raw` when `/$value` was asked. [U-4]"""

    path: str
    value: object
    raw: bool = False


class Count(msgspec.Struct, frozen=True):
    """How many a collection has. [U-4]"""

    of: Collection


def _tables(view: View) -> Collection:
    tables = view.schema.tables
    shown = tuple(ShownTable(view, tables[name]) for name in sorted(tables))
    return Collection(path="EntityDefinitions", declared=ENTITY, subjects=shown, index="LogicalName")


def _relationships(view: View) -> Collection:
    shown = all_relationships(view)
    return Collection(path="RelationshipDefinitions", declared=RELATIONSHIP, subjects=shown, index="SchemaName")


def _choices(view: View) -> Collection:
    choices = view.schema.choices
    shown = tuple(global_option_set(view, choices[name]) for name in sorted(choices))
    return Collection(path="GlobalOptionSetDefinitions", declared=OPTION_SET_BASE, subjects=shown, index="Name")


SETS: Mapping[str, Callable[[View], Collection]] = {
    "EntityDefinitions": _tables,
    "RelationshipDefinitions": _relationships,
    "GlobalOptionSetDefinitions": _choices,
}
"""Name in the address → where the definitions come from. [MD-1]"""


def find(view: View, segments: Sequence[Segment]) -> Collection | One | Property | Count:
    """What a path leads to.

    Raises:
        ResourceNotFound: a segment that names nothing. [U-8]
        TableDefinitionNotFound, NotFound: a key that nothing has. [MD-16]
        KeyRefused: a key by a property that is none. [E-5]
    """
    first, *rest = segments
    made = SETS.get(first.name)
    if made is None:
        raise ResourceNotFound(first.name, SETS)
    place: Collection | One | Property | Count = _with_key(remembered(view, first.name), first)
    for segment in rest:
        place = _next(place, segment)
    return place


def remembered(view: View, name: str) -> Collection:
    """A root collection, made once per view."""
    known = vars(view).get(name)
    if isinstance(known, Collection):
        return known
    made = SETS[name](view)
    vars(view)[name] = made
    return made


def _next(place: Collection | One | Property | Count, segment: Segment) -> Collection | One | Property | Count:
    match place:
        case Collection():
            return _behind_collection(place, segment)
        case One():
            return _behind_one(place, segment)
        case Property(raw=False) if segment == Segment("$value"):
            return Property(path=place.path, value=place.value, raw=True)
        case _:
            raise ResourceNotFound(segment.name)


def _behind_collection(place: Collection, segment: Segment) -> Collection | One | Count:
    if segment == Segment("$count"):
        return Count(place)
    exact = _cast(place.declared, segment)
    if exact is None:
        raise ResourceNotFound(segment.name)
    kept = tuple(subject for subject in place.subjects if subject.wire_type.is_a(exact))
    path = f"{place.path}/{NAMESPACE}.{exact.name}"
    return _with_key(Collection(path=path, declared=exact, subjects=kept, index=place.index), segment)


def _behind_one(place: One, segment: Segment) -> Collection | One | Property:
    name, subject = segment.name, place.subject
    if subject is None:
        raise NotFound(f"There is nothing behind the segment '{name}'.")
    link = place.declared.all_links.get(name)
    if link is not None:
        return _follow(place, subject, link, segment)
    member = place.declared.all_members.get(name)
    if member is not None and segment.arguments is None:
        return Property(path=f"{place.path}/{name}", value=member.read(subject))
    if name in place.declared.all_absent:
        raise NotSupportedHere(f"{place.declared.name}.{name}")
    exact = None if segment.arguments is not None else _cast(place.declared, segment)
    if exact is None:
        raise ResourceNotFound(name, (*place.declared.all_links, *place.declared.all_members))
    if not subject.wire_type.is_a(exact):
        raise NotFound(f"Could not find any {exact.name} here, only {subject.wire_type.name}.")
    suffix = f"/{NAMESPACE}.{exact.name}"
    return One(path=place.path + suffix, set_path=place.set_path + suffix, declared=exact, subject=subject)


def _follow(place: One, subject: Subject, link: Link[object], segment: Segment) -> Collection | One:
    path = f"{place.path}/{link.name}"
    found = tuple(link.read(subject))
    if link.many:
        shown = Collection(path=path, declared=link.target, subjects=found, index=link.index)
        return _with_key(shown, segment)
    if segment.arguments is not None:
        raise QueryRefused(f"The segment '{link.name}' leads to one definition and takes no key.")
    return One(path=path, set_path=path, declared=link.target, subject=found[0] if found else None)


def _with_key(place: Collection, segment: Segment) -> Collection | One:
    if segment.arguments is None:
        return place
    key = parse_key(segment.arguments)
    if key.id is not None:
        found, shown, named = place.by_id.get(key.id), key.id, key.id
    else:
        found, shown, named = _by_names(place, {name: literal.text for name, literal in key.values})
    if found is None:
        raise _missing(place, named)
    return One(path=f"{place.path}({shown})", set_path=place.path, declared=place.declared, subject=found)


def _by_names(place: Collection, values: dict[str, str]) -> tuple[Subject | None, str, str]:
    """The definition, how the context calls it, and the value asked for."""
    match values:
        case {"MetadataId": text} if len(values) == 1:
            return place.by_id.get(text.lower()), text.lower(), text
        case _ if list(values) == [place.index]:
            text = values[place.index]
            return place.by_name.get(text), f"'{text}'", text
        case _:
            raise KeyRefused(place.declared.name)


def _missing(place: Collection, named: str) -> NotFound:
    if place.declared is ENTITY:
        return TableDefinitionNotFound(named, place.by_name)
    return NotFound(f"Could not find any {place.declared.name} with the name or id '{named}'.")


def _cast(declared: WireType, segment: Segment) -> WireType | None:
    """The type that a segment `Microsoft.Dynamics.CRM.X` names: the declared one or one derived from it. [MD-5]"""
    namespace, _, name = segment.name.rpartition(".")
    return derived(declared, name) if namespace in (NAMESPACE, "mscrm") else None
