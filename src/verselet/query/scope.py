"""Keep what one plan gathers while names are resolved: its joins and its values.

In:        a table and the schema
Out:       joins without repetition, numbered bindings
Not here:  conditions (query.conditions), the plan itself (query.resolve)
"""

from __future__ import annotations

from itertools import count
from typing import Final

from verselet.errors import QueryRefused, TooManyConditions, UnknownColumn
from verselet.metadata.columns import Column
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship, Table
from verselet.query.binding import Binding
from verselet.query.calendar import PLAIN, Calendar
from verselet.query.plan import FIRST_LITERAL, Bound, ColumnOf, Join
from verselet.query.tree import Literal, Path, ValueList

MAX_CONDITIONS: Final = 500


class Gathered:
    """What all parts of one request share: schema, values, numbers of sources, aliases, the calendar."""

    def __init__(
        self, schema: Schema, aliases: dict[str, Literal | Path | ValueList], calendar: Calendar = PLAIN
    ) -> None:
        self.schema = schema
        self.calendar = calendar
        self.aliases = aliases
        self.bindings: list[Binding] = []
        self.sources = count(1)
        self.conditions = 0
        self.expands = 0

    def bind(self, binding: Binding) -> Bound:
        """Number a value."""
        self.bindings.append(binding)
        return Bound(FIRST_LITERAL + len(self.bindings) - 1)

    def count_condition(self) -> None:
        """One condition, or one link of FetchXML, more.

        Raises:
            TooManyConditions: more than 500. [F-15], [FX-20]
        """
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise TooManyConditions(MAX_CONDITIONS)


class Scope:
    """One table being asked, with the rows reached from it by lookups."""

    def __init__(self, gathered: Gathered, table: Table, source: int = 0) -> None:
        self.gathered = gathered
        self.schema = gathered.schema
        self.table = table
        self.source = source
        self.joins: list[Join] = []

    def follow(self, names: tuple[str, ...]) -> tuple[int, Table]:
        """The source and table that to-one navigations lead to.

        Raises:
            UnknownColumn: no such navigation. [E-6]
            QueryRefused: a collection on the way. [F-17]
        """
        source, table = self.source, self.table
        for name in names:
            relationship = self.to_one(table, name)
            source = self._join(source, relationship)
            table = self.schema.tables[relationship.referenced_table]
        return source, table

    def to_one(self, table: Table, name: str) -> Relationship:
        """The to-one relationship behind a navigation name of the table; refusals as `follow`."""
        found = self.schema.to_one[table.name].get(name)
        if found is None:
            if name in self.schema.to_many[table.name] or name in self.schema.across[table.name]:
                raise QueryRefused(
                    f"The collection-valued navigation property '{name}' cannot be part of a path; use any or all.",
                    hint=f"{name}/any(x:x/… eq …)",
                )
            raise UnknownColumn(name, table.name, self.schema.to_one[table.name])
        if found.referenced_table not in self.schema.tables:
            raise UnknownColumn(name, table.name)
        return found

    def column_at(self, path: Path) -> tuple[ColumnOf, Column]:
        """The column a path ends in.

        `nav/<primary key>` is the lookup itself, without a join. [F-11]
        """
        *names, last = path.names
        if names:
            _, parent = self._peek(tuple(names[:-1]))
            relationship = self.to_one(parent, names[-1])
            target = self.schema.tables[relationship.referenced_table]
            lookup = parent.columns[relationship.referencing_column]
            if last == target.primary_id and not _is_polymorphic(lookup):
                source, _ = self.follow(tuple(names[:-1]))
                return ColumnOf(source, relationship.referencing_column), target.columns[target.primary_id]
        source, table = self.follow(tuple(names))
        column = self.schema.property_column(table, last)
        return ColumnOf(source, column.name), column

    def _peek(self, names: tuple[str, ...]) -> tuple[int, Table]:
        table = self.table
        for name in names:
            table = self.schema.tables[self.to_one(table, name).referenced_table]
        return 0, table

    def _join(self, outer: int, relationship: Relationship) -> int:
        table = self.schema.tables[relationship.referencing_table]
        lookup = table.columns[relationship.referencing_column]
        outer_column = ColumnOf(outer, relationship.referencing_column)
        points_to = relationship.referenced_table if _is_polymorphic(lookup) else None
        for join in self.joins:
            if join.outer == outer_column and join.table == relationship.referenced_table:
                return join.source
        join = Join(
            next(self.gathered.sources),
            relationship.referenced_table,
            relationship.referenced_column,
            outer_column,
            points_to,
        )
        self.joins.append(join)
        return join.source


def _is_polymorphic(column: Column) -> bool:
    return bool(getattr(column, "is_polymorphic", False))
