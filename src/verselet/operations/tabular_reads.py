"""Prepare reads of tabular plans once, run them often.

In:        a resolved tabular query, the caller
Out:       `PreparedTable`: compiled statements and how values are bound; a page of its rows as JSON bytes
Not here:  parsing and resolving (query), the answer around the rows (web.tabular_reads)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from verselet.metadata.schema import Schema
from verselet.operations.reads import (
    Fetch,
    Ground,
    Page,
    Reads,
    ValuePlace,
    as_bytes,
    ends_apart,
    ends_beside,
    environment,
    places_of,
)
from verselet.query import plan
from verselet.query.tabular import Aggregated, ResolvedTabular, Tabular
from verselet.security.caller import Caller
from verselet.security.columns import hide_tabular
from verselet.security.rows import restrict_tabular
from verselet.sql.dialects import Dialect
from verselet.sql.tabular import TabularStatements
from verselet.store.codecs import decoder
from verselet.values import Stored, Value

Decode = Callable[[Sequence[Stored]], Value]


class PreparedTable(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a tabular read but its values."""

    asked: ResolvedTabular
    places: tuple[ValuePlace, ...]
    statements: TabularStatements
    end_decoders: tuple[Decode, ...]

    def values(self, api: str, caller: Caller, limit: int) -> list[Stored]:
        """The values of the request it was prepared from, with those of the environment."""
        return [*environment(api, caller, limit), *self.own_values(caller)]

    def own_values(self, caller: Caller) -> list[Stored]:
        """The values of the request it was prepared from, as of now, behind those of the environment."""
        return [place.of(caller) for place in self.places]

    def end_values(self, stored: Sequence[Stored]) -> tuple[Value, ...]:
        """The order values of a row, decoded; none where the order does not name a row."""
        if not self.asked.plan.paged_by_values:
            return ()
        return tuple([decode((value,)) for decode, value in zip(self.end_decoders, stored, strict=True)])


def fetch_table(read: PreparedTable, rows: Reads, values: Sequence[Stored], skipped: int) -> Page:
    """The rows of a page, without the first `skipped` ones; the most rows wanted are one of the values. [FX-31]

    What another statement says of the ends of the page is said of the same state. (operations.reads)
    """
    limit = int(str(values[plan.LIMIT]))
    if read.statements.tells_ends:
        return _page(read, rows.fetch, values, skipped, linked=True)
    if limit >= plan.MAX_PAGE:
        found = _page(read, rows.fetch, values, skipped, linked=False)
        if found.number < limit:
            return found
    with rows.read() as session:
        return _page(read, session.run, values, skipped, linked=True)


def fetch_rows(read: PreparedTable, fetch: Fetch, values: Sequence[Stored], skipped: int) -> Page:
    """As `fetch_table`, for those who do not ask where the page begins and ends."""
    return _page(read, fetch, values, skipped, linked=False)


def _page(read: PreparedTable, fetch: Fetch, values: Sequence[Stored], skipped: int, *, linked: bool) -> Page:
    """The rows; `linked`: with the order values of the first and the last one, if more follow."""
    statements, limit = read.statements, int(str(values[plan.LIMIT]))
    asked = [*values, skipped]
    ((rows, counted, taken, *beside),) = fetch(statements.rows.text, statements.rows.bind(asked))
    number = int(str(counted))
    page, told = Page(as_bytes(rows), min(number, limit), taken=int(str(taken))), []
    if linked and number > limit > 0:
        told = ends_beside(beside)
    elif linked and not statements.tells_ends and number == limit > 0:
        told = ends_apart(statements.ends, fetch, asked, range(skipped, skipped + number))
    if not told:
        return page
    first, last = told
    return msgspec.structs.replace(page, ends=(read.end_values(first), read.end_values(last)))


def prepare_table(asked: ResolvedTabular, ground: Ground, caller: Caller) -> PreparedTable:
    """Prepare a tabular read for callers of this kind.

    Raises:
        PrivilegeMissing: a table the caller may not read. [E-17]
    """
    asked = restrict_tabular(asked, ground.schema, caller)
    restricted = hide_tabular(asked.plan, ground.schema, caller, ground.masks)
    asked = msgspec.structs.replace(asked, plan=restricted)
    places = places_of(asked.bindings, ground.schema.tables[restricted.table], ground.dialect, ground.clock)
    return PreparedTable(
        asked=asked,
        places=places,
        statements=ground.compiler.tabular(restricted, plan.FIRST_LITERAL + len(places)),
        end_decoders=_end_decoders(restricted, ground.schema, ground.dialect),
    )


def _end_decoders(asked: Tabular, schema: Schema, dialect: Dialect) -> tuple[Decode, ...]:
    if not asked.paged_by_values:
        return ()
    names = {asked.source: asked.table} | {link.source: link.table for link in asked.links}
    found: list[Decode] = []
    for item in asked.order:
        if isinstance(item.by, plan.ColumnOf):
            table = schema.tables[names[item.by.source]]
            found.append(decoder(table, table.columns[item.by.column], dialect))
        elif not isinstance(item.by, Aggregated):
            found.append(_first)
    return tuple(found)


def _first(stored: Sequence[Stored]) -> Value:
    return stored[0]
