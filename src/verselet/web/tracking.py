"""Answer clients that follow the changes of a table.

In:        an exchange that prefers `odata.track-changes`, or carries a token of an earlier answer
Out:       an `Answer` with all rows or the changed ones, and the link to what changes from then on
Not here:  what is remembered of deleted rows (operations.tracking), other reads (web.reads)

What was committed up to a version is known before the first row is read; a change after that is told in the next
answer, so a client may hear of a row twice but never misses one. Pages carry that version along.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from urllib.parse import quote

import msgspec

from verselet.errors import BadRequest, NotSupportedHere, QueryRefused
from verselet.errors.content import TokenExpired
from verselet.messages.tracking import (
    CountChanges,
    CountChangesResponse,
    DeletedRow,
    DeletedRowsResponse,
    RetrieveDeletedRows,
    RetrieveVersionsSeen,
    VersionsSeenResponse,
)
from verselet.metadata.tables import Table
from verselet.operations.reads import NO_ROWS, Page, fetch_page
from verselet.organization import Organization
from verselet.query.odata.options import Options, build_query
from verselet.query.paging import page_number, write_token
from verselet.query.plan import MAX_PAGE
from verselet.query.resolve import Reading
from verselet.query.tree import Comparison, Literal, Path, Query
from verselet.web.answers import Answer, Header, json_answer, json_string, text_answer
from verselet.web.context import of_collection
from verselet.web.exchange import Exchange
from verselet.web.reads import applied

TOKEN: Final = re.compile(r"(\d{1,18})!(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)\Z")
FOLLOWED: Final = re.compile(r' istracking="True" seen="([^"]*)"(?: after="(\d{1,18})")? />\Z')
UNTRACKED: Final = ' istracking="False" />'
ENCODED: Final = "istracking%3D%22False%22"
"""The same in an address: every link to a next page has it."""

PAGING: Final = ("$skiptoken=", "%24skiptoken=")
PLACES: Final = (*PAGING, "$deltatoken=", "%24deltatoken=")


class Seen(msgspec.Struct, frozen=True):
    """Everything up to a version was seen, at that time. Its text is the delta token. [DT-2]"""

    version: int
    at: datetime

    @property
    def token(self) -> str:
        """The token as the service writes it."""
        return f"{self.version}!{self.at:%m/%d/%Y %H:%M:%S}"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an answer: what to tell, and where the page before ended. [DT-8]

    `since` is None where all rows are wanted. `after` is the last deleted row that was told, None while rows are.
    """

    since: Seen | None
    seen: Seen
    rows_token: str | None
    after: int | None
    page: int
    size: int


class ChangeTracking:
    """The changes of one organization's tables."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def page(self, exchange: Exchange, table: Table) -> Answer:
        """All rows, or those made, changed and deleted since a token; then the link to later ones. [DT-1] to [DT-8]

        Raises:
            ChangesNotTracked: the table's changes are not kept. [DT-1]
            BadRequest: a query option that does not go with it. [DT-5]
            TokenExpired: the token is too old, or of another organization. [DT-6]
        """
        _refuse_options(exchange.options)
        turn = self._turn(exchange, table)
        query = _query_of(exchange.options, table, turn)
        found, token = (NO_ROWS, None) if turn.after is not None else self._rows(exchange, query, turn)
        told = [found.rows] if found.rows else []
        if token is None:
            token = self._add_deleted(exchange, table, turn, told, turn.size - found.number)
        return _answer(exchange, table, query, turn, told, token)

    def count(self, exchange: Exchange, table: Table) -> Answer:
        """How many rows were made, changed or deleted since the token. [DT-4]"""
        _refuse_options(exchange.options)
        since = self._since(exchange, self._seen(exchange, table))
        after = 0 if since is None else since.version
        response = self._organization.execute(CountChanges(table.name, after), exchange.caller)
        return text_answer(str(cast(CountChangesResponse, response).number))

    def _turn(self, exchange: Exchange, table: Table) -> Turn:
        now = self._seen(exchange, table)
        since = self._since(exchange, now)
        size = exchange.preferences.max_page or MAX_PAGE
        token = exchange.options.skiptoken
        if token is None:
            return Turn(since=since, seen=_as_seen(now), rows_token=None, after=None, page=1, size=size)
        found = FOLLOWED.search(token)
        if found is None:
            raise QueryRefused("The paging cookie is malformed.", hint="Follow @odata.nextLink as it was given.")
        plain = token[: found.start()] + UNTRACKED
        return Turn(
            since=since,
            seen=read_token(found[1]),
            rows_token=None if found[2] else plain,
            after=int(found[2]) if found[2] else None,
            page=page_number(plain),
            size=size,
        )

    def _seen(self, exchange: Exchange, table: Table) -> VersionsSeenResponse:
        return cast(VersionsSeenResponse, self._organization.execute(RetrieveVersionsSeen(table.name), exchange.caller))

    def _since(self, exchange: Exchange, now: VersionsSeenResponse) -> Seen | None:
        token = exchange.options.deltatoken
        if token is None:
            return None
        since = read_token(token)
        oldest = _as_seen(now).at - timedelta(days=now.valid_days)
        # A version nobody has reached is of another organization, or of this one before its rows were lost.
        if since.at < oldest or since.version > now.version:
            raise TokenExpired
        return since

    def _rows(self, exchange: Exchange, query: Query, turn: Turn) -> tuple[Page, str | None]:
        """The rows of the page, and the token of the next one if more follow."""
        reading = Reading(annotations=exchange.preferences.annotations, sized=exchange.preferences.max_page is not None)
        read = self._organization.prepare_page(query, reading, exchange.caller)
        bound = read.values(exchange.api, exchange.caller, turn.size)
        found = fetch_page(read, self._organization.store, bound, linked=True)
        if found.ends is None:
            return found, None
        plain = write_token(turn.page + 1, read.plan.order, *found.ends)
        return found, plain.removesuffix(UNTRACKED) + f' istracking="True" seen="{turn.seen.token}" />'

    def _add_deleted(self, exchange: Exchange, table: Table, turn: Turn, told: list[bytes], room: int) -> str | None:
        """Deleted rows come last; the token of the next page if there is no room for all of them. [DT-3]"""
        if turn.since is None:
            return None
        after = turn.since.version if turn.after is None else turn.after
        message = RetrieveDeletedRows(table.name, after, turn.seen.version, room + 1)
        rows = cast(DeletedRowsResponse, self._organization.execute(message, exchange.caller)).rows
        context = json_string(f"{exchange.api}$metadata#{table.set_name}/$deletedEntity")
        told += [_deleted_json(context, row) for row in rows[:room]]
        if len(rows) <= room:
            return None
        last = rows[room - 1].version if room else after
        return (
            f'<cookie pagenumber="{turn.page + 1}" pagingcookie="" istracking="True" seen="{turn.seen.token}" '
            f'after="{last}" />'
        )


def is_about_changes(exchange: Exchange) -> bool:
    """The request begins to follow changes, or goes on doing so. [DT-1], [DT-3], [DT-8]"""
    if exchange.preferences.track_changes:
        return True
    query = exchange.raw_query
    if "deltatoken" in query:
        return exchange.options.deltatoken is not None
    if query.count("istracking") == query.count(ENCODED):
        return False
    return FOLLOWED.search(exchange.options.skiptoken or "") is not None


def read_token(text: str) -> Seen:
    """The token a client sends back.

    Raises:
        QueryRefused: no token of ours.
    """
    found = TOKEN.match(text)
    if found is not None:
        version, month, day, year, hour, minute, second = map(int, found.groups())
        try:
            return Seen(version, datetime(year, month, day, hour, minute, second, tzinfo=UTC))
        except ValueError:
            pass
    raise QueryRefused("The delta token is malformed.", hint="Follow @odata.deltaLink as it was given.")


def _as_seen(now: VersionsSeenResponse) -> Seen:
    return Seen(now.version, datetime.fromisoformat(now.at))


def _refuse_options(options: Options) -> None:
    given = {"filter": options.filter, "orderby": options.orderby, "expand": options.expand, "top": options.top}
    for name, value in given.items():
        if value is not None:
            raise BadRequest(f'The "${name}" query parameter isn\'t supported when Change Tracking is enabled.')
    if options.count:
        raise NotSupportedHere("$count=true with change tracking")


def _query_of(options: Options, table: Table, turn: Turn) -> Query:
    asked = build_query(table.name, msgspec.structs.replace(options, deltatoken=None, skiptoken=turn.rows_token))
    if turn.since is None:
        return asked
    after = Literal("number", str(turn.since.version), 0, 0)
    return msgspec.structs.replace(asked, filter=Comparison("gt", Path(("versionnumber",), 0, 0), after))


def _deleted_json(context: bytes, row: DeletedRow) -> bytes:
    return b'{"@odata.context":' + context + b',"id":' + json_string(row.id) + b',"reason":"deleted"}'


def _answer(exchange: Exchange, table: Table, query: Query, turn: Turn, told: list[bytes], token: str | None) -> Answer:
    delta = "" if turn.since is None else "/$delta"
    context = of_collection(exchange.api, table.set_name, query, delta)
    link = (
        _link(exchange, table, PLACES, f"$deltatoken={quote(turn.seen.token, safe='')}")
        if token is None
        else _link(exchange, table, PAGING, f"$skiptoken={quote(token, safe='')}")
    )
    name = b"deltaLink" if token is None else b"nextLink"
    body = b'{"@odata.context":%b,"value":[%b],"@odata.%b":%b}' % (context, b",".join(told), name, json_string(link))
    return json_answer(body, *_applied(exchange))


def _link(exchange: Exchange, table: Table, replaced: tuple[str, ...], option: str) -> str:
    kept = [part for part in exchange.raw_query.split("&") if part and not part.lower().startswith(replaced)]
    return f"{exchange.api}{table.set_name}?{'&'.join([*kept, option])}"


def _applied(exchange: Exchange) -> tuple[Header, ...]:
    others = applied(exchange.preferences, paged=True)
    if not exchange.preferences.track_changes:
        return others
    return ((b"preference-applied", b",".join([b"odata.track-changes", *[value for _, value in others]])),)
