"""Answer the addresses of sign-in.

In:        requests below /{tenant}/, and /msi/token
Out:       tokens, keys and discovery documents as JSON; pages for people
Not here:  why somebody gets a token (auth), the flow of the pages (server.sign_in_pages), the Web API (web)

Everything here waits for hashes, signatures and the store, so it runs in threads of its own: two, because each hash
takes 16 MB, and whoever guesses secrets must not slow the Web API down.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import msgspec

from verselet.auth.places import Place, discovery
from verselet.auth.refusals import SignInRefused, malformed
from verselet.errors import VerseletError
from verselet.ids import GUID
from verselet.operations.failures import service_error
from verselet.server.answers import answer, answer_empty
from verselet.server.forms import Asked, read_asked
from verselet.server.gate import allowing_headers, preflight_headers

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from verselet.auth.grants import Grants
LOG: Final = logging.getLogger("verselet.sign_in")

# A tenant; a policy beside it makes the address of another product, whose clients use it here as well. [AU-2]
ADDRESS: Final = re.compile(
    r"/(?P<authority>[\w.-]{1,100}(?:/b2c_[\w.-]{1,100})?)/"
    r"(?:(?P<two>oauth2/v2\.0/(?:token|authorize|devicecode))|(?P<one>oauth2/(?:token|authorize|devicecode))|"
    r"(?P<other>oauth2/deviceauth|discovery/(?:v2\.0/)?keys|(?:v2\.0/)?\.well-known/openid-configuration))\Z",
    re.ASCII | re.IGNORECASE,
)
USER_REALM: Final = re.compile(r"/common/userrealm/[^/]{1,200}\Z", re.IGNORECASE)
MANAGED: Final = "/msi/token"

ManagedIdentity: TypeAlias = Callable[[Mapping[str, str], str], dict[str, Any]]


class Reply(msgspec.Struct, frozen=True):
    """A whole answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    is_for_scripts: bool = False
    """A page of another origin of this machine may read it; what a person is shown, it may not."""


class Flow(Protocol):
    """What people are shown."""

    def authorize(self, asked: Asked, place: Place, /) -> Reply:
        """Answer at the authorization page."""

    def device(self, asked: Asked, place: Place, /) -> Reply:
        """Answer at the page for a device's code."""


class SignIn:
    """The organization's own authority. `managed` is None where a token without a secret would be too easy to get."""

    def __init__(
        self,
        grants: Grants,
        make_flow: Callable[[], Flow],
        new_id: Callable[[], str],
        managed: ManagedIdentity | None,
    ) -> None:
        self._grants = grants
        self._make_flow = make_flow
        self._flow: Flow | None = None
        self._new_id = new_id
        self._managed = managed
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="verselet-sign-in")

    @staticmethod
    def answers(path: str) -> bool:
        """The address is one of sign-in."""
        return path == MANAGED or ADDRESS.match(path) is not None or USER_REALM.match(path) is not None

    def close(self) -> None:
        """Let the threads end."""
        self._workers.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a script of another origin of this machine may read the answer. [CC-7]"""
        given = dict(scope["headers"])
        origin = given.get(b"origin")
        if scope["method"] == "OPTIONS" and origin is not None:
            wanted = given.get(b"access-control-request-headers", b"")
            await answer_empty(send, preflight_headers(origin, wanted))
            return
        asked_by = given.get(b"client-request-id", b"").decode("latin-1")
        correlation_id = asked_by if GUID.match(asked_by) else self._new_id()
        try:
            asked = await read_asked(scope, receive)
        except SignInRefused as refusal:
            reply = self._refused(refusal, correlation_id)
        else:
            loop = asyncio.get_running_loop()
            reply = await loop.run_in_executor(self._workers, self.handle, asked, correlation_id)
        headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
        headers.append((b"client-request-id", correlation_id.encode()))
        if origin is not None and reply.is_for_scripts:
            headers += allowing_headers(origin)
        await answer(send, reply.status, reply.body, headers)

    def handle(self, asked: Asked, correlation_id: str) -> Reply:
        """Answer a request that is complete; never raises."""
        try:
            return self._answer(asked)
        except SignInRefused as refusal:
            return self._refused(refusal, correlation_id)
        except VerseletError as failure:
            found = service_error(failure)
            error = "temporarily_unavailable" if found.status == HTTPStatus.SERVICE_UNAVAILABLE else "invalid_request"
            return self._refused(SignInRefused(error, 0, found.message, status=found.status), correlation_id)
        except Exception:  # the edge: a fault of ours becomes a 500 and a log line
            # Neither the form nor the query is told: they hold secrets.
            LOG.exception("sign-in %s failed", correlation_id)
            told = SignInRefused("server_error", 0, "An unexpected error occurred.", status=500)
            return self._refused(told, correlation_id)

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == MANAGED:
            return self._managed_identity(asked)
        found = ADDRESS.match(asked.path)
        if found is None:
            _allow(asked, "GET")
            return _json({"ver": "1.0", "account_type": "Managed", "domain_name": "verselet"})
        path = asked.path.lower()
        is_second = found["two"] is not None or "/v2.0/" in path or found["authority"].lower() == "adfs"
        place = Place(asked.base_url, found["authority"], 2 if is_second else 1)
        match path.rpartition("/")[2]:
            case "token":
                _allow(asked, "POST")
                return _json(self._grants.answer(asked.form, place))
            case "devicecode":
                _allow(asked, "POST")
                return _json(self._grants.start_device(asked.form, place))
            case "openid-configuration":
                _allow(asked, "GET")
                return _json(discovery(place))
            case "keys":
                _allow(asked, "GET")
                return _json(self._grants.issuer.keys.published())
            case page:
                _allow(asked, "GET", "POST")
                return self._page(page, asked, place)

    def _page(self, page: str, asked: Asked, place: Place) -> Reply:
        if self._flow is None:
            self._flow = self._make_flow()
        return self._flow.authorize(asked, place) if page == "authorize" else self._flow.device(asked, place)

    def _managed_identity(self, asked: Asked) -> Reply:
        """[AU-6]"""
        _allow(asked, "GET")
        if self._managed is None:
            raise SignInRefused("invalid_request", 0, "Tokens without a secret are for --auth dev.", status=403)
        # A page in a browser cannot send this header without being asked about first.
        if not asked.headers.get("x-identity-header"):
            raise malformed("the header X-IDENTITY-HEADER is missing", status=HTTPStatus.UNAUTHORIZED)
        return _json(self._managed(asked.query, asked.base_url))

    def _refused(self, refusal: SignInRefused, correlation_id: str) -> Reply:
        """The body clients look into. [SEC-125], [AU-4]"""
        now, trace_id = self._grants.issuer.clock.now(), self._new_id()
        told = {
            "error": refusal.error,
            "error_description": f"AADSTS{refusal.number}: {refusal.why} Trace ID: {trace_id} "
            f"Correlation ID: {correlation_id} Timestamp: {now:%Y-%m-%d %H:%M:%SZ}",
            "error_codes": [refusal.number],
            "timestamp": f"{now:%Y-%m-%d %H:%M:%SZ}",
            "trace_id": trace_id,
            "correlation_id": correlation_id,
        }
        return _json(told, refusal.status)


def _allow(asked: Asked, *methods: str) -> None:
    if asked.method not in methods:
        raise malformed(f"the method must be {' or '.join(methods)}", status=HTTPStatus.METHOD_NOT_ALLOWED)


def _json(value: Mapping[str, object], status: int = HTTPStatus.OK) -> Reply:
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return Reply(status, msgspec.json.encode(value), headers, is_for_scripts=True)
