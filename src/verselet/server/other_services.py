"""Refuse the services beside the Web API by name.

In:        requests for background operations, discovery, SOAP and the tools of language models
Out:       501 with the name of the service, for callers who signed in
Not here:  the Web API (web), addresses that nobody has (server.application)

Clients ask for these on the same host. A 404 would let them take the address for wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from verselet.errors import NotSupportedHere, ServiceError, Unauthenticated
from verselet.server.answers import refuse
from verselet.server.own import Identify, base_url, header

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

SERVICES: Final[Mapping[str, Callable[[], NotSupportedHere]]] = MappingProxyType(
    {
        "/api/backgroundoperation/": lambda: NotSupportedHere("Background operations (/api/backgroundoperation)"),
        "/api/discovery/": lambda: NotSupportedHere("The discovery service (/api/discovery)"),
        "/api/mcp": lambda: NotSupportedHere("The Model Context Protocol server (/api/mcp)"),
        "/XRMServices/": lambda: NotSupportedHere("The SOAP services (/XRMServices)"),
    }
)
"""Beginning of the address → the refusal. [DW-16], [OC-8]"""


class OtherServices:
    """Who has not signed in learns how to; who has learns that the service is not here."""

    def __init__(self, identify: Identify, challenge: Callable[[str], str]) -> None:
        self._identify = identify
        self._challenge = challenge

    @staticmethod
    def answers(path: str) -> bool:
        """The address is one of another service."""
        return path.startswith(tuple(SERVICES))

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        base = base_url(scope)
        try:
            self._identify(header(scope, b"authorization"), base)
            raise next(make() for beginning, make in SERVICES.items() if path.startswith(beginning))
        except Unauthenticated as refusal:
            told = self._challenge(base).encode("ascii", "replace")
            await refuse(send, refusal, [(b"www-authenticate", told)])
        except ServiceError as refusal:
            await refuse(send, refusal)
