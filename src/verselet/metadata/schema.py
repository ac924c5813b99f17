"""Hold all tables at one moment and answer questions about them.

In:        tables, relationships and global choices (metadata.files, metadata.system)
Out:       `Schema` with look-ups by every name a request can use
Not here:  reading files (metadata.files), changing tables (messages.definitions)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec
from msgspec import structs

from verselet.errors import ResourceNotFound, UnknownColumn
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import Column, LookupColumn, MoneyColumn, is_property
from verselet.metadata.languages import LabelName, Texts
from verselet.metadata.tables import ManyToMany, Relationship, Table

PARENT_OF_ACTIVITIES = "activitypointer"
"""The table every activity derives from. [C-18]"""


class Schema(msgspec.Struct, frozen=True, dict=True, eq=False):
    """Everything that is known about tables; replaced as a whole when one of them changes.

    `generation` grows with every change, so that caches can carry it in their keys. `languages` are those switched on
    beside the base language, in order; `translations` are what labels say in other languages than that. [MD-9]
    """

    tables: Mapping[str, Table]
    relationships: tuple[Relationship, ...]
    many_to_many: tuple[ManyToMany, ...]
    choices: Mapping[str, GlobalChoice]
    generation: int = 1
    languages: tuple[int, ...] = ()
    translations: Mapping[LabelName, Texts] = {}

    @cached_property
    def table_by_set_name(self) -> dict[str, Table]:
        """Entity set name → table; intersect tables have sets too."""
        return {table.set_name: table for table in self.tables.values()}

    @cached_property
    def to_one(self) -> dict[str, dict[str, Relationship]]:
        """Table → navigation name → the relationship it follows to one row.

        An activity also has the navigations of `activitypointer`, from which it derives, for the columns it has:
        `createdby` beside `createdby_task`. [M-4], [C-18]
        """
        found: dict[str, dict[str, Relationship]] = {name: {} for name in self.tables}
        for relationship in self.relationships:
            if relationship.referencing_table in found:
                found[relationship.referencing_table][relationship.referencing_navigation] = relationship
        inherited = found.get(PARENT_OF_ACTIVITIES, {})
        for table in self.tables.values():
            if table.is_activity and table.name != PARENT_OF_ACTIVITIES:
                found[table.name] = _with_inherited(found[table.name], inherited, table)
        return found

    @cached_property
    def to_many(self) -> dict[str, dict[str, Relationship]]:
        """Table → navigation name → the relationship it follows to many rows."""
        found: dict[str, dict[str, Relationship]] = {name: {} for name in self.tables}
        for relationship in self.relationships:
            if relationship.referenced_table in found:
                found[relationship.referenced_table][relationship.referenced_navigation] = relationship
        return found

    @cached_property
    def taken_along(self) -> dict[str, frozenset[str]]:
        """Table → the tables whose rows deleting, assigning or merging its rows may reach, itself included. [SEC-70]"""
        below: dict[str, set[str]] = {name: set() for name in self.tables}
        for relationship in self.relationships:
            cascades = relationship.cascades
            reaches = {cascades.assign, cascades.merge, cascades.delete} & {"Cascade", "Active", "UserOwned"}
            if reaches and relationship.referenced_table in below:
                below[relationship.referenced_table].add(relationship.referencing_table)
        found = {}
        for name in self.tables:
            reached, waiting = {name}, [name]
            while waiting:
                new = below.get(waiting.pop(), set()) - reached
                reached |= new
                waiting += new
            found[name] = frozenset(reached)
        return found

    @cached_property
    def across(self) -> dict[str, dict[str, ManyToMany]]:
        """Table → navigation name → the many-to-many relationship it follows."""
        found: dict[str, dict[str, ManyToMany]] = {name: {} for name in self.tables}
        for pair in self.many_to_many:
            found[pair.table1][pair.navigation1] = pair
            found[pair.table2][pair.navigation2] = pair
        return found

    @cached_property
    def remembered(self) -> dict[object, object]:
        """What other rooms worked out from this very schema, each under a key of its own: it goes when the schema goes.

        Nothing but what follows from the schema may stand here.
        """
        return {}

    @cached_property
    def by_column(self) -> dict[tuple[str, str], tuple[Relationship, ...]]:
        """(table, lookup column) → its relationships, one per target table."""
        found: dict[tuple[str, str], list[Relationship]] = {}
        for relationship in self.relationships:
            key = (relationship.referencing_table, relationship.referencing_column)
            found.setdefault(key, []).append(relationship)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def guards(self) -> dict[str, dict[str, str]]:
        """Table → column → the secured column whose rights decide about it; tables without any are left out.

        What comes along with a column is as secret as the column: the amount in the base currency, the name of a file,
        the address of an image. [SEC-100]
        """
        found = {}
        for table in self.tables.values():
            secured = {name for name, column in table.columns.items() if column.is_secured}
            if secured:
                guards = {name: _guard(column) for name, column in table.columns.items()}
                found[table.name] = {name: guard for name, guard in guards.items() if guard in secured}
        return found

    @cached_property
    def inheriting(self) -> dict[str, dict[tuple[str, str], Relationship]]:
        """Table → (lookup, table it leads to) → the relationship along which rows inherit access. [SEC-73], [SEC-74]

        Only rows with owners are shared, so both tables have them.
        """
        found: dict[str, dict[tuple[str, str], Relationship]] = {name: {} for name in self.tables}
        for relationship in self.relationships:
            child, parent = relationship.referencing_table, relationship.referenced_table
            cascades = relationship.cascades
            passes_on = (cascades.share, cascades.reparent) != ("NoCascade", "NoCascade")
            owned = all(name in found and self.tables[name].ownership == "user" for name in (child, parent))
            if passes_on and owned:
                found[child][relationship.referencing_column, parent] = relationship
        return found

    @cached_property
    def parental(self) -> dict[str, dict[tuple[str, str], Relationship]]:
        """The same for rows that inherit as soon as they get a parent; tables without such rows are left out."""
        found = {}
        for name, by_parent in self.inheriting.items():
            kept = {key: known for key, known in by_parent.items() if known.cascades.reparent != "NoCascade"}
            if kept:
                found[name] = kept
        return found

    @cached_property
    def parental_lookups(self) -> dict[str, frozenset[str]]:
        """Table → the lookups through which its rows inherit as soon as they get a parent."""
        return {name: frozenset(column for column, _ in found) for name, found in self.parental.items()}

    def table(self, name: str) -> Table:
        """The table with that logical name; KeyError is a bug of the caller, names come from the schema."""
        return self.tables[name]

    def table_of_set(self, set_name: str) -> Table:
        """The table behind an entity set.

        Raises:
            ResourceNotFound: no such set; the hint names the nearest one. [U-8]
        """
        found = self.table_by_set_name.get(set_name)
        if found is None:
            raise ResourceNotFound(set_name, self.table_by_set_name)
        return found

    def column(self, table: Table, name: str) -> Column:
        """The readable column with that logical name.

        Raises:
            UnknownColumn: no such column, or it is not readable. [E-6]
        """
        found = table.columns.get(name)
        if found is None or not found.read:
            raise UnknownColumn(name, table.name, table.columns)
        return found

    def property_column(self, table: Table, name: str) -> Column:
        """The column behind a property name of the wire: `name`, or `_name_value` for a lookup. [Q-3]

        Raises:
            UnknownColumn: no such property. A lookup's bare name is none. [E-6]
        """
        columns = table.columns
        column = columns.get(name)
        if column is not None and is_property(column) and not isinstance(column, LookupColumn):
            return column
        if name.startswith("_") and name.endswith("_value"):
            column = columns.get(name[1:-6])
            if isinstance(column, LookupColumn) and column.read:
                return column
        raise UnknownColumn(name, table.name, columns)


def _guard(column: Column) -> str:
    """The column it comes along with, or itself."""
    if column.is_secured:
        return column.name
    if isinstance(column, MoneyColumn) and column.base_of is not None:
        return column.base_of
    return column.attribute_of or column.name


def _with_inherited(
    own: dict[str, Relationship], inherited: dict[str, Relationship], table: Table
) -> dict[str, Relationship]:
    """An activity's own navigations, and the inherited ones whose column it has."""
    found = dict(own)
    for name, relationship in inherited.items():
        if name not in found and relationship.referencing_column in table.columns:
            found[name] = structs.replace(relationship, referencing_table=table.name)
    return found
