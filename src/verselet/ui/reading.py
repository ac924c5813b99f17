"""Read what a page shows, by messages.

In:        an organization, a table, perhaps an id
Out:       `TableView`, `RowView`, `Listing`
Not here:  HTML (templates), how one value is written (ui.cells)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from verselet.errors import RowDoesNotExist
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.metadata.columns import ChoiceColumn, Column, IdColumn, StateColumn, StatusColumn, YesNoColumn
from verselet.metadata.tables import Table
from verselet.query.tree import Comparison, Condition, Literal, Or, Path, Query
from verselet.ui.cells import Cell, Kind, cell
from verselet.values import Reference, Row, Value

if TYPE_CHECKING:
    from verselet.organization import Organization

SHOWN_ROWS = 50
SHOWN_COLUMNS = 9
NAMES_AT_ONCE = 100
PLATFORM = "platform"
"""The solution whose tables have rows in every organization."""

QUIET = frozenset(
    {
        "createdby",
        "createdonbehalfby",
        "exchangerate",
        "importsequencenumber",
        "modifiedby",
        "modifiedonbehalfby",
        "overriddencreatedon",
        "owningbusinessunit",
        "owningteam",
        "owninguser",
        "processid",
        "stageid",
        "timezoneruleversionnumber",
        "transactioncurrencyid",
        "traversedpath",
        "utcconversiontimezonecode",
        "versionnumber",
    }
)
"""Columns that every table has and that say little about a row; shown when all are asked for."""

LAST = ("statecode", "statuscode", "ownerid", "createdon", "modifiedon")
"""Columns of every table that do say something, after the table's own."""


class TableEntry(msgspec.Struct, frozen=True):
    """A line of the home page."""

    table: Table
    rows: int


class Listing(msgspec.Struct, frozen=True):
    """All tables: with rows of somebody's own and with rows of the platform, most rows first; without rows, by name."""

    own: tuple[TableEntry, ...]
    platform: tuple[TableEntry, ...]
    empty: tuple[TableEntry, ...]
    rows: int


class TableRow(msgspec.Struct, frozen=True):
    """A line of a table: its row's id, and a cell per column."""

    id: str
    cells: tuple[Cell, ...]


class TableView(msgspec.Struct, frozen=True):
    """The first rows of a table. `hidden` counts the columns that hold something and are not shown."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    hidden: int

    def kind_of(self, number: int) -> Kind:
        """What the cells of that column are, so that its head can stand above them."""
        kinds = (row.cells[number].kind for row in self.rows)
        return next((kind for kind in kinds if kind != "empty"), "empty")


class Pair(msgspec.Struct, frozen=True):
    """A column with its cell."""

    column: Column
    cell: Cell


class RowView(msgspec.Struct, frozen=True):
    """One row: the columns that hold something, and those that do not."""

    table: Table
    id: str
    title: str
    filled: tuple[Pair, ...]
    empty: tuple[Column, ...]


def list_tables(organization: Organization) -> Listing:
    """What the home page lists."""
    counts = organization.count_rows()
    entries = [TableEntry(table, counts.get(table.name, 0)) for table in organization.schema.tables.values()]
    entries.sort(key=lambda entry: (-entry.rows, entry.table.name))
    return Listing(
        own=tuple(entry for entry in entries if entry.rows and entry.table.solution != PLATFORM),
        platform=tuple(entry for entry in entries if entry.rows and entry.table.solution == PLATFORM),
        empty=tuple(entry for entry in entries if not entry.rows),
        rows=sum(counts.values()),
    )


def read_table(organization: Organization, table: Table, *, all_columns: bool) -> TableView:
    """The first rows with the columns that say most; with all that hold something when all are asked for."""
    rows = _ask(organization, Query(table=table.name, top=SHOWN_ROWS))
    filled = [
        column for column in table.columns.values() if any(row.values.get(column.name) is not None for row in rows)
    ]
    ranked = _ranked(table, filled, rows)
    shown = filled if all_columns else ranked[:SHOWN_COLUMNS]
    names = _names(organization, _references(rows, shown))
    lines = [
        TableRow(row.id or "", tuple(cell(column, row.values.get(column.name), names) for column in shown))
        for row in rows
    ]
    return TableView(table, tuple(shown), tuple(lines), len(filled) - len(shown))


def read_row(organization: Organization, table: Table, row_id: str) -> RowView:
    """One row with all its columns.

    Raises:
        RowDoesNotExist: no row with that id. [E-3]
    """
    rows = _ask(organization, Query(table=table.name, filter=_is(table.primary_id, row_id), top=1))
    if not rows:
        raise RowDoesNotExist(table.name, row_id)
    row = rows[0]
    readable = [column for column in table.columns.values() if column.read]
    filled = [column for column in readable if row.values.get(column.name) is not None]
    names = _names(organization, _references(rows, filled))
    pairs = tuple(Pair(column, cell(column, row.values[column.name], names)) for column in filled)
    empty = tuple(column for column in readable if row.values.get(column.name) is None)
    title = row.values.get(table.primary_name or "") or table.label
    return RowView(table, row_id, str(title), pairs, empty)


def _ask(organization: Organization, query: Query) -> tuple[Row, ...]:
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    assert isinstance(response, RetrieveMultipleResponse)
    return response.rows


def _is(column: str, row_id: str) -> Condition:
    return Comparison("eq", Path((column,), 0, 0), Literal("guid", row_id, 0, 0))


def _ranked(table: Table, columns: list[Column], rows: Iterable[Row]) -> list[Column]:
    """The name, the columns that tell rows apart, those somebody filled, those of all tables; the quiet ones not."""
    values = {column.name: {row.values.get(column.name) for row in rows} - {None} for column in columns}

    def rank(column: Column) -> tuple[int, int]:
        if column.name == table.primary_name:
            return (0, 0)
        if column.name in LAST:
            return (3, LAST.index(column.name))
        if values[column.name] <= {_default(column)}:
            return (4, 0)
        return (1 if len(values[column.name]) > 1 else 2, 0)

    loud = [
        column
        for column in columns
        if column.name not in QUIET and not isinstance(column, IdColumn) and not column.name.endswith("_base")
    ]
    return sorted(loud, key=rank)


def _default(column: Column) -> Value:
    """What a new row gets without anybody saying so."""
    return column.default if isinstance(column, YesNoColumn | ChoiceColumn | StateColumn | StatusColumn) else None


def _references(rows: Iterable[Row], columns: Iterable[Column]) -> set[Reference]:
    wanted = [column.name for column in columns]
    values = (row.values.get(name) for row in rows for name in wanted)
    return {value for value in values if isinstance(value, Reference)}


def _names(organization: Organization, references: set[Reference]) -> Mapping[Reference, str]:
    """What the rows referred to are called: one question per table and hundred rows."""
    by_table: dict[str, list[str]] = {}
    for reference in references:
        by_table.setdefault(reference.table, []).append(reference.id)
    names: dict[Reference, str] = {}
    for table_name, ids in by_table.items():
        table = organization.schema.tables.get(table_name)
        if table is None or table.primary_name is None:
            continue
        for start in range(0, len(ids), NAMES_AT_ONCE):
            asked = tuple(_is(table.primary_id, one) for one in ids[start : start + NAMES_AT_ONCE])
            query = Query(
                table=table.name, select=(table.primary_name,), filter=Or(asked) if len(asked) > 1 else asked[0]
            )
            found = ((row.id, row.values.get(table.primary_name)) for row in _ask(organization, query))
            names.update({Reference(table.name, row_id): str(name) for row_id, name in found if row_id and name})
    return names
