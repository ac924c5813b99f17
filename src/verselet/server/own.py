"""Answer the server's own addresses: health, ready, plugins, seed, and others for developers and administrators.

In:        requests below /_verselet/
Out:       small JSON answers
Not here:  what a fixture means (seeding), the Web API (web)
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs

import msgspec

from verselet import __version__
from verselet.errors import (
    AccessDenied,
    InvalidArgument,
    MethodNotAllowed,
    OperatorError,
    ResourceNotFound,
    ServiceError,
    Unauthenticated,
)
from verselet.messages.explaining import Explanation
from verselet.security.caller import Caller
from verselet.server.answers import answer_empty, answer_json, read_body, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from verselet.server.plugins import PluginFile
    from verselet.server.reloading import Reloading

Identify: TypeAlias = Callable[[bytes | None, str], Caller]
Seed: TypeAlias = Callable[[str], Mapping[str, object]]
RefuseNext: TypeAlias = Callable[[int, int], None]
TellWhy: TypeAlias = Callable[[str, str, str], Explanation]

FIXTURE_LIMIT_BYTES = 256 * 1024 * 1024
DEMO = "demo"
LONGEST_NUMBER = 6
"""Digits of a number in an address; more than that nobody waits for."""


class OwnWork(msgspec.Struct, frozen=True):
    """What is done behind the addresses, each in a thread of its own.

    `seed` takes a name or the path of a file and says what it loaded. It is None where secrets count: a fixture could
    give everybody new ones. `tell_why` takes a user, a table and the id of a row; `refuse_next` a number of requests of
    the Web API, and the seconds their senders are told to wait. It is None where others than developers ask. `plugins`
    looks at the folder of plug-ins.
    """

    seed: Seed | None
    tell_why: TellWhy
    refuse_next: RefuseNext | None = None
    plugins: Reloading | None = None


class OwnAddresses:
    """`/_verselet/…`. Health and ready need no token, everything else does. contract.md §5"""

    def __init__(
        self,
        org: str,
        identify: Identify,
        challenge: Callable[[str], str],
        work: OwnWork,
        is_ready: Callable[[], bool],
    ) -> None:
        self._org = org
        self._identify = identify
        self._challenge = challenge
        self._seed = work.seed
        self._is_ready = is_ready
        self._tell_why = work.tell_why
        self._refuse_next = work.refuse_next
        self._plugins = work.plugins
        self._answers: dict[str, tuple[tuple[str, ...], ASGIApp]] = {
            "explain-access": (("GET",), self._explain),
            "health": (("GET", "HEAD"), self._tell_health),
            "plugins": (("GET", "POST"), self._tell_plugins),
            "ready": (("GET", "HEAD"), self._tell_ready),
            "refuse-requests": (("POST",), self._begin_refusing),
            "seed": (("POST",), self._load),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].removeprefix("/_verselet/")
        try:
            if name not in self._answers:
                raise ResourceNotFound(name, self._answers)
            methods, answer = self._answers[name]
            _allow(scope["method"], *methods)
            await answer(scope, receive, send)
        except Unauthenticated as refusal:
            told = self._challenge(base_url(scope)).encode("ascii", "replace")
            await refuse(send, refusal, [(b"www-authenticate", told)])
        except ServiceError as refusal:
            await refuse(send, refusal)
        except OperatorError as refusal:
            told_lines = {"code": refusal.code, "message": refusal.what, "why": refusal.why, "do": refusal.do}
            await answer_json(send, HTTPStatus.BAD_REQUEST, {"error": told_lines})

    async def _tell_health(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        about = {"status": "ok", "server": "verselet", "version": __version__, "org": self._org}
        await answer_json(send, HTTPStatus.OK, about)

    async def _tell_ready(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        ready = self._is_ready()
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        await answer_json(send, status, {"ready": ready}, [] if ready else [(b"retry-after", b"1")])

    async def _explain(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Why a user may do what with a row. [SEC-41]"""
        caller = self._identify(header(scope, b"authorization"), base_url(scope))
        if not caller.is_administrator:
            raise AccessDenied("Only the System Administrator is told why others may do what.")
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        missing = [name for name in ("user", "table", "id") if name not in asked]
        if missing:
            raise InvalidArgument(f"The address lacks {', '.join(missing)}: ?user=…&table=…&id=….")
        told = await asyncio.to_thread(self._tell_why, asked["user"][0], asked["table"][0], asked["id"][0])
        await answer_json(send, HTTPStatus.OK, msgspec.structs.asdict(told))

    async def _begin_refusing(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """The next `count` requests to the Web API are answered with 429 and `Retry-After: seconds`. [LIM-7]"""
        caller = self._identify(header(scope, b"authorization"), base_url(scope))
        if self._refuse_next is None:
            raise AccessDenied("Requests are refused on demand with --auth dev only.")
        if not caller.is_administrator:
            raise AccessDenied("Only the System Administrator may have requests refused.")
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        numbers = [asked.get("count", [""])[0], asked.get("seconds", ["1"])[0]]
        if not all(number.isdecimal() and len(number) <= LONGEST_NUMBER for number in numbers):
            raise InvalidArgument("The address needs whole numbers: ?count=…&seconds=….")
        self._refuse_next(int(numbers[0]), int(numbers[1]))
        await answer_empty(send, [])

    async def _tell_plugins(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """What became of each file with plug-ins; POST looks at them first."""
        caller = self._identify(header(scope, b"authorization"), base_url(scope))
        if not caller.is_administrator:
            raise AccessDenied("Only the System Administrator is told of plug-ins.")
        files: tuple[PluginFile, ...] = ()
        if self._plugins is not None:
            look = self._plugins.look if scope["method"] == "POST" else self._plugins.files
            files = await asyncio.to_thread(look)
        await answer_json(send, HTTPStatus.OK, {"files": [msgspec.structs.asdict(file) for file in files]})

    async def _load(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load the fixture in the body; without a body, what `name` names. contract.md §4"""
        caller = self._identify(header(scope, b"authorization"), base_url(scope))
        if self._seed is None:
            raise AccessDenied("Fixtures are loaded with --auth dev only.", hint="Stop the server; verselet seed FILE.")
        if not caller.is_administrator:
            raise AccessDenied("Only the System Administrator may load a fixture.")
        body = await read_body(receive, FIXTURE_LIMIT_BYTES)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("name", [""])[0]
        report = await asyncio.to_thread(_load_now, self._seed, body, given)
        await answer_json(send, HTTPStatus.OK, report)


def _load_now(seed: Seed, body: bytes, name: str) -> Mapping[str, object]:
    if not body:
        if name != DEMO:
            raise OperatorError(
                "VS1034", "the request holds no fixture", "its body is empty", "send a JSON fixture, or ?name=demo"
            )
        return seed(DEMO)
    with tempfile.TemporaryDirectory(prefix="verselet-") as folder:
        # Refusals name the file, so it keeps the name it has at the sender; a name, never a path.
        file = Path(folder) / (Path(name.replace("\\", "/")).name or "fixture.json")
        file.write_bytes(body)
        return seed(str(file))


def _allow(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise MethodNotAllowed(method, " or ".join(allowed))


def header(scope: Scope, wanted: bytes) -> bytes | None:
    """The first header of that name, which is in lower case."""
    for name, value in scope["headers"]:
        if name == wanted and isinstance(value, bytes):
            return value
    return None


def base_url(scope: Scope) -> str:
    """Scheme, host and port the caller used. [CC-4]"""
    return f"{scope['scheme']}://{(header(scope, b'host') or b'localhost').decode('latin-1')}"
