"""Find out what the database alone costs: the very statements of a request, run on the store's own connection.

In:        an open organization, one request
Out:       `Recorded` statements; `replay`, which runs them again and again and tells the cost of one time
Not here:  requests over HTTP (benchmarks.traffic)

The statements are recorded by answering the request in an organization whose store listens. A row that was created
gets a new id each time it is created again, and every row that is written a new version: an update that changes nothing
would write nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import TypeAlias

import msgspec

from verselet.clock import Clock
from verselet.ids import Ids
from verselet.metadata.schema import Schema
from verselet.organization import Organization
from verselet.sql.dialects import Dialect
from verselet.store.engine import Store
from verselet.store.gathering import Group
from verselet.store.generations import Generations
from verselet.store.session import Session
from verselet.store.sqlite_session import SqliteSession
from verselet.values import Stored

GUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Run: TypeAlias = Callable[[str, Sequence[Stored]], object]


class Step(msgspec.Struct, frozen=True):
    """One statement and its values; with several `rows` it runs once for each."""

    text: str
    rows: tuple[tuple[Stored, ...], ...]
    many: bool = False


class Recorded(msgspec.Struct):
    """The statements of one request, and the versions it took; `writes` if they are a transaction.

    `created` are the ids of rows that were made: each time the statements run again they and the versions are replaced.
    """

    steps: list[Step] = []
    versions: list[int] = []
    writes: bool = False
    created: frozenset[str] = frozenset()


class Cost(msgspec.Struct, frozen=True):
    """What one time costs, in microseconds: time of this process's CPU, and time that passed."""

    cpu_us: float
    wall_us: float


def ids_in(text: bytes) -> frozenset[str]:
    """The ids that stand in an answer."""
    return frozenset([found.decode() for found in GUID.findall(text)])


class Listener:
    """An organization on the same rows, which notes the statements that reach its store."""

    def __init__(self, organization: Organization) -> None:
        self.store = _ListeningStore(organization.store)
        self.organization = Organization(organization.name, organization.schema, self.store, clock=Clock(), ids=Ids())

    @contextmanager
    def recording(self) -> Iterator[Recorded]:
        """What happens inside is noted."""
        self.store.recorded = Recorded()
        yield self.store.recorded


class _ListeningStore:
    """A store that hands everything on and notes it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.recorded = Recorded()

    @property
    def dialect(self) -> Dialect:
        return self._store.dialect

    @contextmanager
    def begin(self, schema: int | None = None, *, versions: int = 0) -> Iterator[Session]:
        self.recorded.writes = True
        with self._store.begin(schema, versions=versions) as session:
            yield _ListeningSession(session, self.recorded)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._store.read() as session:
            yield _ListeningSession(session, self.recorded)

    def fetch(self, text: str, values: Sequence[Stored], /) -> list[tuple[Stored, ...]]:
        self.recorded.steps.append(Step(text, (tuple(values),)))
        return self._store.fetch(text, values)

    def prepare_schema(self, schema: Schema, progress: Callable[[str], None] = lambda _said: None) -> Schema:
        return self._store.prepare_schema(schema, progress)

    def generations(self, *, certain: bool = False) -> Generations:
        return self._store.generations(certain=certain)

    def newest_schema(self) -> Schema:
        return self._store.newest_schema()

    def follow(self) -> None:
        """Nobody changes anything meanwhile."""

    def is_taken(self, *, writing: bool) -> bool:
        return self._store.is_taken(writing=writing)

    def hurry(self, *, on: bool) -> None:
        """What is noted may take its time."""

    @property
    def is_hurried(self) -> bool:
        return False

    def gather(self, *, on: bool, waited_s: float = 0) -> None:
        """What is noted is committed at once."""

    @property
    def gathers(self) -> bool:
        return False

    @property
    def group(self) -> Group | None:
        return None

    def settle(self) -> None:
        """Nothing is open."""

    def stop(self) -> None:
        self._store.stop()

    def close(self) -> None:
        """It is not ours to close."""


class _ListeningSession:
    def __init__(self, session: Session, recorded: Recorded) -> None:
        self._session = session
        self._recorded = recorded
        self.dialect = session.dialect
        self.run_script = session.run_script
        self.stream = session.stream
        self.load = session.load
        self.savepoint = session.savepoint
        self.outdate = session.outdate
        self.remembers = session.remembers

    @property
    def row_count(self) -> int:
        return self._session.row_count

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        self._recorded.steps.append(Step(text, (tuple(values),)))
        return self._session.run(text, values)

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> int:
        self._recorded.steps.append(Step(text, tuple([tuple(row) for row in rows]), many=True))
        return self._session.run_many(text, rows)

    def next_versions(self, count: int = 1) -> int:
        first = self._session.next_versions(count)
        self._recorded.versions += range(first, first + count)
        return first


def replay(store: Store, recorded: Sequence[Recorded], *, seconds: float) -> Cost:
    """Run the statements of the requests in turn for so long; the cost of one request.

    Of the time that passes the median: the callers' is one, too.
    """
    ids = Ids()
    cpu = later = 0
    walls: list[int] = []
    until = time.perf_counter_ns() + int(seconds * 1e9)
    while not walls or (time.perf_counter_ns() < until and len(walls) < 20_000):
        one = recorded[len(walls) % len(recorded)]
        later += len(one.versions)
        new: dict[Stored, Stored] = dict(zip(sorted(one.created), ids.new_row_ids(len(one.created)), strict=True))
        new |= {old: old + later for old in one.versions}
        steps = [_renewed(step, new) for step in one.steps] if new else one.steps
        began, began_cpu = time.perf_counter_ns(), time.process_time_ns()
        _run_once(store, one, steps)
        cpu += time.process_time_ns() - began_cpu
        walls.append(time.perf_counter_ns() - began)
    return Cost(cpu / len(walls) / 1000, median(walls) / 1000)


def _renewed(step: Step, new: dict[Stored, Stored]) -> Step:
    """The same step for other new rows and versions."""
    rows = tuple([tuple([new.get(value, value) for value in row]) for row in step.rows])
    return Step(step.text, rows, step.many)


def _run_once(store: Store, recorded: Recorded, steps: Sequence[Step]) -> None:
    with store.begin() if recorded.writes else store.read() as session:
        if not isinstance(session, SqliteSession):
            _run_steps(session, steps, len(recorded.versions))
            return
        # Below the store's own code: what SQLite and its driver cost.
        connection = session.connection
        if recorded.versions:
            session.next_versions(len(recorded.versions))
        for step in steps:
            if step.many:
                connection.executemany(step.text, step.rows)
            else:
                connection.execute(step.text, step.rows[0]).fetchall()


def _run_steps(session: Session, steps: Sequence[Step], versions: int) -> None:
    if versions:
        session.next_versions(versions)
    for step in steps:
        if step.many:
            session.run_many(step.text, step.rows)
        else:
            session.run(step.text, step.rows[0])
