"""Know which paths of OData lead to the tables of a FetchXML query.

In:        links of query.fetchxml.tree, the schema
Out:       `Place`s: the paths and expansions that stand for links; collections of lambdas
Not here:  conditions (query.translating.odata_conditions), the whole question (query.translating.to_odata)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.errors import CannotBeSaid, FetchRefused
from verselet.metadata.columns import Column, is_property
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.fetchxml.joining import only_pair
from verselet.query.fetchxml.tree import Link
from verselet.query.outputs import property_name
from verselet.query.tree import Path

ODATA: Final = "OData"


class Place(msgspec.Struct, frozen=True):
    """A table: reached by navigations from the table that is asked, or from the variable of a lambda.

    `link` is None for the table that is asked, and for that of a lambda. `nameable`: conditions and orders elsewhere
    can speak of it.
    """

    table: Table
    path: tuple[str, ...] = ()
    variable: str | None = None
    link: Link | None = None
    nameable: bool = True

    def column(self, name: str) -> Column:
        """The column with that logical name; FetchRefused where there is none."""
        found = self.table.columns.get(name) or self.table.columns.get(name.lower())
        if found is None or not is_property(found):
            raise FetchRefused(f"'{self.table.name}' has no column '{name[:100]}'.")
        return found

    def path_to(self, name: str) -> Path:
        """The path to a column."""
        return Path((*self.path, property_name(self.column(name))), 0, 0, self.variable)

    @property
    def key(self) -> Path:
        """The path to the key of its rows."""
        return Path((*self.path, self.table.primary_id), 0, 0, self.variable)


class Places:
    """The tables of one scope by the names of their links: of the whole query, or of a link that tests."""

    def __init__(self, schema: Schema, root: Place, variables: int = 0) -> None:
        self.schema = schema
        self.root = root
        self.by_alias: dict[str, Place] = {}
        self.variables = variables

    def table(self, name: str) -> Table:
        """The table with that name; FetchRefused where there is none."""
        found = self.schema.tables.get(name) or self.schema.tables.get(name.lower())
        if found is None:
            raise FetchRefused(f"There is no table '{name[:100]}'.")
        return found

    def named(self, alias: str | None, otherwise: Place) -> Place:
        """The place that `entityname` means."""
        if alias is None:
            return otherwise
        found = self.by_alias.get(alias)
        if found is None and alias == self.root.table.name and self.root.variable is None:
            return self.root
        if found is None:
            raise CannotBeSaid(f"a condition on '{alias[:100]}' from here", ODATA)
        if not found.nameable:
            raise CannotBeSaid(f"a condition on '{alias[:100]}', which has a filter of its own", ODATA)
        return found

    def pair(self, link: Link, outer: Place) -> tuple[str, str]:
        """The columns of a link: that of the linked table, that of the table around. [FX-21]"""
        if link.inner is not None and link.outer is not None:
            return link.inner, link.outer
        return only_pair(link, outer.table, self.table(link.table), self.schema)

    def to_one(self, link: Link, outer: Place) -> str | None:
        """The navigation that leads to the only row of a link; None where there may be several."""
        inner, around = self.pair(link, outer)
        return next(
            (
                relationship.referencing_navigation
                for relationship in self.schema.by_column.get((outer.table.name, around), ())
                if relationship.referenced_table == link.table and relationship.referenced_column == inner
            ),
            None,
        )

    def to_many(self, link: Link, outer: Place) -> str | None:
        """The collection that a link leads to."""
        inner, around = self.pair(link, outer)
        return next(
            (
                name
                for name, relationship in self.schema.to_many[outer.table.name].items()
                if (relationship.referencing_table, relationship.referencing_column) == (link.table, inner)
                and relationship.referenced_column == around
            ),
            None,
        )

    def across(self, link: Link, outer: Place) -> tuple[str, Link] | None:
        """The many-to-many collection that a link over its table of pairs leads to, and the link behind the pairs."""
        body = link.body
        if len(body.links) != 1 or body.filters or body.links[0].kind not in {"inner", "exists", "in"}:
            return None
        inner, around = self.pair(link, outer)
        behind = body.links[0]
        for name, pair in self.schema.across[outer.table.name].items():
            first = pair.table1 == outer.table.name and pair.navigation1 == name
            mine, theirs = (pair.column1, pair.column2) if first else (pair.column2, pair.column1)
            target = self.table(pair.table2 if first else pair.table1)
            if (link.table, inner, around) == (pair.intersect_table, mine, outer.table.primary_id) and (
                behind.table,
                behind.inner,
                behind.outer,
            ) == (target.name, target.primary_id, theirs):
                return name, behind
        return None
