"""Write and read `multipart/mixed`, the form of `$batch`.

In:        the parts of a case, or the text of an answer
Out:       the text of a request; the answers in a multipart answer, one after the other
Not here:  addresses and headers of a part (sending)
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

BOUNDARY = re.compile(r'boundary="?([^";,\s]+)')
STATUS = re.compile(r"HTTP/1\.1 (\d{3})")


class Part(msgspec.Struct, frozen=True):
    """One answer in a multipart answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str
    changeset: bool
    content_id: str | None
    json: Any | msgspec.UnsetType = msgspec.UNSET


def read_parts(text: str, content_type: str, *, in_changeset: bool = False) -> list[Part]:
    """The answers in order, those of change sets among them."""
    found = BOUNDARY.search(content_type)
    if found is None:
        return []
    delimiter = re.compile(r"\r?\n?--" + re.escape(found[1]) + r"(?:--)?[ \t]*\r?\n?")
    parts: list[Part] = []
    for chunk in filter(str.strip, delimiter.split(text)):
        head, _, rest = chunk.lstrip("\r\n").replace("\r\n", "\n").partition("\n\n")
        headers = _headers(head.split("\n"))
        if "multipart/mixed" in headers.get("content-type", ""):
            parts += read_parts(rest, headers["content-type"], in_changeset=True)
        else:
            parts.append(_part(rest, headers.get("content-id"), in_changeset=in_changeset))
    return parts


def _part(text: str, content_id: str | None, *, in_changeset: bool) -> Part:
    top, _, body = text.lstrip("\n").partition("\n\n")
    first, *lines = top.split("\n")
    status = STATUS.match(first)
    headers = _headers(lines)
    body = body.strip()
    try:
        document = msgspec.json.decode(body.lstrip("\ufeff"))
    except msgspec.DecodeError:
        document = msgspec.UNSET
    number = content_id or headers.get("content-id")
    return Part(int(status[1]) if status else 0, headers, body, in_changeset, number, document)


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
