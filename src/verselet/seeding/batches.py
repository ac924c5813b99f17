"""Say what is to be written, table by table, before anything is written.

In:        made by the parts that know the data (seeding.contact_centre, seeding.conference)
Out:       `Batch`: new rows, changes of rows, or links between rows
Not here:  writing them (seeding.writing)
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from verselet.values import Row


class NewRows(msgspec.Struct, frozen=True):
    """Rows of one table; each has an id. One that is there already stays as it is. [EM-144]"""

    table: str
    rows: tuple[Row, ...]

    @property
    def what(self) -> str:
        """What a person is told about it while it runs."""
        return self.table


class Changes(msgspec.Struct, frozen=True):
    """More values for rows of one table that were new: lookups that lead in a circle."""

    table: str
    rows: tuple[Row, ...]

    @property
    def what(self) -> str:
        """What a person is told about it while it runs."""
        return f"{self.table} (links)"


class Links(msgspec.Struct, frozen=True):
    """Pairs of ids to connect through a many-to-many navigation of `table`, where the first row was new."""

    table: str
    navigation: str
    other_table: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The pairs, under the name the other batches use."""
        return self.pairs

    @property
    def what(self) -> str:
        """What a person is told about it while it runs."""
        return f"{self.table} ↔ {self.other_table}"


Batch: TypeAlias = NewRows | Changes | Links
