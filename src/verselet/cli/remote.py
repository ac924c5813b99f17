"""Ask a running server.

In:        its address, a path
Out:       status and JSON of the answer
Not here:  what the addresses mean (server.own)
"""

from __future__ import annotations

import http.client
from typing import Any

import msgspec

from verselet.errors import NotReachable
from verselet.settings import Settings

TIMEOUT_S = 5.0


class Answer(msgspec.Struct, frozen=True):
    """What came back; `body` is empty where it was no JSON object."""

    status: int
    body: dict[str, Any]


def is_answering(settings: Settings) -> bool:
    """A verselet listens at the configured address."""
    try:
        return ask(settings, "GET", "/_verselet/health", timeout_s=1.0).body.get("server") == "verselet"
    except NotReachable:
        return False


def ask(
    settings: Settings,
    method: str,
    path: str,
    *,
    token: str = "",
    body: bytes = b"",
    timeout_s: float | None = TIMEOUT_S,
) -> Answer:
    """One request to the server at the configured address.

    Raises:
        NotReachable: nobody answers there.
    """
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body:
        headers["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=timeout_s)
    try:
        connection.request(method, path, body=body or None, headers=_encoded(headers))
        answer = connection.getresponse()
        return Answer(answer.status, _object(answer.read()))
    except (OSError, http.client.HTTPException) as error:
        raise NotReachable(
            "VS1030",
            f"no server answers at http://{settings.host}:{settings.port}",
            _reason(error),
            "start one with verselet serve, or name its address with --host and --port",
        ) from error
    finally:
        connection.close()


def _reason(error: OSError | http.client.HTTPException) -> str:
    words = error.strerror if isinstance(error, OSError) else None
    return (words or str(error) or type(error).__name__).lower()


def _encoded(headers: dict[str, str]) -> dict[str, bytes]:
    # A user's domain name may hold any letter; headers are bytes.
    return {name: value.encode("utf-8") for name, value in headers.items()}


def _object(text: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
