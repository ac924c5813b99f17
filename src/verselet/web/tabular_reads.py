"""Answer GET on rows that were asked for in FetchXML, `$apply`, SQL or by a stored query.

In:        an exchange, a table, perhaps a collection
Out:       an `Answer` whose rows were written by the database
Not here:  rows as the table has them (web.reads)
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

from verselet.errors import FetchRefused, TooManyRowsToAggregate
from verselet.metadata.tables import Table
from verselet.operations.reads import MAX_COUNT, Ends, Page, environment
from verselet.operations.tabular_reads import PreparedTable, fetch_table
from verselet.organization import AskedRows, Organization
from verselet.query.fetchxml.cookies import names_of, write_cookie
from verselet.query.paging import write_counted_token
from verselet.query.plan import MAX_PAGE
from verselet.query.resolve import Within
from verselet.values import Stored, Value
from verselet.web.answers import Answer, json_answer, json_string, text_answer
from verselet.web.cached_reads import ShapeCache
from verselet.web.exchange import Exchange
from verselet.web.reads import applied, metadata_version, next_link
from verselet.web.retained_limits import RetainedLimits
from verselet.web.tabular_questions import Questions, shape_asked
from verselet.web.tabular_shapes import TabularShapes

CRM: Final = "Microsoft.Dynamics.CRM."
MAX_READY: Final = 500
LONGEST_VALUES: Final = 2_000
"""Characters of order values that a link or a cookie may have; an address has 32,768 for everything. [U-11]"""


STORED: Final = re.compile(r"(?:saved|user)query", re.IGNORECASE)
ASKED: Final = re.compile(r"(?:\A|&)(?:fetchXml|savedQuery|userQuery|sql|(?:\$|%24)apply)=")


def is_tabular(exchange: Exchange) -> bool:
    """The request asks for something else than rows as the table has them."""
    query = exchange.raw_query
    # To look for words takes a tenth of the time of the pattern, and mostly none is there.
    is_likely = "fetchXml=" in query or "apply=" in query or "sql=" in query or "Query=" in query
    return is_likely and ASKED.search(query) is not None


class Following(msgspec.Struct, frozen=True):
    """The next page: its number, and the order values of the ends of the one before, where it is found by them."""

    page: int
    names: Sequence[str] = ()
    first: Sequence[Value] = ()
    last: Sequence[Value] = ()


class TabularReads:
    """Tabular reads of one organization; keeps what it prepared."""

    def __init__(self, organization: Organization, limits: RetainedLimits) -> None:
        self._organization = organization
        self._limits = limits
        self._rows = AskedRows(organization)
        self._questions = Questions(organization)
        self._shapes = TabularShapes()
        self._applies: ShapeCache[PreparedTable] = ShapeCache()
        self._ready: OrderedDict[tuple[object, ...], PreparedTable] = OrderedDict()

    def page(self, exchange: Exchange, table: Table, within: Within | None = None, path: str = "") -> Answer:
        """A page of rows. [FX-31], [A-4], [SQ-1], [SQL-6]

        Raises:
            QueryRefused and its kin: the question cannot be understood.
            TooManyRowsToAggregate: [A-10], [FX-40]
            TooMuchAsked: of retained rows. [RET-43]
        """
        read, given = self._read(exchange, table, within)
        with self._limits.asking(exchange.caller.user_id, retained=read.asked.plan.from_lake):
            return self._page(exchange, read, given, path or table.set_name)

    def _page(self, exchange: Exchange, read: PreparedTable, given: Sequence[Stored], path: str) -> Answer:
        page = read.asked.page
        preferences = exchange.preferences
        size = page.size or preferences.max_page or MAX_PAGE
        before = (page.number - 1) * size if page.before is None else page.before
        skipped = 0 if page.by_cookie else page.skipped + before
        limit = size if page.top is None else max(0, min(size, page.top - before))
        values = [*environment(exchange.api, exchange.caller, limit), *given]
        wanted = range(skipped, skipped + limit + 1)
        found = self._fetch(read, exchange, values, wanted)
        parts = [b'{"@odata.context":', json_string(f"{exchange.api}$metadata#{read.asked.context}")]
        parts += self._totals(exchange, read, values)
        more: list[bytes] = []
        shown = before + found.number
        if found.ends is not None and (page.top is None or shown < page.top):
            more = self._more(exchange, read, found.ends, shown, path)
        parts += [*more[:1], b',"value":[', found.rows, b"]", *more[1:], b"}"]
        return json_answer(b"".join(parts), *applied(preferences, paged=True))

    def count(self, exchange: Exchange, table: Table, within: Within | None = None) -> Answer:
        """The bare number of rows of the question. [CT-2], [CT-4]"""
        read, given = self._read(exchange, table, within)
        values = [*environment(exchange.api, exchange.caller, 0), *given]
        with self._limits.asking(exchange.caller.user_id, retained=read.asked.plan.from_lake):
            return text_answer(str(min(self._total(read, exchange, values), MAX_COUNT)))

    def _fetch(self, read: PreparedTable, exchange: Exchange, values: list[Stored], wanted: range) -> Page:
        rows = self._rows.reading(read, exchange.caller, values, wanted)
        found, most = fetch_table(read, rows, values, wanted.start), read.asked.page.aggregate_limit
        if found.taken < 0:
            raise FetchRefused("Arithmetic overflow: a sum is larger than its column can hold.")
        if found.taken > most:
            raise TooManyRowsToAggregate(most)
        return found

    # --- the question -------------------------------------------------------------------------------------------------

    def _read(self, exchange: Exchange, table: Table, within: Within | None) -> tuple[PreparedTable, list[Stored]]:
        """The prepared read, kept by the shape of the question or by its exact text, and the values of the request."""
        organization, caller = self._organization, exchange.caller
        key = (
            organization.schema.generation,
            organization.masks,
            table.name,
            exchange.preferences.shown,
            caller.security_class,
        )
        keeps = within is None and STORED.search(exchange.raw_query) is None
        found = self._ready.get((exchange.raw_query, *key)) if keeps else None
        if found is not None:
            return found, found.own_values(caller)
        if keeps and "apply=" in exchange.raw_query:
            return self._applied(exchange, table, key)
        shape = shape_asked(exchange) if keeps else None
        shaped = None if shape is None else self._shapes.find(key, shape, caller)
        if shaped is not None:
            return shaped
        found = organization.prepare_table(self._questions.resolved(exchange, table, within, shape), caller)
        if shape is not None and any(place.start >= 0 for place in found.places):
            self._shapes.keep(key, shape, found)
        if keeps:
            self._ready[(exchange.raw_query, *key)] = found
            if len(self._ready) > MAX_READY:
                self._ready.popitem(last=False)
        return found, found.own_values(caller)

    def _applied(self, exchange: Exchange, table: Table, key: tuple[object, ...]) -> tuple[PreparedTable, list[Stored]]:
        """The same for `$apply`, whose literals are those of other options. (performance.md §3)"""
        asked = self._applies.texts.read(exchange.raw_query)
        shape = (asked.shape, *key)
        # What a token says of groups is no value: it decides which page is asked for.
        shaped = None if asked.token else self._applies.find(shape, asked)
        values = None if shaped is None else shaped.values(asked, "", exchange.caller)
        if shaped is not None and values is not None:
            return shaped.kept, values
        question = self._questions.resolved(exchange, table, None)
        found = self._organization.prepare_table(question, exchange.caller)
        if not asked.token:
            self._applies.keep(shape, asked, found.places, found)
        return found, found.own_values(exchange.caller)

    # --- what follows -------------------------------------------------------------------------------------------------

    def _more(self, exchange: Exchange, read: PreparedTable, ends: Ends, shown: int, path: str) -> list[bytes]:
        """What says that more rows follow: annotations before the rows, a link behind them. [FX-31], [PG-4]

        `shown` rows are on this page and those before.
        """
        following = Following(page=read.asked.page.number + 1)
        # Values that are too long for an address are not told: the page is then found by its number. [FX-33]
        if read.asked.plan.paged_by_values and sum(len(str(value)) for end in ends for value in end) <= LONGEST_VALUES:
            following = Following(following.page, names_of(read.asked.plan.order), *ends)
        annotations = self._paging_annotations(exchange, read, following)
        if exchange.options.value("fetchXml") is not None:
            return [annotations]
        token = write_counted_token(following.page, shown, following.names, following.first, following.last)
        link = b',"@odata.nextLink":' + json_string(next_link(exchange, path, token))
        return [annotations if exchange.options.value("sql") is None else b"", link]

    def _paging_annotations(self, exchange: Exchange, read: PreparedTable, following: Following) -> bytes:
        asked = exchange.preferences.totals
        parts = b""
        if CRM + "fetchxmlpagingcookie" in asked and read.asked.plan.paged_by_values:
            cookie = write_cookie(following.page, following.names, following.first, following.last)
            parts += f',"@{CRM}fetchxmlpagingcookie":'.encode() + json_string(cookie)
        if CRM + "morerecords" in asked and exchange.options.apply is None:
            parts += f',"@{CRM}morerecords":true'.encode()
        return parts

    def _totals(self, exchange: Exchange, read: PreparedTable, values: list[Stored]) -> list[bytes]:
        """`@odata.count` and the members about totals. [CT-1], [CT-3], [FX-8]"""
        is_asked = "count=" in exchange.raw_query and exchange.options.count
        counted = is_asked or read.asked.page.totals
        number = self._total(read, exchange, values) if counted else -1
        parts = []
        if is_asked:
            parts.append(f',"@odata.count":{min(number, MAX_COUNT)}'.encode())
        asked = exchange.preferences.totals
        if CRM + "totalrecordcount" in asked:
            parts.append(f',"@{CRM}totalrecordcount":{min(number, MAX_COUNT)}'.encode())
        if CRM + "totalrecordcountlimitexceeded" in asked:
            exceeded = "true" if number > MAX_COUNT else "false"
            parts.append(f',"@{CRM}totalrecordcountlimitexceeded":{exceeded}'.encode())
        return [*parts, *metadata_version(exchange, self._organization.schema)]

    def _total(self, read: PreparedTable, exchange: Exchange, values: list[Stored]) -> int:
        statement = read.statements.count
        rows = self._rows.reading(read, exchange.caller, values)
        ((number,),) = rows.fetch(statement.text, statement.bind(values))
        return int(str(number))
