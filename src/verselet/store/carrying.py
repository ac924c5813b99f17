"""Carry everything one database holds of an organization to another one, of whichever kind.

In:        a session that reads one state of the source, and one of a transaction on an empty target
Out:       `carry`: what was carried, compared on both sides
Not here:  opening both (store.inspection, store.landing), one value (store.codecs), the lake (organization.copying)

Rows are read, turned and written some at a time, typed by the layout of the source and never by what they look like.
What the layout keeps of older definitions goes along. Indexes come after the rows: so they are built once. Generated
columns and views hold nothing of their own; the target works them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
from msgspec import structs

from verselet.errors import OperatorError
from verselet.sql.bin import BIN
from verselet.sql.columns import StoredColumn
from verselet.sql.dialects import Dialect, quoted
from verselet.store.bookkeeping import FORMAT, migrate, stored_format, stored_layout
from verselet.store.carried_bin import content_carrier
from verselet.store.codecs import Carry, carrier
from verselet.store.failures import ValueNotTaken
from verselet.store.layout import EMPTY, Changes, Layout, TableLayout, changes_between
from verselet.store.numbers import counters, keep_counter
from verselet.store.own_tables import NUMBERS, OWN_TABLES
from verselet.store.preparation import hold_off_others, make
from verselet.store.refusals import (
    newer_format,
    no_organization,
    not_empty,
    not_the_same,
    older_format,
    value_not_carried,
)
from verselet.store.session import Session
from verselet.store.versions import go_on_after, last_version
from verselet.values import Stored

Tell: TypeAlias = Callable[[int, int, str], None]

AT_ONCE: Final = 200
FEW: Final = 8
"""Rows of a table with bytes that are read at once: a part of a file has 4 MiB."""


class Carried(msgspec.Struct, frozen=True):
    """How many tables have rows, and how many rows they are."""

    tables: int
    rows: int


class _Part(msgspec.Struct, frozen=True):
    """The columns of a table that hold something. `key` of them, the first ones, name a row."""

    table: str
    columns: tuple[StoredColumn, ...]
    key: int

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def at_once(self) -> int:
        return FEW if any(column.kind == "bytes" for column in self.columns) else AT_ONCE

    def key_of(self, row: Sequence[Stored]) -> str:
        return " ".join([str(value) for value in row[: self.key]])


def must_be_current(source: Session) -> None:
    """See that a store has the format of this version.

    Raises:
        OperatorError: it has another one, or nothing is in it.
    """
    found = stored_format(source)
    if found > FORMAT:
        raise newer_format(found, FORMAT)
    if found != FORMAT:
        raise no_organization() if found == 0 else older_format(found, FORMAT)


def carry(source: Session, target: Session, tell: Tell) -> Carried:
    """Carry all rows, and the counters; `tell` is told how many of how many rows are done, and of which table.

    Raises:
        OperatorError: the source was written by another version, the target is not empty, the target does not take a
            value or a key of the source, or has other rows in the end.
    """
    must_be_current(source)
    layout = stored_layout(source)
    hold_off_others(target)
    _must_be_empty(target, layout)
    migrate(target, lambda _said: None)
    bare = Layout(layout.tables, {}, {})
    make(target, changes_between(EMPTY, bare))
    parts = _parts(layout)
    expected = {part.table: _count(source, part.table) for part in parts}
    _carry_rows(source, target, layout, _Counting(sum(expected.values()), tell))
    _build(target, changes_between(bare, layout), tell)
    filled = [name for name, number in expected.items() if number]
    if target.dialect.name == "postgresql":
        # Until it has looked at the rows, it plans as if there were few.
        target.run(f"ANALYZE {', '.join([quoted(name) for name in filled])}")
    _carry_counters(source, target, layout)
    for name, number in expected.items():
        _must_be_same(name, number, _count(target, name))
    return Carried(len(filled), sum(expected.values()))


def _build(target: Session, changes: Changes, tell: Tell) -> None:
    """All indexes and views; one index after the other, since on many rows each takes its time."""
    for number, (name, index) in enumerate(changes.new_indexes.items(), 1):
        make(target, structs.replace(changes, new_indexes={name: index}, new_views={}))
        tell(number, len(changes.new_indexes), "indexes")
    make(target, structs.replace(changes, new_indexes={}))


class _Counting:
    """Counts the rows that are done."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._done, self._total, self._tell = 0, total, tell

    def note(self, rows: int, table: str) -> None:
        self._done += rows
        self._tell(self._done, self._total, f"rows ({table})")


def _must_be_empty(target: Session, layout: Layout) -> None:
    if stored_format(target):
        raise not_empty("there is an organization in it")
    if target.dialect.name == "postgresql":
        there = {str(row[0]) for row in target.run("SELECT relname FROM pg_class WHERE pg_table_is_visible(oid)")}
        wanted = {*layout.tables, *layout.views, *layout.indexes}
        taken = {name for name in there if name in wanted or name.startswith("verselet_")}
        if taken:
            raise not_empty(f"there is something called {min(taken)} in it")


def _parts(layout: Layout) -> Iterator[_Part]:
    """All tables that are carried row by row."""
    for name, table in layout.tables.items():
        yield _Part(name, tuple([column for column in table.columns if column.name not in table.generated]), 1)
    for name, columns in OWN_TABLES.items():
        if name != NUMBERS:
            yield _Part(name, columns, 2)


def _count(session: Session, table: str) -> int:
    return int(str(session.run(f"SELECT count(*) FROM {quoted(table)}")[0][0]))


def _must_be_same(what: str, wanted: object, found: object) -> None:
    if wanted != found:
        raise not_the_same(what, str(wanted), str(found))


def _carry_rows(source: Session, target: Session, layout: Layout, counting: _Counting) -> None:
    """All rows of all tables."""
    dialects = source.dialect, target.dialect
    for part in _parts(layout):
        names = ",".join([quoted(name) for name in part.names])
        batches = source.stream(f"SELECT {names} FROM {quoted(part.table)}", part.at_once)
        if part.table == BIN:
            batches = _deleted_rows(batches, part, layout.tables, dialects)
        ways = [carrier(column, *dialects) for column in part.columns]
        if part.table in OWN_TABLES:
            # The steps to this format leave some of their own.
            target.run(f"DELETE FROM {part.table}")
        try:
            target.load(part.table, part.names, _turned(batches, part, ways, counting))
        except ValueNotTaken as error:
            raise value_not_carried(part.table, "", "", str(error)) from error


def _turned(
    batches: Iterable[Sequence[tuple[Stored, ...]]], part: _Part, ways: Sequence[Carry], counting: _Counting
) -> Iterator[Sequence[Stored]]:
    """The rows as the target holds them."""
    for rows in batches:
        columns: list[Sequence[Stored]] = []
        for number, values in enumerate(zip(*rows, strict=True)):
            if values.count(None) == len(values):
                columns.append(values)
                continue
            way = ways[number]
            try:
                columns.append([None if value is None else way(value) for value in values])
            except (TypeError, ValueError):
                raise _first_refused(rows, part, number, way) from None
        yield from zip(*columns, strict=True)
        counting.note(len(rows), part.table)


def _first_refused(rows: Sequence[tuple[Stored, ...]], part: _Part, number: int, way: Carry) -> OperatorError:
    """Why the first of the rows whose value cannot be turned is not carried."""
    for row in rows:
        value = row[number]
        try:
            _ = None if value is None else way(value)
        except (TypeError, ValueError) as error:
            return value_not_carried(part.table, part.key_of(row), part.names[number], str(error))
    raise AssertionError(part.table)


def _deleted_rows(
    batches: Iterable[Sequence[tuple[Stored, ...]]],
    part: _Part,
    tables: Mapping[str, TableLayout],
    dialects: tuple[Dialect, Dialect],
) -> Iterator[Sequence[tuple[Stored, ...]]]:
    """Rows of the recycle bin, whose content is written as the target writes it. [BIN-3]"""
    ways: dict[str, Callable[[str], str]] = {}
    of, at = part.names.index("table_name"), part.names.index("content")
    for rows in batches:
        found = []
        for row in rows:
            name = str(row[of])
            if name not in ways:
                # Nobody asks for rows of a table that is not there any more.
                ways[name] = content_carrier(tables[name].columns if name in tables else (), *dialects)
            try:
                content = ways[name](str(row[at]))
            except ValueError as error:
                raise value_not_carried(BIN, part.key_of(row), "content", str(error)) from error
            found.append((*row[:at], content, *row[at + 1 :]))
        yield found


def _carry_counters(source: Session, target: Session, layout: Layout) -> None:
    """Versions and automatic numbers go on where they were. [ET-7], [JOB-67]"""
    go_on_after(target, last_version(source))
    columns = [(name, column.name) for name, table in layout.tables.items() for column in table.columns]
    wanted = counters(source, columns)
    for counter in wanted:
        keep_counter(target, counter)
    _must_be_same("the counters of automatic numbers", wanted, counters(target, columns))
