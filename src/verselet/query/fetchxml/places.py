"""Keep the tables of a FetchXML query and find columns in them.

In:        table and column names as written
Out:       `Place`s and columns
Not here:  how the tables are joined (query.fetchxml.joining)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.errors import FetchRefused, QueryColumnUnknown, QueryTableUnknown, TooManyLinks
from verselet.metadata.columns import Column, is_property
from verselet.metadata.tables import Table
from verselet.query.plan import ColumnOf
from verselet.query.scope import Gathered

MAX_LINKS: Final = 15
"""[FX-20]"""


class Place(msgspec.Struct, frozen=True):
    """A table at work in a query: the number of its source, and the alias of its link, empty for the root."""

    source: int
    table: Table
    alias: str = ""

    def column(self, name: str) -> Column:
        """The readable column with that logical name.

        Raises:
            QueryColumnUnknown: there is none. [FX-13]
        """
        found = self.table.columns.get(name) or self.table.columns.get(name.lower())
        if found is None or not is_property(found):
            raise QueryColumnUnknown(name, self.table.name, self.table.columns)
        return found

    def of(self, name: str) -> ColumnOf:
        """The column as a part of a plan; refusals as `column`."""
        return ColumnOf(self.source, self.column(name).name)


class Places:
    """All tables of one query; what is bound goes into `gathered`."""

    def __init__(self, gathered: Gathered, root: Table) -> None:
        self.gathered = gathered
        self.root = Place(0, root)
        self.by_alias: dict[str, Place] = {}
        self._links = 0

    def add(self, table_name: str, alias: str | None) -> Place:
        """The place of a new link. Without an alias it is the table's name and the number of the link. [FX-29]

        Raises:
            QueryTableUnknown: no such table. [FX-13]
            TooManyLinks: more than 15. [FX-20]
            FetchRefused: two links with one alias.
        """
        self._links += 1
        if self._links > MAX_LINKS:
            raise TooManyLinks(MAX_LINKS)
        self.gathered.count_condition()
        name = alias or f"{table_name}{self._links}"
        if name in self.by_alias:
            raise FetchRefused(f"The alias '{name[:100]}' is used for more than one link.")
        place = Place(next(self.gathered.sources), self.table(table_name), name)
        self.by_alias[name] = place
        return place

    def table(self, name: str) -> Table:
        """The table with that logical name.

        Raises:
            QueryTableUnknown: no such table. [FX-13]
        """
        tables = self.gathered.schema.tables
        found = tables.get(name) or tables.get(name.lower())
        if found is None:
            raise QueryTableUnknown(name, tables)
        return found

    def named(self, link: str | None, otherwise: Place) -> Place:
        """The place that `entityname` means.

        Raises:
            FetchRefused: no link has that alias. [FX-17]
        """
        if link is None:
            return otherwise
        found = self.by_alias.get(link)
        if found is None:
            if link == self.root.table.name:
                return self.root
            raise FetchRefused(f"No link-entity has the name or alias '{link[:100]}'.")
        return found
