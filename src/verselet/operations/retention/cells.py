"""Turn rows into what the lake keeps.

In:        families of rows
Out:       cells: numbers and texts that any reader of the lake understands
Not here:  the lake's files (lake.delta), what is retained (operations.retention.marking), the way back
           (operations.retention.reading)

The cells of a column are called as the column is stored. Beside each lookup stands the name of the row it points to,
for that row may not be there when somebody reads. [RET-6]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from verselet.lake import ID, Cell, Form
from verselet.messages.retention import COPY, Failure, Family
from verselet.metadata.columns import FileColumn, ImageColumn, LookupColumn
from verselet.metadata.tables import Table
from verselet.operations.rules.listed import as_list, readers
from verselet.pipeline.execution import Execution
from verselet.sql.children import listed_rows_sql
from verselet.sql.columns import Kind, kept_name, stored_columns
from verselet.sql.dialects import POSTGRESQL
from verselet.sql.write import listed_values_sql, stored_names
from verselet.store.codecs import row_encoder
from verselet.values import Reference, Value

FORMS: Final[Mapping[Kind, Form]] = MappingProxyType(
    {
        "guid": "string",
        "text": "string",
        "code": "string",
        "datetime": "string",
        "date": "string",
        "integer": "int64",
        "bigint": "int64",
        "float": "float64",
        # As text a decimal keeps all its digits.
        "decimal": "string",
        "yesno": "bool",
        "bytes": "binary",
    }
)
"""Form of a stored value → form of its cell."""


def kept_columns(table: Table) -> tuple[str, ...]:
    """The columns whose values are stored with the row."""
    return tuple([name for name, column in table.columns.items() if stored_columns(table, column)])


def forms_of(table: Table) -> dict[str, Form]:
    """The cells of a table's rows."""
    forms: dict[str, Form] = {ID: "string"}
    for name in kept_columns(table):
        column = table.columns[name]
        forms.update({stored.name: FORMS[stored.kind] for stored in stored_columns(table, column)})
        if isinstance(column, LookupColumn):
            forms[kept_name(name)] = "string"
    return forms


def copied(run: Execution, families: Sequence[Family]) -> tuple[dict[str, list[dict[str, Cell]]], list[Failure]]:
    """The rows of the families by their table, and why a family cannot be copied. [RET-6]"""
    by_table: dict[str, list[str]] = {}
    for family in families:
        for row in family.rows:
            by_table.setdefault(row.table, []).append(row.id)
    found = {name: _read(run, run.schema.tables[name], ids) for name, ids in by_table.items()}
    failures = []
    for family in families:
        full = next((row for row in family.rows if _holds_files(run.schema.tables[row.table], found, row.id)), None)
        if full is not None:
            failures.append(Failure(COPY, full.table, full.id, "Files and images of a row are not retained here."))
    return {name: list(rows.values()) for name, rows in found.items()}, failures


def _read(run: Execution, table: Table, ids: Sequence[str]) -> dict[str, dict[str, Cell]]:
    """Id → cells."""
    columns = kept_columns(table)
    text = listed_rows_sql(table, columns, run.session.dialect)
    ways = readers(table, columns, run.session.dialect)
    names, encode = stored_names(table, columns), row_encoder(table, columns, POSTGRESQL)
    rows: dict[str, dict[str, Cell]] = {}
    pointing: list[tuple[dict[str, Cell], str, Reference]] = []
    for stored in run.session.run(text, (as_list(ids),)):
        values = {name: decode(stored[start:stop]) for name, start, stop, decode in ways}
        cells: dict[str, Cell] = {
            name: str(cell) if isinstance(cell, Decimal) else cell
            for name, cell in zip(names, encode(values), strict=True)
        }
        pointing += [(cells, name, value) for name, value in values.items() if isinstance(value, Reference)]
        cells[ID] = cells[table.primary_id]
        rows[str(cells[ID])] = cells
    _add_names(run, pointing)
    return rows


def _add_names(run: Execution, pointing: Sequence[tuple[dict[str, Cell], str, Reference]]) -> None:
    """Beside each lookup the name of its row. [RET-6]"""
    wanted: dict[str, set[str]] = {}
    for _, _, reference in pointing:
        wanted.setdefault(reference.table, set()).add(reference.id)
    said: dict[Reference, Value] = {}
    for name, ids in wanted.items():
        table = run.schema.tables.get(name)
        if table is not None and table.primary_name is not None:
            text = listed_values_sql(table, (table.primary_id, table.primary_name), run.session.dialect)
            said.update({Reference(name, str(row[0])): row[1] for row in run.session.run(text, (as_list(ids),))})
    for cells, name, reference in pointing:
        found = said.get(reference)
        cells[kept_name(name)] = None if found is None else str(found)


def _holds_files(table: Table, found: Mapping[str, Mapping[str, Mapping[str, Cell]]], row_id: str) -> bool:
    cells = found[table.name].get(row_id, {})
    return any(
        cells.get(part.name) is not None
        for column in table.columns.values()
        if isinstance(column, FileColumn | ImageColumn)
        for part in stored_columns(table, column)
    )
