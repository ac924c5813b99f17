"""Be one organization: its tables, rows, time and ids, and the one way to its rows.

In:        a store and the built-in solutions
Out:       `Organization`: execute messages, prepare reads
Not here:  opening one (organization.opening), HTTP (web), sign-in (auth), loading data (seeding)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import msgspec

from verselet.clock import Clock
from verselet.errors import NotSupportedHere, Unavailable
from verselet.ids import Ids
from verselet.lake import Lake
from verselet.messages.access import AccessRights
from verselet.messages.definitions import DefinitionChange
from verselet.messages.request import READING, Create, Request, Response, RowKey, WhoAmI
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.metadata.translations import in_language
from verselet.operations import OPERATIONS
from verselet.operations.builtin import BASE_CURRENCY_ID
from verselet.operations.deep import read_create
from verselet.operations.facts import count_all_rows
from verselet.operations.failures import LayoutChanged
from verselet.operations.finding import find_id
from verselet.operations.founding import Founding, founding_of
from verselet.operations.outdating import outdated_by
from verselet.operations.reading import RowReader
from verselet.operations.reads import Ground, PreparedRead, prepare_page, prepare_row
from verselet.operations.rights import must_reach
from verselet.operations.standings import Standings
from verselet.operations.step_book import StepBook
from verselet.operations.tabular_reads import PreparedTable, prepare_table
from verselet.organization.callers import Callers
from verselet.organization.spending import Spending
from verselet.organization.threads import ThreadState
from verselet.organization.version import SERVICE_VERSION
from verselet.pipeline.events import Event
from verselet.pipeline.execute import Pipeline
from verselet.pipeline.execution import Circumstances, Execution, OrganizationFacts, Surroundings
from verselet.pipeline.posts import NoPoster
from verselet.pipeline.registry import Registry
from verselet.query.plan import Masked
from verselet.query.resolve import Reading
from verselet.query.tabular import ResolvedTabular
from verselet.query.tree import Query
from verselet.security.caller import Caller
from verselet.security.standing import Standing
from verselet.sql.dialects import SQLITE, Dialect
from verselet.store.credentials import Credentials
from verselet.store.engine import Store
from verselet.store.generations import Generations
from verselet.store.session import Kind, Session
from verselet.values import Reference, Row

Answered = TypeVar("Answered")


class Organization:
    """Everything of one organization; two in one process share nothing.

    `job_queued`: there may be background work. `request_limits`: user → requests it may send, if not as all. [LIM-7]
    `find_caller`, `developer`, `user_named` find users by their names. `agreed`: what this process has kept up with.
    """

    def __init__(
        self,
        name: str,
        schema: Schema,
        store: Store,
        *,
        clock: Clock,
        ids: Ids,
        founding: Founding | None = None,
        lake: Lake | None = None,
    ) -> None:
        self.founding = founding or founding_of(name, clock.now_on_wire())
        self.name = self.founding.name
        self.id = self.founding.id
        self.store = store
        self.clock = clock
        self.ids = ids
        self.credentials = Credentials(store)
        self.lake = lake or Lake(None)
        facts = OrganizationFacts(
            id=self.id,
            name=self.name,
            version=SERVICE_VERSION,
            base_currency=Reference("transactioncurrency", BASE_CURRENCY_ID),
            tenant_id=self.founding.tenant_id,
            root_unit_id=self.founding.root_unit_id,
            administrator_id=self.founding.administrator_id,
            has_lake=self.lake.is_safe,
        )
        self._standings, self._thread = Standings(), ThreadState()
        surroundings = Surroundings(
            schema=schema,
            clock=clock,
            ids=ids,
            facts=facts,
            run_inside=lambda request, parent: self._pipeline.inside(request, parent),  # noqa: PLW0108  it is made with it
            outdated_by=self._outdated_by,
            job_written=self._thread.note_job,
            step_begins=self._thread.note_step,
            waits=self.waits,
            message_named=lambda name: self.registry.messages.get(name),  # noqa: PLW0108  others come later
            is_auditing=self._standings.is_auditing,
        )
        self._pipeline = Pipeline(store, OPERATIONS, surroundings)
        self.steps = StepBook((), NoPoster(), self.name)
        self.job_queued = threading.Event()
        self._callers = Callers(self, lambda: self._standings.generation)
        self.find_caller, self.developer = self._callers.find, self._callers.developer
        self.user_named, self.request_limits = self._callers.named, self._callers.request_limits
        self.limit_requests, self.spending = self._callers.limit_requests, Spending()
        # Whatever was changed since the schema was read is found at the first look.
        self.agreed = msgspec.structs.replace(store.generations(), schema=schema.generation)
        self._forget_rights(self.agreed.rights)
        self._readers: dict[tuple[int, str, bool], RowReader] = {}
        self.administrator = Caller(
            user_id=self.founding.administrator_id,
            business_unit_id=self.founding.root_unit_id,
            organization_id=self.id,
            full_name="System Administrator",
            is_administrator=True,
        )

    def execute(self, request: Request, caller: Caller) -> Response:
        """Run one message; all of it happens, or nothing. [E-21]

        Raises:
            NotSupportedHere: definitions should change inside a transaction of several messages.
        """
        if not isinstance(request, DefinitionChange):
            response = self._pipeline.execute(request, caller, self._in_force, self._thread.circumstances)
            if not isinstance(request, READING):
                self._thread.note_end()
            self._finish()
            return response
        if self._thread.is_rebuilding:
            response, self._thread.surroundings = self._pipeline.change(request, caller, self._in_force)
            return response
        if self._thread.transactions:
            raise NotSupportedHere("Changing definitions inside a change set")
        response = self._pipeline.execute(request, caller, self._in_force)
        self._thread.note_end()
        self.keep_up()
        return response

    @property
    def acts(self) -> int:
        """How much this thread has done that no refusal takes back; as long as it stays, one may begin again."""
        return self._thread.acts

    @property
    def schema(self) -> Schema:
        """All tables: those the running request began with, or the newest."""
        # Asked several times for each request: without the way over `_in_force`.
        return (self._thread.surroundings or self._pipeline.surroundings).schema

    @property
    def _in_force(self) -> Surroundings:
        return self._thread.surroundings or self._pipeline.surroundings

    def keep_schema(self) -> Surroundings | None:
        """From here on this thread sees one schema, whatever others change; returns what it saw before.

        Give that to `release_schema` when the request is answered.
        """
        before = self._thread.surroundings
        if not self._thread.is_rebuilding:
            self._thread.surroundings = self._pipeline.surroundings
        return before

    def catch_up(self, failure: LayoutChanged) -> None:
        """The store no longer fits what the request began with: this thread sees the newest schema, to begin again.

        Raises:
            LayoutChanged: it did see the newest one, so the fault is ours.
            Unavailable: the request is one of several in a transaction, which cannot begin again.
        """
        before = self._in_force
        if self._thread.transactions:
            if self.store.generations().schema <= before.schema.generation:
                raise failure
            raise Unavailable("Definitions changed while the requests of this transaction were at work.")
        self.keep_up(certain=True)
        newest = self._pipeline.settled()
        if newest is before:
            raise failure
        if self._thread.surroundings is not None:
            self._thread.surroundings = newest

    def release_schema(self, before: Surroundings | None) -> None:
        """This thread sees again what it saw before `keep_schema`; while it rebuilds, what it has made."""
        if not self._thread.is_rebuilding:
            self._thread.surroundings = before

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Messages executed inside, by this thread, happen together or not at all."""
        try:
            with ExitStack() as opened:
                try:
                    opened.enter_context(self.store.begin(self.schema.generation))
                except LayoutChanged as failure:
                    self.catch_up(failure)  # Nothing has happened yet: it begins with what is in force by now.
                    opened.enter_context(self.store.begin(self.schema.generation))
                opened.enter_context(self._inside())
                yield
            self._thread.note_end()
        finally:
            self._finish()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._thread.transactions += 1
        try:
            yield
        finally:
            self._thread.transactions -= 1

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Like `transaction`, and definitions may change inside. Others see them when everything is committed."""
        before = self._thread.surroundings
        with self._pipeline.changing() as adopt:
            try:
                with self.store.begin() as session, self._inside():
                    self._thread.surroundings, self._thread.is_rebuilding = self._pipeline.hold(session), True
                    yield
                adopt(self._in_force)
            finally:
                self._thread.surroundings, self._thread.is_rebuilding = before, False
                # A generation that was taken back may come again with other definitions.
                self._readers = {}
                self._finish()

    def prepare_row(self, query: Query, reading: Reading, caller: Caller) -> PreparedRead:
        """Prepare the reading of one row by its key."""
        return prepare_row(query, self._ground(caller), reading, caller)

    def prepare_page(self, query: Query, reading: Reading, caller: Caller) -> PreparedRead:
        """Prepare the reading of a page of rows."""
        return prepare_page(query, self._ground(caller), reading, caller)

    def prepare_table(self, asked: ResolvedTabular, caller: Caller) -> PreparedTable:
        """Prepare the reading of a page of joined, grouped or computed rows."""
        return prepare_table(asked, self._ground(caller, SQLITE if asked.plan.from_lake else None), caller)

    def _ground(self, caller: Caller, dialect: Dialect | None = None) -> Ground:
        return Ground(in_language(self.schema, caller.language), dialect or self.store.dialect, self.clock, self.masks)

    @property
    def masks(self) -> frozenset[Masked]:
        """What is masked. [SEC-108]"""
        return self._standings.masks(self.store.read, self.schema)

    @property
    def access_hours(self) -> int:
        """For how many hours a user who came is not written down again; 0 where nobody is. [JOB-40]"""
        return self._standings.access_hours(self.store.read)

    def read_row(self, table: Table, body: Mapping[str, object], *, creating: bool = True) -> Row:
        """The row that a JSON object of the Web API describes, with the service's refusals. [E-8]"""
        return self.row_reader(table, creating=creating).read(body)

    def read_create(self, table: Table, body: Mapping[str, object]) -> Create:
        """The row that a JSON object describes, with the rows inside it. [C-9]"""
        return read_create(lambda found: self.row_reader(found, creating=True), table, body)

    def row_reader(self, table: Table, *, creating: bool) -> RowReader:
        """The reader for rows of a table, made once."""
        schema = self.schema
        key = (schema.generation, table.name, creating)
        reader = self._readers.get(key)
        if reader is None:
            reader = self._readers[key] = RowReader(schema, table, creating=creating)
        return reader

    def standing_of(self, user_id: str, session: Session) -> Standing:
        """Where a user stands at this moment."""
        return self._standings.of(user_id, session, self.schema)

    def refuse_unseen(self, table: Table, key: RowKey, caller: Caller) -> None:
        """A row was not found among those the caller may read: it may be there all the same. [SEC-42]

        Raises:
            RowAccessDenied: it is there.
        """
        if caller.is_administrator:
            return
        with self.store.read() as session:
            run = self.opened(WhoAmI(), session, caller)
            row_id = find_id(run, table, key)
            if row_id is not None:
                must_reach(run, table, (row_id,), AccessRights.ReadAccess)

    def count_rows(self) -> dict[str, int]:
        """Table → rows, tables that have rows only."""
        with self.store.read() as session:
            return count_all_rows(session, self.schema)

    def opened(self, request: Request, session: Session, caller: Caller | None = None) -> Execution:
        """A message at work in an open transaction; of the administrator, unless it is a caller's."""
        return Execution(request, caller or self.administrator, session, self._in_force)

    def close(self) -> None:
        """Give the store back."""
        self.store.close()
        self.lake.close()

    def _outdated_by(self, request: Request) -> tuple[Kind, ...]:
        kinds = outdated_by(request)
        if kinds:
            self._thread.outdates = True
        return kinds

    def _finish(self) -> None:
        """See to what follows from rows that are committed now: the next request sees it. [SEC-109]"""
        thread = self._thread
        if thread.transactions:
            return
        if thread.outdates:
            # Whom the transaction saw may be gone with it.
            self._callers.forget()
            self.keep_up()
        if thread.jobs:
            self.store.settle()
            self.job_queued.set()
        thread.outdates = thread.jobs = False

    def keep_up(self, *, certain: bool = False) -> None:
        """See what any process of this organization has changed since this one looked last; `certain` asks the store.

        Inside a transaction nothing changes.
        """
        if self._thread.transactions:
            return
        known = self.store.generations(certain=certain)
        if known is not self.agreed:
            self._take_over(known)

    def _take_over(self, known: Generations) -> None:
        """Forget what is out of date, and read the schema and the steps anew. Doing so twice does no harm."""
        kept = self.agreed
        is_changed = known.schema != kept.schema
        if is_changed:
            self._pipeline.take_over(self.store.newest_schema, known.schema)
            self._readers = {}
        if is_changed or known.rights != kept.rights:
            self._forget_rights(known.rights)
        if is_changed or known.steps != kept.steps:
            self.read_steps()
        self.agreed = known

    def read_steps(self) -> None:
        """Learn anew which steps there are."""
        with self.store.read() as session:
            self._pipeline.registry = self.steps.registry(self.opened(WhoAmI(), session))
        self._pipeline.ground = self.steps.ground(self.find_caller)

    def waits(self, message: str, table: str) -> bool:
        """Some step waits for the message of the table."""
        registry = self._pipeline.registry
        return registry.concerns_some and bool(registry.of(message, table))

    def read_among_steps(
        self, event: Event, caller: Caller, read: Callable[[], Answered], outputs: Callable[[Answered], dict[str, Any]]
    ) -> Answered:
        """Read with the steps of the event around it."""
        circumstances = self._thread.circumstances
        return self._pipeline.around_reading(event, (caller, self._in_force, circumstances), read, outputs)

    @property
    def registry(self) -> Registry:
        """The steps there are at this moment."""
        return self._pipeline.registry

    @contextmanager
    def amid(self, circumstances: Circumstances) -> Iterator[None]:
        """What this thread executes inside says that beside its messages. [EVT-15], [EVT-17]"""
        before = self._thread.circumstances
        self._thread.circumstances = circumstances
        try:
            yield
        finally:
            self._thread.circumstances = before

    def _forget_rights(self, generation: int) -> None:
        self._callers.read_limits()
        self._standings.forget(generation)
        self._callers.forget()
