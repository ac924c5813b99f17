"""Turn a FetchXML query into a plan.

In:        `Fetch`, the table it is asked of, what the address adds to it
Out:       `ResolvedTabular`
Not here:  who may see the rows (security.rows), SQL (sql.tabular)
"""

from __future__ import annotations

import msgspec

from verselet.errors import CookieOfAnotherOrder, FetchRefused
from verselet.metadata.columns import Column, TextColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query import plan, tree
from verselet.query.binding import Binding
from verselet.query.calendar import PLAIN, Calendar
from verselet.query.conditions import resolve_condition
from verselet.query.fetchxml.binned import refuse_beside_bin
from verselet.query.fetchxml.cookies import read_cookie
from verselet.query.fetchxml.joining import Joined, joins, register, restrictions
from verselet.query.fetchxml.ordering import resolve_sequence
from verselet.query.fetchxml.outputs import aggregate_outputs, context_of, plain_outputs
from verselet.query.fetchxml.places import Places
from verselet.query.fetchxml.tree import Fetch, has_links
from verselet.query.ordering import effective, named_order
from verselet.query.outputs import outputs
from verselet.query.paging import later_rows
from verselet.query.resolve import Within, within_condition
from verselet.query.scope import Gathered, Scope
from verselet.query.tabular import Aggregated, OrderedBy, Page, ResolvedTabular, Shown, Tabular
from verselet.query.text_values import text_value_of


class Additions(msgspec.Struct, frozen=True, kw_only=True):
    """What the address adds to the query, and the calendar of the caller. [SQ-1], [SQ-3], [QF-32]"""

    annotations: plan.Annotations = plan.Annotations.NONE
    within: Within | None = None
    select: tuple[str, ...] | None = None
    filter: tree.Condition | None = None
    orderby: tuple[tree.Ordering, ...] = ()
    aliases: tuple[tuple[str, tree.Literal | tree.Path | tree.ValueList], ...] = ()
    calendar: Calendar = PLAIN


def resolve_fetch(fetch: Fetch, table: Table, schema: Schema, more: Additions) -> ResolvedTabular:
    """Find every name and type every value.

    Raises:
        FetchRefused and its kin: [FX-13] to [FX-45]
    """
    if fetch.retained:
        _must_be_alone(fetch, more)
    gathered = Gathered(schema, dict(more.aliases), more.calendar)
    places = Places(gathered, table)
    if places.table(fetch.table).name != table.name:
        raise FetchRefused(f"The entity '{fetch.table}' of the query is not that of the set '{table.set_name}'. [FX-1]")
    links = register(fetch.body.links, places.root, places)
    shown = (
        aggregate_outputs(fetch.body, places.root, links, more.calendar)
        if fetch.aggregate
        else plain_outputs(fetch.body, places, links, distinct=fetch.distinct)
    )
    scope = Scope(gathered, table)
    shown = _selected(shown, more, fetch, scope)
    conditions = restrictions(fetch.body.filters, fetch.body.links, places.root, places)
    conditions += _added(more, scope)
    sequence = resolve_sequence(fetch, places, links, shown)
    order = _ordered(sequence.items, more, scope)
    by_values = sequence.by_values and (not more.orderby or not scope.joins)
    joined = (*joins(links, places), *linked(scope))
    values = read_cookie(fetch.cookie) if fetch.cookie is not None and by_values else []
    grouped = fetch.aggregate or fetch.distinct
    found = Tabular(
        table=table.name,
        outputs=shown,
        links=joined,
        where=plan.all_of(conditions),
        after=_after(values, order, places, links) if values else plan.Always(),
        grouped=grouped,
        order=order,
        annotations=more.annotations,
        tagged=not grouped,
        paged_by_values=by_values,
        from_bin=fetch.from_bin,
        from_lake=fetch.retained,
    )
    if fetch.from_bin:
        refuse_beside_bin(fetch, found, more.within is not None or more.filter is not None)
    everything = fetch.aggregate or fetch.body.everything or not fetch.body.attributes
    context = context_of(table.set_name, places.root, shown, everything=everything and more.select is None)
    page = _page(fetch, by_cookie=bool(values))
    return ResolvedTabular(found, tuple(gathered.bindings), page, context)


def _must_be_alone(fetch: Fetch, more: Additions) -> None:
    """Retained rows know no others. [RET-41]"""
    if fetch.aggregate or fetch.body.links or has_links(fetch.body.filters) or more.within is not None:
        raise FetchRefused("Retained rows can be asked for only alone, without links and aggregates. [RET-41]")


def _page(fetch: Fetch, *, by_cookie: bool) -> Page:
    return Page(
        size=fetch.size,
        top=fetch.top,
        number=fetch.page or 1,
        skipped=fetch.skipped,
        before=fetch.before,
        by_cookie=by_cookie,
        totals=fetch.totals,
        aggregate_limit=fetch.aggregate_limit or Page().aggregate_limit,
    )


def linked(scope: Scope) -> tuple[plan.Linked, ...]:
    """The lookups that a scope followed, as joins. [F-10]"""
    found = []
    for join in scope.joins:
        on: plan.Condition = plan.Compare("eq", plan.ColumnOf(join.source, join.inner_column), join.outer)
        if join.points_to is not None and join.table != "owner":
            on = plan.All((on, plan.PointsTo(join.outer.source, join.outer.column, join.points_to)))
        found.append(plan.Linked(join.source, join.table, "left", on))
    return tuple(found)


def _added(more: Additions, scope: Scope) -> list[plan.Condition]:
    conditions = []
    if more.within is not None:
        conditions.append(within_condition(more.within, scope))
    if more.filter is not None:
        conditions.append(resolve_condition(more.filter, scope))
    return conditions


def _selected(shown: tuple[Shown, ...], more: Additions, fetch: Fetch, scope: Scope) -> tuple[Shown, ...]:
    """`$select` chooses anew among the table's columns; what links show stays. [SQ-3]"""
    if more.select is None:
        return shown
    if fetch.aggregate:
        raise FetchRefused("$select cannot be added to a query that aggregates.")
    own = outputs(scope.schema, scope.table, more.select)
    chosen = [Shown(plan.ColumnOf(scope.source, output.column), output.property) for output in own]
    others = [item for item in shown if not isinstance(item.by, Aggregated) and item.by.source != scope.source]
    return (*chosen, *others)


def _ordered(items: tuple[OrderedBy, ...], more: Additions, scope: Scope) -> tuple[OrderedBy, ...]:
    """`$orderby` comes before the order of the query. [SQ-3]"""
    if not more.orderby:
        return items
    first = [OrderedBy(item.by, item.descending) for item in named_order(more.orderby, scope)]
    return effective((*first, *items))


def _after(
    values: list[str | None], order: tuple[OrderedBy, ...], places: Places, links: list[Joined]
) -> plan.Condition:
    if len(values) != len(order):
        raise CookieOfAnotherOrder
    tables = {places.root.source: places.root.table} | _tables(links)
    items = [plan.OrderBy(item.by, item.descending) for item in order if not isinstance(item.by, Aggregated)]
    bounds = [
        None if text is None else _bind(item, text, tables, places) for item, text in zip(items, values, strict=True)
    ]
    return later_rows(items, bounds)


def _tables(links: list[Joined]) -> dict[int, Table]:
    found = {}
    for joined in links:
        found[joined.place.source] = joined.place.table
        found |= _tables(joined.inside)
    return found


def _bind(item: plan.OrderBy, text: str, tables: dict[int, Table], places: Places) -> plan.Bound:
    column: Column = TextColumn(name=item.by.column, schema_name=item.by.column)
    if isinstance(item.by, plan.ColumnOf):
        column = tables[item.by.source].columns[item.by.column]
    return places.gathered.bind(Binding(column=column, value=text_value_of(column, text)))
