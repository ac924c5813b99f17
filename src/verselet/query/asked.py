"""Hold what an operator is asked about.

In:        a column of a source, and values as they were written
Out:       `Asked`
Not here:  what the operators mean (query.operators)
"""

from __future__ import annotations

from verselet.errors import QueryRefused
from verselet.metadata.columns import Column
from verselet.metadata.tables import Table
from verselet.query.plan import ColumnOf
from verselet.query.scope import Gathered


class Asked:
    """A column of `table`, and the texts it is compared with. What is bound goes into `gathered`."""

    def __init__(self, gathered: Gathered, table: Table, of: ColumnOf, values: tuple[str, ...]) -> None:
        self.gathered = gathered
        self.schema = gathered.schema
        self.table = table
        self.of = of
        self.column: Column = table.columns[of.column]
        self.values = values

    def one_value(self) -> str:
        """The only value.

        Raises:
            QueryRefused: there is none, or more than one. [QF-31]
        """
        if len(self.values) != 1:
            raise QueryRefused(f"The operator on the column '{self.column.name}' needs exactly one value.")
        return self.values[0]

    def whole_number(self, place: int, low: int) -> int:
        """A value as a whole number. [QF-4]

        Raises:
            QueryRefused: it is missing, no whole number, or less than `low`.
        """
        text = self.values[place].strip() if place < len(self.values) else ""
        if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) < low:
            raise QueryRefused(
                f"The operator on the column '{self.column.name}' needs a whole number from {low} on, "
                f"not '{text[:60]}'."
            )
        return int(text)
