"""Hold one message while it runs.

In:        a request, its caller, the organization it runs in
Out:       `Execution`: what an operation sees and may use
Not here:  the stages (pipeline.execute), what a message does (operations)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import structs

from verselet.clock import Clock
from verselet.ids import Ids
from verselet.messages.custom import CustomMessage
from verselet.messages.request import Request, Response
from verselet.metadata.schema import Schema
from verselet.pipeline.events import Event
from verselet.pipeline.reading_first import ReadingFirst
from verselet.sdk.context import Context
from verselet.security.caller import Caller
from verselet.sql.columns import stored_columns
from verselet.sql.write import values_sql
from verselet.store.codecs import decoder
from verselet.store.recycle_bin import Group
from verselet.store.session import Kind, Session
from verselet.values import Reference, Value


class OrganizationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What operations need to know of the organization: what it is called, and the rows it cannot be without.

    `has_lake`: there is a place where retained rows last as long as the others.
    """

    id: str
    name: str
    version: str
    tenant_id: str
    root_unit_id: str
    administrator_id: str
    base_currency: Reference
    has_lake: bool = True


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says beside its message: a tag for the steps, and steps it wants to pass by. [EVT-15], [EVT-17]

    `too_large_bytes`: it is longer than what a step with code is told of, and so long; 0 for any other. [LIM-16]
    """

    tag: str | None = None
    skips_sync: bool = False
    skips_async: bool = False
    skipped: frozenset[str] = frozenset()
    too_large_bytes: int = 0


ORDINARY: Final = Circumstances()

MOST_TOLD_BYTES: Final = int(116.85 * 2**20)
"""How long the request may be of whose message a step with code is told. [LIM-16]"""


class Execution:
    """One message at work. `send` runs another message inside the same transaction, one level deeper.

    `level` counts how often a step sent a message that led here, from 1. [EVT-9] `context` is what the steps around the
    message see, where there are any.
    `deletion` is what the recycle bin keeps the rows under that go now. [BIN-3] `is_step`: a step sends, and may go on
    where what it sent is refused. `asker` is the caller with the rights that are its own, also where the server works
    with more. `opened` are the contexts of its events by message, table and row, and `cause`
    is the one whose cascade sends; `cascades` counts the messages above whose cascades led here, and `above`
    are the rows those are at work on. [EVT-35], [SEC-78] `first` is the transaction of a read that steps wait for.
    """

    def __init__(
        self,
        request: Request,
        caller: Caller,
        session: Session,
        surroundings: Surroundings,
        *,
        parent: Execution | None = None,
    ) -> None:
        self.request = request
        self.caller = caller
        self.session = session
        self.schema: Schema = surroundings.schema
        self.clock = surroundings.clock
        self.ids = surroundings.ids
        self.facts = surroundings.facts
        self.depth: int = 1 if parent is None else parent.depth + 1
        self.level: int = 1 if parent is None else parent.level
        self.parent = parent
        self.is_step = False
        self.asker: Caller = caller if parent is None else parent.asker
        self.opened: dict[tuple[str, str, str], Context] = {}
        self.cascades: int = 0 if parent is None else parent.cascades
        self.cause: Event | None = None
        self.above: frozenset[str] = frozenset() if parent is None else parent.above
        self.context: Context | None = None if parent is None else parent.context
        self.circumstances: Circumstances = ORDINARY if parent is None else parent.circumstances
        self.deletion: Group | None = None if parent is None else parent.deletion
        self.first: ReadingFirst | None = None if parent is None else parent.first
        self._correlation = ""
        self.new_schema: Schema | None = None
        self.surroundings = surroundings

    def send(self, request: Request) -> Response:
        """Run a composed message as the same caller, in the same transaction. [EVT-9]"""
        return self.surroundings.run_inside(request, self)

    @property
    def writes(self) -> bool:
        """The transaction is one that may write."""
        return self.first is None or self.first.writes

    def write(self) -> None:
        """From here on the transaction may write, and so may those of the messages above."""
        if self.writes or self.first is None:
            return
        self.first.write()
        run: Execution | None = self
        while run is not None:
            run.session, run = self.first.session, run.parent

    @property
    def correlation_id(self) -> str:
        """One for everything that follows from one request. [EVT-42]"""
        if not self._correlation:
            self._correlation = self.ids.new_random_id() if self.parent is None else self.parent.correlation_id
        return self._correlation

    def about(self, request: Request) -> Execution:
        """The same execution for one part of its message."""
        if request is self.request:
            return self
        made = Execution(request, self.caller, self.session, self.surroundings, parent=self)
        made.depth = self.depth
        return made

    def elevated(self) -> Execution:
        """The same message as the server itself would run it: everything allowed, every row seen. [SEC-9]

        For what a message does by itself; the users it notes stay those who asked.
        """
        if self.caller.is_administrator:
            return self
        caller = structs.replace(self.caller, is_administrator=True)
        made = Execution(self.request, caller, self.session, self.surroundings, parent=self)
        made.depth = self.depth
        return made

    def send_from_step(self, request: Request, context: Context, caller: Caller | None = None) -> Response:
        """Run a message that a step sent: one level deeper, as who asked or as the step's user. [EVT-9], [EVT-18]"""
        caller = caller or self.asker
        made = Execution(self.request, caller, self.session, self.surroundings, parent=self)
        made.depth, made.level, made.context, made.is_step = 1, self.level + 1, context, True
        made.asker = caller
        # What a step deletes is a deletion of its own.
        made.deletion, made.above = None, frozenset()
        return self.surroundings.run_inside(request, made)

    def send_along(self, request: Request, cause: Event, above: frozenset[str]) -> Response:
        """Run what a cascade does to one row below: a message of its own, whose parent is `cause`. [EVT-35]

        However many levels there are; `above` are the rows to which the cascade does not come back. [SEC-78]
        """
        made = Execution(self.request, self.caller, self.session, self.surroundings, parent=self)
        made.depth, made.cascades, made.cause, made.above = 0, self.cascades + 1, cause, above
        return self.surroundings.run_inside(request, made)

    def send_elevated(self, request: Request) -> Response:
        """Run a message that nobody asked for, in the same transaction, whoever the caller is."""
        return self.surroundings.run_inside(request, self.elevated())

    def change_schema(self, schema: Schema) -> None:
        """Go on with another schema; the organization takes it over once the transaction is committed."""
        self.schema = self.new_schema = schema

    def read_values(self, table_name: str, row_id: str, columns: tuple[str, ...]) -> dict[str, Value] | None:
        """Some columns of one row, None where there is no such row."""
        table = self.schema.tables[table_name]
        text = values_sql(table, columns, (table.primary_id,), self.session.dialect)
        rows = self.session.run(text, (row_id,))
        if not rows:
            return None
        found: dict[str, Value] = {}
        at = 0
        for name in columns:
            width = len(stored_columns(table, table.columns[name]))
            decode = decoder(table, table.columns[name], self.session.dialect)
            found[name] = decode(rows[0][at : at + width])
            at += width
        return found


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same for all messages of an organization while one schema is in force.

    `job_written` is told when there is a new job, `step_begins` when a step runs; `waits` says whether some step waits
    for a message of a table; `message_named` finds a message of one's own; `outdated_by` what every process must read
    anew once a message is committed.
    """

    schema: Schema
    clock: Clock
    ids: Ids
    facts: OrganizationFacts
    run_inside: Callable[[Request, Execution], Response]
    job_written: Callable[[], None] = lambda: None
    step_begins: Callable[[], None] = lambda: None
    waits: Callable[[str, str], bool] = lambda _message, _table: False
    message_named: Callable[[str], CustomMessage | None] = lambda _: None
    outdated_by: Callable[[Request], tuple[Kind, ...]] = lambda _: ()
    is_auditing: Callable[[Execution], bool] = lambda _: False
