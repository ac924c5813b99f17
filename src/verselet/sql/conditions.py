"""Write conditions of a plan as SQL.

In:        conditions of query.plan
Out:       SQL text with marked parameters
Not here:  the statement around them (sql.select)
"""

from __future__ import annotations

from typing import assert_never

from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.sql.columns import Kind, stored_columns, target_column
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.expressions import has_any, hierarchy, label_of, part_of
from verselet.sql.formats import name_of_lookup
from verselet.sql.fragments import mark, text_literal
from verselet.sql.origins import KINDS, Origins
from verselet.sql.reach import items, shared_sql

SIGNS: dict[plan.Operator, str] = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


class Sources:
    """The tables of a statement by their numbers, and how a column of one of them is spelled."""

    def __init__(
        self,
        schema: Schema,
        dialect: Dialect,
        hidden: frozenset[plan.Cover] = plan.NOTHING_HIDDEN,
        *,
        names_beside: bool = False,
    ) -> None:
        self.schema = schema
        self.dialect = dialect
        self.origins = Origins(schema, dialect, hidden, names_beside=names_beside)
        self.tables: dict[int, Table] = {}

    def add(self, source: int, table: str) -> str:
        """Register a source; the alias it has in the text."""
        self.tables[source] = self.schema.tables[table]
        return f"t{source}"

    def origin(self, table: str, *, binned: bool = False) -> str:
        """What stands behind FROM for the table, or for its rows in the recycle bin."""
        return self.origins.of(table, binned=binned)

    def column(self, column: plan.ColumnOf) -> Column:
        """The column behind a reference."""
        return self.tables[column.source].columns[column.column]

    def kind(self, column: plan.Comparable) -> Kind:
        """The stored form of a reference."""
        match column:
            case plan.ColumnOf():
                return stored_columns(self.tables[column.source], self.column(column))[0].kind
            case plan.NameOf() | plan.LabelOf():
                return "text"
            case plan.PartOf() | plan.ChildrenOf():
                return "integer"
            case _:
                assert_never(column)

    def scale(self, column: plan.ColumnOf) -> int:
        """The digits after the point that a decimal is stored with."""
        return stored_columns(self.tables[column.source], self.column(column))[0].scale

    def text(self, column: plan.Comparable) -> str:
        """The SQL of a reference, as stored."""
        alias, table = f"t{column.source}", self.tables[column.source]
        found, value = table.columns[column.column], f"{alias}.{quoted(column.column)}"
        match column:
            case plan.ColumnOf():
                return value
            case plan.NameOf():
                name = name_of_lookup(found, alias, self.origins) if isinstance(found, LookupColumn) else None
                return name or "NULL"
            case plan.LabelOf():
                return label_of(found, value)
            case plan.PartOf(part=part, calendar=calendar):
                return part_of(part, calendar, value, stored_columns(table, found)[0].kind, self.dialect)
            case plan.ChildrenOf(inner=inner, parent=parent, where=where):
                child = self.add(inner, column.table)
                met = f"{child}.{quoted(parent)} = {value} AND {condition_sql(where, self)}"
                return f"(SELECT count(*) FROM {self.origin(column.table)} {child} WHERE {met})"
            case _:
                assert_never(column)

    def comparable(self, column: plan.Comparable) -> str:
        """The SQL of a reference that compares without regard to letter case where it is text. [F-3]"""
        text = self.text(column)
        if self.kind(column) not in {"text", "code"}:
            return text
        if self.dialect.name == "postgresql":
            return f'lower({text}) COLLATE "C"'
        if isinstance(column, plan.ColumnOf) and self.kind(column) == "text":
            return text
        return f"{text} COLLATE NOCASE"

    def parameter(self, bound: plan.Bound, kind: Kind) -> str:
        """The SQL of a value that is compared with something of that form."""
        if self.dialect.name == "postgresql" and kind in {"text", "code"}:
            return f"lower({mark(bound.position)})"
        return mark(bound.position)


def condition_sql(condition: plan.Condition, sources: Sources) -> str:
    """The condition as SQL, true or not true for each row."""
    match condition:
        case plan.Always() | plan.Never():
            return "1 = 1" if isinstance(condition, plan.Always) else "1 = 0"
        case plan.All() | plan.Either() | plan.Negate():
            return _combined(condition, sources)
        case plan.Compare():
            return _compare(condition, sources)
        case plan.IsNull(column=column):
            return f"{sources.text(column)} IS NULL"
        case plan.Matches():
            return _matches(condition, sources)
        case plan.IsIn(column=column, values=values):
            return f"{sources.comparable(column)} IN ({items(values, sources.kind(column), sources.dialect)})"
        case plan.HasAny(column=column, values=values):
            return has_any(sources.text(column), mark(values.position), sources.dialect)
        case plan.InHierarchy(table=table, source=source, where=where):
            sources.add(source, table)
            found = hierarchy(condition, sources.origin(table), condition_sql(where, sources))
            return f"{sources.text(condition.column)} IN ({found})"
        case plan.PointsTo() | plan.Related() | plan.Exists() | plan.SharedWith():
            return _elsewhere(condition, sources)
        case _:
            assert_never(condition)


def _elsewhere(condition: plan.PointsTo | plan.Related | plan.Exists | plan.SharedWith, sources: Sources) -> str:
    """Conditions on rows of other tables."""
    match condition:
        case plan.PointsTo(source=source, column=column, table=table):
            return f"t{source}.{quoted(target_column(column))} = {text_literal(table)}"
        case plan.Related():
            return _related(condition, sources)
        case plan.Exists(table=table, source=source, links=links, where=where):
            alias = sources.add(source, table)
            joined = linked_sql(links, sources)
            origin = f"{sources.origin(table)} {alias}{joined}"
            return f"EXISTS (SELECT 1 FROM {origin} WHERE {condition_sql(where, sources)})"
        case plan.SharedWith():
            return _shared(condition, sources)
        case _:
            assert_never(condition)


def _combined(condition: plan.All | plan.Either | plan.Negate, sources: Sources) -> str:
    match condition:
        case plan.All(items=parts):
            return "(" + " AND ".join([condition_sql(item, sources) for item in parts]) + ")"
        case plan.Either(items=parts):
            return "(" + " OR ".join([condition_sql(item, sources) for item in parts]) + ")"
        case plan.Negate(item=plan.IsNull(column=column)):
            return f"{sources.text(column)} IS NOT NULL"
        case plan.Negate(item=item):
            # What is unknown counts as not true: NOT alone would leave it unknown. [F-7]
            return f"(({condition_sql(item, sources)}) IS NOT TRUE)"


def _compare(condition: plan.Compare, sources: Sources) -> str:
    left = sources.comparable(condition.left)
    kind = sources.kind(condition.left)
    if isinstance(condition.right, plan.Bound):
        right = sources.parameter(condition.right, kind)
    else:
        left, right = _same_scale(condition.left, condition.right, sources)
        if condition.operator == "ne":
            return f"({left} {SIGNS['ne']} {right})"
    if condition.operator == "ne":
        # Rows without a value differ too. [F-6]
        return f"({left} <> {right} OR {left} IS NULL)"
    return f"{left} {SIGNS[condition.operator]} {right}"


def _same_scale(left: plan.Comparable, right: plan.ColumnOf, sources: Sources) -> tuple[str, str]:
    """Two columns as they are compared; SQLite stores decimals as whole numbers, each column with its own scale."""
    texts = sources.comparable(left), sources.comparable(right)
    if sources.dialect.name != "sqlite" or sources.kind(left) != "decimal" or not isinstance(left, plan.ColumnOf):
        return texts
    scales = sources.scale(left), sources.scale(right)
    factors = [10 ** (max(scales) - scale) for scale in scales]
    first, second = (
        text if factor == 1 else f"({text} * {factor})" for text, factor in zip(texts, factors, strict=True)
    )
    return first, second


def _matches(condition: plan.Matches, sources: Sources) -> str:
    column, pattern = sources.text(condition.column), mark(condition.pattern.position)
    if sources.dialect.name == "postgresql":
        return f"{column} ~* {pattern}" if condition.classes else f"{column} ILIKE {pattern} ESCAPE ''"
    return f"lower({column}) GLOB {pattern}" if condition.classes else f"{column} LIKE {pattern}"


def _shared(condition: plan.SharedWith, sources: Sources) -> str:
    """A share speaks of its own table; a row of a view says which one it is from. [SEC-59]"""
    table = sources.tables[condition.key.source]
    kind = f"t{condition.key.source}.{quoted(KINDS[table.name])}" if table.name in KINDS else text_literal(table.name)
    return shared_sql(condition, sources.text(condition.key), kind, sources.dialect)


def _related(condition: plan.Related, sources: Sources) -> str:
    alias = sources.add(condition.source, condition.table) if condition.table in sources.schema.tables else ""
    outer = sources.text(condition.outer)
    links = [f"{alias}.{quoted(condition.inner_column)} = {outer}"]
    origin = f"{sources.origin(condition.table)} {alias}"
    if condition.intersect is not None:
        table, inner, outer_key = condition.intersect
        between = f"x{condition.source}"
        inner_key = f"{alias}.{quoted(condition.inner_column)}"
        origin += f" JOIN {sources.origin(table)} {between} ON {between}.{quoted(inner)} = {inner_key}"
        links = [f"{between}.{quoted(outer_key)} = {outer}"]
    if condition.points_to is not None:
        links.append(f"{alias}.{quoted(target_column(condition.inner_column))} = {text_literal(condition.points_to)}")
    joins = joins_sql(condition.joins, sources)
    body = condition_sql(condition.where, sources)
    return f"EXISTS (SELECT 1 FROM {origin}{joins} WHERE {' AND '.join(links)} AND {body})"


def joins_sql(joins: tuple[plan.Join, ...], sources: Sources) -> str:
    """The left joins to the rows that lookups point to."""
    text = ""
    for join in joins:
        outer = sources.text(join.outer)
        alias = sources.add(join.source, join.table)
        text += f" LEFT JOIN {sources.origin(join.table)} {alias} ON {alias}.{quoted(join.inner_column)} = {outer}"
        if join.points_to is not None and join.table != "owner":
            target = f"t{join.outer.source}.{quoted(target_column(join.outer.column))}"
            text += f" AND {target} = {text_literal(join.points_to)}"
        if not isinstance(join.where, plan.Always):
            text += f" AND {condition_sql(join.where, sources)}"
    return text


def linked_sql(links: tuple[plan.Linked, ...], sources: Sources) -> str:
    """The joins of any kind, in order: each may speak of the sources before it. [FX-22], [FX-24]"""
    return "".join([_linked(link, sources) for link in links])


def _linked(link: plan.Linked, sources: Sources) -> str:
    alias = sources.add(link.source, link.table)
    origin = sources.origin(link.table)
    joined = f"{origin} {alias}"
    if link.kind != "first":
        word = "LEFT JOIN" if link.kind == "left" else "JOIN"
        return f" {word} {joined} ON {condition_sql(link.on, sources)}"
    candidate = sources.add(link.candidate, link.table)
    key = quoted(sources.tables[link.source].primary_id)
    found = (
        f"SELECT {candidate}.{key} FROM {origin} {candidate} WHERE {condition_sql(link.on, sources)} "
        f"ORDER BY {candidate}.{key} LIMIT 1"
    )
    return f" JOIN {joined} ON {alias}.{key} = ({found})"
