"""Answer GET on rows.

In:        an exchange, a table, a key or a collection
Out:       an `Answer` whose rows were written by the database
Not here:  addresses (web.dispatch), single properties (web.properties)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

import msgspec

from verselet.errors import KeyDoesNotExist, QueryRefused, RowDoesNotExist
from verselet.messages.request import RowKey
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.reads import MAX_COUNT, PreparedRead, as_bytes, environment, fetch_page
from verselet.organization import Organization
from verselet.query.odata.options import OTHER_QUESTIONS, build_query
from verselet.query.paging import page_number, write_token
from verselet.query.plan import MAX_PAGE, Annotations, Masked
from verselet.query.resolve import KeyPart, Reading, Within
from verselet.query.tree import Query
from verselet.security.columns import NO_MASKS
from verselet.values import Stored
from verselet.web.answers import Answer, Header, json_answer, json_string, text_answer
from verselet.web.cached_reads import KEY, ShapeCache
from verselet.web.context import of_collection, of_row
from verselet.web.exchange import Exchange
from verselet.web.prefer import METADATA_VERSION, Preferences

ReadShapes: TypeAlias = ShapeCache[tuple[PreparedRead, Query]]

NO_VERSION: Final = b'{"@odata.etag":"W/\\"'


class RowReads:
    """Reads of one organization; keeps what it prepared."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._shapes_of: tuple[tuple[int, frozenset[Masked]], ReadShapes] = ((0, NO_MASKS), ShapeCache())

    @property
    def _shapes(self) -> ReadShapes:
        """What was prepared for the schema and the masks in force; for others everything is prepared anew."""
        prepared_for, shapes = self._shapes_of
        in_force = (self._organization.schema.generation, self._organization.masks)
        if prepared_for == in_force:
            return shapes
        fresh: ReadShapes = ShapeCache()
        self._shapes_of = (in_force, fresh)
        return fresh

    # --- one row ------------------------------------------------------------------------------------------------------

    def row(self, exchange: Exchange, table: Table, key: RowKey) -> Answer:
        """One row by its key. [R-1]

        Raises:
            RowDoesNotExist, KeyDoesNotExist: [E-3], [E-4]
        """
        found, query = self._row_and_query(exchange, table, key)
        known = exchange.headers.get("if-none-match")
        # Nobody can tell whether a row without a version is unchanged. [ET-6]
        if known is not None and "versionnumber" in table.columns and _may_be_unchanged(exchange, query):
            tag = tag_of(found)
            if known.strip() == tag.decode():
                return Answer(304, b"", ((b"etag", tag),))
        return row_answer(exchange, table, query, found)

    def row_bytes(self, exchange: Exchange, table: Table, key: RowKey) -> bytes:
        """The JSON of one row, as `row` would answer it; refusals as `row`."""
        return self._row_and_query(exchange, table, key)[0]

    def representation(self, exchange: Exchange, table: Table, row_id: str, *, status: int, expand: bool) -> Answer:
        """The row after a write. [C-2], [UP-3]"""
        query = _question_about_one(exchange, table)
        if not expand:
            query = Query(table=table.name, select=query.select)
        read = self._organization.prepare_row(
            query,
            Reading(annotations=exchange.preferences.annotations, key=(KeyPart(table.primary_id, row_id),)),
            exchange.caller,
        )
        rows = self._fetch_row(read, read.values(exchange.api, exchange.caller, 1))
        if not rows:
            raise RowDoesNotExist(table.name, row_id)
        return row_answer(exchange, table, query, rows, status=status)

    def must_belong(self, exchange: Exchange, table: Table, key: RowKey, within: Within) -> None:
        """The row is one of the collection. [U-4]

        Raises:
            RowDoesNotExist, KeyDoesNotExist: it is not there, or belongs to another row. [R-8]
        """
        named = key.values if key.id is None else ((table.primary_id, key.id),)
        parts = tuple([KeyPart(name, value) for name, value in named])
        query = Query(table=table.name, select=(table.primary_id,))
        read = self._organization.prepare_row(query, Reading(key=parts, within=within), exchange.caller)
        if not self._fetch_row(read, read.values(exchange.api, exchange.caller, 1)):
            raise KeyDoesNotExist(table.name) if key.id is None else RowDoesNotExist(table.name, key.id)

    def _row_and_query(self, exchange: Exchange, table: Table, key: RowKey) -> tuple[bytes, Query]:
        if key.id is None:
            query = _question_about_one(exchange, table)
            parts = tuple([KeyPart(name, value) for name, value in key.values])
            read = self._organization.prepare_row(
                query, Reading(annotations=exchange.preferences.annotations, key=parts), exchange.caller
            )
            found = self._fetch_row(read, read.values(exchange.api, exchange.caller, 1))
            if not found:
                self._organization.refuse_unseen(table, key, exchange.caller)
                raise KeyDoesNotExist(table.name)
            return found, query
        shapes = self._shapes
        asked = shapes.texts.read(exchange.raw_query)
        shape = (table.set_name, asked.shape, "row", exchange.preferences.shown, exchange.caller.security_class)
        shaped = shapes.find(shape, asked)
        if shaped is not None:
            values = shaped.values(asked, key.id, exchange.caller)
            if values is not None:
                read, query = shaped.kept
                found = self._fetch_row(read, environment(exchange.api, exchange.caller, 1) + values)
                if not found:
                    self._organization.refuse_unseen(table, key, exchange.caller)
                    raise RowDoesNotExist(table.name, key.id)
                return found, query
        query = _question_about_one(exchange, table)
        part = KeyPart(table.primary_id, key.id, KEY, KEY)
        read = self._organization.prepare_row(
            query, Reading(annotations=exchange.preferences.annotations, key=(part,)), exchange.caller
        )
        shapes.keep(shape, asked, read.places, (read, query))
        found = self._fetch_row(read, read.values(exchange.api, exchange.caller, 1))
        if not found:
            self._organization.refuse_unseen(table, key, exchange.caller)
            raise RowDoesNotExist(table.name, key.id)
        return found, query

    def _fetch_row(self, read: PreparedRead, values: Sequence[Stored]) -> bytes:
        statement = read.row
        rows = [] if statement is None else self._organization.store.fetch(statement.text, statement.bind(values))
        return as_bytes(rows[0][0]) if rows else b""

    # --- many rows ----------------------------------------------------------------------------------------------------

    def page(self, exchange: Exchange, table: Table, within: Within | None = None, path: str = "") -> Answer:
        """A page of a set or of a row's collection. [J-1], [PG-1] to [PG-8]

        `path` is the address of the collection, for its next link.
        """
        read, query, values = self._page_read(exchange, table, within)
        preferences = exchange.preferences
        size = preferences.max_page or MAX_PAGE
        pages = query.top is None or preferences.max_page is not None
        # With a page size the top is ignored. [PG-3]
        limit = size if pages else min(query.top or 0, MAX_PAGE)
        bound = [*environment(exchange.api, exchange.caller, limit), *values]
        found = fetch_page(read, self._organization.store, bound, linked=pages)
        parts = [b'{"@odata.context":', of_collection(exchange.api, table.set_name, query)]
        parts += self._totals(exchange, read, query, bound)
        parts += [b',"value":[', found.rows, b"]"]
        if found.ends is not None:
            page = 1 if query.skip_token is None else page_number(query.skip_token)
            token = write_token(page + 1, read.plan.order, *found.ends)
            parts += [b',"@odata.nextLink":', json_string(next_link(exchange, path or table.set_name, token))]
        parts.append(b"}")
        return json_answer(b"".join(parts), *applied(preferences, paged=True))

    def count(self, exchange: Exchange, table: Table, within: Within | None = None) -> Answer:
        """The bare number of rows. [CT-2], [CT-4]"""
        read, _, values = self._page_read(exchange, table, within)
        return text_answer(
            str(min(self._count(read, [*environment(exchange.api, exchange.caller, 0), *values]), MAX_COUNT))
        )

    def _page_read(
        self, exchange: Exchange, table: Table, within: Within | None
    ) -> tuple[PreparedRead, Query, list[Stored]]:
        preferences = exchange.preferences
        shapes = self._shapes
        asked = shapes.texts.read(exchange.raw_query)
        link = None if within is None else (within.parent_table, within.link)
        kind = "page" if preferences.max_page is None else "sized page"
        shape = (table.set_name, asked.shape, kind, preferences.shown, exchange.caller.security_class, link)
        shaped = shapes.find(shape, asked)
        if shaped is not None:
            values = shaped.values(asked, within.parent_id if within else "", exchange.caller)
            if values is not None:
                read, query = shaped.kept
                return read, _at_page(query, asked.token), values
        query = build_query(table.name, exchange.options)
        sized = preferences.max_page is not None
        reading = Reading(annotations=preferences.annotations, within=within, sized=sized)
        read = self._organization.prepare_page(query, reading, exchange.caller)
        shapes.keep(shape, asked, read.places, (read, query))
        return read, query, [place.of(exchange.caller) for place in read.places]

    def _count(self, read: PreparedRead, values: Sequence[Stored]) -> int:
        statement = read.count
        if statement is None:
            return 0
        ((number,),) = self._organization.store.fetch(statement.text, statement.bind(values))
        return int(str(number))

    def _total(self, exchange: Exchange, read: PreparedRead, query: Query, values: Sequence[Stored]) -> int:
        """The number of rows over all pages: that of the query without its token. [PG-8]"""
        if query.skip_token is None:
            return self._count(read, values)
        whole = msgspec.structs.replace(query, skip_token=None)
        first = self._organization.prepare_page(whole, Reading(within=read.within), exchange.caller)
        return self._count(first, first.values(exchange.api, exchange.caller, 0))

    def _totals(self, exchange: Exchange, read: PreparedRead, query: Query, values: Sequence[Stored]) -> list[bytes]:
        """`@odata.count` and the members about totals. [CT-1], [CT-3]"""
        if not query.count and not exchange.preferences.totals:
            return []
        number = self._total(exchange, read, query, values) if query.count else -1
        parts = []
        if query.count:
            parts.append(f',"@odata.count":{min(number, MAX_COUNT)}'.encode())
        asked = exchange.preferences.totals
        if "Microsoft.Dynamics.CRM.totalrecordcount" in asked:
            parts.append(f',"@Microsoft.Dynamics.CRM.totalrecordcount":{min(number, MAX_COUNT)}'.encode())
        if "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded" in asked:
            exceeded = b"true" if number > MAX_COUNT else b"false"
            parts.append(b',"@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded":' + exceeded)
        return [*parts, *metadata_version(exchange, self._organization.schema)]


def _at_page(query: Query, token: str) -> Query:
    """The same question at the page that a token leads to."""
    return msgspec.structs.replace(query, skip_token=token) if token else query


def _question_about_one(exchange: Exchange, table: Table) -> Query:
    """What is asked about one row.

    Raises:
        QueryRefused: an option that only many rows can have. [Q-1]
    """
    options = exchange.options
    given = {
        "$filter": options.filter,
        "$orderby": options.orderby,
        "$top": options.top,
        "$count": options.count or None,
        "$skiptoken": options.skiptoken,
        "$apply": options.apply,
        **{name: options.value(name) for name in OTHER_QUESTIONS},
    }
    for name, value in given.items():
        if value is not None:
            raise QueryRefused(f"The query option '{name}' cannot be applied to a single row.")
    return build_query(table.name, options)


def row_answer(exchange: Exchange, table: Table, query: Query, row: bytes, *, status: int = 200) -> Answer:
    """One row with its context and entity tag. [J-2], [H-19]"""
    context = of_row(exchange.api, table.set_name, query)
    body = b'{"@odata.context":' + context + b"," + row[1:]
    return json_answer(body, (b"etag", tag_of(row)), *applied(exchange.preferences, paged=False), status=status)


def tag_of(row: bytes) -> bytes:
    """The entity tag of a row, from its JSON. [ET-1]"""
    start = len(NO_VERSION)
    return b'W/"' + row[start : row.index(b"\\", start)] + b'"'


def applied(preferences: Preferences, *, paged: bool) -> tuple[Header, ...]:
    """`Preference-Applied` for a read or a representation. [H-18]"""
    parts = []
    if not paged and preferences.representation_applied:
        parts.append(preferences.representation_applied)
    if preferences.annotations_applied:
        parts.append(preferences.annotations_applied)
    if paged and preferences.page_applied:
        parts.append(preferences.page_applied)
    return ((b"preference-applied", b",".join(parts)),) if parts else ()


def metadata_version(exchange: Exchange, schema: Schema) -> list[bytes]:
    """What tells a client that keeps definitions whether they changed, if it asks. [MD-19]"""
    if METADATA_VERSION not in exchange.preferences.totals:
        return []
    return [f',"@{METADATA_VERSION}":"{schema.generation}"'.encode()]


def next_link(exchange: Exchange, path: str, token: str) -> str:
    """The address of the next page: the options as they were written, and the token. [PG-4]"""
    kept = [
        part
        for part in exchange.raw_query.split("&")
        if part and not part.lower().startswith(("$skiptoken=", "%24skiptoken="))
    ]
    return f"{exchange.api}{path}?{'&'.join([*kept, '$skiptoken=' + quote(token, safe='')])}"


def _may_be_unchanged(exchange: Exchange, query: Query) -> bool:
    # 304 is not given with expanded rows or annotations. [ET-2]
    return not query.expand and exchange.preferences.annotations == Annotations.NONE
