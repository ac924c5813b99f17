"""Say which columns of which tables a search looks at.

In:        the tables that are searched
Out:       the columns of each, and a refusal for others
Not here:  searching them (operations.searching)

A table's quick find view says it, as in the service; a table without one is searched in all its single lines of text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from verselet.errors import InvalidArgument
from verselet.messages.searching import Searched
from verselet.metadata.columns import Column, MemoColumn, TextColumn, is_property
from verselet.metadata.tables import Table
from verselet.operations.asking import rows_where
from verselet.pipeline.execution import Execution
from verselet.query.fetchxml.quick_find import quick_find_columns

VIEWS: Final = "savedquery"
QUICK_FIND: Final = 4
"""The `querytype` of a quick find view."""


def searched_columns(run: Execution) -> Mapping[str, tuple[str, ...]]:
    """Table → the columns a search can look at, the name first; of the tables that are switched on."""
    views = _views(run)
    return {
        table.name: _columns(table, views.get(table.name)) for table in run.schema.tables.values() if table.searched
    }


def chosen_columns(place: Searched, known: tuple[str, ...], primary: str | None) -> tuple[str, ...]:
    """The columns that a search of one table looks at: those it names, or all.

    Raises:
        InvalidArgument: a column that no search looks at.
    """
    if place.primary_only:
        return () if primary is None else (primary,)
    if place.columns is None:
        return known
    for name in place.columns:
        if name not in known:
            raise InvalidArgument(f"The column '{name[:100]}' of the table '{place.table}' is not enabled for search.")
    return tuple(dict.fromkeys(place.columns))


def _views(run: Execution) -> dict[str, str]:
    """Table → the question of its quick find view."""
    wanted = {"querytype": QUICK_FIND, "statecode": 0}
    rows = rows_where(run, VIEWS, ("returnedtypecode", "fetchxml"), wanted)
    return {str(row.values["returnedtypecode"]): str(row.values["fetchxml"] or "") for row in rows}


def _columns(table: Table, view: str | None) -> tuple[str, ...]:
    if view:
        found = [table.columns[name] for name in quick_find_columns(view) if name in table.columns]
        names = [column.name for column in found if _is_text(column)]
    else:
        names = [
            column.name for column in table.columns.values() if isinstance(column, TextColumn) and _is_text(column)
        ]
    return tuple(sorted(dict.fromkeys(names), key=lambda name: name != table.primary_name))


def _is_text(column: Column) -> bool:
    return isinstance(column, TextColumn | MemoColumn) and is_property(column) and column.formula is None
