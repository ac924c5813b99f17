"""Dividing a table by month: what is stored stays where it is, nobody waits for long, and what cannot be is refused."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from msgspec import structs
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from verselet.cli import run
from verselet.errors import OperatorError
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema
from verselet.sql.columns import primary_key_name
from verselet.store.dividing import divide
from verselet.store.division import (
    AHEAD,
    checking,
    division_of,
    first_id,
    month_after,
    month_name,
    month_of,
    whole_name,
)
from verselet.store.failures import StoreBusy, UniqueViolation
from verselet.store.layout import layout_of
from verselet.store.months import holds_months, is_divided
from verselet.store.postgresql import PostgresqlStore
from verselet.store.session import Session

EVENTS, KEY = "msdyn_sessionevent", "msdyn_sessioneventid"
NAMES = (EVENTS, "msdyn_ocsession")
NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
MONTHS = (date(2026, 12, 1), date(2027, 1, 1))
SO_FAR, BROUGHT = "019b0000-0000-7000-8000-000000000001", "f1000000-0000-4000-8000-000000000001"
AT_CHANCE = "01a23000-0000-4000-8000-000000000001"
"""An id by chance that looks as if it were made in December."""


def small_schema() -> Schema:
    """The shipped schema, without the tables that nobody asks for here."""
    schema = load_schema()
    tables = {name: schema.tables[name] for name in (*NAMES, "activitypointer", "audit")}
    return structs.replace(schema, tables=tables, many_to_many=(), relationships=())


SCHEMA = small_schema()


@pytest.fixture
def store(postgresql_url: str) -> Iterator[PostgresqlStore]:
    """A database with these tables and three events: of a time so far, one brought along, one by chance ahead."""
    opened = PostgresqlStore(postgresql_url)
    opened.prepare_schema(SCHEMA)
    with opened.begin() as session:
        for row_id in (SO_FAR, BROUGHT, AT_CHANCE):
            insert(session, row_id)
    yield opened
    opened.close()


def insert(session: Session, row_id: str) -> None:
    """One event."""
    session.run(f"INSERT INTO {EVENTS} ({KEY}, msdyn_name) VALUES (%s, %s)", (row_id, "one"))


def ids(store: PostgresqlStore) -> set[str]:
    """All events."""
    return {str(row[0]) for row in store.fetch(f"SELECT {KEY} FROM {EVENTS}", ())}


def parts(store: PostgresqlStore) -> dict[str, str]:
    """Id → part."""
    rows = store.fetch(f"SELECT {KEY}, tableoid::regclass::text FROM {EVENTS}", ())
    return {str(row_id): str(part) for row_id, part in rows}


def divided(url: str, *tables: str) -> None:
    """Divide them in November."""
    divide(url, SCHEMA, tables, NOW, _silent)


def _silent(_done: int, _total: int, _what: str) -> None:
    pass


def test_rows_stay_where_they_are_and_new_ones_go_to_their_months(store: PostgresqlStore, postgresql_url: str) -> None:
    """What was there is a part, in the same file; ids that were brought along are there as well."""
    before = store.fetch("SELECT pg_relation_filenode(%s::regclass)", (EVENTS,))
    divided(postgresql_url, EVENTS)
    with store.begin() as session:
        for month in (date(2026, 11, 30), *MONTHS, date(2027, 2, 1)):
            insert(session, first_id(month))
        insert(session, "e1000000-0000-4000-8000-000000000001")

    assert {
        SO_FAR: f"{EVENTS}__before",
        BROUGHT: f"{EVENTS}__before",
        AT_CHANCE: f"{EVENTS}__2026_12",
        first_id(date(2026, 11, 30)): f"{EVENTS}__before",
        first_id(date(2026, 12, 1)): f"{EVENTS}__2026_12",
        first_id(date(2027, 1, 1)): f"{EVENTS}__2027_01",
        first_id(date(2027, 2, 1)): f"{EVENTS}__others",
        "e1000000-0000-4000-8000-000000000001": f"{EVENTS}__before",
    } == parts(store)
    assert before == store.fetch("SELECT pg_relation_filenode(%s::regclass)", (f"{EVENTS}__before",))


def test_nobody_waits_until_all_rows_are_read(store: PostgresqlStore, postgresql_url: str) -> None:
    """The database knows beforehand that the rows so far are of no time to come, and takes their indexes over."""
    del store
    told: list[str] = []
    division = division_of(layout_of(SCHEMA), EVENTS, MONTHS)
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        built = "SELECT indexrelid FROM pg_index WHERE indrelid = %s::regclass ORDER BY 1"
        indexes = connection.execute(built, (EVENTS,)).fetchall()
        connection.execute(";".join(division.begin()).encode())
        connection.execute(checking(EVENTS).encode())
        connection.execute("SET client_min_messages = debug1")
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        connection.execute(";".join(division.divide()).encode())
        assert indexes == connection.execute(built, (f"{EVENTS}__before",)).fetchall()
    read = [text for text in told if text.startswith("verifying table")]
    assert [f'verifying table "{EVENTS}__others"'] == read
    assert any("implied by existing constraints" in text and f"{EVENTS}__before" in text for text in told), told


def test_a_second_id_is_told_as_in_a_whole_table(store: PostgresqlStore, postgresql_url: str) -> None:
    """Under the name of the primary key, whichever part has it. [E-14]"""
    divided(postgresql_url, EVENTS)
    with store.begin() as session:
        insert(session, first_id(date(2027, 2, 1)))
    for row_id in (SO_FAR, AT_CHANCE, first_id(date(2027, 2, 1))):
        with pytest.raises(UniqueViolation) as told, store.begin() as session:
            insert(session, row_id)
        assert (primary_key_name(EVENTS), EVENTS) == (told.value.index_name, told.value.table)


def test_views_show_all_parts(store: PostgresqlStore, postgresql_url: str) -> None:
    """Activities are asked as one table, of which some are divided. [MT-1]"""
    divided(postgresql_url, "msdyn_ocsession")
    expected = {SO_FAR, first_id(date(2026, 12, 1))}
    with store.begin() as session:
        for row_id in expected:
            session.run("INSERT INTO msdyn_ocsession (activityid) VALUES (%s)", (row_id,))
    assert expected == {str(row[0]) for row in store.fetch("SELECT activityid FROM activitypointer", ())}


def test_done_twice_it_says_so(store: PostgresqlStore, postgresql_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And changes nothing more."""
    command = ["database", "partition", EVENTS, "--database", postgresql_url]
    assert 0 == run([*command, "--dry-run"])
    assert 'PARTITION BY RANGE ("msdyn_sessioneventid")' in capsys.readouterr().out
    with store.read() as session:
        assert not is_divided(session, EVENTS)
    assert 0 == run(command)
    assert f"{EVENTS} is divided by month now.\n" == capsys.readouterr().out
    assert 0 == run([*command, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [{"table": EVENTS, "wasDivided": True, "statements": []}] == told["tables"]
    with store.read() as session:
        assert is_divided(session, EVENTS)


@pytest.mark.parametrize(("table", "code"), [("systemuser", "VS1082"), ("nothing", "VS1082")])
def test_tables_that_do_not_grow_stay_whole(store: PostgresqlStore, postgresql_url: str, table: str, code: str) -> None:
    """Nor does anything that is named beside them become divided."""
    with pytest.raises(OperatorError) as told:
        divided(postgresql_url, EVENTS, table)
    assert code == told.value.code
    with store.read() as session:
        assert not is_divided(session, EVENTS)


def test_rows_in_a_file_stay_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SQLite knows no partitions. VS1083"""
    assert 2 == run(["database", "partition", EVENTS, "--database", f"sqlite:///{tmp_path}/rows.db"])
    assert "VS1083" in capsys.readouterr().err


def test_an_empty_database_has_nothing_to_divide(postgresql_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No organization was founded in it. VS2010"""
    assert 1 == run(["database", "partition", EVENTS, "--database", postgresql_url])
    assert "VS2010" in capsys.readouterr().err


def test_a_table_in_use_is_left_as_it_was(
    store: PostgresqlStore, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever divides gives up before others wait for long. VS2019"""
    monkeypatch.setattr("verselet.store.dividing.PATIENCE_S", 0.05)
    with store.begin() as session:
        insert(session, "e1000000-0000-4000-8000-000000000001")
        with pytest.raises(OperatorError) as told:
            divided(postgresql_url, EVENTS)
    assert "VS2019" == told.value.code
    with store.read() as session:
        assert not is_divided(session, EVENTS)


def test_a_fault_in_the_middle_leaves_everything_as_it_was(
    store: PostgresqlStore, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were put beside are back, and the table takes any id again."""
    monkeypatch.setattr("verselet.store.dividing.checking", lambda _table: "SELECT 1 / 0")
    with pytest.raises(psycopg.Error):
        divided(postgresql_url, EVENTS)
    assert {SO_FAR: EVENTS, BROUGHT: EVENTS, AT_CHANCE: EVENTS} == parts(store)
    with store.begin() as session:
        insert(session, first_id(date(2026, 12, 2)))
    monkeypatch.undo()
    divided(postgresql_url, EVENTS)
    assert {SO_FAR, BROUGHT, AT_CHANCE, first_id(date(2026, 12, 2))} == ids(store)


def test_what_a_divider_left_that_died_is_taken_back_by_the_next(store: PostgresqlStore, postgresql_url: str) -> None:
    """Until then ids of times to come are refused as if somebody were in the way, and all rows are there."""
    with store.begin() as session:
        session.run_script(";".join(division_of(layout_of(SCHEMA), EVENTS, MONTHS).begin()))
    assert {SO_FAR, BROUGHT, AT_CHANCE} == ids(store)
    with pytest.raises(StoreBusy), store.begin() as session:
        insert(session, AT_CHANCE)
    divided(postgresql_url, EVENTS)
    assert {SO_FAR, BROUGHT, AT_CHANCE} == ids(store)
    assert [] == store.fetch("SELECT 1 FROM pg_constraint WHERE conname = %s", (AHEAD,))


def test_one_divides_at_a_time(store: PostgresqlStore, postgresql_url: str) -> None:
    """A second command, or one while a server makes months, changes nothing. VS2019"""
    with store.begin() as session:
        assert holds_months(session)
        with pytest.raises(OperatorError) as told:
            divided(postgresql_url, EVENTS)
    assert "VS2019" == told.value.code
    assert {EVENTS} == set(parts(store).values())


def test_only_who_may_act_for_the_owner_divides(store: PostgresqlStore, postgresql_url: str) -> None:
    """Another user of the database is told whom to name. VS2020"""
    name = f"reader_{conninfo_to_dict(postgresql_url)['dbname']}"
    with store.begin() as session:
        granted = (f'USAGE ON SCHEMA public TO "{name}"', f'SELECT ON ALL TABLES IN SCHEMA public TO "{name}"')
        session.run_script(";".join([f'CREATE ROLE "{name}" LOGIN', *[f"GRANT {one}" for one in granted]]))
    with pytest.raises(OperatorError) as told:
        divided(make_conninfo(postgresql_url, user=name), EVENTS)
    with store.begin() as session:
        session.run_script(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
    assert "VS2020" == told.value.code
    assert {EVENTS} == set(parts(store).values())


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("CREATE VIEW report AS SELECT msdyn_name FROM msdyn_sessionevent", "the view report"),
        ("CREATE TRIGGER own BEFORE UPDATE ON msdyn_sessionevent EXECUTE FUNCTION "
         "suppress_redundant_updates_trigger()", "the trigger own"),
        ("CREATE TABLE notes (event uuid CONSTRAINT own REFERENCES msdyn_sessionevent)", "the foreign key own"),
    ],
)  # fmt: skip
def test_what_goes_by_the_table_must_go_before(
    store: PostgresqlStore, postgresql_url: str, made: str, name: str
) -> None:
    """It would stay with the rows of before, and nobody would notice. VS2021"""
    with store.begin() as session:
        session.run_script(made)
    with pytest.raises(OperatorError, match=name) as told:
        divided(postgresql_url, EVENTS)
    assert "VS2021" == told.value.code
    assert {EVENTS} == set(parts(store).values())


def test_what_cannot_be_taken_back_at_once_is_told(
    store: PostgresqlStore, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody came between who stays; the next command takes it back, and divides. VS2022"""
    other = PostgresqlStore(postgresql_url)
    with contextlib.ExitStack() as stack:

        def come(_session: Session, _table: str, _months: Sequence[date]) -> None:
            insert(stack.enter_context(other.begin()), "e1000000-0000-4000-8000-000000000001")
            raise StoreBusy

        monkeypatch.setattr("verselet.store.dividing.PATIENCE_S", 0.01)
        monkeypatch.setattr("verselet.store.dividing._replace", come)
        with pytest.raises(OperatorError) as told:
            divided(postgresql_url, EVENTS)
    other.close()
    assert "VS2022" == told.value.code
    assert 4 == len(ids(store))
    monkeypatch.undo()
    divided(postgresql_url, EVENTS)
    assert 4 == len(ids(store))


def test_other_roles_keep_their_rights(store: PostgresqlStore, postgresql_url: str) -> None:
    """Somebody who makes reports reads the divided table, and may still not write."""
    reads = "SELECT has_table_privilege('pg_monitor', %s, 'SELECT'), has_table_privilege('pg_monitor', %s, 'INSERT')"
    with store.begin() as session:
        session.run_script(f"GRANT SELECT ON {EVENTS} TO pg_monitor")
    divided(postgresql_url, EVENTS)
    assert [(True, False)] == store.fetch(reads, (EVENTS, EVENTS))


def test_months_are_named_by_their_first_day() -> None:
    """Over the end of a year, and back from the name of a part."""
    assert date(2026, 11, 1) == month_of(NOW)
    assert date(2027, 2, 1) == month_after(month_of(NOW), 3)
    assert "2027_02" == month_name(date(2027, 2, 1))
    assert ["audit", "audit", "audit", None] == [
        whole_name(part) for part in ("audit__2027_02", "audit__before", "audit__others", "audit")
    ]
    assert "019b0000-0000-7000-8000-000000000001" < first_id(date(2026, 11, 1)) < AT_CHANCE
