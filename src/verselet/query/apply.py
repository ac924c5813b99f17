"""Turn `$apply` into a plan.

In:        `Apply`, the options beside it, a table
Out:       `ResolvedTabular`
Not here:  parsing (query.odata.apply), who may see the rows (security.rows), SQL (sql.tabular)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from verselet.errors import AliasTaken, QueryRefused, UnknownColumn
from verselet.metadata.columns import Column, FileColumn, ImageColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query import plan, tree
from verselet.query.calendar import PLAIN, Calendar
from verselet.query.conditions import resolve_condition
from verselet.query.fetchxml.outputs import aggregated
from verselet.query.fetchxml.resolve import linked
from verselet.query.odata.apply import AggregateItem, Apply
from verselet.query.ordering import effective, named_order
from verselet.query.resolve import Within, within_condition
from verselet.query.scope import Gathered, Scope
from verselet.query.tabular import Aggregated, OrderedBy, Page, ResolvedTabular, Shown, Tabular

METHODS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "sum": ("sum", False),
        "average": ("avg", False),
        "min": ("min", False),
        "max": ("max", False),
        "countdistinct": ("countcolumn", True),
    }
)
"""Method → that of a plan, and whether equal values count once. [A-2]"""


class BesideApply(msgspec.Struct, frozen=True, kw_only=True):
    """The options beside `$apply`, and where it is asked. [A-8], [A-9]"""

    annotations: plan.Annotations = plan.Annotations.NONE
    within: Within | None = None
    filter: tree.Condition | None = None
    orderby: tuple[tree.Ordering, ...] = ()
    aliases: tuple[tuple[str, tree.Literal | tree.Path | tree.ValueList], ...] = ()
    page: Page = Page()
    calendar: Calendar = PLAIN


def resolve_apply(apply: Apply, table: Table, schema: Schema, beside: BesideApply) -> ResolvedTabular:
    """Find every name and type every value.

    Raises:
        UnknownColumn: [E-6]
        QueryRefused: an unknown method, an order by a result. [A-9], [A-12]
        AliasTaken: two results with one name.
    """
    gathered = Gathered(schema, dict(beside.aliases), beside.calendar)
    scope = Scope(gathered, table)
    conditions = [] if beside.within is None else [within_condition(beside.within, scope)]
    filters = apply.filters if beside.filter is None else (beside.filter, *apply.filters)
    conditions += [resolve_condition(item, scope) for item in filters]
    shown: dict[str, Shown] = {}
    for output in [*_keys(apply, scope), *[_aggregate(item, scope) for item in apply.aggregates]]:
        if output.name in shown:
            raise AliasTaken(output.name)
        shown[output.name] = output
    outputs = tuple(shown.values())
    order = _order(beside.orderby, outputs, scope)
    found = Tabular(
        table=table.name,
        outputs=outputs,
        links=linked(scope),
        where=plan.all_of(conditions),
        grouped=True,
        order=order,
        annotations=beside.annotations,
    )
    return ResolvedTabular(found, tuple(gathered.bindings), beside.page, table.set_name)


def _keys(apply: Apply, scope: Scope) -> list[Shown]:
    found = []
    for path in apply.keys or ():
        of, column = scope.column_at(path)
        if isinstance(column, ImageColumn | FileColumn):
            raise QueryRefused(f"The property '{column.name}' cannot be used in the groupby clause.")
        found.append(Shown(of, key_name(path, scope)))
    return found


def key_name(path: tree.Path, scope: Scope) -> str:
    """A key through a lookup is named by the table it leads to. [A-3]"""
    *names, last = path.names
    if not names:
        return last
    table = scope.table
    for name in names:
        table = scope.schema.tables[scope.to_one(table, name).referenced_table]
    return f"{table.name}_{last}"


def _aggregate(item: AggregateItem, scope: Scope) -> Shown:
    if item.path is None:
        return Shown(Aggregated("count", None), item.alias)
    method = METHODS.get(item.method)
    if method is None:
        raise QueryRefused(
            f"The aggregation method '{item.method[:60]}' is not supported.", hint=f"Use one of {', '.join(METHODS)}."
        )
    of, _ = scope.column_at(item.path)
    return Shown(aggregated(method[0], of, _column(of, scope), distinct=method[1]), item.alias)


def _column(of: plan.ColumnOf, scope: Scope) -> Column:
    """The column as it is stored: a lookup where the path names the key it holds. [F-11]"""
    table = scope.table
    for join in scope.joins:
        if join.source == of.source:
            table = scope.schema.tables[join.table]
    return table.columns[of.column]


def _order(items: tuple[tree.Ordering, ...], outputs: tuple[Shown, ...], scope: Scope) -> tuple[OrderedBy, ...]:
    keys = [output.by for output in outputs if not isinstance(output.by, Aggregated)]
    named = {output.name for output in outputs if isinstance(output.by, Aggregated)}
    for item in items:
        if isinstance(item.by, tree.Path) and item.by.names[0] in named and len(item.by.names) == 1:
            raise QueryRefused("The query node SingleValueOpenPropertyAccess is not supported.")
    found = []
    for resolved in named_order(items, scope):
        by = resolved.by
        if plan.ColumnOf(by.source, by.column) not in keys:
            raise UnknownColumn(by.column, scope.table.name)
        found.append(OrderedBy(by, resolved.descending))
    return effective((*found, *[OrderedBy(key, descending=False) for key in keys]))
