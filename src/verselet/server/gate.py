"""Keep strangers' pages out: browsers reach localhost too.

In:        the Host and Origin headers of a request, the names the server goes by
Out:       a refusal in words, or none; the headers a page of this machine needs to read an answer
Not here:  who is calling (auth), which sockets are open (server.listen)

A page of a foreign site must not use the well-known developer token. Its requests carry the foreign name as Origin,
or, after DNS rebinding, as Host.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from verselet.settings import is_loopback

REMEMBERED = 256
"""How many headers that were let in are remembered; a caller sends the same one again and again."""

EXPOSED = (
    b"OData-EntityId, Location, ETag, Preference-Applied, OData-Version, Retry-After, REQ_ID, mimetype, "
    b"x-ms-file-name, x-ms-file-size, x-ms-chunk-size, x-ms-service-request-id, x-ms-request-id, x-ms-dop-hint, "
    b"Content-Disposition, Content-Range, x-verselet-hint, WWW-Authenticate"
)
METHODS = b"GET, POST, PATCH, PUT, DELETE"

Headers = list[tuple[bytes, bytes]]


class Refusal(msgspec.Struct, frozen=True):
    """Why a request goes no further."""

    status: HTTPStatus
    message: str


class Gate:
    """Lets in the loopback names and the names of `--tls-name`, as Host and as Origin. product.md §5

    `origins` are further pages that may use the server, each by its exact origin. [CC-7]
    """

    def __init__(self, extra_names: Sequence[str] = (), origins: Sequence[str] = ()) -> None:
        self._patterns = tuple(name.lower() for name in extra_names)
        self._origins = frozenset(origin.lower() for origin in origins)
        self._let_in: set[tuple[bytes, bytes | None]] = set()

    def refusal(self, host: bytes, origin: bytes | None) -> Refusal | None:
        """Why a request with these headers is refused; None lets it in."""
        if (host, origin) in self._let_in:
            return None
        if not self.knows(f"//{host.decode('latin-1')}"):
            return Refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"This server does not go by the name '{host.decode('latin-1')}'. Use localhost or 127.0.0.1, "
                "or start it with --tls --tls-name NAME.",
            )
        if origin is not None and not self._lets_in(origin.decode("latin-1")):
            return Refusal(
                HTTPStatus.FORBIDDEN,
                f"Pages of '{origin.decode('latin-1')}' may not use this server. "
                "Open the page from localhost, or start the server with --cors-origin.",
            )
        if len(self._let_in) < REMEMBERED:
            self._let_in.add((host, origin))
        return None

    def _lets_in(self, origin: str) -> bool:
        return origin.lower() in self._origins or self.knows(origin)

    def knows(self, url: str) -> bool:
        """The address, with its scheme, is one of this server's."""
        try:
            name = urlsplit(url).hostname or ""
        except ValueError:
            return False
        if is_loopback(name) or name.endswith(".localhost"):
            return True
        return any(fnmatchcase(name, pattern) for pattern in self._patterns)


def allowing_headers(origin: bytes) -> Headers:
    """What lets a page of that origin read an answer. [CC-7]"""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED),
        (b"vary", b"Origin"),
    ]


def preflight_headers(origin: bytes, asked_headers: bytes) -> Headers:
    """What tells a browser that the request it plans will be let in. [CC-7]"""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", asked_headers or b"Authorization, Content-Type"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin, Access-Control-Request-Headers"),
    ]
