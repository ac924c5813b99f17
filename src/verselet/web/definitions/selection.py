"""Decide what of a definition is written, and write it.

In:        the texts or trees of `$select` and `$expand`, and a declared type
Out:       `Selection` with `write`
Not here:  which definitions (filters), where they come from (places)
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from verselet.errors import NotSupportedHere, QueryRefused, UnknownColumn
from verselet.query.tree import Expand
from verselet.web.definitions.filters import Aliases, Predicate, keeps
from verselet.web.definitions.wire import NAMESPACE, Link, Subject, WireType

_ID = "MetadataId"


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of each definition of a declared type.

    `members` is None where nothing was selected: then everything is written that the exact type has. [MD-5]
    `selected` are the names as the context lists them.
    """

    declared: WireType
    members: tuple[tuple[str, Callable[[object], object]], ...] | None
    links: tuple[ExpandedLink, ...] = ()
    selected: tuple[str, ...] = ()

    def write(self, subject: Subject) -> dict[str, object]:
        """The definition as an object; `MetadataId` is always in it. [MD-3]"""
        written: dict[str, object] = {}
        exact = subject.wire_type
        if exact is not self.declared:
            written["@odata.type"] = f"#{NAMESPACE}.{exact.name}"
        if self.members is None:
            for name, member in exact.all_members.items():
                written[name] = member.read(subject)
        else:
            for name, read in self.members:
                written[name] = read(subject)
        for link in self.links:
            written[link.link.name] = link.write(subject)
        return written

    def context(self) -> str:
        """The list in parentheses of the context; empty where everything is written. [J-3]"""
        parts = [*self.selected, *(link.link.name + link.selection.context() for link in self.links)]
        return f"({','.join(parts)})" if parts else ""


class ExpandedLink(msgspec.Struct, frozen=True, kw_only=True):
    """One item of `$expand`: where it leads, what of it is written, which are kept. [MD-10]"""

    link: Link[object]
    selection: Selection
    kept: Predicate | None = None

    def write(self, subject: object) -> object:
        """A list, an object, or null. [J-10]"""
        found = self.link.read(subject)
        written = [self.selection.write(target) for target in found if self.kept is None or self.kept(target)]
        if self.link.many:
            return written
        return written[0] if written else None


def select(
    declared: WireType, names: tuple[str, ...] | None, expand: tuple[Expand, ...], aliases: Aliases
) -> Selection:
    """The selection that `$select` and `$expand` ask for.

    Args:
        declared: the type of the place in the path; type-specific properties need a cast there. [MD-5]
        names: None for everything.
        expand: the items.
        aliases: values of parameter aliases in filters.

    Raises:
        UnknownColumn: a name the declared type does not have. [E-6]
        NotSupportedHere: one that the service has and this server has not.
    """
    members = declared.all_members
    kept = [item.navigation for item in expand if _is_kept_inside(declared, item)]
    links = tuple(_expanded(declared, item, aliases) for item in expand if item.navigation not in kept)
    if names is None:
        return Selection(declared=declared, members=None, links=links)
    names = (*names, *kept)
    for name in names:
        if name not in members and name not in declared.all_links:
            raise unknown(name, declared)
    chosen = [name for name in names if name in members]
    if _ID in members and _ID not in chosen:
        chosen.append(_ID)
    read = tuple((name, members[name].read) for name in chosen)
    return Selection(declared=declared, members=read, links=links, selected=tuple(n for n in names if n in members))


def unknown(name: str, declared: WireType) -> NotSupportedHere | UnknownColumn:
    """The refusal of a name that the type does not have here."""
    if name in declared.all_absent:
        return NotSupportedHere(f"{declared.name}.{name}")
    return UnknownColumn(name, declared.name, (*declared.all_members, *declared.all_links))


def refuse_order(*, ordered: bool, limited: bool) -> None:
    """`$orderby` and `$top` are refused: definitions come as one list, in the order of their names. [MD-2]"""
    if ordered:
        raise QueryRefused("The query option '$orderby' is not supported for definitions.")
    if limited:
        raise QueryRefused("The query option '$top' is not supported for definitions.")


def _is_kept_inside(declared: WireType, item: Expand) -> bool:
    """It is asked for as if it hung on the definition, and is a list inside it: `$expand=Privileges`. [MD-10]"""
    member = declared.all_members.get(item.navigation)
    bare = Expand(navigation=item.navigation, start=item.start, stop=item.stop)
    return member is not None and member.edm.startswith("Collection(mscrm.") and item == bare


def _expanded(declared: WireType, item: Expand, aliases: Aliases) -> ExpandedLink:
    link = declared.all_links.get(item.navigation)
    if link is None:
        raise unknown(item.navigation, declared)
    if item.reference:
        raise NotSupportedHere(f"$expand={item.navigation}/$ref of a definition")
    refuse_order(ordered=bool(item.orderby), limited=item.top is not None)
    return ExpandedLink(
        link=link,
        selection=select(link.target, item.select, item.expand, aliases),
        kept=None if item.filter is None else keeps(item.filter, link.target, aliases),
    )
