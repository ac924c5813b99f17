"""Write one row of a tabular plan as a JSON object, inside the database.

In:        outputs of query.tabular, whose values stand in the columns `c0`, `c1`, … of the row `g`
Out:       an SQL expression that gives the row's JSON text
Not here:  which rows (sql.tabular), the JSON of one value (sql.json_forms, sql.formats)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.metadata.columns import (
    BigIntColumn,
    Column,
    DecimalColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    MoneyColumn,
    TextColumn,
)
from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.query.outputs import property_name
from verselet.query.plan import Annotations
from verselet.query.tabular import Aggregated, Expression, Shown, Tabular
from verselet.sql.annotations import Place, annotations_of
from verselet.sql.conditions import Sources
from verselet.sql.formats import json_text
from verselet.sql.fragments import concatenated, text_literal
from verselet.sql.json_forms import json_form

ATTRIBUTE_NAME: Final = "@OData.Community.Display.V1.AttributeName"
ROW: Final = "g"
VERSION: Final = "version"


class Form(msgspec.Struct, frozen=True):
    """How a value is written: as one of `column`, or `verbatim`; `readable` where a person can be shown it. [A-4]"""

    table: Table
    column: Column
    readable: bool
    verbatim: bool = False


def tabular_json(asked: Tabular, sources: Sources) -> str:
    """The row as a JSON object without the properties that have no value. [J-9]"""
    pieces = [_property(output, f"c{at}", asked, sources) for at, output in enumerate(asked.outputs)]
    table = sources.tables[asked.source]
    if asked.tagged:
        tag = f"{ROW}.{VERSION}" if "versionnumber" in table.columns else "0"
        start = ['\'{"@odata.etag":"W/\\"\'', _text(tag, sources), "'\\\"\"'"]
        return concatenated([*start, *pieces, "'}'"], sources.dialect)
    # Each piece begins with a comma; the first one goes.
    inside = concatenated(pieces, sources.dialect)
    return concatenated(["'{'", f"substr({inside}, 2)", "'}'"], sources.dialect)


def _text(expression: str, sources: Sources) -> str:
    return f"({expression})::text" if sources.dialect.name == "postgresql" else expression


def _property(output: Shown, stored_as: str, asked: Tabular, sources: Sources) -> str:
    form = form_of(output.by, sources)
    if isinstance(form.column, ImageColumn):
        return "''"
    value = f"{ROW}.{stored_as}"
    wanted = asked.annotations if form.readable else asked.annotations & ~Annotations.FORMATTED
    pieces = annotations_of(form.table, form.column, Place(ROW, stored_as, output.name), wanted, sources)
    if Annotations.ATTRIBUTE in asked.annotations:
        pieces += _attribute_name(output, sources)
    pieces.append(text_literal(f",{json_text(output.name)}:"))
    shape = _text(value, sources) if form.verbatim else json_form(form.table, form.column, value, sources.dialect)
    pieces.append(shape)
    return f"CASE WHEN {value} IS NULL THEN '' ELSE {concatenated(pieces, sources.dialect)} END"


def _attribute_name(output: Shown, sources: Sources) -> list[str]:
    """The logical name of a column that is shown under another one. [SQL-6]"""
    of = output.by.of if isinstance(output.by, Aggregated) else output.by
    if of is None or property_name(sources.tables[of.source].columns[of.column]) == output.name:
        return []
    return [text_literal(f",{json_text(output.name + ATTRIBUTE_NAME)}:{json_text(of.column)}")]


def form_of(by: Expression, sources: Sources) -> Form:
    """How the value of an output is written."""
    table = sources.tables[by.of.source if isinstance(by, Aggregated) and by.of else 0]
    match by:
        case Aggregated():
            return _form_of_aggregate(by, table, sources)
        case plan.ColumnOf():
            return Form(sources.tables[by.source], sources.column(by), readable=True)
        case plan.ChildrenOf():
            return Form(table, IntegerColumn(name=by.column, schema_name=by.column), readable=True)
        case plan.PartOf():
            # A year is no number with thousands.
            return Form(table, IntegerColumn(name=by.column, schema_name=by.column), readable=False)
        case _:
            return Form(table, TextColumn(name=by.column, schema_name=by.column), readable=False)


def _form_of_aggregate(by: Aggregated, table: Table, sources: Sources) -> Form:
    number = BigIntColumn(name="number", schema_name="number")
    if by.of is None or by.method in {"count", "countcolumn"}:
        return Form(table, number, readable=True)
    column = sources.column(by.of)
    if isinstance(column, IntegerColumn | BigIntColumn) and by.method in {"sum", "avg"}:
        return Form(table, number, readable=True)
    if by.method == "avg" and isinstance(column, DecimalColumn | MoneyColumn):
        return Form(table, column, readable=False, verbatim=True)
    return Form(table, column, readable=True)


def has_target(column: Column) -> bool:
    """The column is stored with the name of the table it points to. [MT-1]"""
    return isinstance(column, LookupColumn) and column.is_polymorphic
