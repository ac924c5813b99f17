"""Count the automatic numbers of columns.

In:        an open session, a table and one of its columns
Out:       `take_numbers`, `next_number`, `number_seed`, `set_seed`, `forget_numbers`; all counters at once, as
           `Counter`s: `counters`, `keep_counter`
Not here:  how numbers are written (metadata.autonumber), which rows get one (operations.rules.autonumbers)

SQLite has one writer, so a counter in a row does. In PostgreSQL a sequence counts: nobody waits for another's
transaction, and a number taken by one that fails is lost. [JOB-67]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from verselet.metadata.autonumber import FIRST_NUMBER
from verselet.sql.dialects import quoted
from verselet.store.session import Session


class Counter(msgspec.Struct, frozen=True, order=True):
    """The counter of a column: what it began with, and the number that comes next."""

    table: str
    column: str
    seed: int
    next: int


def take_numbers(session: Session, table: str, column: str, count: int) -> list[int]:
    """Take so many numbers, each larger than all taken before since the seed was set. [JOB-67]"""
    if session.dialect.name == "postgresql":
        _have_sequence(session, table, column)
        rows = session.run(
            "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", (quoted(_sequence(table, column)), count)
        )
        return sorted(_number(row[0]) for row in rows)
    rows = session.run(
        "INSERT INTO verselet_number (table_name, column_name, seed, next) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (table_name, column_name) DO UPDATE SET next = next + ? RETURNING next",
        (table, column, FIRST_NUMBER, FIRST_NUMBER + count, count),
    )
    after = _number(rows[0][0])
    return list(range(after - count, after))


def next_number(session: Session, table: str, column: str) -> int:
    """The number the next row would get; it is not taken. [JOB-68]"""
    if session.dialect.name == "sqlite":
        rows = session.run("SELECT next FROM verselet_number WHERE table_name = ? AND column_name = ?", (table, column))
        return _number(rows[0][0]) if rows else FIRST_NUMBER
    name = quoted(_sequence(table, column))
    if session.run("SELECT 1 WHERE to_regclass(%s) IS NULL", (name,)):
        return FIRST_NUMBER
    return _number(session.run(f"SELECT last_value + CASE WHEN is_called THEN 1 ELSE 0 END FROM {name}")[0][0])


def number_seed(session: Session, table: str, column: str) -> int:
    """The number that counting began with. [JOB-68]"""
    mark = session.dialect.placeholder
    rows = session.run(
        f"SELECT seed FROM verselet_number WHERE table_name = {mark} AND column_name = {mark}", (table, column)
    )
    return _number(rows[0][0]) if rows else FIRST_NUMBER


def set_seed(session: Session, table: str, column: str, seed: int) -> None:
    """Begin counting anew: the next row gets `seed`. [JOB-68]"""
    mark = session.dialect.placeholder
    session.run(
        f"INSERT INTO verselet_number (table_name, column_name, seed, next) VALUES ({mark}, {mark}, {mark}, {mark}) "
        "ON CONFLICT (table_name, column_name) DO UPDATE SET seed = excluded.seed, next = excluded.next",
        (table, column, seed, seed),
    )
    if session.dialect.name == "postgresql":
        _have_sequence(session, table, column)
        session.run("SELECT setval(%s::regclass, %s, false)", (quoted(_sequence(table, column)), seed))


def forget_numbers(session: Session, table: str, column: str) -> None:
    """Forget the counter of a column that goes: a new one of that name begins at the beginning. [MW-7]"""
    mark = session.dialect.placeholder
    session.run(f"DELETE FROM verselet_number WHERE table_name = {mark} AND column_name = {mark}", (table, column))
    if session.dialect.name == "postgresql":
        session.run_script(f"DROP SEQUENCE IF EXISTS {quoted(_sequence(table, column))}")


def counters(session: Session, columns: Iterable[tuple[str, str]]) -> list[Counter]:
    """All counters of those columns, each a table's; PostgreSQL does not say whose its sequences are."""
    if session.dialect.name == "sqlite":
        rows = session.run("SELECT table_name, column_name, seed, next FROM verselet_number")
        found = [Counter(str(table), str(column), _number(seed), _number(after)) for table, column, seed, after in rows]
        return sorted(found)
    names = session.run("SELECT relname FROM pg_class WHERE relkind = 'S' AND pg_table_is_visible(oid)")
    there = {str(row[0]) for row in names}
    own = [(table, column) for table, column in columns if _sequence(table, column) in there]
    return sorted(Counter(*one, number_seed(session, *one), next_number(session, *one)) for one in own)


def keep_counter(session: Session, counter: Counter) -> None:
    """Have a column go on as it counted elsewhere."""
    table, column = counter.table, counter.column
    set_seed(session, table, column, counter.next)
    mark = session.dialect.placeholder
    session.run(
        f"UPDATE verselet_number SET seed = {mark} WHERE table_name = {mark} AND column_name = {mark}",
        (counter.seed, table, column),
    )


def _have_sequence(session: Session, table: str, column: str) -> None:
    """Make the sequence before it counts for the first time; the lock lets only one transaction make it."""
    name = quoted(_sequence(table, column))
    if session.run("SELECT 1 WHERE to_regclass(%s) IS NULL", (name,)):
        session.run("SELECT verselet_have_sequence(%s, %s)", (_sequence(table, column), FIRST_NUMBER))


def _sequence(table: str, column: str) -> str:
    """The sequence of a column: names of tables and columns may be too long for one name of PostgreSQL's."""
    digest = hashlib.blake2b(f"{table}.{column}".encode(), digest_size=12).hexdigest()
    return f"verselet_number_{digest}"


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
