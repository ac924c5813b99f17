"""Resolve `$expand`.

In:        expand items of query.tree
Out:       nested plans of query.plan
Not here:  the top-level plan (query.resolve)
"""

from __future__ import annotations

from urllib.parse import quote

from verselet.errors import QueryRefused, UnknownColumn
from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Relationship, Table
from verselet.query import plan, tree
from verselet.query.binding import Binding
from verselet.query.collections import Link, link_of
from verselet.query.conditions import resolve_condition
from verselet.query.odata.printing import print_filter, print_orderby
from verselet.query.ordering import resolve_order
from verselet.query.outputs import outputs
from verselet.query.scope import Gathered, Scope

MAX_EXPANDS = 15
"""Items of `$expand` in one request, nested ones counted. [X-2]"""

MAX_EXPANDED_ROWS = 5_000
"""Rows of one expanded collection. [X-7]"""

ONLY_SELECT_AND_FILTER = (
    "Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested "
    "one-to-many relationship."
)


class Surroundings:
    """What an expand item needs to know about where it stands.

    `depth` is 0 for items of the request itself; `links` says whether collections get a next link. [X-8]
    """

    def __init__(self, gathered: Gathered, annotations: plan.Annotations, *, links: bool, depth: int = 0) -> None:
        self.gathered = gathered
        self.annotations = annotations
        self.links = links
        self.depth = depth

    def deeper(self) -> Surroundings:
        """The same, one level down; next links are for the first level only."""
        return Surroundings(self.gathered, self.annotations, links=False, depth=self.depth + 1)


def resolve_expands(items: tuple[tree.Expand, ...], table: Table, around: Surroundings) -> tuple[plan.Nested, ...]:
    """The nested plans of a table's expand items.

    Raises:
        UnknownColumn: no such navigation. [X-14]
        QueryRefused: too many items, options that do not fit. [X-2] to [X-6]
    """
    return tuple([_resolve(item, table, around) for item in items])


def _resolve(item: tree.Expand, table: Table, around: Surroundings) -> plan.Nested:
    around.gathered.expands += 1
    if around.gathered.expands > MAX_EXPANDS:
        raise QueryRefused(
            f"The number of $expand segments in the request exceeds the limit of {MAX_EXPANDS}.",
        )
    relationship = around.gathered.schema.to_one[table.name].get(item.navigation)
    if relationship is not None and relationship.referenced_table in around.gathered.schema.tables:
        return _to_one(item, table, relationship, around)
    link = link_of(around.gathered.schema, table, item.navigation)
    if link is None:
        schema = around.gathered.schema
        known = [*schema.to_one[table.name], *schema.to_many[table.name], *schema.across[table.name]]
        raise UnknownColumn(item.navigation, table.name, known)
    return _to_many(item, link, around)


def _to_one(item: tree.Expand, table: Table, relationship: Relationship, around: Surroundings) -> plan.Nested:
    if item.orderby or item.top is not None:
        raise QueryRefused(ONLY_SELECT_AND_FILTER)
    gathered = around.gathered
    target = gathered.schema.tables[relationship.referenced_table]
    scope = Scope(gathered, target, next(gathered.sources))
    lookup = table.columns[relationship.referencing_column]
    polymorphic = isinstance(lookup, LookupColumn) and lookup.is_polymorphic and target.name != "owner"
    where = plan.Always() if item.filter is None else resolve_condition(item.filter, scope)
    inner = plan.Plan(
        table=target.name,
        outputs=outputs(gathered.schema, target, item.select),
        joins=tuple(scope.joins),
        where=where,
        nested=resolve_expands(item.expand, target, around.deeper()),
        annotations=around.annotations,
        source=scope.source,
    )
    return plan.Nested(
        navigation=item.navigation,
        single=True,
        reference=item.reference,
        outer_column=relationship.referencing_column,
        inner_column=relationship.referenced_column,
        intersect=None,
        points_to=None,
        points_from=target.name if polymorphic else None,
        plan=inner,
        link=None,
    )


def _to_many(item: tree.Expand, link: Link, around: Surroundings) -> plan.Nested:
    _check_collection(item, link, around)
    gathered = around.gathered
    target = gathered.schema.tables[link.table]
    scope = Scope(gathered, target, next(gathered.sources))
    where = plan.Always() if item.filter is None else resolve_condition(item.filter, scope)
    order = resolve_order(item.orderby, scope)
    top = MAX_EXPANDED_ROWS if item.top is None else min(item.top, MAX_EXPANDED_ROWS)
    limit = gathered.bind(Binding(column=None, value=top, form="plain"))
    inner = plan.Plan(
        table=target.name,
        outputs=outputs(gathered.schema, target, item.select),
        joins=tuple(scope.joins),
        where=where,
        order=order,
        limit=limit,
        nested=resolve_expands(item.expand, target, around.deeper()),
        annotations=around.annotations,
        source=scope.source,
    )
    return plan.Nested(
        navigation=item.navigation,
        single=False,
        reference=False,
        outer_column=link.outer_column,
        inner_column=link.inner_column,
        intersect=link.intersect,
        points_to=link.points_to,
        points_from=None,
        plan=inner,
        link=_next_link(item) if around.links else None,
    )


def _check_collection(item: tree.Expand, link: Link, around: Surroundings) -> None:
    if item.reference:
        raise QueryRefused("Expand with $ref is only supported on lookup type navigation property.")
    if around.depth and (item.orderby or item.top is not None):
        raise QueryRefused(ONLY_SELECT_AND_FILTER)
    if link.intersect is not None and (around.depth or item.expand):
        raise QueryRefused(
            f"The many-to-many navigation property '{item.navigation}' cannot be part of a nested $expand."
        )


def _next_link(item: tree.Expand) -> str:
    options = []
    if item.select is not None:
        options.append("$select=" + ",".join(item.select))
    if item.filter is not None:
        options.append("$filter=" + quote(print_filter(item.filter), safe="(),:'/@$"))
    if item.orderby:
        options.append("$orderby=" + quote(print_orderby(item.orderby), safe="(),:'/@$"))
    return f"/{item.navigation}" + ("?" + "&".join(options) if options else "")
