"""Fetch small documents of an issuer, carefully.

In:        an address
Out:       `fetch`, `is_fetchable`
Not here:  what the documents mean (auth.foreign_keys)
"""

from __future__ import annotations

import http.client
import ssl
from typing import Final
from urllib.parse import urlsplit

from verselet.settings import is_loopback

TIMEOUT_S: Final = 5.0
LIMIT_BYTES: Final = 1024 * 1024


class FetchFailed(Exception):
    """Why a document could not be fetched, in words."""


def is_fetchable(address: str) -> bool:
    """Encrypted, or on this machine; without credentials in it."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # Read here, because a wrong one is found out only now.
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return is_safe and bool(parts.hostname) and "@" not in parts.netloc


def fetch(address: str) -> bytes:
    """The document at that address; redirects are not followed, for they could lead anywhere.

    Raises:
        FetchFailed: not reachable, not trusted, too slow, too large, or not there.
    """
    if not is_fetchable(address):
        raise FetchFailed("the address must begin with https://")
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(LIMIT_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed(str(error) or type(error).__name__) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise FetchFailed(f"it answered with the status {answer.status}")
    if len(body) > LIMIT_BYTES:
        raise FetchFailed(f"the answer is longer than {LIMIT_BYTES} bytes")
    return body
