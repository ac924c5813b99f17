"""Turn an unresolved query into a plan.

In:        query.tree.Query and metadata.schema.Schema
Out:       query.plan.Plan and the bindings of its values, in order
Not here:  who may see the rows (security.rows), how SQL is spelled (sql.select)
"""

from __future__ import annotations

import msgspec

from verselet.metadata.columns import Column
from verselet.metadata.schema import Schema
from verselet.query import plan
from verselet.query.binding import Binding, Resolved
from verselet.query.calendar import PLAIN, Calendar
from verselet.query.collections import Link
from verselet.query.conditions import resolve_condition
from verselet.query.expanding import Surroundings, resolve_expands
from verselet.query.ordering import resolve_order
from verselet.query.outputs import outputs
from verselet.query.paging import after
from verselet.query.scope import Gathered, Scope
from verselet.query.tree import Query
from verselet.values import Value


class KeyPart(msgspec.Struct, frozen=True):
    """One column of the key that names the row. `start` and `stop` as in `Binding`."""

    column: str
    value: Value
    start: int = -1
    stop: int = -1


class Within(msgspec.Struct, frozen=True):
    """The rows of a collection of one row, not of the whole table. `start` and `stop` as in `Binding`. [Q-9]"""

    link: Link
    parent_id: str
    parent_table: str
    start: int = -1
    stop: int = -1


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How the query is to be answered: one row by `key`, or a page of rows.

    `sized`: the page has a size that somebody asked for, so it is likely to be full. `links` says whether expanded
    collections get a next link. [X-8] `calendar` is that of the caller. [QF-32]
    """

    annotations: plan.Annotations = plan.Annotations.NONE
    key: tuple[KeyPart, ...] = ()
    within: Within | None = None
    sized: bool = False
    links: bool = True
    calendar: Calendar = PLAIN


def resolve(query: Query, schema: Schema, reading: Reading) -> Resolved:
    """Find every name and type every value.

    Raises:
        QueryRefused and its kin: [E-6], [E-7], [F-14], [F-15], [X-2] …
    """
    table = schema.table(query.table)
    gathered = Gathered(schema, dict(query.aliases), reading.calendar)
    scope = Scope(gathered, table)
    conditions = [_key_condition(part, scope) for part in reading.key]
    if reading.within is not None:
        conditions.append(within_condition(reading.within, scope))
    if query.filter is not None:
        conditions.append(resolve_condition(query.filter, scope))
    order = () if reading.key else resolve_order(query.orderby, scope)
    if query.skip_token is not None:
        conditions.append(after(query.skip_token, order, scope))
    around = Surroundings(gathered, reading.annotations, links=reading.links and not reading.key)
    nested = resolve_expands(query.expand, table, around)
    found = plan.Plan(
        table=table.name,
        outputs=outputs(schema, table, query.select),
        joins=tuple(scope.joins),
        where=plan.all_of(conditions),
        order=order,
        limit=None if reading.key else plan.Bound(plan.LIMIT),
        nested=nested,
        annotations=reading.annotations,
    )
    return Resolved(found, tuple(gathered.bindings))


def _key_condition(part: KeyPart, scope: Scope) -> plan.Condition:
    column: Column = scope.table.columns[part.column]
    bound = scope.gathered.bind(Binding(column=column, value=part.value, start=part.start, stop=part.stop))
    return plan.Compare("eq", plan.ColumnOf(scope.source, part.column), bound)


def within_condition(within: Within, scope: Scope) -> plan.Condition:
    """The rows belong to the collection of one row. [Q-9]"""
    link = within.link
    parent = scope.schema.tables[within.parent_table]
    key = parent.columns[parent.primary_id]
    binding = Binding(column=key, value=within.parent_id, start=within.start, stop=within.stop)
    bound = scope.gathered.bind(binding)
    if link.intersect is None:
        same = plan.Compare("eq", plan.ColumnOf(scope.source, link.inner_column), bound)
        if link.points_to is None:
            return same
        return plan.All((same, plan.PointsTo(scope.source, link.inner_column, link.points_to)))
    table, inner, outer = link.intersect
    source = next(scope.gathered.sources)
    return plan.Related(
        table,
        source,
        plan.ColumnOf(scope.source, link.inner_column),
        inner,
        None,
        None,
        (),
        plan.Compare("eq", plan.ColumnOf(source, outer), bound),
    )
