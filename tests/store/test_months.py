"""The months of divided tables: made ahead, and let go when nothing in them must stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from msgspec import structs

from tests.store.test_dividing import AT_CHANCE, BROUGHT, EVENTS, KEY, SCHEMA, SO_FAR, divided, insert, parts
from verselet.metadata.columns import TextColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Key
from verselet.store.division import AHEAD, division_of, first_id
from verselet.store.failures import StoreBusy
from verselet.store.layout import layout_of
from verselet.store.months import (
    analyze_whole,
    divided_tables,
    holds_months,
    let_months_go,
    make_months,
    whole_parts,
)
from verselet.store.postgresql import PostgresqlStore
from verselet.store.preparation import change
from verselet.store.refusals import KeyedBesideId

DECEMBER, JANUARY, FEBRUARY, MARCH = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)


@pytest.fixture
def store(postgresql_url: str) -> Iterator[PostgresqlStore]:
    """A database with one divided table, from December on."""
    opened = PostgresqlStore(postgresql_url)
    opened.prepare_schema(SCHEMA)
    divided(postgresql_url, EVENTS)
    yield opened
    opened.close()


def looked(store: PostgresqlStore, now: datetime) -> None:
    """What the server does once an hour."""
    with store.begin() as session:
        assert holds_months(session)
        for table in divided_tables(session):
            make_months(session, table, now)
            let_months_go(session, table, now)


def months(store: PostgresqlStore) -> list[str]:
    """The months that have parts."""
    rows = store.fetch("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (MONTHS,))
    return sorted(str(row[0]).removeprefix(f"{EVENTS}__") for row in rows if "others" not in str(row[0]))


MONTHS = f"{EVENTS}__months"


def test_the_next_two_months_are_always_there(store: PostgresqlStore) -> None:
    """As time goes by; a row finds its month."""
    found = []
    for month in (11, 12):
        looked(store, datetime(2026, month, 28, tzinfo=UTC))
        found.append(months(store))
    assert [["2026_12", "2027_01"], ["2026_12", "2027_01", "2027_02"]] == found
    with store.begin() as session:
        insert(session, first_id(FEBRUARY))
    assert {first_id(FEBRUARY): f"{EVENTS}__2027_02"} == parts(store)


def test_rows_that_came_before_their_month_move_there(store: PostgresqlStore) -> None:
    """Ids by chance that look as if they were made later lie among the others until then."""
    with store.begin() as session:
        insert(session, first_id(FEBRUARY))
        insert(session, first_id(MARCH))
    assert {f"{EVENTS}__others"} == set(parts(store).values())
    looked(store, datetime(2026, 12, 3, tzinfo=UTC))
    assert {first_id(FEBRUARY): f"{EVENTS}__2027_02", first_id(MARCH): f"{EVENTS}__others"} == parts(store)


def test_a_month_that_was_not_made_in_time_is_none(store: PostgresqlStore) -> None:
    """Its rows stay among the others, nothing fails, and the next months are made."""
    with store.begin() as session:
        insert(session, first_id(FEBRUARY))
    looked(store, datetime(2027, 2, 3, tzinfo=UTC))
    assert ["2027_03", "2027_04"] == months(store)
    assert {first_id(FEBRUARY): f"{EVENTS}__others"} == parts(store)
    with store.begin() as session:
        insert(session, first_id(date(2027, 2, 3)))
        insert(session, first_id(MARCH))
    assert [f"{EVENTS}__others", f"{EVENTS}__others", f"{EVENTS}__2027_03"] == [
        parts(store)[first_id(day)] for day in (FEBRUARY, date(2027, 2, 3), MARCH)
    ]


def test_a_past_month_goes_when_its_last_row_has_gone(store: PostgresqlStore) -> None:
    """Not before, and not while the month is running. A row of that time that comes late lies among the others."""
    with store.begin() as session:
        insert(session, first_id(DECEMBER))
    looked(store, datetime(2027, 1, 20, tzinfo=UTC))
    assert ["2026_12", "2027_01", "2027_02", "2027_03"] == months(store)
    with store.begin() as session:
        session.run(f"DELETE FROM {EVENTS} WHERE {KEY} = %s", (first_id(DECEMBER),))
    looked(store, datetime(2027, 1, 20, tzinfo=UTC))
    assert ["2027_01", "2027_02", "2027_03"] == months(store)
    with store.begin() as session:
        insert(session, first_id(DECEMBER))
    assert {first_id(DECEMBER): f"{EVENTS}__others"} == parts(store)


def test_a_row_that_comes_at_the_last_moment_keeps_its_month(
    store: PostgresqlStore, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lets a month go looks once more when nobody else can write there."""
    from verselet.store import months as module

    other, lock = PostgresqlStore(postgresql_url), module._lock

    def late(session: object, table: str) -> None:
        with other.begin() as writing:
            insert(writing, first_id(DECEMBER))
        lock(session, table)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_lock", late)
    with store.begin() as session:
        let_months_go(session, EVENTS, datetime(2027, 1, 20, tzinfo=UTC))
    other.close()
    assert {first_id(DECEMBER): f"{EVENTS}__2026_12"} == parts(store)


def test_nobody_waits_for_a_table_that_is_in_use(store: PostgresqlStore, postgresql_url: str) -> None:
    """The months are made the next time."""
    other = PostgresqlStore(postgresql_url)
    with other.begin() as session:
        insert(session, first_id(JANUARY))
        with pytest.raises(StoreBusy):
            looked(store, datetime(2026, 12, 3, tzinfo=UTC))
    looked(store, datetime(2026, 12, 3, tzinfo=UTC))
    assert ["2026_12", "2027_01", "2027_02"] == months(store)
    other.close()


def test_one_server_at_a_time_keeps_months(store: PostgresqlStore, postgresql_url: str) -> None:
    """The others look again an hour later."""
    other = PostgresqlStore(postgresql_url)
    with store.begin() as first, other.begin() as second:
        assert (True, False) == (holds_months(first), holds_months(second))
    with other.begin() as second:
        assert holds_months(second)
    other.close()


def test_a_server_takes_back_what_a_divider_left_that_died(postgresql_url: str) -> None:
    """Before the month comes whose ids the table refuses meanwhile."""
    store = PostgresqlStore(postgresql_url)
    store.prepare_schema(SCHEMA)
    with store.begin() as session:
        for row_id in (SO_FAR, BROUGHT, AT_CHANCE):
            insert(session, row_id)
        session.run_script(";".join(division_of(layout_of(SCHEMA), EVENTS, (DECEMBER, JANUARY)).begin()))
    with store.begin() as session:
        assert holds_months(session)
    assert {SO_FAR: EVENTS, BROUGHT: EVENTS, AT_CHANCE: EVENTS} == parts(store)
    assert [] == store.fetch("SELECT 1 FROM pg_constraint WHERE conname = %s", (AHEAD,))
    store.close()


def test_the_whole_is_looked_at_once_a_week(store: PostgresqlStore) -> None:
    """Dividing does it; without that the database knows its parts only."""
    with store.begin() as session:
        assert not analyze_whole(session)
    store.fetch("SELECT pg_stat_reset()", ())
    with store.begin() as session:
        assert analyze_whole(session)
    with store.begin() as session:
        assert not analyze_whole(session)


def test_rows_go_one_by_one_out_of_parts_that_stay(store: PostgresqlStore) -> None:
    """Out of a whole table as well."""
    with store.read() as session:
        assert ((f"{EVENTS}__before", f"{EVENTS}__others"), ("audit",)) == (
            whole_parts(session, EVENTS),
            whole_parts(session, "audit"),
        )


def with_more(**changes: object) -> Schema:
    """The next schema, in which the table of events is another one."""
    table = structs.replace(SCHEMA.tables[EVENTS], **changes)
    return structs.replace(SCHEMA, tables={**SCHEMA.tables, EVENTS: table}, generation=SCHEMA.generation + 1)


def test_a_divided_table_is_upgraded(store: PostgresqlStore) -> None:
    """A column and an index come to all parts, and months that are made later have them."""
    columns = {**SCHEMA.tables[EVENTS].columns, "new_text": TextColumn(name="new_text", schema_name="new_Text")}
    with store.begin() as session:
        insert(session, first_id(DECEMBER))
    store.prepare_schema(with_more(columns=columns))
    with store.begin() as session:
        session.run_script(f'CREATE INDEX "ix_new" ON {EVENTS} (new_text)')
    looked(store, datetime(2026, 12, 3, tzinfo=UTC))
    with store.begin() as session:
        for day in (date(2026, 11, 3), JANUARY, FEBRUARY):
            session.run(f"INSERT INTO {EVENTS} ({KEY}, new_text) VALUES (%s, %s)", (first_id(day), "x"))
    assert [(3,)] == store.fetch(f"SELECT count(*) FROM {EVENTS} WHERE new_text = %s", ("x",))
    counted = (
        "SELECT count(*) FROM pg_partition_tree(%s::regclass) p JOIN pg_index i ON i.indrelid = p.relid "
        "WHERE pg_get_indexdef(i.indexrelid) LIKE '%%(new_text)'"
    )
    assert [(7,)] == store.fetch(counted, (EVENTS,))
    with store.begin() as session:
        session.run_script('DROP INDEX "ix_new"')
    assert [(0,)] == store.fetch(counted, (EVENTS,))


def test_an_alternate_key_of_a_divided_table_is_refused(store: PostgresqlStore) -> None:
    """PostgreSQL could not see to it. VS2018 [K-1]"""
    key = Key(name="name", schema_name="Name", columns=("msdyn_name",))
    keyed = with_more(keys=(key,))
    with pytest.raises(KeyedBesideId), store.begin() as session:
        change(session, structs.replace(SCHEMA, generation=store.generations(certain=True).schema), keyed)
    with pytest.raises(KeyedBesideId):
        store.prepare_schema(keyed)
