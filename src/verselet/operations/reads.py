"""Prepare reads once, run them often.

In:        a query, how it is to be answered, the caller
Out:       `PreparedRead`: compiled statements and how values are bound; rows as JSON bytes
Not here:  the answer around the rows (web), the texts that queries come in (query.odata)

A prepared read holds nothing of one request: the next one with the same shape binds its own values, as another
caller of the same kind. It is what the stages resolve, restrict and compile leave behind. (architecture §1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol, TypeAlias, cast

import msgspec

from verselet.clock import Clock
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.metadata.columns import Column, TextColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.pipeline.execution import Execution
from verselet.query import plan
from verselet.query.binding import Binding, Form, Resolved
from verselet.query.resolve import Reading, Within, resolve
from verselet.query.tree import Query
from verselet.security.caller import Caller
from verselet.security.columns import NO_MASKS, hide
from verselet.security.rows import restrict
from verselet.sql.columns import stored_columns
from verselet.sql.compiler import MOST_COUNTED, Compiler, compiler_of
from verselet.sql.dialects import Dialect
from verselet.sql.patterns import pattern_of
from verselet.sql.select import PageStatements, compile_rows
from verselet.sql.statement import Statement
from verselet.store.codecs import decoder, operand
from verselet.values import Row, Stored, Value

MAX_COUNT = MOST_COUNTED
"""The most rows an answer tells of. [CT-1]"""

Encode: TypeAlias = Callable[[Value], Stored]

Fetch: TypeAlias = Callable[[str, Sequence[Stored]], Sequence[Sequence[Stored]]]
"""What runs the text of a statement with its values."""


class Runs(Protocol):
    """What runs statements that see one state."""

    def run(self, text: str, values: Sequence[Stored] = ()) -> Sequence[Sequence[Stored]]:
        """The rows of one statement."""


class Reads(Protocol):
    """Where rows are: a store, or what was read of the lake."""

    def fetch(self, text: str, values: Sequence[Stored], /) -> Sequence[Sequence[Stored]]:
        """The rows of one statement."""

    def read(self) -> AbstractContextManager[Runs]:
        """Several statements that see one state."""


Ends: TypeAlias = tuple[tuple[Value, ...], tuple[Value, ...]]
"""The order values of the first and of the last row of a page."""


class ValuePlace(msgspec.Struct, frozen=True):
    """One value of a prepared read: where its text stands in the request, and how it is stored.

    `start` is −1 for values that are part of the shape.
    """

    binding: Binding
    encode: Encode
    constant: Stored
    clock: Clock

    def of(self, caller: Caller) -> Stored:
        """The stored value for a request of that caller, as of now. [QF-10] to [QF-17], [QF-32]"""
        asked, moment = self.binding.of_caller, self.binding.moment
        if moment is not None:
            return self.encode(moment.at(self.clock.now(), caller.calendar))
        return self.constant if asked is None else caller.listed(asked)

    @property
    def start(self) -> int:
        """Where the literal began in the text the read was prepared from."""
        return self.binding.start


class PreparedRead(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a read but its values."""

    table: Table
    plan: plan.Plan
    places: tuple[ValuePlace, ...]
    row: Statement | None
    page: PageStatements | None
    count: Statement | None
    end_decoders: tuple[Callable[[Sequence[Stored]], Value], ...]
    within: Within | None
    schema: Schema
    dialect: Dialect

    def values(self, api: str, caller: Caller, limit: int) -> list[Stored]:
        """The values for the very request the read was prepared from."""
        return [*environment(api, caller, limit), *[place.of(caller) for place in self.places]]

    def end_values(self, stored: Sequence[Stored]) -> tuple[Value, ...]:
        """The order values of a row, decoded."""
        return tuple([decode((value,)) for decode, value in zip(self.end_decoders, stored, strict=True)])


class Page(msgspec.Struct, frozen=True):
    """The rows of a page as JSON joined by commas, and how many they are.

    `ends` are the order values of the first and the last of them, None where no row follows; they are empty where the
    order names no row. `taken` is how many rows went into aggregates.
    """

    rows: bytes
    number: int
    ends: Ends | None = None
    taken: int = 0


NO_ROWS: Final = Page(b"", 0)


def fetch_page(read: PreparedRead, rows: Reads, values: Sequence[Stored], *, linked: bool) -> Page:
    """The rows of a page; the most rows wanted are one of the values. [PG-5], [PG-6]

    `linked`: the ends of the page are wanted, if more follow. What another statement says of them is said of the same
    state: else a row that goes in between would have another one be on no page.
    """
    if read.page is None:
        return NO_ROWS
    limit = int(str(values[plan.LIMIT]))
    if not linked or read.page.ends is None:
        return _page(read, rows.fetch, values, linked=linked)
    if limit >= plan.MAX_PAGE:
        # So large a page is seldom full; it is asked for once more if it is.
        found = _page(read, rows.fetch, values, linked=False)
        if found.number < limit:
            return found
    with rows.read() as session:
        return _page(read, session.run, values, linked=True)


def _page(read: PreparedRead, fetch: Fetch, values: Sequence[Stored], *, linked: bool) -> Page:
    assert read.page is not None
    statement, limit = read.page.rows, int(str(values[plan.LIMIT]))
    ((rows, counted, *ends),) = fetch(statement.text, statement.bind(values))
    shown, number = as_bytes(rows), int(str(counted))
    if number < limit or number == 0 or not linked:
        return Page(shown, min(number, limit))
    if read.page.ends is None:
        told = ends_beside(ends) if number > limit else []
    else:
        told = ends_apart(read.page.ends, fetch, values, range(number))
    if not told:
        return Page(shown, limit)
    first, last = told
    return Page(shown, limit, (read.end_values(first), read.end_values(last)))


def ends_beside(values: Sequence[Stored]) -> list[Sequence[Stored]]:
    """The order values of the first and the last row of a page, which stand behind its rows."""
    half = len(values) // 2
    return [values[:half], values[half:]]


def ends_apart(statement: Statement, fetch: Fetch, values: Sequence[Stored], page: range) -> list[Sequence[Stored]]:
    """The order values of the first and the last row of a page, by a statement of their own; none if no row follows."""
    last_and_next = fetch(statement.text, statement.bind([*values, 2, page[-1]]))
    if len(last_and_next) < 2:
        return []
    (first,) = fetch(statement.text, statement.bind([*values, 1, page[0]]))
    return [first, last_and_next[0]]


def as_bytes(value: Stored) -> bytes:
    """JSON as the database gave it."""
    return value if isinstance(value, bytes) else str(value or "").encode()


def environment(api: str, caller: Caller, limit: int) -> list[Stored]:
    """The values every plan can use. (query.plan)"""
    return [api, caller.user_id, caller.business_unit_id, limit, caller.language]


class Ground(msgspec.Struct, frozen=True, eq=False):
    """What reads are prepared on."""

    schema: Schema
    dialect: Dialect
    clock: Clock
    masks: frozenset[plan.Masked] = NO_MASKS

    @property
    def compiler(self) -> Compiler:
        """What makes plans into statements."""
        return compiler_of(self.schema, self.dialect)


def prepare_row(query: Query, ground: Ground, reading: Reading, caller: Caller) -> PreparedRead:
    """Prepare the reading of one row by its key."""
    schema, dialect = ground.schema, ground.dialect
    resolved, table = _open(query, schema, reading, caller)
    asked = hide(resolved.plan, schema, caller, ground.masks, single=True)
    return PreparedRead(
        table=table,
        plan=asked,
        places=places_of(resolved.bindings, table, dialect, ground.clock),
        row=ground.compiler.row(asked),
        page=None,
        count=None,
        end_decoders=(),
        within=None,
        schema=schema,
        dialect=dialect,
    )


def prepare_page(query: Query, ground: Ground, reading: Reading, caller: Caller) -> PreparedRead:
    """Prepare the reading of a page of rows."""
    schema, dialect = ground.schema, ground.dialect
    resolved, table = _open(query, schema, reading, caller)
    asked = hide(resolved.plan, schema, caller, ground.masks)
    places = places_of(resolved.bindings, table, dialect, ground.clock)
    page, count = ground.compiler.page(asked, plan.FIRST_LITERAL + len(places), reading.sized)
    return PreparedRead(
        table=table,
        plan=asked,
        places=places,
        row=None,
        page=page,
        count=count,
        end_decoders=_end_decoders(asked, schema, dialect),
        within=reading.within,
        schema=schema,
        dialect=dialect,
    )


def retrieve_multiple(run: Execution) -> RetrieveMultipleResponse:
    """The rows of a query as values, for code inside the server."""
    # What the server itself reads is read without masks.
    return RetrieveMultipleResponse(read_rows(run, cast(RetrieveMultiple, run.request).query, NO_MASKS))


def read_rows(run: Execution, query: Query, masks: frozenset[plan.Masked]) -> tuple[Row, ...]:
    """The rows of a query as the caller sees them, through those masks."""
    dialect = run.session.dialect
    resolved, table = _open(query, run.schema, Reading(links=False), run.caller)
    asked = hide(resolved.plan, run.schema, run.caller, masks)
    places = places_of(resolved.bindings, table, dialect, run.clock)
    limit = MAX_COUNT if query.top is None else query.top
    values = [*environment("", run.caller, limit), *[place.of(run.caller) for place in places]]
    statement = compile_rows(asked, run.schema, dialect)
    stored = run.session.run(statement.text, statement.bind(values))
    return _decoded(stored, table, asked, dialect)


def _open(query: Query, schema: Schema, reading: Reading, caller: Caller) -> tuple[Resolved, Table]:
    reading = msgspec.structs.replace(reading, calendar=caller.calendar)
    resolved = restrict(resolve(query, schema, reading), schema, caller)
    return resolved, schema.tables[query.table]


def places_of(bindings: tuple[Binding, ...], table: Table, dialect: Dialect, clock: Clock) -> tuple[ValuePlace, ...]:
    """How the values of a plan are stored, in order."""
    found = []
    for binding in bindings:
        encode = _encoder(binding.column, binding.form, table, dialect, classes=binding.classes)
        constant: Stored = None
        if isinstance(binding.value, tuple):
            items = [encode(value) for value in binding.value]
            constant = msgspec.json.encode(items).decode()
        elif binding.moment is None:
            constant = encode(binding.value)
        found.append(ValuePlace(binding, encode, constant, clock))
    return tuple(found)


def _encoder(column: Column | None, form: Form, table: Table, dialect: Dialect, *, classes: bool) -> Encode:
    if form == "plain" or column is None:
        return _as_it_is
    if form in {"contains", "startswith", "endswith", "like"}:
        return pattern_of(form, dialect, classes=classes)
    encode = operand(table, column, dialect)
    if form == "list" and isinstance(column, TextColumn):
        return lambda value: str(value).lower() if dialect.name == "postgresql" else encode(value)
    return encode


def _as_it_is(value: Value) -> Stored:
    return value if isinstance(value, str | int | float) else None


def _end_decoders(
    asked: plan.Plan, schema: Schema, dialect: Dialect
) -> tuple[Callable[[Sequence[Stored]], Value], ...]:
    tables = {asked.source: schema.tables[asked.table]}
    for join in asked.joins:
        tables[join.source] = schema.tables[join.table]
    found: list[Callable[[Sequence[Stored]], Value]] = []
    for item in asked.order:
        if isinstance(item.by, plan.NameOf):
            found.append(_first)
        else:
            table = tables[item.by.source]
            found.append(decoder(table, table.columns[item.by.column], dialect))
    return tuple(found)


def _first(stored: Sequence[Stored]) -> Value:
    return stored[0]


def _decoded(stored: Sequence[tuple[Stored, ...]], table: Table, asked: plan.Plan, dialect: Dialect) -> tuple[Row, ...]:
    readers = []
    at = 0
    for output in asked.outputs:
        column = table.columns[output.column]
        width = len(stored_columns(table, column))
        readers.append((output.column, at, at + width, decoder(table, column, dialect)))
        at += width
    rows = []
    for line in stored:
        values = {name: decode(line[start:stop]) for name, start, stop, decode in readers}
        key = values.get(table.primary_id)
        rows.append(Row(table.name, str(key) if key is not None else None, values))
    return tuple(rows)
