"""Say what is to be written, table by table, before anything is written.

In:        made by the parts that know the data (seeding.contact_centre, seeding.conference, seeding.fixture)
Out:       `Batch`: new rows, changes of rows, or links between rows
Not here:  writing them (seeding.writing)
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from verselet.values import Row


class NewRows(msgspec.Struct, frozen=True):
    """Rows of one table; each has an id. `overwrite`: a row that is there already gets these values again."""

    table: str
    rows: tuple[Row, ...]
    overwrite: bool = False

    @property
    def what(self) -> str:
        """What a person is told about it while it runs."""
        return self.table


class Changes(msgspec.Struct, frozen=True):
    """Values for rows of one table that are there by then: lookups that lead in a circle, states after the fact."""

    table: str
    rows: tuple[Row, ...]

    @property
    def what(self) -> str:
        """What a person is told about it while it runs."""
        return f"{self.table} (links)"


class Links(msgspec.Struct, frozen=True):
    """Pairs of ids to connect through a many-to-many navigation of `table`."""

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
