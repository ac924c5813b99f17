"""Say which rows a caller may see, as a condition of the plan.

In:        a resolved plan, the schema and the caller
Out:       the plan with the row filter on every table it reads rows of, and the parameters the caller brings
Not here:  single rows (operations.rights), hidden columns (security.columns)

Nothing of one caller stands in a plan: whose rows they are comes as parameters. [invariant 10]
"""

from __future__ import annotations

from itertools import count

import msgspec

from verselet.errors import PrivilegeMissing
from verselet.messages.access import AccessRights
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query.binding import Binding, CallerList, Part, Resolved
from verselet.query.plan import (
    FIRST_LITERAL,
    USER,
    All,
    Always,
    Bound,
    ChildrenOf,
    ColumnOf,
    Compare,
    Condition,
    Either,
    Exists,
    InHierarchy,
    IsIn,
    Join,
    Linked,
    Negate,
    Nested,
    Never,
    Plan,
    PointsTo,
    Related,
    SharedWith,
)
from verselet.query.tabular import ResolvedTabular, Shown, Tabular
from verselet.security.caller import Caller
from verselet.security.privileges import privilege_name, unit_column
from verselet.security.standing import Reach

FIRST_SOURCE = 10_000
"""Sources that row filters add are numbered from here; questions have fewer."""


def restrict(asked: Resolved, schema: Schema, caller: Caller) -> Resolved:
    """The plan with the caller's row filter on every table it reads rows of. [SEC-41], [SEC-44]

    Raises:
        PrivilegeMissing: a table whose rows the caller may not read at all. [SEC-40]
    """
    if caller.is_administrator:
        return asked
    filters = RowFilters(schema, caller, asked.bindings)
    return Resolved(filters.plan(asked.plan), tuple(filters.bindings))


def restrict_tabular(asked: ResolvedTabular, schema: Schema, caller: Caller) -> ResolvedTabular:
    """The same for joined, grouped and computed rows; refusals as `restrict`."""
    if caller.is_administrator:
        return asked
    filters = RowFilters(schema, caller, asked.bindings)
    return msgspec.structs.replace(asked, plan=filters.tabular(asked.plan), bindings=tuple(filters.bindings))


class RowFilters:
    """Puts the row filters into one plan, and gathers the parameters they bring."""

    def __init__(self, schema: Schema, caller: Caller, bindings: tuple[Binding, ...]) -> None:
        self.schema = schema
        self.caller = caller
        self.bindings = list(bindings)
        self._places: dict[CallerList, Bound] = {}
        self._sources = count(FIRST_SOURCE)

    def plan(self, asked: Plan) -> Plan:
        """A plan and all nested ones."""
        return msgspec.structs.replace(
            asked,
            where=self.filtered(asked.table, asked.source, asked.where),
            joins=tuple([self._join(join) for join in asked.joins]),
            nested=tuple([self._nested(item) for item in asked.nested]),
        )

    def tabular(self, asked: Tabular) -> Tabular:
        """A tabular plan: every table it joins, tests or counts."""
        return msgspec.structs.replace(
            asked,
            outputs=tuple([self._output(output) for output in asked.outputs]),
            where=self.filtered(asked.table, asked.source, asked.where),
            links=tuple([self._link(link) for link in asked.links]),
        )

    def filtered(self, table: str, source: int, condition: Condition) -> Condition:
        """The condition and, on top of it, what the caller may read of the table.

        Raises:
            PrivilegeMissing: nothing. [SEC-40]
        """
        found, inner = self.readable(self.schema.tables[table], source), self._inside(condition)
        if isinstance(found, Always):
            return inner
        return found if isinstance(inner, Always) else All((found, inner))

    def readable(self, table: Table, source: int) -> Condition:
        """The rows of the table that the caller may read. Refusals as `filtered`."""
        if table.is_intersect:
            return self._both_ends(table, source)
        if table.name == "owner":
            return self._described(source)
        right = AccessRights.ReadAccess
        privilege = privilege_name(table, right)
        reaches = self.caller.reaches(privilege, right)
        if reaches is None:
            raise PrivilegeMissing(self.caller.user_id, privilege, table.name, has_roles=self.caller.has_roles)
        found = [
            self._within(table, source, reach, CallerList("owners", privilege, int(right), number))
            for number, reach in enumerate(reaches)
            if not reach.everything
        ]
        if table.name == "audit":
            found = [self._of_readable(source)]
        return All(tuple(found)) if len(found) > 1 else found[0] if found else Always()

    def _of_readable(self, source: int) -> Condition:
        """An audit row is seen by who may read the row it is about; one of a row that is gone, by who may read all.

        [JOB-44]
        """
        ways: list[Condition] = []
        for table in self.schema.tables.values():
            reaches = self.caller.reaches(privilege_name(table, AccessRights.ReadAccess), AccessRights.ReadAccess)
            if not table.audit or table.is_intersect or reaches is None:
                continue
            about: Condition = PointsTo(source, "objectid", table.name)
            if not all(reach.everything for reach in reaches):
                end = next(self._sources)
                same = Compare("eq", ColumnOf(end, table.primary_id), ColumnOf(source, "objectid"))
                about = All((about, Exists(table.name, end, (), self.filtered(table.name, end, same))))
            ways.append(about)
        return Either(tuple(ways)) if ways else Never()

    def _within(self, table: Table, source: int, reach: Reach, asked: CallerList) -> Condition:
        """The rows of one reach: owned, of a unit, or shared. [SEC-41]"""
        unit = unit_column(table)
        if unit is None:
            # Held for all rows or not at all. [SEC-7]
            return Always()
        owned, key = table.ownership == "user", ColumnOf(source, table.primary_id)
        # The row of a user or team is owned by whom it describes.
        owner = ColumnOf(source, "ownerid") if owned else key
        items: list[Condition] = [IsIn(owner, self._bound(asked, "owners"))]
        if reach.units:
            items.append(IsIn(ColumnOf(source, unit), self._bound(asked, "units")))
        if owned:
            items.append(SharedWith(key, self._bound(asked, "sharees"), asked.right))
        return Either(tuple(items))

    def _described(self, source: int) -> Condition:
        """A row of the view of all owners is seen by who sees the user or team itself. [SEC-47]"""
        ways: list[Condition] = []
        for name in ("systemuser", "team"):
            table, end = self.schema.tables[name], next(self._sources)
            if self.caller.reaches(privilege_name(table, AccessRights.ReadAccess), AccessRights.ReadAccess) is not None:
                same = Compare("eq", ColumnOf(end, table.primary_id), ColumnOf(source, "ownerid"))
                ways.append(Exists(name, end, (), self.filtered(name, end, same)))
        return Either(tuple(ways)) if ways else Never()

    def _both_ends(self, table: Table, source: int) -> Condition:
        """A pair is seen by who sees both rows of it."""
        ends: list[Condition] = []
        for pair in self.schema.many_to_many:
            if pair.intersect_table != table.name:
                continue
            for name, column in ((pair.table1, pair.column1), (pair.table2, pair.column2)):
                end = next(self._sources)
                same = Compare("eq", ColumnOf(end, self.schema.tables[name].primary_id), ColumnOf(source, column))
                ends.append(Exists(name, end, (), self.filtered(name, end, same)))
        return All(tuple(ends)) if ends else Always()

    def _bound(self, asked: CallerList, part: Part) -> Bound:
        wanted = msgspec.structs.replace(asked, part=part)
        found = self._places.get(wanted)
        if found is None:
            self.bindings.append(Binding(column=None, value=None, form="plain", of_caller=wanted))
            found = self._places[wanted] = Bound(FIRST_LITERAL + len(self.bindings) - 1)
        return found

    def _join(self, join: Join) -> Join:
        return msgspec.structs.replace(join, where=self.filtered(join.table, join.source, join.where))

    def _nested(self, item: Nested) -> Nested:
        return msgspec.structs.replace(item, plan=self.plan(item.plan))

    def _output(self, output: Shown) -> Shown:
        by = output.by
        if not isinstance(by, ChildrenOf):
            return output
        where = self.filtered(by.table, by.inner, by.where)
        return Shown(msgspec.structs.replace(by, where=where), output.name)

    def _link(self, link: Linked) -> Linked:
        # What is looked for as a candidate is what the condition speaks of.
        source = link.candidate if link.kind == "first" else link.source
        return msgspec.structs.replace(link, on=self.filtered(link.table, source, link.on))

    def _inside(self, condition: Condition) -> Condition:
        """The condition with the filter on every other table it looks into."""
        match condition:
            case All(items=items) | Either(items=items):
                return msgspec.structs.replace(condition, items=tuple([self._inside(item) for item in items]))
            case Negate(item=item):
                return Negate(self._inside(item))
            case Exists(table=table, source=source, links=links, where=where):
                found = tuple([self._link(link) for link in links])
                return msgspec.structs.replace(condition, links=found, where=self.filtered(table, source, where))
            case Related(table="teammembership") | InHierarchy() if _is_of_caller(condition):
                return condition
            case InHierarchy(table=table, source=source, where=where):
                return msgspec.structs.replace(condition, where=self.filtered(table, source, where))
            case Related(table=table, source=source, joins=joins, where=where):
                reached = tuple([self._join(join) for join in joins])
                return msgspec.structs.replace(condition, joins=reached, where=self.filtered(table, source, where))
            case _:
                return condition


def _is_of_caller(condition: Condition) -> bool:
    """It speaks of the caller's own teams and reports, which are no secret to the caller. [QF-27], [QF-28]"""
    match condition:
        case Related(where=where):
            return _is_of_caller(where)
        case Compare(right=Bound(position=position)) | InHierarchy(start=Bound(position=position)):
            return position == USER
        case _:
            return False
