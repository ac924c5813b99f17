"""Copy an organization to another database while it is written to, and see what the copy holds."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.ledger import WRITERS, Ledger, Reader, Writer
from tests.postgres import PostgresqlServer
from tests.scenarios.server_process import command, environment, run, running

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

COPIES = 3
KILLS = 5
ACCOUNT = ("accountid", "numberofemployees")
CONTACT = ("contactid", "_parentcustomerid_value")


@contextmanager
def databases(server: PostgresqlServer, count: int) -> Iterator[list[str]]:
    """The URLs of empty databases."""
    urls = [server.fresh() for _ in range(count)]
    yield urls
    for url in urls:
        server.give_back(url)


@pytest.mark.parametrize("kind", ["file", "PostgreSQL"])
def test_a_copy_under_load_is_of_one_moment(tmp_path: Path, postgresql: PostgresqlServer, kind: str) -> None:
    """What was answered for before it began is there, with its value, and whatever was written with it. [E-21]"""
    known: list[dict[str, int]] = []
    pause = threading.Event()
    with databases(postgresql, COPIES + 1) as (source, *urls):
        place = ("--data", "org") if kind == "file" else ("--database", source)
        targets = urls if kind == "file" else [f"copy{number}" for number in range(COPIES)]
        with running(tmp_path, *place) as server:
            ledger = Ledger()
            writers = [Writer(server.port, ledger, random.Random(n), ("a", "b")) for n in range(WRITERS)]
            for number in range(COPIES):
                while len(ledger.rows) < 100 * (number + 1) and not ledger.surprises:
                    pause.wait(0.01)
                known.append({row_id: kept.number for row_id, kept in list(ledger.rows.items())})
                done = run(tmp_path, "database", "copy", *place, "--to", targets[number])
                assert 0 == done.returncode, done.stderr
            for writer in writers:
                writer.stop()
        assert [] == ledger.surprises

        for rows, target in zip(known, targets, strict=True):
            with running(tmp_path, "--database" if kind == "file" else "--data", target) as server:
                reader = Reader(server)
                found = {row["accountid"]: row["numberofemployees"] for row in reader.active("account", *ACCOUNT)}
                families = [row["_parentcustomerid_value"] for row in reader.active("contact", *CONTACT)]
            assert set() == rows.keys() - found.keys()
            assert [] == [row_id for row_id, value in rows.items() if found[row_id] < value]
            # An account and its contact are one transaction: there are both or neither.
            assert sorted(row_id for row_id in found if ledger.rows[row_id].contacts) == sorted(families)


@pytest.mark.parametrize("kind", ["file", "PostgreSQL"])
def test_a_copy_that_is_killed_leaves_an_empty_place(tmp_path: Path, postgresql: PostgresqlServer, kind: str) -> None:
    """At whatever moment: the next copy either finds nothing there, or a copy that was whole before the kill."""
    assert 0 == run(tmp_path, "seed", "demo", "--data", "org").returncode
    chance, pause = random.Random(7), threading.Event()
    counted: set[int] = set()
    with databases(postgresql, KILLS) as urls:
        for number in range(KILLS):
            target = f"copy{number}" if kind == "file" else urls[number]
            words = command("database", "copy", "--data", "org", "--to", target, "--json")
            with subprocess.Popen(words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True) as process:
                pause.wait(chance.uniform(0.1, 2.0))
                process.kill()
                assert process.stdout is not None
                was_done = "rows" in process.stdout.read()
            place = ("--data", target) if kind == "file" else ("--database", target)
            again = run(tmp_path, "database", "copy", "--data", "org", "--to", target)
            assert again.returncode == 0 or "VS2013" in again.stderr, again.stderr
            assert again.returncode or not was_done
            assert 0 == run(tmp_path, "check", *place).returncode
            back = run(tmp_path, "database", "copy", *place, "--to", f"back{number}", "--json")
            counted.add(json.loads(back.stdout)["rows"])
    assert 1 == len(counted)
