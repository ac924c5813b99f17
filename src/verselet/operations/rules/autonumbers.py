"""Number the rows that come without a number.

In:        new rows of one table
Out:       the same rows, with a text in each auto-number column
Not here:  the formats (metadata.autonumber), the counters (store.numbers)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from verselet.metadata.autonumber import NumberFormat, is_counted, parse_number_format, written_number
from verselet.metadata.columns import TextColumn
from verselet.metadata.tables import Table
from verselet.pipeline.execution import Execution
from verselet.store.numbers import take_numbers
from verselet.values import Row


@lru_cache(maxsize=1024)
def number_formats(table: Table) -> Mapping[str, NumberFormat]:
    """Auto-number column → its format."""
    return MappingProxyType(
        {
            column.name: parse_number_format(column.auto_number_format)
            for column in table.columns.values()
            if isinstance(column, TextColumn) and column.auto_number_format
        }
    )


def number_rows(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """Fill the auto-number columns of new rows; a value somebody gives goes before. [JOB-67]"""
    for name, form in number_formats(table).items():
        open_rows = [row for row in rows if row.values.get(name) is None]
        if not open_rows:
            continue
        numbers = [0] * len(open_rows)
        if is_counted(form):
            numbers = take_numbers(run.session, table.name, name, len(open_rows))
        for row, number in zip(open_rows, numbers, strict=True):
            row.values[name] = written_number(form, number, run.clock.now(), run.ids.new_text)
