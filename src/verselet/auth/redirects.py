"""Decide where a browser may be sent with an authorization code.

In:        a redirect address as a client gives it
Out:       `is_allowed_redirect`, `answer_address`
Not here:  the code (auth.codes), the page (server.sign_in_pages)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from verselet.settings import is_loopback

LONGEST: Final = 2048
NATIVE: Final = "https://login.microsoftonline.com/common/oauth2/nativeclient"
"""Where programs without a listener read the code out of their own browser window."""


def is_allowed_redirect(address: str) -> bool:
    """The address belongs to a program on the user's own machine: loopback with any port and path, or `NATIVE`.

    No client is registered here, so an address of another machine could be anybody's. A name that only resolves to
    loopback, credentials, fragments and other schemes are refused. RFC 8252 §7.3
    """
    if address == NATIVE:
        return True
    if len(address) > LONGEST or not (address.isascii() and address.isprintable()) or "\\" in address or " " in address:
        return False
    try:
        parts = urlsplit(address)
        name = parts.hostname or ""
        _ = parts.port  # Read here, because a wrong one is found out only now.
    except ValueError:
        return False
    is_bare = "@" not in parts.netloc and "#" not in address
    return parts.scheme in {"http", "https"} and is_bare and is_loopback(name)


def answer_address(redirect: str, answer: Mapping[str, str], mode: str) -> str:
    """The redirect address with the answer in its query or its fragment. RFC 6749 §4.1.2"""
    told = urlencode(answer, quote_via=quote)
    if mode == "fragment":
        return f"{redirect}#{told}"
    return f"{redirect}{'&' if '?' in redirect else '?'}{told}"
