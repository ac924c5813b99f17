"""What happens together happens or does not; what fails leaves nothing."""

from __future__ import annotations

import threading

import pytest

from tests.store.conftest import Place
from tests.store.rows import add, ids, in_another_thread, insert, insert_text, row_id, rows_in
from tests.store.tables import LINK, SAMPLE, SCHEMA
from verselet.sql.columns import key_index_name, pair_index_name, primary_key_name
from verselet.store.engine import Store
from verselet.store.session import Session, UniqueViolation


class Mishap(Exception):
    """Something that goes wrong in the middle."""


def fail_after_adding(store: Store, number: int) -> None:
    """A transaction that does something and fails."""
    with store.begin() as session:
        add(session, number)
        raise Mishap


def fail_in_savepoint(session: Session, number: int) -> None:
    """A part of a transaction that does something and fails."""
    with session.savepoint():
        add(session, number)
        raise Mishap


def add_all(store: Store, *texts: str | None) -> None:
    """One transaction that adds a row for each text, numbered from 1."""
    with store.begin() as session:
        for number, text in enumerate(texts, 1):
            add(session, number, text)


def test_what_is_written_stays(store: Store) -> None:
    """A transaction that ends well is kept."""
    with store.begin() as session:
        add(session, 1)

    assert [row_id(1)] == ids(store, SAMPLE)


def test_an_exception_undoes_the_transaction(store: Store) -> None:
    """A transaction that fails leaves nothing, and the next one is free to go. [ET-8]"""
    with pytest.raises(Mishap):
        fail_after_adding(store, 1)
    with store.begin() as session:
        add(session, 2)

    assert [row_id(2)] == ids(store, SAMPLE)


def test_a_savepoint_fails_alone(store: Store) -> None:
    """What happened before and after a failed savepoint is kept."""
    with store.begin() as session:
        add(session, 1)
        with pytest.raises(Mishap):
            fail_in_savepoint(session, 2)
        add(session, 3)

    assert [row_id(1), row_id(3)] == ids(store, SAMPLE)


def test_what_comes_first_fails_alone(store: Store) -> None:
    """A transaction whose first part failed goes on, and still fails or is kept as a whole."""
    with pytest.raises(Mishap), store.begin() as session:
        with pytest.raises(Mishap):
            fail_in_savepoint(session, 1)
        add(session, 2)
        raise Mishap
    with store.begin() as session:
        with pytest.raises(Mishap):
            fail_in_savepoint(session, 3)
        with pytest.raises(Mishap), session.savepoint():
            with pytest.raises(Mishap):
                fail_in_savepoint(session, 4)
            add(session, 5)
            raise Mishap
        with session.savepoint():
            add(session, 6)

    assert [row_id(6)] == ids(store, SAMPLE)


def test_a_table_made_before_a_part_that_fails_is_kept(store: Store) -> None:
    """Definitions are written before the part begins, though no row is."""
    with store.begin() as session:
        session.run_script("CREATE TABLE made_before (one INTEGER)")
        with pytest.raises(Mishap):
            fail_in_savepoint(session, 1)

    with store.begin() as session:
        assert [] == session.run("SELECT one FROM made_before")


def test_savepoints_nest(store: Store) -> None:
    """An inner savepoint that succeeded goes with the outer one that fails."""

    def fail_after_a_success(session: Session) -> None:
        with session.savepoint():
            with session.savepoint():
                add(session, 1)
            raise Mishap

    with store.begin() as session:
        with pytest.raises(Mishap):
            fail_after_a_success(session)
        with session.savepoint():
            with pytest.raises(Mishap):
                fail_in_savepoint(session, 2)
            add(session, 3)

    assert [row_id(3)] == ids(store, SAMPLE)


def test_a_statement_that_fails_in_a_savepoint_does_no_harm(store: Store) -> None:
    """The transaction goes on after a violation that happened inside a savepoint, on every store."""
    with store.begin() as session:
        add(session, 1)
        for _ in range(2):
            with pytest.raises(UniqueViolation), session.savepoint():
                add(session, 1)
        add(session, 2)

    assert [row_id(1), row_id(2)] == ids(store, SAMPLE)


def test_a_transaction_inside_a_transaction_is_a_savepoint(store: Store) -> None:
    """A message sent inside a message shares its transaction and can fail alone. [EVT-7]"""
    with store.begin() as outer:
        add(outer, 1)
        with pytest.raises(Mishap):
            fail_after_adding(store, 2)
        with store.begin() as inner:
            add(inner, 3)

    assert [row_id(1), row_id(3)] == ids(store, SAMPLE)


def test_the_outer_transaction_decides(store: Store) -> None:
    """An inner transaction that ended well is undone with the outer one."""

    def fail_after_a_success() -> None:
        with store.begin():
            with store.begin() as inner:
                add(inner, 1)
            raise Mishap

    with pytest.raises(Mishap):
        fail_after_a_success()

    assert [] == ids(store, SAMPLE)


def test_a_thread_sees_what_its_transaction_wrote(store: Store) -> None:
    """All ways of reading give the open transaction's own state to the thread that opened it."""
    with store.begin() as session:
        add(session, 1)

        assert 1 == len(rows_in(session, SAMPLE))
        assert 1 == len(store.fetch('SELECT 1 FROM "sample"', ()))
        assert [row_id(1)] == ids(store, SAMPLE)


def test_the_number_of_touched_rows_is_known(store: Store) -> None:
    """An update says how many rows it found."""
    mark = store.dialect.placeholder
    with store.begin() as session:
        for number in range(3):
            add(session, number)
        session.run(f'UPDATE "sample" SET "integer" = 1 WHERE "sampleid" <> {mark}', (row_id(0),))
        assert 2 == session.row_count
        session.run(f'DELETE FROM "sample" WHERE "sampleid" = {mark}', (row_id(9),))
        assert 0 == session.row_count


def test_a_percent_sign_is_only_a_percent_sign(store: Store) -> None:
    """The compiler doubles it where the placeholder is %s; the statement means the same on every store."""
    percent = "%%" if store.dialect.doubles_percent else "%"
    with store.begin() as session:
        add(session, 1, "100 %s of it")
    mark = store.dialect.placeholder
    text = f"""SELECT "text" FROM "sample" WHERE "text" LIKE '100 {percent}' AND "text" LIKE {mark}"""

    assert [("100 %s of it",)] == store.fetch(text, ("%of%",))


# --- violations ------------------------------------------------------------------------------------------------------


def test_a_second_row_with_the_same_id_names_the_primary_key(store: Store) -> None:
    """The primary key is reported by its name. [E-14]"""
    add_all(store, "there")
    with pytest.raises(UniqueViolation) as violation:
        add_all(store, "again")

    assert (primary_key_name("sample"), "sample") == (violation.value.index_name, violation.value.table)


def test_a_second_row_with_the_same_key_names_the_key(store: Store) -> None:
    """An alternate key is reported by its index; it ignores letter case. [K-9], [E-14]"""
    with pytest.raises(UniqueViolation) as violation:
        add_all(store, "Ada", "ADA")

    assert key_index_name("sample", SAMPLE.keys[0]) == violation.value.index_name
    assert [] == ids(store, SAMPLE)


def test_rows_without_key_values_do_not_collide(store: Store) -> None:
    """No value is no value of a key: several rows may have none. [K-1]"""
    add_all(store, None, None)

    assert 2 == len(ids(store, SAMPLE))


def test_a_pair_can_be_associated_once(store: Store) -> None:
    """An intersect table holds each pair once, and a pair is not its reverse. [MD-12]"""
    with store.begin() as session:
        insert(session, LINK, {"linkid": row_id(1), "firstid": row_id(7), "secondid": row_id(8)})
        insert(session, LINK, {"linkid": row_id(2), "firstid": row_id(8), "secondid": row_id(7)})
    with pytest.raises(UniqueViolation) as violation, store.begin() as session:
        insert(session, LINK, {"linkid": row_id(3), "firstid": row_id(7), "secondid": row_id(8)})

    assert pair_index_name("link") == violation.value.index_name


def test_one_bad_row_of_many_undoes_them_all(store: Store) -> None:
    """A bulk write that violates a key leaves nothing, also not the rows of batches before it."""
    rows = [(row_id(number),) for number in (*range(450), 449)]
    with pytest.raises(UniqueViolation) as violation, store.begin() as session:
        session.run_many(insert_text(session, SAMPLE, ["sampleid"]), rows)

    assert primary_key_name("sample") == violation.value.index_name
    assert [] == ids(store, SAMPLE)


def test_a_bulk_write_can_fail_in_a_savepoint(store: Store) -> None:
    """The connection is of use after a failed bulk write."""
    with store.begin() as session:
        with pytest.raises(UniqueViolation), session.savepoint():
            session.run_many(insert_text(session, SAMPLE, ["sampleid"]), [(row_id(1),), (row_id(1),), (row_id(2),)])
        session.run_many(insert_text(session, SAMPLE, ["sampleid"]), [(row_id(3),), (row_id(4),)])

    assert [row_id(3), row_id(4)] == ids(store, SAMPLE)


# --- versions --------------------------------------------------------------------------------------------------------


def test_versions_grow(store: Store) -> None:
    """Each number is larger than all before it; a block is numbers in a row. [ET-7]"""
    with store.begin() as session:
        first = session.next_versions()
        block = session.next_versions(1000)
    with store.begin() as session:
        later = session.next_versions()

    assert first < block
    assert block + 1000 <= later


@pytest.mark.parametrize("wanted", [0, 1, 3])
def test_numbers_that_come_with_the_beginning_are_given_out_once(store: Store, wanted: int) -> None:
    """However many were asked for ahead, each number is larger than the one before it; a block stays whole. [ET-7]"""
    in_force = store.generations(certain=True).schema
    taken: list[int] = []
    for _ in range(2):
        with store.begin(in_force, versions=wanted) as session:
            taken += [session.next_versions() for _ in range(2)]
            block = session.next_versions(4)
            taken += [*range(block, block + 4), session.next_versions()]

    assert sorted(set(taken)) == taken


def test_versions_never_repeat_across_threads(store: Store) -> None:
    """Whatever several writers take at once, no number is given out twice. [ET-7]"""
    taken: list[int] = []
    started = threading.Barrier(4)

    def take(block: int) -> None:
        started.wait()
        for _ in range(25):
            with store.begin() as session:
                first = session.next_versions(block)
            taken.extend(range(first, first + block))

    threads = [threading.Thread(target=take, args=(block,)) for block in (1, 1, 7, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 25 * (1 + 1 + 7 + 50) == len(set(taken)) == len(taken)


# --- several at once -------------------------------------------------------------------------------------------------


def test_a_reader_does_not_wait_for_the_writer(durable_store: Store) -> None:
    """Beside an open transaction others read what was there before it."""
    seen: list[list[str]] = []
    with durable_store.begin() as session:
        add(session, 1)
        in_another_thread(lambda: seen.append(ids(durable_store, SAMPLE)))
        in_another_thread(lambda: seen.append([str(row) for row in durable_store.fetch('SELECT 1 FROM "sample"', ())]))
    in_another_thread(lambda: seen.append(ids(durable_store, SAMPLE)))

    assert [[], [], [row_id(1)]] == seen


def test_a_reader_sees_one_state(durable_store: Store) -> None:
    """What others commit meanwhile does not show up between two statements of one reading."""

    def write() -> None:
        with durable_store.begin() as session:
            add(session, 1)

    with durable_store.read() as session:
        before = rows_in(session, SAMPLE)
        in_another_thread(write)
        after = rows_in(session, SAMPLE)

    assert [] == before == after
    assert [row_id(1)] == ids(durable_store, SAMPLE)


def test_writers_wait_for_each_other(store: Store) -> None:
    """Several threads that write at once lose nothing."""
    with store.begin() as session:
        insert(session, SAMPLE, {"sampleid": row_id(1), "integer": 0})

    def count() -> None:
        for _ in range(25):
            with store.begin() as session:
                session.run('UPDATE "sample" SET "integer" = "integer" + 1')

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(100,)] == store.fetch('SELECT "integer" FROM "sample"', ())


def test_two_servers_can_write_to_one_place(durable: Place) -> None:
    """Several processes share durable rows: none loses what the other wrote, and numbers never repeat. [ET-7]"""
    stores = (durable.open(), durable.open())
    for store in stores:
        store.prepare_schema(SCHEMA)
    with stores[0].begin() as session:
        insert(session, SAMPLE, {"sampleid": row_id(1), "integer": 0})
    taken: list[int] = []

    def count(store: Store) -> None:
        for _ in range(20):
            with store.begin() as session:
                taken.append(session.next_versions())
                session.run('UPDATE "sample" SET "integer" = "integer" + 1')

    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(40,)] == stores[1].fetch('SELECT "integer" FROM "sample"', ())
    assert 40 == len(set(taken))
