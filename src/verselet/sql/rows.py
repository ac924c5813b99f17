"""Write one row as a JSON object, inside the database.

In:        outputs, annotations and nested plans of query.plan
Out:       an SQL expression that gives the row's JSON text
Not here:  which rows (sql.select), the JSON of one value (sql.json_forms), what explains it (sql.annotations)
"""

from __future__ import annotations

from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.sql.annotations import OWNER, Place, annotations_of
from verselet.sql.columns import target_column
from verselet.sql.conditions import Sources, condition_sql, joins_sql
from verselet.sql.dialects import quoted
from verselet.sql.formats import json_text
from verselet.sql.fragments import concatenated, mark, text_literal
from verselet.sql.json_forms import json_form


def row_json(asked: plan.Plan, sources: Sources) -> str:
    """The row as a JSON object: entity tag, properties with their annotations, expanded rows. [J-2]"""
    table = sources.tables[asked.source]
    alias = f"t{asked.source}"
    pieces = _Pieces()
    if "versionnumber" in table.columns:
        pieces.text('{"@odata.etag":"W/\\"')
        pieces.sql(f"{alias}.{quoted('versionnumber')}")
        pieces.text('\\""')
    else:
        pieces.text('{"@odata.etag":"W/\\"0\\""')
    if table.name == OWNER:
        # The declared type is one of principals; the row says whether it is a user or a team. [J-12]
        pieces.text(',"@odata.type":"#Microsoft.Dynamics.CRM.')
        pieces.sql(f"{alias}.{quoted('owneridtype')}")
        pieces.text('"')
    for output in asked.outputs:
        _property(pieces, table, output, asked, sources)
    for nested in asked.nested:
        _nested(pieces, nested, table, alias, sources)
    pieces.text("}")
    return concatenated(pieces.all(), sources.dialect)


class _Pieces:
    """Literal texts and expressions in turn; neighbouring texts become one."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._done: list[str] = []

    def text(self, text: str) -> None:
        self._texts.append(text)

    def sql(self, expression: str) -> None:
        self._flush()
        self._done.append(expression)

    def all(self) -> list[str]:
        self._flush()
        return self._done

    def _flush(self) -> None:
        if self._texts:
            self._done.append(text_literal("".join(self._texts)))
            self._texts.clear()


def _property(pieces: _Pieces, table: Table, output: plan.Output, asked: plan.Plan, sources: Sources) -> None:
    column = table.columns[output.column]
    alias = f"t{asked.source}"
    for annotation in annotations_of(
        table, column, Place(alias, column.name, output.property), asked.annotations, sources
    ):
        pieces.sql(annotation)
    pieces.text(f",{json_text(output.property)}:")
    pieces.sql(json_form(table, column, f"{alias}.{quoted(column.name)}", sources.dialect))


def _nested(pieces: _Pieces, nested: plan.Nested, table: Table, outer: str, sources: Sources) -> None:
    pieces.text(f",{json_text(nested.navigation)}:")
    if nested.single:
        pieces.sql(_single(nested, outer, sources))
        return
    pieces.text("[")
    pieces.sql(_collection(nested, outer, sources))
    pieces.text("]")
    if nested.link is not None:
        pieces.text(f',{json_text(nested.navigation + "@odata.nextLink")}:"')
        pieces.sql(_text_parameter(plan.API, sources))
        pieces.text(f"{table.set_name}(")
        pieces.sql(f"{outer}.{quoted(table.primary_id)}")
        pieces.text(")" + json_text(nested.link)[1:-1] + '"')


def _text_parameter(position: int, sources: Sources) -> str:
    return f"{mark(position)}::text" if sources.dialect.name == "postgresql" else mark(position)


def _single(nested: plan.Nested, outer: str, sources: Sources) -> str:
    inner = nested.plan
    alias = sources.add(inner.source, inner.table)
    joins = joins_sql(inner.joins, sources)
    links = [f"{alias}.{quoted(nested.inner_column)} = {outer}.{quoted(nested.outer_column)}"]
    if nested.points_from is not None:
        links.append(f"{outer}.{quoted(target_column(nested.outer_column))} = {text_literal(nested.points_from)}")
    links.append(condition_sql(inner.where, sources))
    if nested.reference:
        table = sources.schema.tables[inner.table]
        shown = concatenated(
            [
                '\'{"@odata.id":"\'',
                _text_parameter(plan.API, sources),
                text_literal(f"{table.set_name}("),
                _as_text(f"{alias}.{quoted(table.primary_id)}", sources),
                "')\"}'",
            ],
            sources.dialect,
        )
    else:
        shown = row_json(inner, sources)
    origin = f"{sources.origin(inner.table)} {alias}{joins}"
    return f"coalesce((SELECT {shown} FROM {origin} WHERE {' AND '.join(links)}), 'null')"


def _as_text(expression: str, sources: Sources) -> str:
    return f"{expression}::text" if sources.dialect.name == "postgresql" else expression


def _collection(nested: plan.Nested, outer: str, sources: Sources) -> str:
    inner = nested.plan
    alias = sources.add(inner.source, inner.table)
    origin = f"{sources.origin(inner.table)} {alias}"
    links = [f"{alias}.{quoted(nested.inner_column)} = {outer}.{quoted(nested.outer_column)}"]
    if nested.intersect is not None:
        between, to_inner, to_outer = nested.intersect
        crossing = f"x{inner.source}"
        key = quoted(nested.inner_column)
        origin += f" JOIN {sources.origin(between)} {crossing} ON {crossing}.{quoted(to_inner)} = {alias}.{key}"
        links = [f"{crossing}.{quoted(to_outer)} = {outer}.{quoted(nested.outer_column)}"]
    if nested.points_to is not None:
        links.append(f"{alias}.{quoted(target_column(nested.inner_column))} = {text_literal(nested.points_to)}")
    joins = joins_sql(inner.joins, sources)
    links.append(condition_sql(inner.where, sources))
    rows = (
        f"SELECT {row_json(inner, sources)} AS j FROM {origin}{joins} WHERE {' AND '.join(links)} "
        f"ORDER BY {order_sql(inner, sources)}"
    )
    if inner.limit is not None:
        rows += f" LIMIT {mark(inner.limit.position)}"
    return f"coalesce((SELECT {joined_rows(sources)} FROM ({rows}) page), '')"


def joined_rows(sources: Sources) -> str:
    """The rows `j` of a subquery as one text, in their order."""
    return "string_agg(j, ',')" if sources.dialect.name == "postgresql" else "group_concat(j, ',')"


def order_sql(asked: plan.Plan, sources: Sources) -> str:
    """The order columns; null first ascending and last descending, which SQLite does by itself. [O-5]"""
    key = plan.ColumnOf(asked.source, sources.tables[asked.source].primary_id)
    parts = []
    for item in asked.order:
        text = sources.comparable(item.by)
        # A key is never null, and with the place of nulls in the text PostgreSQL would not take the key's index.
        if sources.dialect.name == "postgresql" and item.by != key:
            parts.append(f"{text} DESC NULLS LAST" if item.descending else f"{text} ASC NULLS FIRST")
        else:
            parts.append(f"{text} DESC" if item.descending else text)
    return ", ".join(parts) or "1"
