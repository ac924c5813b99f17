"""Take a multipart body apart.

In:        the body and the content type of a batch
Out:       `Single`s and `ChangeSet`s in their order
Not here:  running them (web.batch.run)

Clients differ in how they write a batch, so reading is lenient: line ends of either kind, blank lines before the first
boundary and after headers, parts without a closing blank line, spaces and quotes in the request line.
[CC-40] to [CC-48]
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import msgspec

from verselet.errors import BadRequest

MAX_PARTS: Final = 1_000
"""Requests in one batch, members of change sets counted. [B-11]"""

BOUNDARY: Final = re.compile(r'boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
BLANK_LINE: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
METHOD: Final = re.compile(r"([A-Za-z]++) ++(?=\S)")
PROTOCOL: Final = re.compile(r"HTTP/\d(?:\.\d)?\Z")


class Single(msgspec.Struct, frozen=True):
    """One request of a batch. `url` is as written; header names are in lower case. [B-2]"""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    content_id: str | None


class ChangeSet(msgspec.Struct, frozen=True):
    """Requests that happen together or not at all. [B-3], [B-4]"""

    members: tuple[Single, ...]


Part: TypeAlias = Single | ChangeSet


def parse_batch(body: bytes, content_type: str) -> tuple[Part, ...]:
    """The parts of a batch.

    Raises:
        BadRequest: no boundary, a part that is no request, more than 1,000 requests, a change set within another.
    """
    found = tuple([_part(piece) for piece in _pieces(body, _boundary(content_type))])
    number = sum(len(part.members) if isinstance(part, ChangeSet) else 1 for part in found)
    if number > MAX_PARTS:
        raise BadRequest(f"A batch may hold {MAX_PARTS} requests at most; this one holds {number}.")
    return found


def _boundary(content_type: str) -> bytes:
    found = BOUNDARY.search(content_type)
    if not content_type.lower().lstrip().startswith("multipart/mixed") or found is None:
        raise BadRequest("The content type of a batch must be multipart/mixed with a boundary.")
    return (found[1] or found[2]).encode("latin-1", "replace")


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the boundaries."""
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    pieces = []
    begin: int | None = None
    for found in line.finditer(body):
        if begin is not None:
            pieces.append(body[begin : found.start()])
        begin = None if found[1] else found.end()
        if found[1]:
            break
    if begin is not None:
        pieces.append(body[begin:])
    return [piece for piece in pieces if piece.strip()]


def _part(piece: bytes) -> Part:
    headers, content = _headers_and_rest(piece)
    content_type = headers.get("content-type", "")
    if content_type.lower().startswith("multipart/mixed"):
        members = []
        for inner in _pieces(content, _boundary(content_type)):
            own, request = _headers_and_rest(inner)
            if own.get("content-type", "").lower().startswith("multipart/"):
                raise BadRequest("A change set cannot hold another change set.")
            members.append(_single(own, request))
        return ChangeSet(tuple(members))
    return _single(headers, content)


def _single(part_headers: dict[str, str], content: bytes) -> Single:
    text = content.lstrip(b"\r\n \t")
    line, _, rest = text.partition(b"\n")
    request = line.decode("utf-8", "replace").strip("\r").rstrip(" \t")
    found = METHOD.match(request)
    if found is None:
        raise BadRequest(
            f"A part of the batch does not begin with a request line: '{line[:80].decode('utf-8', 'replace')}'."
        )
    headers, body = _headers_and_rest(b"\n" + rest)
    url = request[found.end() :]
    before, _, last = url.rpartition(" ")
    if PROTOCOL.match(last):
        url = before.rstrip(" ")
    return Single(found[1].upper(), url, headers, body, part_headers.get("content-id"))


def _headers_and_rest(piece: bytes) -> tuple[dict[str, str], bytes]:
    """Header lines up to the first blank line, and what follows; everything is headers where there is none."""
    piece = piece.removeprefix(b"\r").removeprefix(b"\n")
    if piece[:1] in {b"\r", b"\n"}:
        return {}, piece.lstrip(b"\r\n")
    blank = BLANK_LINE.search(piece)
    head, rest = (piece, b"") if blank is None else (piece[: blank.start()], piece[blank.end() :])
    headers = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers, rest
