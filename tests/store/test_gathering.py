"""What a thread writes for several requests is committed together; each can fail alone. (performance.md §7)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw
import pytest

from tests.store.conftest import Place
from tests.store.rows import add, ids, in_another_thread, row_id
from tests.store.tables import SAMPLE, SCHEMA
from verselet.settings import FILE_NAME
from verselet.store.engine import Store, open_store
from verselet.store.failures import LayoutChanged, StoreBusy, StoreFull
from verselet.store.session import Session
from verselet.store.sqlite_connection import PATIENCE_S
from verselet.store.sqlite_session import SqliteSession


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file: there a commit waits for the disk."""
    store = open_store(f"sqlite:///{tmp_path / FILE_NAME}")
    store.prepare_schema(SCHEMA)
    yield store
    store.close()


@contextmanager
def one_request(store: Store) -> Iterator[Session]:
    """A transaction of a request that may wait for others."""
    store.gather(on=True)
    try:
        with store.begin(store.generations().schema) as session:
            yield session
    finally:
        store.gather(on=False)


def told(store: Store) -> list[bool]:
    """What those who wait for the open group will be told."""
    heard: list[bool] = []
    assert store.group is not None
    store.group.then.append(heard.append)
    return heard


def seen_by_another(store: Store) -> list[str]:
    """The rows that another thread sees."""
    found: list[str] = []
    in_another_thread(lambda: found.extend(ids(store, SAMPLE)))
    return found


def test_requests_are_committed_together(file_store: Store) -> None:
    """Nobody sees the rows of a group before its end, then everybody sees all of them."""
    with one_request(file_store) as session:
        add(session, 1)
    with one_request(file_store) as session:
        add(session, 2)
    heard = told(file_store)

    assert [] == seen_by_another(file_store)
    assert [] == heard

    file_store.settle()

    assert [row_id(1), row_id(2)] == seen_by_another(file_store)
    assert [True] == heard
    assert file_store.group is None


def test_between_two_requests_the_same_thread_sees_what_is_committed(file_store: Store) -> None:
    """A read that belongs to none of the requests sees none of them."""
    with one_request(file_store) as session:
        add(session, 1)

    assert [] == ids(file_store, SAMPLE)
    assert [] == file_store.fetch('SELECT * FROM "sample"', ())


def test_a_request_sees_those_before_it(file_store: Store) -> None:
    """Its own earlier transaction among them; its answer waits for the group as theirs do."""
    with one_request(file_store) as session:
        add(session, 1)
    file_store.gather(on=True)
    found = ids(file_store, SAMPLE)
    file_store.gather(on=False)

    assert [row_id(1)] == found


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_request_fails_alone(file_store: Store, failing: int) -> None:
    """Whichever of them it is."""
    for number in (1, 2, 3):
        with suppress(ZeroDivisionError), one_request(file_store) as session:
            add(session, number)
            if number == failing:
                raise ZeroDivisionError
    file_store.settle()

    assert [row_id(number) for number in (1, 2, 3) if number != failing] == ids(file_store, SAMPLE)


def test_a_transaction_of_nobody_who_gathers_settles_the_group_first(file_store: Store) -> None:
    """It is a transaction of its own, whose end waits for nothing."""
    with one_request(file_store) as session:
        add(session, 1)
    heard = told(file_store)
    with file_store.begin() as session:
        assert [True] == heard
        add(session, 2)

    assert file_store.group is None
    assert [row_id(1), row_id(2)] == seen_by_another(file_store)


def test_what_others_must_take_in_is_committed_at_once(file_store: Store) -> None:
    """Rights that were changed hold for the next request, in the same turn as well. [SEC-109]"""
    with one_request(file_store) as session:
        add(session, 1)
    heard = told(file_store)
    before = file_store.generations().rights
    with one_request(file_store) as session:
        add(session, 2)
        session.outdate("rights")

    assert [True] == heard
    assert before + 1 == file_store.generations().rights
    assert [row_id(1), row_id(2)] == seen_by_another(file_store)


def test_a_request_with_an_older_schema_is_no_part_of_a_group(file_store: Store) -> None:
    """It begins again with the newest one; the others stay."""
    with one_request(file_store) as session:
        add(session, 1)
    file_store.gather(on=True)
    with pytest.raises(LayoutChanged), file_store.begin(file_store.generations().schema - 1):
        pass
    file_store.gather(on=False)
    file_store.settle()

    assert [row_id(1)] == ids(file_store, SAMPLE)


def test_what_a_full_disk_undoes_is_undone_for_all_and_all_are_told(file_store: Store) -> None:
    """A failure of the whole transaction takes the rows of the others along: they begin again."""
    with one_request(file_store) as session:
        add(session, 1)
        session.run(f"PRAGMA max_page_count = {session.run('PRAGMA page_count')[0][0]!r}")
    heard = told(file_store)
    with pytest.raises(StoreFull), one_request(file_store) as session:
        for number in range(2, 200):
            add(session, number, "x" * 1000)

    assert [False] == heard
    assert [] == ids(file_store, SAMPLE)
    with file_store.begin() as session:
        add(session, 3)
    assert [row_id(3)] == seen_by_another(file_store)


def test_a_commit_that_fails_is_told_to_all(file_store: Store) -> None:
    """Nothing is left of the group, and the store goes on."""
    with one_request(file_store) as session:
        assert isinstance(session, SqliteSession)
        add(session, 1)
        session.connection.set_commit_hook(lambda: True)
    heard = told(file_store)
    with pytest.raises(apsw.ConstraintError):
        file_store.settle()
    session.connection.set_commit_hook(None)

    assert [False] == heard
    assert [] == ids(file_store, SAMPLE)
    with file_store.begin() as session:
        add(session, 2)
    assert [row_id(2)] == seen_by_another(file_store)


def test_other_threads_write_when_the_group_is_settled(file_store: Store) -> None:
    """They wait for it as for any transaction."""
    with one_request(file_store) as session:
        add(session, 1)
    assert not file_store.is_taken(writing=True)
    taken: list[bool] = []
    in_another_thread(lambda: taken.append(file_store.is_taken(writing=True)))
    file_store.settle()

    def write() -> None:
        with file_store.begin() as session:
            add(session, 2)

    in_another_thread(write)

    assert [True] == taken
    assert [row_id(1), row_id(2)] == ids(file_store, SAMPLE)


def test_a_request_that_has_waited_long_enough_waits_no_longer(file_store: Store) -> None:
    """While another thread writes it is refused at once, and let in where nobody does."""
    with file_store.begin() as session:
        add(session, 1)

        def write() -> None:
            file_store.gather(on=True, waited_s=PATIENCE_S)
            try:
                with pytest.raises(StoreBusy), file_store.begin():
                    add(session, 2)
            finally:
                file_store.gather(on=False)

        in_another_thread(write)
    file_store.gather(on=True, waited_s=PATIENCE_S)
    with file_store.begin() as session:
        add(session, 3)
    file_store.gather(on=False)

    assert [row_id(1), row_id(3)] == seen_by_another(file_store)


def test_only_files_make_requests_wait(place: Place) -> None:
    """In memory a commit costs nothing, and a database's sessions have threads of their own."""
    store = place.open()
    store.prepare_schema(SCHEMA)
    with one_request(store) as session:
        add(session, 1)

    assert (place.kind == "file") == (store.group is not None)
    store.settle()
