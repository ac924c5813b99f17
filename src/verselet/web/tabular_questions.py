"""Find out what a request asks in FetchXML, `$apply`, SQL or by a stored query.

In:        an exchange, a table, perhaps a collection
Out:       `ResolvedTabular`
Not here:  running it, the answer (web.tabular_reads)

Parsers are imported where they are used: who does not ask so does not pay for their modules.
"""

from __future__ import annotations

from msgspec import structs

from verselet.errors import QueryRefused, RowDoesNotExist
from verselet.ids import GUID
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.query.fetchxml.shapes import HOLE, Language, Shape, shape_of, with_places
from verselet.query.fetchxml.tree import Fetch
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.operands import parse_alias
from verselet.query.odata.options import OTHER_QUESTIONS, Options
from verselet.query.odata.orderby import parse_orderby
from verselet.query.odata.select import parse_select
from verselet.query.paging import page_number, read_counted_token
from verselet.query.resolve import Within
from verselet.query.tabular import Page, ResolvedTabular
from verselet.query.tree import Comparison, Literal, Query, ValueList
from verselet.query.tree import Path as ColumnPath
from verselet.web.exchange import Exchange


class Questions:
    """The questions of one organization's clients."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def resolved(
        self, exchange: Exchange, table: Table, within: Within | None, shape: Shape | None = None
    ) -> ResolvedTabular:
        """The plan of the one question that is asked; with a shape, its values know their places there.

        Raises:
            QueryRefused and its kin: it cannot be understood, or there are two.
        """
        options = exchange.options
        asked = [name for name, _ in options.custom if name in OTHER_QUESTIONS]
        if options.apply is not None:
            asked.append("$apply")
        if len(asked) != 1:
            raise QueryRefused(f"Only one of the options {', '.join(asked)} can be given.")
        match asked[0]:
            case "fetchXml":
                return self._fetch_xml(exchange, table, within, shape)
            case "$apply":
                return self._apply(exchange, table, within)
            case "savedQuery" | "userQuery":
                return self._stored(exchange, table, within, asked[0])
            case _:
                return self._sql(exchange, table, within, shape)

    def _apply(self, exchange: Exchange, table: Table, within: Within | None) -> ResolvedTabular:
        from verselet.query.apply import BesideApply, resolve_apply
        from verselet.query.odata.apply import parse_apply

        options = exchange.options
        refuse_beside(options, "$apply", ("$select", "$expand"))
        beside = BesideApply(
            annotations=exchange.preferences.annotations,
            within=within,
            filter=None if options.filter is None else parse_filter(options.filter, options.place("$filter")),
            orderby=() if options.orderby is None else parse_orderby(options.orderby, options.place("$orderby")),
            aliases=_aliases(options),
            calendar=exchange.caller.calendar,
            page=_page(options),
        )
        apply = parse_apply(options.apply or "", options.place("$apply"))
        return resolve_apply(apply, table, self._organization.schema, beside)

    def _sql(self, exchange: Exchange, table: Table, within: Within | None, shape: Shape | None) -> ResolvedTabular:
        """What a SELECT asks. [SQL-1]"""
        from verselet.query.fetchxml.resolve import Additions, resolve_fetch
        from verselet.query.sql_text.parse import parse_sql

        options = exchange.options
        refuse_beside(options, "sql", ("$select", "$filter", "$orderby", "$top", "$expand"))
        schema = self._organization.schema
        fetch = _at_page(parse_sql(options.value("sql") or "", schema), options)
        if shape is not None:
            fetch = with_places(fetch, shape, lambda text: parse_sql(text, schema)) or fetch
        more = Additions(annotations=exchange.preferences.annotations, within=within, calendar=exchange.caller.calendar)
        return resolve_fetch(fetch, table, self._organization.schema, more)

    def _stored(self, exchange: Exchange, table: Table, within: Within | None, option: str) -> ResolvedTabular:
        """What a saved query asks, with the options beside it. [SQ-1], [SQ-3]"""
        from verselet.query.fetchxml.parse import parse_fetch
        from verselet.query.fetchxml.resolve import Additions, resolve_fetch

        options = exchange.options
        refuse_beside(options, option, ("$top", "$expand"))
        text = self._text_of(exchange, table, option.lower(), (options.value(option) or "").strip())
        fetch = structs.replace(parse_fetch(text), page=None, cookie=None)
        fetch = _at_page(fetch, options)
        more = Additions(
            annotations=exchange.preferences.annotations,
            within=within,
            select=None if options.select is None else parse_select(options.select),
            filter=None if options.filter is None else parse_filter(options.filter),
            orderby=() if options.orderby is None else parse_orderby(options.orderby),
            aliases=_aliases(options),
            calendar=exchange.caller.calendar,
        )
        return resolve_fetch(fetch, table, self._organization.schema, more)

    def _text_of(self, exchange: Exchange, table: Table, stored_in: str, given: str) -> str:
        """The FetchXML of a stored query. [SQ-2], [SQ-4]

        Raises:
            RowDoesNotExist: no such query.
            QueryRefused: the value is no id, or the query is about another table.
        """
        row_id = given.removeprefix("{").removesuffix("}").lower()
        if GUID.match(row_id) is None:
            raise QueryRefused(f"'{given[:60]}' is no id of a stored query.")
        key = Comparison("eq", ColumnPath((f"{stored_in}id",), 0, 0), Literal("guid", row_id, 0, 0))
        query = Query(table=stored_in, select=("fetchxml", "returnedtypecode"), filter=key)
        response = self._organization.execute(RetrieveMultiple(query), exchange.caller)
        rows = response.rows if isinstance(response, RetrieveMultipleResponse) else ()
        if not rows:
            raise RowDoesNotExist(stored_in, row_id)
        about, text = rows[0].values["returnedtypecode"], rows[0].values["fetchxml"]
        if about != table.name or not isinstance(text, str):
            raise QueryRefused(f"The stored query is about '{about!s}', not about '{table.name}'.")
        return text

    def _fetch_xml(
        self, exchange: Exchange, table: Table, within: Within | None, shape: Shape | None
    ) -> ResolvedTabular:
        # Only who asks in FetchXML pays for its modules.
        from verselet.query.fetchxml.parse import parse_fetch
        from verselet.query.fetchxml.resolve import Additions, resolve_fetch

        options = exchange.options
        refuse_beside(options, "fetchXml", ("$select", "$filter", "$orderby", "$top", "$expand", "$skiptoken"))
        more = Additions(annotations=exchange.preferences.annotations, within=within, calendar=exchange.caller.calendar)
        fetch = parse_fetch(options.value("fetchXml") or "")
        if shape is not None:
            fetch = with_places(fetch, shape, parse_fetch) or fetch
        return resolve_fetch(fetch, table, self._organization.schema, more)


def shape_asked(exchange: Exchange) -> Shape | None:
    """The shape of the question, where it is all that is asked, in FetchXML or in SQL. (performance.md §3)"""
    if "&" in exchange.raw_query:
        return None
    languages: tuple[Language, ...] = ("fetchXml", "sql")
    for language in languages:
        text = exchange.options.value(language)
        if text is not None:
            return None if HOLE in text else shape_of(language, text)
    return None


def refuse_beside(options: Options, question: str, names: tuple[str, ...]) -> None:
    """Refuse options that do not go together with a question of its own. [FX-1]

    Raises:
        QueryRefused: one of them is given.
    """
    given = {name for name, _ in options.places}
    for name in names:
        if name in given:
            raise QueryRefused(f"The query option '{name}' cannot be combined with '{question}'.")


def _aliases(options: Options) -> tuple[tuple[str, Literal | ColumnPath | ValueList], ...]:
    return tuple([(name, parse_alias(text, options.place("@" + name))) for name, text in options.aliases])


def _at_page(fetch: Fetch, options: Options) -> Fetch:
    """The query at the page that `$skiptoken` leads to."""
    if options.skiptoken is None:
        return fetch
    before, cookie = read_counted_token(options.skiptoken)
    return structs.replace(fetch, page=page_number(options.skiptoken), cookie=cookie, before=before)


def _page(options: Options) -> Page:
    """The page of groups that `$skiptoken` leads to."""
    if options.skiptoken is None:
        return Page(top=options.top)
    before, _ = read_counted_token(options.skiptoken)
    return Page(top=options.top, number=page_number(options.skiptoken), before=before)
