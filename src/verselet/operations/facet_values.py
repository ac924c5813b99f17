"""Count the results of a search by the values of their columns.

In:        the rows that were found
Out:       each facet with its buckets, labelled
Not here:  cutting values into buckets (query.searching.facets)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.messages.searching import SearchRows
from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FloatColumn,
    IdColumn,
    IntegerColumn,
    LookupColumn,
    MoneyColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    YesNoColumn,
)
from verselet.metadata.tables import Table
from verselet.metadata.translations import in_language
from verselet.operations.reads import read_rows
from verselet.operations.rights import may_read_some
from verselet.operations.secured_columns import read_masks
from verselet.pipeline.execution import Execution
from verselet.query.searching.facets import TABLE, Bucket, Facet, Plain, buckets, moment_of
from verselet.query.tree import Literal, Parameter, Query, QueryFunction, ValueList
from verselet.values import Reference, Row, Value

_COUNTED: Final = (
    TextColumn, IdColumn, IntegerColumn, BigIntColumn, DecimalColumn, FloatColumn, MoneyColumn, DateTimeColumn,
    YesNoColumn, ChoiceColumn, ChoicesColumn, StateColumn, StatusColumn, LookupColumn, TableNameColumn,
)  # fmt: skip


def facets_of(run: Execution, request: SearchRows, rows: Sequence[Row]) -> tuple[tuple[Facet, tuple[Bucket, ...]], ...]:
    """The buckets of every facet of a search.

    Raises:
        InvalidArgument: a column that no searched table has, or whose values cannot be counted.
    """
    return tuple([(facet, _buckets(run, facet, request, rows)) for facet in request.facets])


def _buckets(run: Execution, facet: Facet, request: SearchRows, rows: Sequence[Row]) -> tuple[Bucket, ...]:
    if facet.column in TABLE:
        return buckets(facet, [row.table for row in rows])
    schema = in_language(run.schema, run.caller.language)
    tables = [schema.tables[place.table] for place in request.searched]
    columns = {
        table.name: table.columns[facet.column]
        for table in tables
        if facet.column in table.columns and facet.table in {None, table.name}
    }
    if not columns or any(not isinstance(column, _COUNTED) for column in columns.values()):
        raise InvalidArgument(f"Results cannot be counted by '{facet.name[:80]}'.")
    counted = [row for row in rows if row.table in columns]
    values = [(columns[row.table], row.values.get(facet.column)) for row in counted]
    found = buckets(facet, [plain for column, value in values for plain in _plain(column, value)])
    return _labelled(run, found, columns, [value for _, value in values])


def _plain(column: Column, value: Value) -> Iterator[Plain]:
    match value:
        case None:
            return
        case Reference(id=row_id):
            yield row_id
        case bool():
            yield value
        case int() | Decimal():
            yield Decimal(value)
        case float():
            yield Decimal(str(value))
        case _ if isinstance(column, DateTimeColumn):
            yield moment_of(str(value))
        case _ if isinstance(column, ChoicesColumn):
            yield from [Decimal(option) for option in str(value).split(",") if option]
        case _:
            yield str(value)


def _labelled(
    run: Execution, found: tuple[Bucket, ...], columns: Mapping[str, Column], values: Sequence[Value]
) -> tuple[Bucket, ...]:
    """The buckets with the labels of options, and the names of rows that the caller may read."""
    labels: dict[Plain, str] = {}
    for column in columns.values():
        if isinstance(column, ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn):
            labels.update({Decimal(option.value): option.label for option in column.options})
    shown = {bucket.value for bucket in found}
    named: dict[str, set[str]] = {}
    for value in values:
        if isinstance(value, Reference) and value.id in shown:
            named.setdefault(value.table, set()).add(value.id)
    for name, ids in named.items():
        if name in run.schema.tables:
            labels.update(_names(run, run.schema.tables[name], sorted(ids)))
    return tuple([_with_label(bucket, labels) for bucket in found])


def _with_label(bucket: Bucket, labels: Mapping[Plain, str]) -> Bucket:
    return bucket if bucket.value is None else structs.replace(bucket, label=labels.get(bucket.value))


def _names(run: Execution, table: Table, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    name = table.primary_name
    if name is None or not may_read_some(run, table):
        return
    listed = ValueList(tuple([Literal("text", row_id, 0, 0) for row_id in ids]), 0, 0)
    which = (Parameter("PropertyName", Literal("text", table.primary_id, 0, 0)), Parameter("PropertyValues", listed))
    query = Query(table=table.name, select=(name,), filter=QueryFunction("In", which, (), 0, 0))
    for row in read_rows(run, query, read_masks(run.session)):
        yield str(row.id), str(row.values.get(name) or "")
