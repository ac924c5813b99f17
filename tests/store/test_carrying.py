"""Rows go from one database to another and are the same there: all of them, or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

import apsw
import msgspec
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.postgres import PostgresqlServer
from tests.store.rows import insert, read_all, row_id
from tests.store.tables import LINK, PAIR, SAMPLE, SAMPLES, schema_of, table, with_columns
from verselet.clock import wire_form
from verselet.errors import OperatorError
from verselet.metadata.columns import Column, LookupColumn, PartyListColumn, TextColumn, VirtualColumn
from verselet.settings import FILE_NAME
from verselet.sql.columns import stored_columns
from verselet.store import carrying
from verselet.store.bookkeeping import FORMAT, write_fact
from verselet.store.carrying import AT_ONCE, FEW, Carried, carry
from verselet.store.codecs import decoder
from verselet.store.deleted_rows import deleted_rows, remember_deleted
from verselet.store.dividing import divide
from verselet.store.engine import Store, open_store
from verselet.store.failures import StoreLost
from verselet.store.files import StoredFile, begin_file, write_at, write_block
from verselet.store.inspection import looking
from verselet.store.landing import landing
from verselet.store.layout import layout_of
from verselet.store.months import is_divided
from verselet.store.numbers import next_number, number_seed, set_seed, take_numbers
from verselet.store.own_tables import OWN_TABLES
from verselet.store.recycle_bin import Group, keep_rows, kept_values
from verselet.store.sqlite_session import SqliteSession
from verselet.values import Reference, Value

pytestmark = pytest.mark.postgresql

SCHEMA = schema_of(SAMPLE, LINK, pairs=(PAIR,))
HELD: Final = tuple(column for column in SAMPLES if not isinstance(column, PartyListColumn | VirtualColumn))
"""Columns that store something."""

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["", "😀👩‍👩‍👧‍👦", "\\N", "\\.", "\t\r\n\\x00", "a,b\"c'd", "long " * 5_000]
)
MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda at: wire_form(at.replace(tzinfo=UTC)))  # noqa: DTZ001


def wholes(bits: int) -> st.SearchStrategy[int]:
    """Whole numbers of so many bits, often the largest."""
    most = 2 ** (bits - 1) - 1
    return st.integers(-most - 1, most) | st.sampled_from([-most - 1, most, 0])


def decimals(scale: int) -> st.SearchStrategy[Decimal]:
    """Numbers with so many digits after the point, as large as they are stored."""
    most = 2**63 - 1
    scaled = st.integers(-most, most) | st.sampled_from([-most, most, 0])
    return scaled.map(lambda whole: Decimal(whole).scaleb(-scale))


LONGEST_KEY: Final = 100

KINDS: Mapping[str, Callable[[int], st.SearchStrategy[Value]]] = {
    "guid": lambda _: st.uuids().map(str),
    "text": lambda _: TEXTS,
    "code": lambda _: TEXTS,
    "integer": lambda _: wholes(32),
    "bigint": lambda _: wholes(64),
    "float": lambda _: st.floats(allow_nan=False, allow_infinity=False),
    "decimal": decimals,
    "datetime": lambda _: MOMENTS,
    "date": lambda _: st.dates(date(1, 1, 1), date(9999, 12, 31)).map(str),
    "yesno": lambda _: st.booleans(),
    "bytes": lambda _: st.binary(max_size=100),
}


def values_of(column: Column) -> st.SearchStrategy[Value]:
    """What a column can hold, or nothing."""
    if isinstance(column, LookupColumn):
        found: st.SearchStrategy[Value] = st.builds(Reference, st.sampled_from(column.targets), st.uuids().map(str))
    else:
        stored = stored_columns(SAMPLE, column)[0]
        found = KINDS[stored.kind](stored.scale)
    return st.none() | found


ROWS = st.lists(st.fixed_dictionaries({column.name: values_of(column) for column in HELD}), min_size=1, max_size=12)


class Places:
    """Folders and databases, empty ones as many as asked for."""

    def __init__(self, folder: Path, server: PostgresqlServer) -> None:
        self._folder, self._server = folder, server
        self._given: list[str] = []
        self._number = 0

    def file(self) -> Path:
        """A folder that is not there yet."""
        self._number += 1
        return self._folder / str(self._number)

    def database(self) -> str:
        """The URL of an empty database."""
        self._given.append(self._server.fresh())
        return self._given[-1]

    def give_back(self) -> None:
        """Nobody needs the databases any more."""
        for url in self._given:
            self._server.give_back(url)
        self._given.clear()


@pytest.fixture
def places(tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[Places]:
    """Of one test."""
    found = Places(tmp_path, postgresql)
    yield found
    found.give_back()


Where = Path | str


def opened(where: Where) -> Store:
    """The store at a place."""
    store = open_store(None, directory=where) if isinstance(where, Path) else open_store(where)
    store.prepare_schema(SCHEMA)
    return store


def carried(
    source: Where, target: Where, tell: Callable[[int, int, str], None] = lambda _done, _total, _what: None
) -> Carried:
    """Carry everything."""
    with looking(*_named(source)) as read, landing(*_named(target)) as written:
        return carry(read, written, tell)


def refused(source: Where, target: Where) -> OperatorError:
    """Why nothing is carried."""
    with pytest.raises(OperatorError) as refusal:
        carried(source, target)
    return refusal.value


def _named(where: Where) -> tuple[str | None, Path | None]:
    return (None, where) if isinstance(where, Path) else (where, None)


def is_empty(target: Where) -> bool:
    """Nothing is left in the place."""
    if isinstance(target, Path):
        return not target.exists() or not list(target.iterdir())
    with psycopg.connect(target) as connection:
        return connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone() == (0,)


def filled(where: Where, rows: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """Put samples in; what they are then. The text is a key, so it begins with a number."""
    store = opened(where)
    with store.begin() as session:
        for number, values in enumerate(rows):
            text = None if values["text"] is None else f"{number} {str(values['text'])[:LONGEST_KEY]}"
            insert(session, SAMPLE, {"sampleid": row_id(number), **values, "text": text})
    found = read_all(store, SAMPLE)
    store.close()
    return found


def found_in(where: Where) -> list[dict[str, Value]]:
    """The samples in a place."""
    store = opened(where)
    found = read_all(store, SAMPLE)
    store.close()
    return found


@pytest.fixture(scope="module")
def many_places(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgresqlServer) -> Iterator[Places]:
    """Of one test with many examples."""
    found = Places(tmp_path_factory.mktemp("places"), postgresql)
    yield found
    found.give_back()


@settings(max_examples=25)
@given(rows=ROWS)
def test_whatever_a_column_holds_is_the_same_there_and_back(many_places: Places, rows: list[dict[str, Value]]) -> None:
    """Every kind, nothing at all, and the extremes: in PostgreSQL, and again in a file. [T-1] to [T-20]"""
    there, back = many_places.database(), many_places.file()
    source = many_places.file()
    expected = filled(source, rows)
    carried(source, there)
    carried(there, back)
    in_postgresql, in_file = found_in(there), found_in(back)
    many_places.give_back()

    assert expected == in_postgresql
    assert expected == in_file


@pytest.mark.parametrize("number", [AT_ONCE * 2, AT_ONCE * 2 + 1])
@pytest.mark.parametrize("way", ["file to file", "file to PostgreSQL", "PostgreSQL to PostgreSQL"])
def test_more_rows_than_are_read_at_once(places: Places, way: str, number: int) -> None:
    """All are carried, and told of; between two databases of one kind, too."""
    source: Where = places.file() if way.startswith("file") else places.database()
    target: Where = places.file() if way.endswith("file") else places.database()
    nothing: dict[str, Value] = {column.name: None for column in HELD}
    expected = filled(source, [{**nothing, "text": "a"}] * number)
    told: list[tuple[int, int, str]] = []
    found = carried(source, target, lambda *said: told.append(said))

    assert expected == found_in(target)
    assert (found.rows, found.rows) == [said for said in told if "rows" in said[2]][-1][:2]
    assert (len(layout_of(SCHEMA).indexes),) * 2 == told[-1][:2]
    assert number // FEW <= len([what for _, _, what in told if "sample" in what])


def test_the_server_goes_on_with_its_numbers(places: Places) -> None:
    """Versions, automatic numbers and their seeds, on both kinds. [ET-7], [JOB-67], [JOB-68]"""
    first, second, third = places.file(), places.database(), places.file()
    store = opened(first)
    with store.begin() as session:
        session.next_versions(41)
        take_numbers(session, "sample", "text", 5)
        set_seed(session, "sample", "memo", 7_000_000_000)
        take_numbers(session, "sample", "memo", 2)
    store.close()
    carried(first, second)
    carried(second, third)

    for place in (second, third):
        store = opened(place)
        with store.begin() as session:
            assert 42 == session.next_versions()
            assert [1005, 1006] == take_numbers(session, "sample", "text", 2)
            assert (1000, 7_000_000_000) == tuple(number_seed(session, "sample", name) for name in ("text", "memo"))
            assert 7_000_000_002 == next_number(session, "sample", "memo")
            assert [1000] == take_numbers(session, "sample", "tablename", 1)
        store.close()


def test_nothing_was_counted_yet(places: Places) -> None:
    """The first version there is 1."""
    source, target = places.file(), places.database()
    opened(source).close()
    carried(source, target)
    store = opened(target)
    with store.begin() as session:
        assert 1 == session.next_versions()
    store.close()


FILE: Final = StoredFile(
    id=row_id(1), table="sample", column="file", row_id=row_id(2), name="ä.bin", mime_type="text/plain"
)


def test_what_the_server_keeps_beside_the_rows_goes_along(places: Places) -> None:
    """Facts, traces of deleted rows, files that are not whole yet: table by table, there and back. [DT-3], [FL-6]"""
    first, second, third = places.file(), places.database(), places.file()
    store = opened(first)
    with store.begin() as session:
        write_fact(session, "a fact", "{}")
        remember_deleted(session, "sample", [row_id(8), row_id(9)], 5, "2026-01-01T00:00:00Z")
        begin_file(session, FILE, "2026-01-01T00:00:00Z")
        write_at(session, FILE.id, 0, bytes(range(256)) * 20_000)
        write_block(session, FILE.id, "block", b"\x00\xff")
    store.close()
    carried(first, second)
    carried(second, third)

    assert own_rows(first) == own_rows(third)
    assert ((5, row_id(8)), (6, row_id(9))) == gone(first) == gone(second)


def own_rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the server's own tables."""
    connection = apsw.Connection(str(folder / FILE_NAME))
    found = {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in (*OWN_TABLES, "verselet_version")}
    connection.close()
    return found


def gone(where: Where) -> tuple[tuple[int, str], ...]:
    """The traces of deleted samples."""
    store = opened(where)
    with store.read() as session:
        found = deleted_rows(session, SAMPLE, after=0, up_to=100, limit=10)
    store.close()
    return found


BINNED: Final = Group(row_id(100), "sample", row_id(0), "2026-01-01T00:00:00Z")


@settings(max_examples=10)
@given(rows=ROWS)
def test_deleted_rows_come_back_with_every_value(many_places: Places, rows: list[dict[str, Value]]) -> None:
    """Each database writes the rows in its bin in its own way; what is read of them is the same. [BIN-3], [BIN-11]"""
    first, second, third = many_places.file(), many_places.database(), many_places.file()
    filled(first, rows)
    store = opened(first)
    with store.begin() as session:
        keep_rows(session, SAMPLE, f'["{row_id(0)}"]', BINNED)
    store.close()
    expected = kept(first)
    carried(first, second)
    carried(second, third)
    there, back = kept(second), kept(third)
    many_places.give_back()

    assert expected == back
    assert expected == there


def kept(where: Where) -> list[list[Value]]:
    """The row in the bin, as values."""
    store = opened(where)
    names = tuple(column.name for column in HELD)
    with store.read() as session:
        rows = kept_values(session, SAMPLE, names, BINNED.id)
        found = []
        for row in rows:
            values, at = [], 0
            for name in names:
                width = len(stored_columns(SAMPLE, SAMPLE.columns[name]))
                values.append(decoder(SAMPLE, SAMPLE.columns[name], session.dialect)(row[at : at + width]))
                at += width
            found.append(values)
    store.close()
    return found


def test_what_left_the_schema_goes_along(places: Places) -> None:
    """Columns stay in a database until somebody removes them: their values are in the copy, too."""
    first, second = places.file(), places.database()
    store = open_store(None, directory=first)
    more = with_columns(SAMPLE, TextColumn(name="more", schema_name="More"))
    store.prepare_schema(schema_of(more, LINK, pairs=(PAIR,)))
    with store.begin() as session:
        insert(session, more, {"sampleid": row_id(1), "more": "than before"})
    store.prepare_schema(SCHEMA)
    store.close()
    carried(first, second)

    with psycopg.connect(second) as connection:
        assert [("than before",)] == connection.execute('SELECT "more" FROM sample').fetchall()


def test_the_columns_of_the_servers_own_tables_are_known(places: Places) -> None:
    """All of them, on both kinds; a step that adds one is told here."""
    expected = {name: {column.name for column in columns} for name, columns in OWN_TABLES.items()}
    file, url = places.file(), places.database()
    opened(file).close()
    opened(url).close()
    connection = apsw.Connection(str(file / FILE_NAME))
    in_file = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in OWN_TABLES}
    connection.close()
    asked = "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'verselet%'"
    there: dict[str, set[str]] = {}
    with psycopg.connect(url) as connected:
        for name, column in connected.execute(asked):
            there.setdefault(name, set()).add(column)

    assert expected == in_file
    assert expected == there


# --- what is refused -------------------------------------------------------------------------------------------------


def changed(folder: Path, statement: str, values: tuple[apsw.SQLiteValue, ...] = ()) -> None:
    """Write behind the server's back."""
    connection = apsw.Connection(str(folder / FILE_NAME))
    connection.execute(statement, values)
    connection.close()


NOTHING: Final[dict[str, Value]] = {column.name: None for column in HELD}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("memo", "a\0b", "U+0000"),
        ("integer", "many", "whole number"),
        ("integer", 2**40, "too large"),
        ("yesno", "yes", "whole number"),
        ("decimal", "1.5e", "whole number"),
        ("image", "text", "Bytes"),
    ],
)
def test_a_value_no_server_would_have_stored_is_named(
    places: Places, column: str, value: apsw.SQLiteValue, reason: str
) -> None:
    """By table, column and row, and nothing is carried. VS2015"""
    source, target = places.file(), places.database()
    filled(source, [NOTHING] * 3)
    changed(source, f'UPDATE sample SET "{column}" = ? WHERE sampleid = ?', (value, row_id(1)))
    refusal = refused(source, target)

    assert ("VS2015", f"{column} of the row {row_id(1)} in sample cannot be copied") == (refusal.code, refusal.what)
    assert reason in refusal.why
    assert is_empty(target)


def test_a_date_that_is_none_is_named_as_the_database_names_it(places: Places) -> None:
    """PostgreSQL knows the calendar. VS2015"""
    source, target = places.file(), places.database()
    filled(source, [NOTHING] * 3)
    changed(source, "UPDATE sample SET date = '2026-02-30' WHERE sampleid = ?", (row_id(1),))
    refusal = refused(source, target)

    assert "VS2015" == refusal.code
    assert re.search(r"out of range.*COPY sample, line 2, column date", refusal.why)
    assert is_empty(target)


def test_a_deleted_row_with_such_a_value_is_named(places: Places) -> None:
    """The bin holds columns as well. VS2015"""
    source, target = places.file(), places.database()
    filled(source, [{**NOTHING, "memo": "a"}])
    store = opened(source)
    with store.begin() as session:
        keep_rows(session, SAMPLE, f'["{row_id(0)}"]', BINNED)
    store.close()
    changed(source, """UPDATE verselet_bin SET content = json_set(content, '$.memo', 'a' || char(0) || 'b')""")
    refusal = refused(source, target)

    assert ("VS2015", f"content of the row sample {row_id(0)} in verselet_bin cannot be copied") == (
        refusal.code,
        refusal.what,
    )
    assert "memo: " in refusal.why
    assert is_empty(target)


def test_a_key_that_rows_contradict_there_is_refused(places: Places) -> None:
    """SQLite tells letters beyond ASCII apart by their case, PostgreSQL does not. [K-1], VS2008"""
    source, target = places.file(), places.database()
    store = opened(source)
    with store.begin() as session:
        for number, text in enumerate(("Öl", "öl")):
            insert(session, SAMPLE, {"sampleid": row_id(number), "text": text})
    store.close()

    assert "VS2008" == refused(source, target).code
    assert is_empty(target)


def test_a_key_that_is_too_long_there_is_refused(places: Places) -> None:
    """PostgreSQL takes some 2,700 bytes into an index. [K-1], VS2023"""
    source, target = places.file(), places.database()
    store = opened(source)
    with store.begin() as session:
        # What repeats itself would be compressed.
        text = "".join([str(UUID(int=number * 2**100 + 1)) for number in range(5_000)])
        insert(session, SAMPLE, {"sampleid": row_id(1), "text": text})
    store.close()
    refusal = refused(source, target)

    assert ("VS2023", "the unique index key_sample_code cannot be built") == (refusal.code, refusal.what)
    assert is_empty(target)


def test_a_place_with_something_in_it_is_refused(places: Places) -> None:
    """An organization, another program's table: nothing is written over. VS2013"""
    source, url, foreign = places.file(), places.database(), places.database()
    filled(source, [NOTHING])
    carried(source, url)
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute("CREATE TABLE sample (theirs text)")

    assert {"VS2013"} == {refused(source, target).code for target in (url, foreign, source)}
    assert "something called sample" in refused(source, foreign).why
    assert 1 == len(found_in(url)) == len(found_in(source))


def test_of_two_copies_to_one_folder_one_is_refused(places: Places) -> None:
    """The other one goes well. VS2013"""
    source, target = places.file(), places.file()
    expected = filled(source, [NOTHING])
    refusals: list[OperatorError] = []

    def copy_again(_done: int, _total: int, what: str) -> None:
        if "sample" in what:
            refusals.append(refused(source, target))

    carried(source, target, copy_again)
    assert [True] == ["another copy is at work" in refusal.why for refusal in refusals]
    assert expected == found_in(target)


def test_what_a_killed_copy_left_is_in_nobodys_way(places: Places) -> None:
    """The next copy begins anew."""
    source, target = places.file(), places.file()
    expected = filled(source, [NOTHING])
    target.mkdir()
    (target / f"{FILE_NAME}-copying").write_bytes(b"half of a database")
    carried(source, target)

    assert expected == found_in(target)
    assert [FILE_NAME] == [one.name for one in target.iterdir() if one.suffix == ".db" or "copying" in one.name]


def test_a_divided_table_is_copied_whole(places: Places) -> None:
    """That it is divided is of that database only. The copy has its rows in one table."""
    source, target, again = places.database(), places.file(), places.database()
    expected = filled(source, [NOTHING] * 3)
    more = table("audit", TextColumn(name="text", schema_name="Text"))
    schema = schema_of(msgspec.structs.replace(more, grows=True), SAMPLE, LINK, pairs=(PAIR,))
    store = open_store(source)
    store.prepare_schema(schema)
    with store.begin() as session:
        for number in range(5):
            insert(session, more, {"auditid": row_id(number), "text": str(number)})
    store.close()
    divide(source, schema, ["audit"], datetime(2026, 11, 10, tzinfo=UTC), lambda _done, _total, _what: None)
    carried(source, target)
    carried(source, again)

    for place in (target, again):
        store = opened(place)
        assert ["0", "1", "2", "3", "4"] == [row["text"] for row in read_all(store, more)]
        with store.read() as session:
            assert not is_divided(session, "audit")
        store.close()
        assert expected == found_in(place)


def test_data_of_another_version_is_refused(places: Places) -> None:
    """The source is not changed, so it must fit as it is. VS2006, VS2017, VS2014"""
    source, target = places.file(), places.file()
    opened(source).close()
    codes = []
    for version in (FORMAT + 1, FORMAT - 1):
        changed(source, "UPDATE verselet_meta SET value = ? WHERE key = 'format'", (str(version),))
        codes.append(refused(source, target).code)
    codes += [refused(places.database(), target).code, refused(places.file(), target).code]

    assert ["VS2006", "VS2017", "VS2014", "VS2010"] == codes
    assert is_empty(target)


@pytest.mark.parametrize("kind", ["file", "database"])
def test_a_fault_in_the_middle_leaves_nothing(places: Places, kind: str) -> None:
    """And the next copy goes well."""
    source = places.file()
    expected = filled(source, [NOTHING] * 3)
    target: Where = places.file() if kind == "file" else places.database()

    def fail(_done: int, _total: int, what: str) -> None:
        if "verselet_meta" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carried(source, target, fail)
    assert is_empty(target)
    carried(source, target)
    assert expected == found_in(target)


@pytest.mark.parametrize("kind", ["file", "database"])
def test_what_is_written_meanwhile_is_not_in_the_copy(places: Places, kind: str) -> None:
    """Nobody waits for the copy, and it is of one moment: rows, versions and numbers belong together."""
    source: Where = places.file() if kind == "file" else places.database()
    target: Where = places.database() if kind == "file" else places.file()
    expected = filled(source, [NOTHING] * 3)
    others = opened(source)

    def write(done: int, _total: int, what: str) -> None:
        if "rows" not in what:
            return
        with others.begin() as session:
            insert(session, SAMPLE, {"sampleid": row_id(100 + done), "bigint": session.next_versions()})
            insert(session, LINK, {"linkid": row_id(100 + done)})

    carried(source, target, write)
    others.close()

    assert expected == found_in(target)
    assert len(expected) < len(found_in(source))


def test_a_copy_that_came_out_differently_is_none(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides are counted before anything counts. VS2016"""
    source, target = places.file(), places.database()
    filled(source, [NOTHING] * (AT_ONCE + 1))
    store = opened(source)
    with store.begin() as session:
        take_numbers(session, "sample", "text", 1)
    store.close()
    with monkeypatch.context() as patch:
        patch.setattr(carrying, "keep_counter", lambda _session, _counter: None)
        refusals = [refused(source, target)]
    whole = SqliteSession.stream
    with monkeypatch.context() as patch:
        patch.setattr(SqliteSession, "stream", lambda *given: islice(whole(*given), 1))
        refusals.append(refused(source, target))

    assert [("VS2016", True), ("VS2016", True)] == [
        (refusal.code, is_named in refusal.what)
        for refusal, is_named in zip(refusals, ("automatic numbers", "sample"), strict=True)
    ]
    assert is_empty(target)


def test_a_database_that_goes_away_has_nothing_of_the_copy(places: Places) -> None:
    """That is said as for any other statement. [E-21]"""
    source, target = places.file(), places.database()
    filled(source, [NOTHING] * 3)

    def end(_done: int, _total: int, what: str) -> None:
        if "sample" in what:
            with psycopg.connect(target, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    with pytest.raises(StoreLost):
        carried(source, target, end)
    assert is_empty(target)
