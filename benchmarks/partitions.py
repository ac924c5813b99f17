"""Keep session events in one table, and in a partition for each month, side by side: `make bench args="--partitions"`.

In:        a PostgreSQL
Out:       `Partitioned`: what a question, a row and the end of a month cost, here and there
Not here:  what was decided (docs/explanation/decisions/one-table-for-all-times.md)

The table is divided by the statements that divide it for an operator (verselet.store.division), when it is empty; the
rows lie in their months. The questions run on a connection of the product, prepared as there; what counts is the CPU of
the database's own process, and the time that passes where something is done only once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

import msgspec

from benchmarks.servers import cpu_us
from verselet.metadata.compiled import load_schema
from verselet.sql.dialects import POSTGRESQL, quoted
from verselet.store.ddl import create_index, create_table
from verselet.store.division import checking, division_of, first_id, month_after, month_name, part_name
from verselet.store.layout import Layout, layout_of
from verselet.store.postgresql_connection import PostgresqlConnection
from verselet.values import Stored

TABLE, KEY, PARENT = "msdyn_sessionevent", "msdyn_sessioneventid", "msdyn_omnichannelsession"
DIVIDED = "divided"
MONTHS, PER_MONTH, PER_SESSION = 24, 20_000, 20
FIRST_YEAR = 2025
ROUNDS, SLICE_S, INSERTED = 3, 0.4, 1_000
COLUMNS = (KEY, "msdyn_name", "msdyn_eventtype", PARENT, "createdon", "versionnumber", "ownerid")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done, and what it costs in one table and in many partitions."""

    what: str
    unit: str
    whole: float
    divided: float


class Partitioned(msgspec.Struct, frozen=True, kw_only=True):
    """So many rows in so many partitions."""

    rows: int
    partitions: int
    lines: list[Line]


Ask = Callable[[str, int], None]
"""Ask the table of that name; the number makes one question differ from the next."""


def measure_partitions(url: str, tell: Callable[[str], None]) -> Partitioned:
    """Fill both, ask both in turns, let a month go in both."""
    connection = PostgresqlConnection(url)
    tell("filling two tables")
    _fill(connection)
    (backend,) = connection.run("SELECT pg_backend_pid()")
    lines = []
    for what, ask in _questions(connection).items():
        tell(what)
        spent: dict[str, list[float]] = {TABLE: [], DIVIDED: []}
        for number in range(ROUNDS):
            for table, costs in spent.items():
                costs.append(_cost_us(int(str(backend[0])), ask, table, number))
        whole, divided = [round(median(costs), 1) for costs in spent.values()]
        lines.append(Line(what=what, unit="CPU µs", whole=whole, divided=divided))
    tell("letting a month go")
    lines += _let_a_month_go(connection)
    connection.close()
    return Partitioned(rows=MONTHS * PER_MONTH, partitions=MONTHS + 2, lines=lines)


def _questions(connection: PostgresqlConnection) -> dict[str, Ask]:
    names = ", ".join([quoted(name) for name in COLUMNS])
    ids = [str(row[0]) for row in connection.run(f'SELECT "{KEY}" FROM "{TABLE}" TABLESAMPLE SYSTEM (1)')]
    parents = [str(row[0]) for row in connection.run(f'SELECT DISTINCT "{PARENT}" FROM "{TABLE}" LIMIT 500')]
    many = MONTHS // 2

    def by_id(table: str, number: int) -> None:
        connection.run(f'SELECT {names} FROM "{table}" WHERE "{KEY}" = %s', (ids[number % len(ids)],))

    def by_parent(table: str, number: int) -> None:
        text = f'SELECT {names} FROM "{table}" WHERE "{PARENT}" = %s ORDER BY "{KEY}" LIMIT 21'
        connection.run(text, (parents[number % len(parents)],))

    def newest(table: str, _number: int) -> None:
        connection.run(f'SELECT {names} FROM "{table}" ORDER BY "{KEY}" DESC LIMIT 51')

    def of_a_month(table: str, _number: int) -> None:
        text = f'SELECT count(*) FROM "{table}" WHERE createdon >= %s AND createdon < %s'
        connection.run(text, (_start(many), _start(many + 1)))

    def of_a_month_by_id(table: str, _number: int) -> None:
        made = f'SELECT count(*) FROM "{table}" WHERE createdon >= %s AND createdon < %s'
        text = f'{made} AND "{KEY}" >= %s AND "{KEY}" < %s'
        connection.run(text, (_start(many), _start(many + 1), _bound(many), _bound(many + 1)))

    def insert(table: str, number: int) -> None:
        places = ", ".join(["%s"] * len(COLUMNS))
        rows = [_row(number * INSERTED + one, table) for one in range(INSERTED)]
        connection.run("BEGIN")
        connection.run_many(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
        connection.run("ROLLBACK")

    return {
        "a row by its id": by_id,
        "20 events of one session": by_parent,
        "the newest 50": newest,
        "how many were made in one month": of_a_month,
        "the same, if the range of their ids were known": of_a_month_by_id,
        "1,000 new rows": insert,
    }


def _row(number: int, table: str) -> tuple[Stored, ...]:
    """A row of the last month; the numbers of one table do not meet those of the other."""
    made = _id(_millis(MONTHS - 1) + number, number * 2 + (table == DIVIDED))
    return (made, f"Event {number}", 192_350_000, made, _start(MONTHS - 1), number, made)


def _cost_us(backend: int, ask: Ask, table: str, first: int) -> float:
    """What one question costs the database."""
    for number in range(8):
        ask(table, number)
    began, before, asked = time.perf_counter(), cpu_us(backend), 0
    while time.perf_counter() - began < SLICE_S:
        ask(table, first * 7919 + asked)
        asked += 1
    return (cpu_us(backend) - before) / asked


def _let_a_month_go(connection: PostgresqlConnection) -> list[Line]:
    """By DELETE and the VACUUM that gives the place back for use, and by dropping its partition."""
    within = f"\"{KEY}\" >= '{_bound(0)}' AND \"{KEY}\" < '{_bound(1)}'"
    oldest = part_name(DIVIDED, month_name(_month(0)))
    ways = (
        (f'DELETE FROM "{TABLE}" WHERE {within}', f'VACUUM "{TABLE}"'),
        (f'DROP TABLE "{oldest}"',),
    )
    found = []
    for way in ways:
        log, began = _log_bytes(connection), time.perf_counter()
        for text in way:
            connection.run_script(text)
        found.append(((time.perf_counter() - began) * 1000, (_log_bytes(connection) - log) / 1024))
    (whole_ms, whole_kib), (divided_ms, divided_kib) = found
    what = f"let the {PER_MONTH:,} rows of a month go"
    return [
        Line(what=what, unit="ms", whole=round(whole_ms, 1), divided=round(divided_ms, 1)),
        Line(what=what, unit="KiB of log", whole=round(whole_kib), divided=round(divided_kib)),
    ]


def _log_bytes(connection: PostgresqlConnection) -> float:
    ((found,),) = connection.run("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::double precision")
    return float(str(found))


def _fill(connection: PostgresqlConnection) -> None:
    """The table as the product makes it, and one more that it divides."""
    layout = layout_of(load_schema())
    table = layout.tables[TABLE]
    indexes = {name: index for name, index in layout.indexes.items() if index.table == TABLE}
    again = {f"{DIVIDED}_{name}": msgspec.structs.replace(index, table=DIVIDED) for name, index in indexes.items()}
    for name, of_table in ((TABLE, indexes), (DIVIDED, again)):
        connection.run_script(create_table(name, table, POSTGRESQL))
        for one, index in of_table.items():
            connection.run_script(create_index(one, index, POSTGRESQL))
    months = [_month(number) for number in range(MONTHS)]
    division = division_of(Layout({DIVIDED: table}, again, {}), DIVIDED, months)
    for script in (";".join(division.begin()), checking(DIVIDED), ";".join(division.divide())):
        connection.run_script(script)
    names = ", ".join([quoted(name) for name in COLUMNS])
    for month in range(MONTHS):
        connection.run_script(f'INSERT INTO "{TABLE}" ({names}) {_month_of_rows(month)}')
    connection.run_script(f'INSERT INTO "{DIVIDED}" SELECT * FROM "{TABLE}"')
    for name in (TABLE, DIVIDED):
        connection.run_script(f'VACUUM ANALYZE "{name}"')


def _month_of_rows(month: int) -> str:
    """Twenty events for each session, evenly over the month."""
    first, last = _millis(month), _millis(month + 1)
    step = (last - first) // PER_MONTH

    def made(number: str) -> str:
        """An id of version 7 of the moment with that number."""
        chance = f"md5(({number})::text)"
        millis = f"lpad(to_hex({first} + ({number})::bigint * {step}), 12, '0')"
        return f"({millis} || '7' || substr({chance}, 1, 3) || '8' || substr({chance}, 4, 15))::uuid"

    session = f"n - n % {PER_SESSION}"
    return (
        f"SELECT {made('n')}, 'Event ' || n, 192350000 + n % 25, {made(session)}, "
        f"to_timestamp(({first} + n::bigint * {step}) / 1000.0), {month * PER_MONTH} + n, {made('0')} "
        f"FROM generate_series(0, {PER_MONTH - 1}) n"
    )


def _month(number: int) -> date:
    return month_after(date(FIRST_YEAR, 1, 1), number)


def _millis(number: int) -> int:
    month = _month(number)
    return int(datetime(month.year, month.month, 1, tzinfo=UTC).timestamp() * 1000)


def _start(number: int) -> str:
    return f"{_month(number)}T00:00:00Z"


def _bound(number: int) -> str:
    """Below every id of the month, and above those before."""
    return first_id(_month(number))


def _id(millis: int, chance: int) -> str:
    text = f"{millis << 80 | 7 << 76 | 2 << 62 | chance:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
