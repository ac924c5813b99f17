"""Read the forms and queries of sign-in, which come from anybody.

In:        a request
Out:       `Asked`, `read_asked`: names and values, each once
Not here:  what they mean (auth), JSON bodies (web)
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from verselet.auth.refusals import SignInRefused, malformed
from verselet.errors import PayloadTooLarge, RequestCutShort
from verselet.server.answers import read_body

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

FORM: Final = "application/x-www-form-urlencoded"
LIMIT_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 64


class Asked(msgspec.Struct, frozen=True):
    """A request: its method and path, its headers in lower case, its query and its form."""

    method: str
    path: str
    base_url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]


async def read_asked(scope: Scope, receive: Receive) -> Asked:
    """The request, decoded; a client's id and secret in the `Authorization` header become part of the form.

    Raises:
        SignInRefused: too large, no form, a name given twice, text that is no UTF-8. [SEC-125]
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    base_url = f"{scope['scheme']}://{headers.get('host', 'localhost')}"
    query = _fields(scope["query_string"].decode("latin-1"))
    form: dict[str, str] = {}
    if scope["method"] == "POST":
        if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise malformed(f"the content type must be {FORM}", status=415)
        try:
            body = await read_body(receive, LIMIT_BYTES)
        except PayloadTooLarge as error:
            raise malformed(f"it is longer than {LIMIT_BYTES} bytes", status=error.status) from error
        except RequestCutShort as error:
            raise malformed("it ended before its body did", status=error.status) from error
        form = {**_fields(body.decode("latin-1")), **_client(headers.get("authorization", ""))}
    return Asked(scope["method"], scope["path"], base_url, headers, query, form)


def _fields(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except (ValueError, UnicodeDecodeError) as error:
        raise malformed("its fields cannot be decoded") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise malformed("a field is given more than once")
    return found


def _client(authorization: str) -> dict[str, str]:
    """Id and secret of a client that says them in the header. RFC 6749 §2.3.1"""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SignInRefused(
            "invalid_client", 7000216, "The Authorization header cannot be read.", status=401
        ) from error
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)} if colon else {}
