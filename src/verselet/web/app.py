"""The ASGI application of the Web API.

In:        ASGI scopes under `/api/data` and `/api/search`
Out:       HTTP answers with the headers every answer has
Not here:  what addresses mean (web.dispatch), who is calling (auth)

Short messages run right here, on the event loop: handing them to a thread would double what they cost. What may be long
goes to a worker thread: large bodies, searches, reads that took long before, what would have to wait for another
thread, and everything where the database is another process; short writes that must wait share one. (web.short_writes)
What steps may hold up has threads of its own: a receiver that is waited for may ask for something else first.
A read that turns out to be long is begun again in such a thread, so that nobody else waits for it. (performance.md §5)
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import unquote

from verselet.auth.challenges import challenge
from verselet.errors import MethodNotAllowed, QueryRefused, ResourceNotFound, ServiceError, VerseletError
from verselet.operations.failures import TakesLong
from verselet.organization import Accesses, Organization
from verselet.security.caller import Caller
from verselet.web.answers import Answer, Header
from verselet.web.bodies import Bodies, Receive
from verselet.web.compression import is_worth_packing, packed, takes_gzip
from verselet.web.dispatch import Dispatcher
from verselet.web.errors import refusal, unexpected
from verselet.web.exchange import Exchange
from verselet.web.image_addresses import IMAGES, image_address
from verselet.web.impersonation import acting_caller, seeing_caller
from verselet.web.limits import Limiter, ServiceLimits
from verselet.web.row_functions.searching.legacy import LegacySearch
from verselet.web.search_addresses import ROOT as SEARCHES
from verselet.web.search_addresses import is_legacy, path_of, takes_long
from verselet.web.short_writes import ShortWrites
from verselet.web.turns import LongReads

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Result = TypeVar("Result")
Identify: TypeAlias = Callable[[bytes | None, str], Caller]

ROOT: Final = re.compile(r"/api/data(?:/(v9\.[0-2]))?(?:/(.*))?\Z", re.DOTALL)
LATEST: Final = "v9.2"
USUAL: Final = f"/api/data/{LATEST}/"
MAX_URL: Final = 32_768
LONG_BODY: Final = 64 * 1024
WITHOUT_BODY: Final = frozenset({"GET", "DELETE"})
MAY_BE_BEHIND: Final = frozenset({400, 401, 403, 404})
"""Refusals for something that another process may just have made."""

THREADS: Final = 8
"""So many messages at once beside the event loop, and as many again that steps may hold up."""

READING: Final = ("Retrieve", "RetrieveMultiple")

METHODS: Final = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
ALWAYS: Final[tuple[Header, ...]] = ((b"odata-version", b"4.0"), (b"x-ms-dop-hint", b"4"))


class WebApi:
    """Answers requests of one organization."""

    def __init__(
        self,
        organization: Organization,
        identify: Identify,
        challenge_at: Callable[[str], str] | None = None,
        limits: ServiceLimits | None = None,
    ) -> None:
        self._organization = organization
        self._limiter = Limiter(organization.clock, limits, organization.request_limits)
        organization.spending.counted_by(self._limiter.spend)
        self._identify = identify
        self._challenge_at = challenge_at or (lambda base: challenge(base, organization.founding.tenant_id))
        self._dispatcher = Dispatcher(organization, is_limited=limits is not None)
        self._legacy_search = LegacySearch(organization)
        self._accesses = Accesses(organization, to_pages=False)
        self._inline = organization.store.dialect.name == "sqlite"
        self._long_reads = LongReads()
        self._short_writes = ShortWrites(organization, self._elsewhere)
        self._bodies = Bodies()
        self._workers = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="verselet-message")
        self._stepping = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="verselet-steps")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. [H-15], [H-20], [H-21]"""
        headers = _headers(scope["headers"])
        answer = await self._answer(scope, headers, receive)
        if takes_gzip(headers.get("accept-encoding", "")) and is_worth_packing(answer):
            answer = packed(answer) if len(answer.body) < LONG_BODY else await self._elsewhere(packed, answer)
        own = self._organization.ids.new_random_id().encode()
        started = _started(answer, own, headers.get("x-ms-client-request-id"))
        await send({"type": "http.response.start", "status": answer.status, "headers": started})
        if answer.pieces is not None:
            pieces = answer.pieces()
            while piece := await self._elsewhere(next, pieces, b""):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Answer:
        base = f"{scope['scheme']}://{headers.get('host', 'localhost')}"
        body = b""
        try:
            if scope["method"] not in WITHOUT_BODY:
                body = await self._bodies.read(receive, headers)
            if scope["method"] == "GET" and self._inline:
                return self._read_here(scope, headers, base) or await self._read(scope, headers, base)
            if self._meets_steps(scope, body):
                return await self._among_steps(scope, headers, body, base)
            if self._inline and len(body) < LONG_BODY and _is_short(scope["path"]):
                return await self._short_writes.answer(partial(self.handle, scope, headers, body, base))
            return await self._elsewhere(self.handle, scope, headers, body, base)
        except VerseletError as error:
            return refusal(error, everything=False, challenge=self._challenge_at(base))
        finally:
            self._bodies.release(body)

    def _meets_steps(self, scope: Scope, body: bytes) -> bool:
        """Steps may have to do with the request. What they do may take any time."""
        registry = self._organization.registry
        if not registry.concerns_some:
            return False
        tables = self._tables_of(scope["path"], body)
        if scope["method"] == "GET":
            return any(registry.of(message, table) for table in tables for message in READING)
        return registry.concerns(tables)

    def _tables_of(self, path: str, body: bytes) -> tuple[str, ...]:
        """The table of a plain address of rows, and those its rows take along.

        All tables where the address leads on from there, or rows come inside the row. [C-9]
        """
        found = ROOT.match(path)
        place = "" if found is None or found[2] is None else found[2]
        schema = self._organization.schema
        is_plain = "/" not in place and b"[" not in body and body.count(b"{") < 2
        table = schema.table_by_set_name.get(place.partition("(")[0]) if is_plain else None
        return tuple(schema.tables) if table is None else tuple(schema.taken_along[table.name])

    def _read_here(self, scope: Scope, headers: dict[str, str], base: str) -> Answer | None:
        """Answer a GET here if that is a matter of a moment."""
        store = self._organization.store
        if store.is_taken(writing=False) or self._long_reads.has(*_address(scope)):
            return None
        store.hurry(on=True)
        try:
            return self.handle(scope, headers, b"", base)
        except TakesLong:
            return None
        finally:
            store.hurry(on=False)

    async def _read(self, scope: Scope, headers: dict[str, str], base: str) -> Answer:
        """Answer a GET in a thread, and see how long it takes."""
        if self._meets_steps(scope, b""):
            return await self._among_steps(scope, headers, b"", base)
        began = time.perf_counter()
        answer = await self._elsewhere(self.handle, scope, headers, b"", base)
        self._long_reads.note(*_address(scope), time.perf_counter() - began)
        return answer

    def handle(self, scope: Scope, headers: dict[str, str], body: bytes, base: str, *, is_last: bool = False) -> Answer:
        """Answer a request whose body is complete.

        One that is refused although this process had not heard yet of what another one changed is answered once more:
        a refusal leaves nothing behind, [E-21] unless steps ran: what those did elsewhere must not happen twice.

        Raises:
            TakesLong: a thread in a hurry should let another one answer; nothing else is ever raised.
        """
        agreed, acts = self._organization.agreed, self._organization.acts
        everything = False
        try:
            exchange = self._open(scope, headers, base)
            exchange.body = body
            everything = exchange.preferences.everything
            authorization = headers.get("authorization")
            caller = self._identify(None if authorization is None else authorization.encode("latin-1"), base)
            self._accesses.note(caller)
            exchange.caller = seeing_caller(acting_caller(self._organization, caller, headers), headers)
            answer = self._legacy_search.answer if is_legacy(scope["path"]) else self._dispatcher.answer
            return self._limiter.answer(caller.user_id, lambda: answer(exchange))
        except TakesLong:
            raise
        except VerseletError as error:
            is_behind = not is_last and _may_be_behind(error) and self._takes_over_more(agreed)
            if is_behind and self._organization.acts == acts:
                return self.handle(scope, headers, body, base, is_last=True)
            return refusal(error, everything=everything, challenge=self._challenge_at(base))
        except Exception as error:  # noqa: BLE001  the edge: a fault of ours becomes a 500 and a log line
            return unexpected(error, self._organization.ids.new_random_id())

    def _takes_over_more(self, agreed: object) -> bool:
        """Another process has changed something that this one goes by from now on."""
        with suppress(VerseletError):
            self._organization.keep_up(certain=True)
        return self._organization.agreed != agreed

    async def _elsewhere(self, work: Callable[..., Result], *given: object) -> Result:
        """What may take long, in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, work, *given)

    async def _among_steps(self, scope: Scope, headers: dict[str, str], body: bytes, base: str) -> Answer:
        """What steps may hold up, where it holds up nothing that a receiver of theirs may ask for meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._stepping, self.handle, scope, headers, body, base)

    def refuse_next(self, requests: int, wait_s: int) -> None:
        """So many of the next requests are answered with 429. [LIM-7]"""
        self._limiter.refuse_next(requests, wait_s)

    def close(self) -> None:
        """Let the worker threads end; what still runs there had its time to finish."""
        self._short_writes.settle()
        for threads in (self._workers, self._stepping):
            threads.shutdown(wait=False, cancel_futures=True)
        self._organization.store.stop()
        self._short_writes.close()
        for threads in (self._workers, self._stepping):
            threads.shutdown(wait=True)

    def _open(self, scope: Scope, headers: dict[str, str], base: str) -> Exchange:
        raw_path, raw_query = _address(scope)
        if len(raw_path) + len(raw_query) > MAX_URL:
            raise QueryRefused("Invalid URI: The Uri string is too long.")
        if raw_path == IMAGES:
            path, query = image_address(self._organization.schema, _text(raw_query))
            return Exchange(scope["method"], f"{base}/api/data/{LATEST}/", path, query, headers)
        version, path = _version_and_path(_text(raw_path))
        if scope["method"] not in METHODS:
            raise MethodNotAllowed(scope["method"], path)
        return Exchange(scope["method"], f"{base}/api/data/{version}/", path, _text(raw_query), headers)


def _address(scope: Scope) -> tuple[bytes, bytes]:
    """Path and query as they came."""
    return scope.get("raw_path") or scope["path"].encode(), scope["query_string"]


def _version_and_path(raw_path: str) -> tuple[str, str]:
    """Which version of the Web API is asked, and what follows its address."""
    if raw_path.startswith(USUAL) and "%" not in raw_path:
        return LATEST, raw_path[len(USUAL) :]
    if raw_path.startswith(SEARCHES):
        return LATEST, path_of(raw_path)
    found = ROOT.match(raw_path)
    if found is None:
        raise ResourceNotFound(raw_path.removeprefix("/api/data/").partition("/")[0])
    path = found[2] or ""
    return found[1] or LATEST, _unquoted(path) if "%" in path else path


def _is_short(path: str) -> bool:
    """It is no batch, which may hold many requests, and no search."""
    return not path.endswith("$batch") and not takes_long(path)


def _may_be_behind(error: VerseletError) -> bool:
    """It is about something that may just have been made."""
    return isinstance(error, ServiceError) and error.status in MAY_BE_BEHIND


def _text(raw: bytes) -> str:
    """A part of the address; letters beyond ASCII should be encoded, but some clients send them as they are."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise QueryRefused("The address is not valid UTF-8.") from None


def _unquoted(path: str) -> str:
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise QueryRefused("The path is not valid UTF-8.") from None


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Name → value; several lines of one name joined by commas. [H-5] The HTTP server gives names in lower case."""
    found: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1")
        text = value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _started(answer: Answer, own: bytes, client_request_id: str | None) -> list[Header]:
    """The headers of an answer. [H-15], [H-20], [H-21]"""
    headers = [
        *answer.headers,
        *ALWAYS,
        (b"req_id", own),
        (b"x-ms-service-request-id", own),
    ]
    if client_request_id is not None:
        headers.append((b"x-ms-client-request-id", client_request_id.encode("latin-1")))
    if answer.status not in {204, 304}:
        size = len(answer.body) if answer.pieces is None else answer.size
        headers.append((b"content-length", str(size).encode()))
    return headers
