"""Gather the links that a question of OData needs as FetchXML.

In:        navigations and paths of query.tree
Out:       `Place`s, and the `Link`s to them
Not here:  conditions (query.translating.fetch_conditions), the whole question (query.translating.to_fetch)
"""

from __future__ import annotations

from itertools import count

from verselet.errors import CannotBeSaid, QueryRefused
from verselet.metadata.columns import Column
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.fetchxml.tree import Attribute, Body, Filter, Link
from verselet.query.scope import Gathered, Scope
from verselet.query.tree import Alias, Literal, Path, ValueList


class Around:
    """What all places of one question share: the schema, what parameter aliases stand for, the links' names."""

    def __init__(self, schema: Schema, aliases: dict[str, Literal | Path | ValueList]) -> None:
        self.schema = schema
        self.aliases = aliases
        self._taken: set[str] = set()

    def name(self, wanted: str) -> str:
        """A name that no other link has."""
        found = next(name for n in count(1) if (name := wanted if n == 1 else f"{wanted}{n}") not in self._taken)
        self._taken.add(found)
        return found


class Place:
    """A table that is asked, with the links from it. `alias` is None for the table of the whole question."""

    def __init__(self, around: Around, table: Table, alias: str | None = None) -> None:
        self.around = around
        self.table = table
        self.alias = alias
        self.attributes: list[Attribute] = []
        self.everything = False
        self.filters: list[Filter] = []
        self._followed: list[tuple[str, Place]] = []
        self._shared: dict[str, Place] = {}

    def property(self, name: str) -> Column:
        """The column behind a property; UnknownColumn where there is none. [E-6]"""
        return self.around.schema.property_column(self.table, name)

    def path(self, given: Path | Alias) -> Path:
        """The path itself, or the one that a parameter alias stands for. [Q-7]"""
        found = self.around.aliases.get(given.name) if isinstance(given, Alias) else given
        if not isinstance(found, Path):
            raise QueryRefused("A parameter alias stands for no property.")
        return found

    def is_to_one(self, navigation: str) -> bool:
        """The navigation leads to one row."""
        return navigation in self.around.schema.to_one[self.table.name]

    def column(self, path: Path) -> tuple[Place, Column]:
        """The place a path leads to, and the column it ends in. [F-10]"""
        place = self
        for name in path.names[:-1]:
            place = place.follow(name)
        return place, place.property(path.names[-1])

    def follow(self, navigation: str) -> Place:
        """The place of the row that a navigation leads to, present or not."""
        found = self._shared.get(navigation)
        if found is None:
            found = self._shared[navigation] = self.follow_alone(navigation)
        return found

    def follow_alone(self, navigation: str) -> Place:
        """The same with a link of its own, which can have a filter."""
        relationship = Scope(Gathered(self.around.schema, {}), self.table).to_one(self.table, navigation)
        target = self.around.schema.tables[relationship.referenced_table]
        name = navigation if self.alias is None else f"{self.alias}_{navigation}"
        found = Place(self.around, target, self.around.name(name))
        self._followed.append((navigation, found))
        return found

    def links(self) -> tuple[Link, ...]:
        """The links to all rows that were followed."""
        return tuple([self._link(navigation, place) for navigation, place in self._followed])

    def _link(self, navigation: str, place: Place) -> Link:
        relationship = self.around.schema.to_one[self.table.name][navigation]
        if place.table.name == "owner":
            raise CannotBeSaid(f"'{navigation}', which leads to users and teams", "FetchXML")
        return Link(
            table=place.table.name,
            inner=relationship.referenced_column,
            outer=relationship.referencing_column,
            alias=place.alias,
            kind="outer",
            body=place.body(),
        )

    def body(self) -> Body:
        """What the place is asked, as a link has it."""
        return Body(
            attributes=tuple(dict.fromkeys(self.attributes)),
            everything=self.everything,
            filters=tuple(self.filters),
            links=self.links(),
        )
