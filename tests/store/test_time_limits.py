"""A statement that runs too long is stopped by the store, on both of them. [LM-4]"""

from __future__ import annotations

import threading

import pytest

from tests.store.conftest import Place
from verselet.store.engine import open_store
from verselet.store.failures import StatementStopped, TakesLong
from verselet.store.watch import HURRY_S

LIMIT_S = 1.0
"""Longer than any machine takes for what is to be done within it."""

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT count(*) FROM n"
"""Two thousand million rows, counted one by one."""


def test_a_statement_is_stopped_and_the_next_one_runs(place: Place) -> None:
    """The limit is one statement's; the store goes on. [LM-4]"""
    store = open_store(place.url, directory=place.directory, statement_limit_s=LIMIT_S)

    with pytest.raises(StatementStopped):
        store.fetch(LONG, ())
    assert [(1,)] == store.fetch("SELECT 1", ())
    store.close()


def test_a_transaction_whose_statement_is_stopped_is_undone(place: Place) -> None:
    """Nothing of it is stored, and the next transaction begins clean. [E-21]"""
    store = open_store(place.url, directory=place.directory, statement_limit_s=LIMIT_S)
    with store.begin() as session:
        session.run("CREATE TABLE kept (i integer)")

    with pytest.raises(StatementStopped), store.begin() as session:
        session.run("INSERT INTO kept VALUES (1)")
        session.run(LONG)
    assert [(0,)] == store.fetch("SELECT count(*) FROM kept", ())
    store.close()


def test_a_thread_in_a_hurry_gives_up_sooner() -> None:
    """What an event loop reads is given up long before the limit. (performance.md §5)"""
    store = open_store(None, statement_limit_s=60)
    store.hurry(on=True)

    with pytest.raises(TakesLong):
        store.fetch(LONG, ())
    store.hurry(on=False)
    assert [(1,)] == store.fetch("SELECT 1", ())
    store.close()


def test_a_thread_in_a_hurry_never_stops_at_the_limit() -> None:
    """Whoever has the time begins the statement again and is given all of it. (performance.md §5)"""
    store = open_store(None, statement_limit_s=HURRY_S / 2)
    store.hurry(on=True)

    with pytest.raises(TakesLong):
        store.fetch(LONG, ())
    store.hurry(on=False)
    with pytest.raises(StatementStopped):
        store.fetch(LONG, ())
    store.close()


def test_a_thread_in_a_hurry_does_not_wait_for_its_turn() -> None:
    """In memory all wait for whoever is at work, but an event loop. (performance.md §5)"""
    store = open_store(None)
    inside, done = threading.Event(), threading.Event()

    def at_work() -> None:
        with store.begin():
            inside.set()
            done.wait(60)

    other = threading.Thread(target=at_work)
    other.start()
    assert inside.wait(60)
    assert store.is_taken(writing=False)
    store.hurry(on=True)
    with pytest.raises(TakesLong):
        store.fetch("SELECT 1", ())
    store.hurry(on=False)
    done.set()
    other.join()
    assert not store.is_taken(writing=True)
    store.close()


def test_what_runs_is_stopped_when_the_server_ends(place: Place) -> None:
    """A statement without a limit does not keep the server from ending. contract.md §2"""
    store = open_store(place.url, directory=place.directory, statement_limit_s=0)
    ended: list[type[BaseException]] = []

    def at_work() -> None:
        try:
            store.fetch(LONG, ())
        except StatementStopped as error:
            ended.append(type(error))

    other = threading.Thread(target=at_work)
    other.start()
    while other.is_alive():
        # It may not have begun the first time.
        store.stop()
        other.join(0.05)
    store.close()
    assert [StatementStopped] == ended
