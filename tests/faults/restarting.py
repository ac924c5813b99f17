"""End the processes of a PostgreSQL under load, start them again, and count the wrong answers. [S-2], [E-21]"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from tests.faults.ledger import WRITERS, Caller, Ledger, Reader, Writer
from tests.postgres import PostgresqlServer
from tests.scenarios.server_process import running

Mode: TypeAlias = Literal["fast", "immediate"]

LIMIT_S = 60.0
BETWEEN = 20
"""So many rows are written between two ends."""

_COLUMNS = ("accountid", "numberofemployees")


class Outlived(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, in numbers; `others` are answers that should not have been."""

    ends: int
    acknowledged: int
    there: int
    reads: int
    refused: int
    lost: int
    stale: int
    others: tuple[str, ...]
    seconds: float

    @property
    def is_good(self) -> bool:
        """Nothing is lost, and nothing was answered wrongly; beside it only what was asked for and never answered."""
        return not (self.lost or self.stale or self.others) and self.there - self.acknowledged <= self.refused

    def line(self) -> str:
        """All of it in one line."""
        return (
            f"{self.ends} ends of the database in {self.seconds:.0f} s: {self.acknowledged} rows acknowledged, "
            f"{self.there} there, {self.reads} reads, {self.refused} requests told to come again; "
            f"{self.lost} rows lost, {self.stale} with older values, {len(self.others)} wrong answers"
        )


class Watcher:
    """Reads rows that were answered for, again and again: each is there, or the answer says that it cannot be told."""

    def __init__(self, port: int, ledger: Ledger) -> None:
        self._caller = Caller(port)
        self._ledger = ledger
        self._stopping = threading.Event()
        self.answers: Counter[int] = Counter()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()
        self._thread.join(LIMIT_S)
        self._caller.close()

    def _read(self) -> None:
        chance = random.Random(3)
        while not self._stopping.is_set():
            known = list(self._ledger.rows)
            if known:
                answer = self._caller.ask("GET", f"accounts({chance.choice(known)})?$select=name", None)
                self.answers[answer.status] += 1


def outlive(
    folder: Path, database: PostgresqlServer, modes: Iterable[Mode], told: Callable[[int, int], None]
) -> Outlived:
    """End the database in each of these ways while rows are written and read.

    `told` hears of every end: how many, and how many rows were acknowledged by then.
    """
    ledger, began, ends = Ledger(is_patient=True), time.monotonic(), 0
    with running(folder, "--database", database.fresh(), "--lake", "lake") as server:
        writers = [Writer(server.port, ledger, random.Random(number), ("kept",)) for number in range(WRITERS)]
        watcher = Watcher(server.port, ledger)
        for mode in modes:
            _until_more(lambda: len(ledger.rows), BETWEEN)
            database.end(mode)
            _until_more(lambda: ledger.refused, WRITERS)
            database.start()
            ends += 1
            told(ends, len(ledger.rows))
        _until_more(lambda: len(ledger.rows), BETWEEN)
        for writer in writers:
            writer.stop()
        watcher.stop()
        found = {row["accountid"]: row["numberofemployees"] for row in Reader(server).active("account", *_COLUMNS)}
        wrong = [f"{count} reads were answered with {status}" for status, count in watcher.answers.items()]
        allowed = [f"{watcher.answers[status]} reads were answered with {status}" for status in (200, 503)]
        others = [*ledger.surprises, *(said for said in wrong if said not in allowed)]
        if server.stop() != 0:
            others.append("The server did not end well.")
    return Outlived(
        ends=ends,
        acknowledged=len(ledger.rows),
        there=len(found),
        reads=watcher.answers[200],
        refused=ledger.refused + watcher.answers[503],
        lost=len(ledger.rows.keys() - found.keys()),
        stale=sum(
            row_id in found and found[row_id] not in {kept.number, kept.asked} for row_id, kept in ledger.rows.items()
        ),
        others=tuple(others),
        seconds=time.monotonic() - began,
    )


def _until_more(counted: Callable[[], int], more: int) -> None:
    """Wait until something has happened so many times more."""
    wanted, until = counted() + more, time.monotonic() + LIMIT_S
    while counted() < wanted and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert counted() >= wanted
