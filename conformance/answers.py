"""Hold an answer against a step's expectations, and keep what later steps need.

In:        an HTTP answer, the expectations of a step
Out:       nothing, or `Unmet`; saved values
Not here:  single checks (checks), multipart answers (multipart)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

import httpx
import msgspec

from conformance.cases import Json, Unmet
from conformance.checks import ABSENT, check_pointer, check_subset, check_text, lookup, same
from conformance.multipart import read_parts

FINE = (200, 201, 204, 206)
"""The statuses that do where a step names none."""

ID_AT_END = re.compile(r"\(([0-9a-fA-F-]{36})\)\s*$")
MOST_PAGES = 200

Follow = Callable[[str], httpx.Response]
"""Asks for the page behind a link."""


class Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all pages together must hold: `path` is the property collected from every row."""

    path: str
    eq: Json = msgspec.UNSET
    sizes: list[int] | None = None
    total: int | None = None


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer must hold; every member that is given. `code` is the error's, any of a list."""

    status: int | list[int] | None = None
    headers: dict[str, Json] = {}
    body_subset: Json = msgspec.UNSET
    json: list[list[Json]] = []
    text: Json = None
    base64: str | None = None
    no_body: bool = False
    pages: Pages | None = None
    code: str | list[str] | None = None


def document_of(answer: httpx.Response) -> Json:
    """The body as a document; a multipart answer becomes one too. None where there is none."""
    content_type = answer.headers.get("content-type", "")
    if content_type.startswith("multipart/mixed"):
        parts = read_parts(answer.text, content_type)
        return {"parts": msgspec.to_builtins(parts), "raw": answer.text}
    try:
        return msgspec.json.decode(answer.content.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError:
        return None


def check_answer(answer: httpx.Response, expected: Expected, follow: Follow) -> None:
    """Hold an answer against everything that is expected of it."""
    _check_status(answer, expected)
    for name, want in expected.headers.items():
        check_text(want, answer.headers.get(name), f"header {name}")
    if expected.no_body and answer.content.strip():
        raise Unmet(f"the body should be empty: {answer.text[:200]!r}")
    if expected.text is not None:
        check_text(expected.text, answer.content.decode("utf-8-sig", "replace"), "body")
    if expected.base64 is not None and answer.content != base64.b64decode(expected.base64):
        raise Unmet(f"other bytes than expected ({len(answer.content)} received)")
    document = document_of(answer)
    if document is None and (expected.body_subset is not msgspec.UNSET or expected.json or expected.pages):
        raise Unmet(f"no JSON in the body: {answer.text[:200]!r}")
    check_document(document, expected)
    if expected.pages is not None:
        _check_pages(document, expected.pages, follow)


def check_document(document: Json, expected: Expected) -> None:
    """Hold the body alone against what is expected of it."""
    if expected.code is not None:
        codes = [expected.code] if isinstance(expected.code, str) else expected.code
        found = str(lookup(document, "/error/code")).lower()
        if found not in {code.lower() for code in codes}:
            raise Unmet(f"error code {found}, expected {codes}")
    if expected.body_subset is not msgspec.UNSET:
        check_subset(expected.body_subset, document)
    for pointer, check, *value in expected.json:
        check_pointer(pointer, check, value[0] if value else None, lookup(document, pointer))


def _check_status(answer: httpx.Response, expected: Expected) -> None:
    wanted = expected.status or list(FINE)
    statuses = wanted if isinstance(wanted, list) else [wanted]
    if answer.status_code not in statuses:
        message = lookup(document_of(answer), "/error/message")
        said = answer.text[:300] if message is ABSENT else message
        raise Unmet(f"status {answer.status_code}, expected {' or '.join(map(str, statuses))}: {said}")


def _check_pages(document: Json, pages: Pages, follow: Follow) -> None:
    """Follow the links to the end; compare the pages' sizes and one property's values over all of them."""
    sizes: list[int] = []
    values: list[Json] = []
    while True:
        sizes.append(len(document["value"]))
        values += [row.get(pages.path, ABSENT) for row in document["value"]]
        link = document.get("@odata.nextLink")
        if not link or len(sizes) > MOST_PAGES:
            break
        answer = follow(link)
        if answer.status_code != 200:
            raise Unmet(f"the next page has the status {answer.status_code}: {answer.text[:200]!r}")
        document = document_of(answer)
    if pages.sizes is not None and sizes != pages.sizes:
        raise Unmet(f"page sizes {sizes}, expected {pages.sizes}")
    if pages.eq is not msgspec.UNSET and not same(pages.eq, values):
        raise Unmet(f"values over pages {values}, expected {pages.eq}")
    different = len(set(map(str, values)))
    if pages.total is not None and (len(values), different) != (pages.total, pages.total):
        raise Unmet(f"{len(values)} rows over pages ({different} different), expected {pages.total}")


def saved(answer: httpx.Response, sources: Mapping[str, str]) -> dict[str, Json]:
    """The values to keep: `json:/pointer`, `count:/pointer`, `header:Name`, or `id`, the GUID in `OData-EntityId`."""
    found = {name: _from(answer, source) for name, source in sources.items()}
    for name, value in found.items():
        if value in (ABSENT, "", None):
            raise Unmet(f"nothing to save as {name} from {sources[name]}")
    return found


def _from(answer: httpx.Response, source: str) -> Json:
    kind, _, argument = source.partition(":")
    match kind:
        case "json":
            return lookup(document_of(answer), argument)
        case "count":
            return len(lookup(document_of(answer), argument))
        case "header":
            return answer.headers.get(argument)
        case "id":
            found = ID_AT_END.search(answer.headers.get("OData-EntityId", ""))
            return found[1] if found else None
        case _:
            raise Unmet(f"cannot save from {source}")
