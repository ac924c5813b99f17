"""Write the statements that divide a table of PostgreSQL by month.

In:        the table as a database has it, the months to begin with
Out:       `Division` and its statements; `part_name`, `whole_name`, `month_name`, `month_after`, `first_id`
Not here:  running them (store.dividing), months that come later (store.months), which tables may be divided (cli)

PostgreSQL wants the column it divides by in every unique key. Ids are made in the order of time (version 7), so a table
is divided by its id. No row is copied: the table that was there becomes the part `before`, with all rows so far and all
ids that somebody brings along. Beside it lies the part `months`, for the ids of times to come. It is divided again:
into months, and the part `others`, where rows lie whose month was not made, or was let go. `others` stays small, so
months are made and let go without a look at `before`, however large that is.

That `before` has no id of a time to come must be known when it becomes a part, or PostgreSQL would read all of it while
nobody else may. So it is made sure of first: such rows (of ids by chance, one in 120) are put into a table that
inherits from the table and is read along with it, a constraint keeps others away, and the database checks it while all
go on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from verselet.sql.columns import primary_key_name
from verselet.sql.dialects import POSTGRESQL, quoted
from verselet.store.ddl import create_index, create_view
from verselet.store.layout import IndexLayout, Layout, ViewLayout

BEFORE, MONTHS, OTHERS = "before", "months", "others"
"""The parts of a divided table that are no months."""

AHEAD: Final = "verselet_no_time_to_come"
"""The constraint on a table that is about to be divided; whoever breaks it is told to try again."""

LAST: Final = date(2100, 1, 1)
"""Ids of later times are not told from ids by chance."""

_PART: Final = re.compile(rf"(.+)__(?:{BEFORE}|{OTHERS}|\d{{4}}_\d\d)\Z")


def part_name(table: str, part: str) -> str:
    """The name of a part: `audit__2027_01`."""
    return f"{table}__{part}"


def whole_name(part: str) -> str | None:
    """The table that a part with rows belongs to; None for what is no part."""
    found = _PART.match(part)
    return found[1] if found else None


def month_name(month: date) -> str:
    """What the part of a month is called: `2027_01`."""
    return f"{month.year}_{month.month:02d}"


def month_of(at: datetime | date) -> date:
    """The first day of its month."""
    return date(at.year, at.month, 1)


def month_after(month: date, count: int = 1) -> date:
    """The month so many later."""
    year, rest = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, rest + 1, 1)


def first_id(day: date) -> str:
    """Below every id that is made on that day or later, above those of before."""
    millis = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    text = f"{millis:012x}"
    return f"{text[:8]}-{text[8:]}-0000-0000-000000000000"


class Division(msgspec.Struct, frozen=True):
    """A table that is to be divided: what a database knows of it, and the months that are made at once.

    `columns` are those that hold values of their own.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    indexes: Mapping[str, IndexLayout]
    views: Mapping[str, ViewLayout]
    months: tuple[date, ...]

    @property
    def _before(self) -> str:
        """The part that the table becomes."""
        return part_name(self.table, BEFORE)

    def begin(self) -> list[str]:
        """From here on the table itself has no row of a time to come, and gets none: they are in what inherits."""
        table, others = quoted(self.table), part_name(self.table, OTHERS)
        return [
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
            f"CREATE TABLE {quoted(others)} () INHERITS ({table})",
            f"ALTER TABLE {quoted(others)} ADD PRIMARY KEY ({quoted(self.key)})",
            f"ALTER TABLE ONLY {table} ADD CONSTRAINT {AHEAD} CHECK (NOT ({self._ahead()})) NO INHERIT NOT VALID",
            self._move(f"ONLY {table}", others, self._ahead()),
        ]

    def undo(self) -> list[str]:
        """Leave everything as it was before `begin`."""
        table, others = quoted(self.table), part_name(self.table, OTHERS)
        return [
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
            f"ALTER TABLE ONLY {table} DROP CONSTRAINT {AHEAD}",
            self._move(quoted(others), self.table, "true"),
            f"DROP TABLE {quoted(others)}",
        ]

    def divide(self) -> list[str]:
        """Put a divided table in the place of the table, which becomes a part of it."""
        table, before = quoted(self.table), quoted(self._before)
        others, months = (quoted(part_name(self.table, part)) for part in (OTHERS, MONTHS))
        views = [f"DROP VIEW {quoted(name)}" for name in self.views]
        return [
            *views,
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
            f"ALTER TABLE {others} NO INHERIT {table}",
            f"ALTER TABLE {table} RENAME TO {before}",
            *self._rename_indexes(),
            f"CREATE TABLE {table} (LIKE {before} INCLUDING ALL EXCLUDING CONSTRAINTS EXCLUDING INDEXES) "
            f"PARTITION BY RANGE ({quoted(self.key)})",
            *self._new_indexes(),
            f"CREATE TABLE {months} PARTITION OF {table} {_values(self.months[0], LAST)} "
            f"PARTITION BY RANGE ({quoted(self.key)})",
            *[create_month(self.table, month) for month in self.months],
            self._move(others, part_name(self.table, MONTHS), self._within(self.months[0], self._end())),
            f"ALTER TABLE {months} ATTACH PARTITION {others} DEFAULT",
            f"ALTER TABLE {table} ATTACH PARTITION {before} DEFAULT",
            f"ALTER TABLE {before} DROP CONSTRAINT {AHEAD}",
            *[create_view(name, view, POSTGRESQL) for name, view in self.views.items()],
        ]

    def new_month(self, month: date) -> list[str]:
        """Make the part of one more month; rows of it that came before are among the others."""
        name, months = quoted(part_name(self.table, month_name(month))), quoted(part_name(self.table, MONTHS))
        end = month_after(month)
        others = quoted(part_name(self.table, OTHERS))
        return [
            f"CREATE TABLE {name} (LIKE {months} INCLUDING ALL)",
            self._move(others, part_name(self.table, month_name(month)), self._within(month, end)),
            f"ALTER TABLE {months} ATTACH PARTITION {name} {_values(month, end)}",
        ]

    def _new_indexes(self) -> list[str]:
        """The primary key and the indexes under the names that the schema knows them by."""
        key = f"ADD CONSTRAINT {quoted(primary_key_name(self.table))} PRIMARY KEY ({quoted(self.key)})"
        made = [create_index(name, index, POSTGRESQL) for name, index in self.indexes.items()]
        return [f"ALTER TABLE {quoted(self.table)} {key}", *made]

    def _rename_indexes(self) -> list[str]:
        """Other names for those of the rows of before."""
        key, before = primary_key_name(self.table), quoted(self._before)
        others = [
            f"ALTER INDEX {quoted(name)} RENAME TO {quoted(f'{self._before}_{number}')}"
            for number, name in enumerate(self.indexes, 1)
        ]
        return [f"ALTER TABLE {before} RENAME CONSTRAINT {quoted(key)} TO {quoted(f'{self._before}_pkey')}", *others]

    def _end(self) -> date:
        return month_after(self.months[-1])

    def _ahead(self) -> str:
        return self._within(self.months[0], LAST)

    def _within(self, start: date, end: date) -> str:
        """An id that was made from a day on and before another."""
        key = quoted(self.key)
        return f"{key} >= '{first_id(start)}' AND {key} < '{first_id(end)}'"

    def _move(self, source: str, target: str, condition: str) -> str:
        names = ", ".join([quoted(name) for name in self.columns])
        return (
            f"WITH moved AS (DELETE FROM {source} WHERE {condition} RETURNING {names}) "
            f"INSERT INTO {quoted(target)} ({names}) SELECT {names} FROM moved"
        )


def division_of(layout: Layout, table: str, months: Sequence[date] = ()) -> Division:
    """What a database with that layout knows of the table."""
    found = layout.tables[table]
    return Division(
        table,
        found.primary_key,
        tuple([column.name for column in found.columns if column.name not in found.generated]),
        {name: index for name, index in layout.indexes.items() if index.table == table},
        {name: view for name, view in layout.views.items() if any(part.table == table for part in view.parts)},
        tuple(months),
    )


def checking(table: str) -> str:
    """Have the database make sure that the table has no row of a time to come, while all go on."""
    return f"ALTER TABLE {quoted(table)} VALIDATE CONSTRAINT {AHEAD}"


def keyed_beside_id(division: Division) -> str | None:
    """The name of something unique that is not the id: such a table cannot be divided."""
    return next((name for name, index in division.indexes.items() if index.unique), None)


def create_month(table: str, month: date) -> str:
    """The part of a month of which there is no row yet."""
    name, months = part_name(table, month_name(month)), part_name(table, MONTHS)
    return f"CREATE TABLE {quoted(name)} PARTITION OF {quoted(months)} {_values(month, month_after(month))}"


def _values(start: date, end: date) -> str:
    return f"FOR VALUES FROM ('{first_id(start)}') TO ('{first_id(end)}')"
