"""Who may write a file of SQLite, of several processes."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest

from verselet.store.failures import LayoutChanged
from verselet.store.snapshots import save
from verselet.store.sqlite import SqliteStore
from verselet.store.turnstile import Turnstile


def test_one_is_let_in_at_a_time(tmp_path: Path) -> None:
    """The other one waits, and is next."""
    first, second = Turnstile(tmp_path / "a.db"), Turnstile(tmp_path / "a.db")
    first.enter()
    came = threading.Event()

    def come() -> None:
        second.enter()
        came.set()
        second.leave()

    waiting = threading.Thread(target=come)
    waiting.start()
    assert (True, False) == (second.is_taken(), came.wait(0.05))
    first.leave()
    assert came.wait(60)
    waiting.join()
    assert (False, False) == (first.is_taken(), second.is_taken())
    first.close()
    second.close()


def test_looking_does_not_let_go(tmp_path: Path) -> None:
    """Whoever has his turn keeps it, however often anybody of his process looks."""
    first, second = Turnstile(tmp_path / "a.db"), Turnstile(tmp_path / "a.db")
    first.enter()
    assert [True] * 3 == [first.is_taken(), first.is_taken(), second.is_taken()]
    first.leave()
    first.close()
    second.close()


def test_whoever_waits_is_before_whoever_comes_again(tmp_path: Path) -> None:
    """Two that write without a pause take turns: none has to wait for more than a few turns of the other."""
    stores = [SqliteStore(tmp_path / "a.db", is_shared=True) for _ in range(2)]
    with stores[0].begin() as session:
        session.run_script("CREATE TABLE turn (number INTEGER)")
    started, turns = threading.Barrier(2), [0, 0]

    def write(number: int) -> None:
        started.wait()
        # Both are there until each has had its turns, whichever of them the machine lets begin.
        while min(turns) < 100:
            with stores[number].begin() as session:
                session.run("INSERT INTO turn (number) VALUES (?)", (number,))
            turns[number] += 1

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    came = [int(str(row[0])) for row in stores[0].fetch("SELECT number FROM turn ORDER BY rowid", ())]
    assert (sum(turns), True) == (len(came), 20 < sum(one != other for one, other in pairwise(came)))
    for store in stores:
        store.close()


def test_every_writer_of_a_file_takes_its_turn(tmp_path: Path) -> None:
    """A server of one process and a seed beside it as well, and whoever saves the file."""
    path = tmp_path / "a.db"
    store, other = SqliteStore(path), Turnstile(path)
    with store.begin() as session:
        session.run_script("CREATE TABLE turn (number INTEGER)")
        assert other.is_taken()
    other.enter()
    assert store.is_taken(writing=True)
    other.leave()
    seen: list[bool] = []
    save(path, tmp_path / "copy.db", lambda: seen.append(other.is_taken()), lambda _done, _total: None)
    assert ([True], False) == (seen, other.is_taken())
    other.close()
    store.close()


def test_what_is_closed_twice_closes_no_file_of_others(tmp_path: Path) -> None:
    """The machine gives numbers of closed files to the next ones."""
    turnstile = Turnstile(tmp_path / "a.db")
    turnstile.close()
    with (tmp_path / "other").open("w", encoding="utf-8") as first, (tmp_path / "more").open("w", encoding="utf-8"):
        turnstile.close()
        first.write("still open")
    assert "still open" == (tmp_path / "other").read_text(encoding="utf-8")


def test_a_turn_of_a_failed_transaction_is_given_back(tmp_path: Path) -> None:
    """However it ended, the next one may write."""
    first, second = (SqliteStore(tmp_path / "a.db", is_shared=True) for _ in range(2))
    with pytest.raises(LayoutChanged), first.begin() as session:
        session.run("SELECT * FROM nowhere")
    assert not second.is_taken(writing=True)
    with second.begin():
        assert first.is_taken(writing=True)
    first.close()
    second.close()
