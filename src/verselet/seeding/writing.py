"""Write batches of rows, all or none.

In:        batches (seeding.batches), an organization
Out:       how many rows were made, by table
Not here:  what the rows are (seeding.contact_centre, seeding.conference)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never

from verselet.messages.request import (
    Associate,
    CreateMultiple,
    RetrieveMultiple,
    RetrieveMultipleResponse,
    RowKey,
    Update,
)
from verselet.organization import Organization
from verselet.query.tree import Condition, Literal, Parameter, Query, QueryFunction, ValueList
from verselet.seeding.batches import Batch, Changes, Links, NewRows
from verselet.values import Row

Progress: TypeAlias = Callable[[int, int, str], None]
"""Told after each step: rows done, rows in all, which rows."""

CHUNK = 1000
"""Rows per CreateMultiple."""


def write(organization: Organization, batches: Sequence[Batch], progress: Progress) -> Mapping[str, int]:
    """Write what is not there yet, in one transaction, as the administrator.

    Rows that are there already stay as they are, so a second run makes nothing. [OC-109], [EM-144]
    """
    total = sum(len(batch.rows) for batch in batches)
    made: Counter[str] = Counter()
    new: set[str] = set()
    done = 0
    with organization.transaction():
        for batch in batches:
            for chunk in _chunks(batch):
                _write(organization, chunk, new, made)
                done += len(chunk.rows)
                progress(done, total, batch.what)
    return made


def is_one_of(column: str, values: Sequence[str]) -> Condition:
    """The condition that a column holds one of the values. [QF-3]"""
    listed = ValueList(tuple(Literal("text", value, 0, 0) for value in values), 0, 0)
    named = Literal("text", column, 0, 0)
    return QueryFunction("In", (Parameter("PropertyName", named), Parameter("PropertyValues", listed)), (), 0, 0)


def retrieve(organization: Organization, query: Query) -> tuple[Row, ...]:
    """The rows of a query, as the administrator sees them."""
    response = organization.execute(RetrieveMultiple(query), organization.administrator)
    assert isinstance(response, RetrieveMultipleResponse)
    return response.rows


def _chunks(batch: Batch) -> Iterator[Batch]:
    """The batch in pieces of at most CHUNK rows."""
    for start in range(0, len(batch.rows), CHUNK):
        stop = start + CHUNK
        match batch:
            case NewRows():
                yield NewRows(batch.table, batch.rows[start:stop])
            case Changes():
                yield Changes(batch.table, batch.rows[start:stop])
            case Links():
                yield Links(batch.table, batch.navigation, batch.other_table, batch.pairs[start:stop])
            case _:
                assert_never(batch)


def _write(organization: Organization, batch: Batch, new: set[str], made: Counter[str]) -> None:
    """Write one piece; `new` collects the ids of rows that were made, `made` counts them."""
    caller = organization.administrator
    match batch:
        case NewRows():
            missing = _missing(organization, batch)
            if not missing:
                return
            organization.execute(CreateMultiple(batch.table, missing), caller)
            new.update(row.id for row in missing if row.id is not None)
            made[batch.table] += len(missing)
        case Changes():
            for row in batch.rows:
                if row.id in new:
                    organization.execute(Update(row, RowKey(row.id)), caller)
        case Links():
            for one, other in batch.pairs:
                if one in new:
                    key, other_key = RowKey(one), RowKey(other)
                    request = Associate(batch.table, key, batch.navigation, batch.other_table, other_key)
                    organization.execute(request, caller)
        case _:
            assert_never(batch)


def _missing(organization: Organization, batch: NewRows) -> tuple[Row, ...]:
    """The rows that are not there yet."""
    key = organization.schema.table(batch.table).primary_id
    wanted = [row.id for row in batch.rows if row.id is not None]
    query = Query(table=batch.table, select=(key,), filter=is_one_of(key, wanted))
    present = {row.id for row in retrieve(organization, query)}
    return tuple(row for row in batch.rows if row.id not in present)
