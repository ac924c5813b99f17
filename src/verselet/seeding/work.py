"""Do the work of a fixture file, step by step, in one transaction.

In:        steps, each with the place in the file it comes from
Out:       how many rows were written, by table
Not here:  which steps a file means (seeding.loading, seeding.sets)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, assert_never

import msgspec

from verselet.errors import OperatorError, ServiceError, did_you_mean
from verselet.ids import GUID
from verselet.messages.request import Associate, Companions, Create, Related, Request, RowKey, Update, Upsert
from verselet.organization import Organization
from verselet.query.outputs import property_name
from verselet.query.tree import And, Comparison, Path, Query
from verselet.query.tree import Literal as LiteralValue
from verselet.security.credentials import keep_client_secret, keep_password
from verselet.seeding.fixture import REFUSED, WRONG_SHAPE
from verselet.seeding.writing import Progress, retrieve
from verselet.values import Row


class Step(msgspec.Struct, frozen=True):
    """One message."""

    path: str
    request: Request


class WantedRow(msgspec.Struct, frozen=True):
    """A row as it shall be: made, changed, or left alone where it is so already. `children` are made with a new one."""

    path: str
    row: Row
    children: tuple[Related, ...] = ()


class BodyRow(msgspec.Struct, frozen=True):
    """One row as the Web API would take it, read when its turn comes.

    `always` writes it also where it is so already; `change` does not make it where it is missing.
    """

    path: str
    table: str
    id: str | None
    body: Mapping[str, object]
    always: bool = False
    change: bool = False


class Secret(msgspec.Struct, frozen=True):
    """A secret to keep: of the application with that id, or the password of the user with it."""

    path: str
    of: Literal["application", "user"]
    id: str
    secret: str


class Question(msgspec.Struct, frozen=True):
    """Work that is known when its turn comes, because it depends on rows written before it."""

    path: str
    ask: Callable[[Organization], Iterable[Deed]]


Deed: TypeAlias = Step | WantedRow | BodyRow | Secret
Work: TypeAlias = Deed | Question


def run(organization: Organization, work: Sequence[Work], name: str, progress: Progress) -> Mapping[str, int]:
    """Do the work; the rows that were made or changed, by table. Inside a transaction of the caller's.

    Raises:
        OperatorError: something was refused; says file, place and reason.
    """
    written: dict[tuple[str, str], None] = {}
    for number, item in enumerate(work, start=1):
        for one in item.ask(organization) if isinstance(item, Question) else (item,):
            try:
                _do(organization, one, name, written)
            except ServiceError as error:
                why = f"{error.message} {error.hint}".strip()
                raise OperatorError(REFUSED, f"{name}: {one.path} was refused", why, "correct this place") from error
        progress(number, len(work), item.path)
    return Counter(table for table, _ in written)


def wrong(name: str, path: str, why: str) -> OperatorError:
    """Something in the file that cannot be."""
    return OperatorError(WRONG_SHAPE, f"{name}: {path}", why, "correct the file")


def found_id(known: Mapping[str, str], key: str, name: str, path: str) -> str:
    """The id behind a key of the file.

    Raises:
        OperatorError: there is no such key.
    """
    if key not in known:
        raise wrong(name, path, f"there is no key {key}. {did_you_mean(key, known)}".strip())
    return known[key]


def rows_with(organization: Organization, table: str, columns: Iterable[str], **equal: str) -> tuple[Row, ...]:
    """The rows whose columns hold those texts, ids or references, with some of their columns."""
    found = organization.schema.table(table)
    conditions = tuple(
        Comparison(
            "eq",
            Path((property_name(found.columns[name]),), 0, 0),
            LiteralValue("guid" if GUID.match(value) else "text", value, 0, 0),
        )
        for name, value in equal.items()
    )
    select = tuple(property_name(found.columns[name]) for name in columns)
    return retrieve(organization, Query(table=table, select=select, filter=And(conditions)))


def _do(organization: Organization, item: Deed, name: str, written: dict[tuple[str, str], None]) -> None:
    """One step; `written` collects the rows that were made or changed."""
    match item:
        case Secret():
            keep = keep_client_secret if item.of == "application" else keep_password
            keep(organization.credentials, item.id, item.secret)
        case Step(request=Associate() as request):
            if not _is_linked(organization, request):
                organization.execute(request, organization.administrator)
        case Step(request=request):
            organization.execute(request, organization.administrator)
        case WantedRow(row=row):
            if _settle(organization, row, item.children):
                written[row.table, row.id or ""] = None
        case BodyRow():
            row = _read(organization, item, name)
            if _write(organization, item, row):
                written[row.table, row.id or ""] = None
        case _:
            assert_never(item)


def _write(organization: Organization, item: BodyRow, row: Row) -> bool:
    """Write a row that was read from the file; whether it counts as made or changed."""
    if item.change:
        organization.execute(Update(row, RowKey(row.id)), organization.administrator)
        return False
    if item.always:
        organization.execute(Upsert(row, RowKey(row.id)), organization.administrator)
        return True
    return _settle(organization, row, ())


def _settle(organization: Organization, row: Row, children: tuple[Related, ...]) -> bool:
    """Make the row, or change what is different about it; whether anything was."""
    table = organization.schema.table(row.table)
    assert row.id is not None
    present = rows_with(organization, row.table, row.values, **{table.primary_id: row.id})
    if not present:
        organization.execute(Create(row, Companions(children=children)), organization.administrator)
        return True
    changed = {name: value for name, value in row.values.items() if present[0].values.get(name) != value}
    if changed:
        organization.execute(Update(Row(row.table, row.id, changed), RowKey(row.id)), organization.administrator)
    return bool(changed)


def _read(organization: Organization, item: BodyRow, name: str) -> Row:
    """A row of the file, with its id."""
    table = organization.schema.tables.get(item.table)
    if table is None:
        raise wrong(
            name,
            item.path,
            f"there is no table {item.table}. {did_you_mean(item.table, organization.schema.tables)}".strip(),
        )
    body = dict(item.body)
    row_id = item.id or body.pop(table.primary_id, None)
    if not isinstance(row_id, str) or not GUID.match(row_id):
        why = f"a row needs its {table.primary_id}: without it a second load would make the row again"
        raise OperatorError(WRONG_SHAPE, f"{name}: {item.path}", why, f"add {table.primary_id}")
    row = organization.read_row(table, body, creating=not item.change)
    return Row(item.table, row_id.lower(), row.values)


def _is_linked(organization: Organization, request: Associate) -> bool:
    """Whether the two rows are connected already: to connect them again would be refused. [AS-6]"""
    pair = organization.schema.across[request.table].get(request.navigation)
    if pair is None or request.key.id is None or request.other.id is None:
        return False
    is_first = pair.table1 == request.table and pair.navigation1 == request.navigation
    columns = (pair.column1, pair.column2) if is_first else (pair.column2, pair.column1)
    equal = dict(zip(columns, (request.key.id, request.other.id), strict=True))
    return bool(rows_with(organization, pair.intersect_table, columns, **equal))
