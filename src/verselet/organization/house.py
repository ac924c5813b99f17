"""Be one organization: its tables, rows, time and ids, and the one way to its rows.

In:        a store and the built-in solutions
Out:       `Organization`: execute messages, prepare reads
Not here:  opening one (organization.opening), HTTP (web), sign-in (auth), loading data (seeding)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from verselet.clock import Clock
from verselet.errors import NotSupportedHere, Unavailable, UserDisabled
from verselet.ids import Ids
from verselet.lake import Lake
from verselet.messages.access import AccessRights
from verselet.messages.definitions import DefinitionChange
from verselet.messages.request import (
    Create,
    Request,
    Response,
    RetrieveMultiple,
    RetrieveMultipleResponse,
    RowKey,
    WhoAmI,
)
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations import OPERATIONS
from verselet.operations.builtin import BASE_CURRENCY_ID
from verselet.operations.calendars import read_calendar
from verselet.operations.deep import read_create
from verselet.operations.facts import count_all_rows
from verselet.operations.failures import LayoutChanged
from verselet.operations.finding import find_id
from verselet.operations.founding import Founding, founding_of
from verselet.operations.naming import users_named
from verselet.operations.reading import RowReader
from verselet.operations.reads import Ground, PreparedRead, prepare_page, prepare_row
from verselet.operations.rights import must_reach
from verselet.operations.standings import Standings
from verselet.operations.step_book import StepBook
from verselet.operations.tabular_reads import PreparedTable, prepare_table
from verselet.organization.threads import ThreadState
from verselet.organization.version import SERVICE_VERSION
from verselet.pipeline.events import Event
from verselet.pipeline.execute import Pipeline
from verselet.pipeline.execution import Circumstances, Execution, OrganizationFacts, Surroundings
from verselet.pipeline.registry import Registry
from verselet.pipeline.web_hooks import Poster
from verselet.query.plan import Masked
from verselet.query.resolve import Reading
from verselet.query.tabular import ResolvedTabular
from verselet.query.tree import Query
from verselet.security.caller import Caller
from verselet.security.standing import Standing
from verselet.sql.dialects import SQLITE, Dialect
from verselet.store.credentials import Credentials
from verselet.store.engine import Store
from verselet.store.session import Session
from verselet.values import Reference, Row

Answered = TypeVar("Answered")


class Organization:
    """Everything of one organization; two in one process share nothing.

    `job_queued`: there may be background work. `request_limits`: user → requests it may send, if not as all. [LIM-7]
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
        self._standings = Standings()
        surroundings = Surroundings(
            schema=schema,
            clock=clock,
            ids=ids,
            facts=facts,
            run_inside=self._run_inside,
            job_written=self._note_job,
            waits=self.waits,
            is_auditing=self._standings.is_auditing,
        )
        self._pipeline = Pipeline(store, OPERATIONS, surroundings)
        self.steps = StepBook((), Poster(allows_private=False), self.name)
        self._thread = ThreadState()
        self.job_queued = threading.Event()
        self.request_limits: dict[str, int] = {}
        self._callers: dict[str, Caller] = {}
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
            self._note(request)
            return response
        if self._thread.is_rebuilding:
            response, self._thread.surroundings = self._pipeline.change(request, caller, self._in_force)
            return response
        if self._thread.transactions:
            raise NotSupportedHere("Changing definitions inside a change set")
        response = self._pipeline.execute(request, caller, self._in_force)
        self._readers = {}
        self._forget_rights()
        self.read_steps()
        return response

    @property
    def schema(self) -> Schema:
        """All tables: those the running request began with, or the newest."""
        return self._in_force.schema

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
        newest = self._pipeline.settled()
        if newest is self._thread.surroundings:
            raise failure
        if self._thread.transactions:
            raise Unavailable("Definitions changed while the requests of this transaction were at work.")
        self._thread.surroundings = newest

    def release_schema(self, before: Surroundings | None) -> None:
        """This thread sees again what it saw before `keep_schema`; while it rebuilds, what it has made."""
        if not self._thread.is_rebuilding:
            self._thread.surroundings = before

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Messages executed inside, by this thread, happen together or not at all."""
        self._thread.transactions += 1
        try:
            with self.store.begin():
                yield
        finally:
            self._thread.transactions -= 1
            self._note(None)

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Like `transaction`, and definitions may change inside. Others see them when everything is committed."""
        before = self._thread.surroundings
        with self._pipeline.changing() as adopt:
            self._thread.surroundings, self._thread.is_rebuilding = self._pipeline.surroundings, True
            try:
                with self.transaction():
                    yield
                adopt(self._in_force)
            finally:
                self._thread.surroundings, self._thread.is_rebuilding = before, False
                # A generation that was taken back may come again with other definitions.
                self._readers = {}
                self._forget_rights()

    def prepare_row(self, query: Query, reading: Reading, caller: Caller) -> PreparedRead:
        """Prepare the reading of one row by its key."""
        return prepare_row(query, self._ground(), reading, caller)

    def prepare_page(self, query: Query, reading: Reading, caller: Caller) -> PreparedRead:
        """Prepare the reading of a page of rows."""
        return prepare_page(query, self._ground(), reading, caller)

    def prepare_table(self, asked: ResolvedTabular, caller: Caller) -> PreparedTable:
        """Prepare the reading of a page of joined, grouped or computed rows."""
        return prepare_table(asked, self._ground(SQLITE if asked.plan.from_lake else None), caller)

    def _ground(self, dialect: Dialect | None = None) -> Ground:
        return Ground(self.schema, dialect or self.store.dialect, self.clock, self.masks)

    @property
    def masks(self) -> frozenset[Masked]:
        """What is masked. [SEC-108]"""
        return self._standings.masks(self.store.read, self.schema)

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

    def find_caller(self, name: str) -> Caller | None:
        """The user with that id, Entra object id, domain name or e-mail address; None where there is none.

        Raises:
            UserDisabled: the user is there but disabled. [E-17]
        """
        found = self._callers.get(name)
        if found is None:
            generation = self._standings.generation
            found = self._read_caller(name)
            if found is not None and generation == self._standings.generation:
                self._callers[name] = found
        return found

    def developer(self) -> Caller:
        """The administrator as somebody who asks: with a calendar of the user's own. contract.md §3"""
        found = self._callers.get("")
        if found is None:
            generation = self._standings.generation
            with self.store.read() as session:
                calendar = read_calendar(self.administrator.user_id, session)
            found = msgspec.structs.replace(self.administrator, calendar=calendar)
            if generation == self._standings.generation:
                self._callers[""] = found
        return found

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

    def _read_caller(self, name: str) -> Caller | None:
        users = self._users(name)
        if len(users) != 1:
            return None
        user = users[0].values
        if user["isdisabled"]:
            raise UserDisabled(str(users[0].id))
        unit = user["businessunitid"]
        with self.store.read() as session:
            standing = self.standing_of(str(users[0].id), session)
            calendar = read_calendar(str(users[0].id), session)
        return Caller(
            user_id=str(users[0].id),
            business_unit_id=unit.id if isinstance(unit, Reference) else self.founding.root_unit_id,
            organization_id=self.id,
            full_name=str(user["fullname"] or ""),
            is_administrator=standing.is_administrator,
            standings=(standing,),
            calendar=calendar,
        )

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

    def _run_inside(self, request: Request, parent: Execution) -> Response:
        self._thread.note(request)
        return self._pipeline.inside(request, parent)

    def _note_job(self) -> None:
        self._thread.jobs = True

    def _note(self, request: Request | None) -> None:
        """See to what follows from rows that are committed now: the next request sees it. [SEC-109]"""
        thread = self._thread
        if request is not None:
            thread.note(request)
        if not thread.transactions:
            if thread.rights:
                self._forget_rights()
            if thread.steps:
                self.read_steps()
            if thread.jobs:
                self.job_queued.set()
            thread.rights = thread.steps = thread.jobs = False

    def read_steps(self) -> None:
        """Learn anew which steps there are."""
        with self.store.read() as session:
            self._pipeline.registry = self.steps.registry(self.opened(WhoAmI(), session))
        self._pipeline.ground = self.steps.ground

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

    def _forget_rights(self) -> None:
        self._standings.forget()
        self._callers = {}

    def user_named(self, name: str) -> str | None:
        """The id of the one user with that id, Entra object id, domain name, e-mail address or nickname."""
        found = self._users(name)
        return found[0].id if len(found) == 1 else None

    def _users(self, name: str) -> Sequence[Row]:
        response = self.execute(RetrieveMultiple(users_named(name)), self.administrator)
        return response.rows if isinstance(response, RetrieveMultipleResponse) else ()
