"""Make rows: Create and CreateMultiple.

In:        rows with the columns a caller gave
Out:       their ids; the rows are in the store
Not here:  JSON (operations.reading), steps (pipeline)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from verselet.errors import DuplicateKey, DuplicateRow, InvalidArgument, MethodNotAllowed
from verselet.messages.request import (
    Associate,
    Companions,
    Create,
    CreateMultiple,
    CreateMultipleResponse,
    CreateResponse,
    Linked,
    RowKey,
)
from verselet.metadata.tables import Table
from verselet.operations.duplicates import refuse_duplicates
from verselet.operations.rights import must_create, pointing
from verselet.operations.rules.auditing import note_created
from verselet.operations.rules.autonumbers import number_rows
from verselet.operations.rules.defaults import Completion
from verselet.operations.rules.entitled import must_be_able_to_read
from verselet.operations.rules.images import image_columns, settle_images
from verselet.operations.rules.references import settle_references
from verselet.operations.rules.reparenting import settle_new_rows
from verselet.operations.rules.values import checks_of
from verselet.operations.secured_columns import must_create_columns
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view, key_index_name
from verselet.sql.write import insert_sql
from verselet.store.codecs import row_encoder, rows_encoder
from verselet.store.session import UniqueViolation
from verselet.values import Reference, Row


def create(run: Execution) -> CreateResponse:
    """Make one row, with the rows that come with it. [C-1], [C-9]"""
    request = cast(Create, run.request)
    for parent in request.companions.parents:
        made = cast(CreateResponse, run.send(parent.create))
        request.target.values[parent.column] = Reference(parent.create.target.table, made.id)
    (row_id,) = create_rows(run, run.schema.tables[request.target.table], (request.target,))
    if request.companions:
        _make_companions(run, Reference(request.target.table, row_id), request.companions)
    if request.detects_duplicates:
        refuse_duplicates(run, run.schema.tables[request.target.table], row_id)
    return CreateResponse(row_id)


def _make_companions(run: Execution, row: Reference, companions: Companions) -> None:
    """What points to a new row, and what is connected with it."""
    for child in companions.children:
        child.create.target.values[child.column] = row
        run.send(child.create)
    links = list(companions.links)
    for pair in companions.pairs:
        made = cast(CreateResponse, run.send(pair.create))
        links.append(Linked(pair.navigation, pair.create.target.table, RowKey(made.id)))
    for link in links:
        run.send(Associate(row.table, RowKey(row.id), link.navigation, link.table, link.key))


def create_multiple(run: Execution) -> CreateMultipleResponse:
    """Make several rows, all or none; ids in the order of the targets. [BM-1], [BM-6]"""
    request = cast(CreateMultiple, run.request)
    if not request.targets:
        raise InvalidArgument("The Targets collection must hold at least one row.")
    return CreateMultipleResponse(create_rows(run, run.schema.tables[request.table], request.targets))


def create_rows(
    run: Execution,
    table: Table,
    rows: Sequence[Row],
    known: frozenset[Reference] = frozenset(),
    versions: Sequence[int] | None = None,
) -> tuple[str, ...]:
    """Check, complete and insert rows of one table. They get those `versions`, or new ones in their order.

    `known` are references that need not be looked up: rows that are there, or come in the same transaction.

    Raises:
        DuplicateRow: an id is there already, or twice in the list. [E-14], [BM-11]
        DuplicateKey: the values of an alternate key are there already. [K-5]
        PrincipalNotEntitled: the owner of a row could not read it. [SEC-6]
    """
    if is_view(table):
        raise MethodNotAllowed("POST", table.set_name)
    check_rows(table, rows)
    must_create_columns(run, table, rows)
    completion = Completion(run, table)
    settle_references(rows, run.schema, run.session, known | {completion.caller})
    asked = pointing(run, table, rows, is_new=True)
    number_rows(run, table, rows)
    completion.complete(rows, versions or new_versions(run, rows))
    if image_columns(table):
        for row in rows:
            settle_images(run, table, row, is_new=True)
    must_create(run, table, rows, asked)
    _owners_must_be_able_to_read(run, table, rows, completion.caller)
    try:
        insert_rows(run, table, rows)
    except UniqueViolation as violation:
        raise duplicate(table, violation) from violation
    note_created(run, table, rows)
    settle_new_rows(run, table, rows)
    return tuple([row.id or "" for row in rows])


def new_versions(run: Execution, rows: Sequence[object]) -> Sequence[int]:
    """A version for each of the rows, in their order. [ET-7]"""
    first = run.session.next_versions(len(rows))
    return range(first, first + len(rows))


def _owners_must_be_able_to_read(run: Execution, table: Table, rows: Sequence[Row], caller: Reference) -> None:
    """Who makes rows for others makes them for those who can read them. [SEC-6]

    Administrators and the server itself may prepare rows for owners who get their roles later.
    """
    if run.caller.is_administrator or table.ownership != "user":
        return
    for owner in {row.values.get("ownerid") for row in rows} - {caller}:
        if isinstance(owner, Reference):
            must_be_able_to_read(run, owner, (table,))


def check_rows(table: Table, rows: Iterable[Row]) -> None:
    """Every value fits its column; null fits all but the system's own."""
    checks = checks_of(table)
    for row in rows:
        values = row.values
        for name, value in values.items():
            if value is not None:
                values[name] = checks[name](value)


def duplicate(table: Table, violation: UniqueViolation) -> DuplicateRow | DuplicateKey:
    """The refusal for a value that must be unique."""
    for key in table.keys:
        if violation.index_name == key_index_name(table.name, key):
            return DuplicateKey(key.name, key.columns)
    return DuplicateRow()


def insert_rows(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """One statement per set of columns, in the order of the first row of each."""
    dialect = run.session.dialect
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values), []).append(row)
    for columns, members in groups.items():
        text = insert_sql(table, columns, dialect)
        if len(members) == 1:
            run.session.run(text, row_encoder(table, columns, dialect)(members[0].values))
        else:
            stored = rows_encoder(table, columns, dialect)([row.values for row in members])
            run.session.run_many(text, list(zip(*stored, strict=True)))
