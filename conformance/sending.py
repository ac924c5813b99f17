"""Send the requests of cases to a server.

In:        requests as cases write them, variables already filled in
Out:       HTTP answers
Not here:  what an answer must hold (answers)
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from conformance.cases import Json

DATA_ROOT = "/api/data/v9.2"
TIMEOUT_S = 180
SAFE_IN_PATHS = "/()=',:@$!*~.;-_"
SAFE_IN_SCENARIO_PATHS = SAFE_IN_PATHS + "&?%+"
WRITING: Final = ("POST", "PATCH", "PUT")


class PartRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request inside a batch; `absolute` writes its complete address."""

    method: str
    path: str
    query: dict[str, Json] = {}
    headers: dict[str, str | None] = {}
    body: Json = msgspec.UNSET
    content_id: str | int | None = None
    absolute: bool = False


class ChangeSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requests that succeed or fail together."""

    changeset: list[PartRequest]
    boundary: str | None = None


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a batch, and the ways in which clients write one. [CC-40], [CC-41]"""

    parts: list[dict[str, Json]]
    boundary: str = "batch_conformance"
    eol: str = "crlf"
    quoted: bool = False
    leading_blank: bool = False


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One request. `path` is relative to the data root, from `/`, or a complete address that is used as it is."""

    method: str
    path: str = ""
    query: dict[str, Json] = {}
    headers: dict[str, str | None] = {}
    body: Json = msgspec.UNSET
    text: str | None = None
    base64: str | None = None
    batch: Batch | None = None
    form: dict[str, str] | None = None


class Sender:
    """Sends to one server, as one caller unless a request says otherwise."""

    def __init__(self, base_url: str, token: str | None, *, safe_in_paths: str = SAFE_IN_PATHS) -> None:
        self.base_url = base_url.rstrip("/")
        self.root = self.base_url + DATA_ROOT
        self._safe = safe_in_paths
        self._defaults = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
        if token is not None:
            self._defaults["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def send(self, request: Json, further: Mapping[str, str] | None = None) -> httpx.Response:
        """The answer to a request; `further` headers come from the caller's identity."""
        return self.send_request(msgspec.convert(request, Request), further or {})

    def send_request(self, request: Request, further: Mapping[str, str]) -> httpx.Response:
        """The answer to a request that was read already."""
        headers = with_headers({**self._defaults, **further}, request.headers)
        content, content_type = self._content(request)
        if content_type and "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = content_type
        return self._http.request(request.method, self.address(request), headers=headers, content=content)

    def address(self, request: Request | PartRequest) -> str:
        """The complete address, with the options encoded."""
        address = request.path
        if not address.startswith("http"):
            path = quote(address, safe=self._safe)
            address = self.base_url + path if path.startswith("/") else f"{self.root}/{path}"
        if not request.query:
            return address
        pairs = (f"{quote(name, safe='$@')}={quote(str(value), safe='')}" for name, value in request.query.items())
        return f"{address}{'&' if '?' in address else '?'}{'&'.join(pairs)}"

    def _content(self, request: Request) -> tuple[bytes | None, str | None]:
        """The body and its type, where the body decides it."""
        if request.batch is not None:
            mark = request.batch.boundary
            quoted = f'"{mark}"' if request.batch.quoted else mark
            return self._batch_text(request.batch).encode(), f"multipart/mixed; boundary={quoted}"
        if request.form is not None:
            return str(httpx.QueryParams(request.form)).encode(), "application/x-www-form-urlencoded"
        if request.body is not msgspec.UNSET:
            return msgspec.json.encode(request.body), "application/json"
        if request.text is not None:
            return request.text.encode(), None
        if request.base64 is not None:
            return base64.b64decode(request.base64), None
        return (b"" if request.method in WRITING else None), None

    def _batch_text(self, batch: Batch) -> str:
        lines = [""] if batch.leading_blank else []
        for index, part in enumerate(batch.parts):
            if "changeset" not in part:
                lines += self._part_lines(msgspec.convert(part, PartRequest), batch.boundary)
                continue
            changes = msgspec.convert(part, ChangeSet)
            inner = changes.boundary or f"changeset_{index}"
            lines += [f"--{batch.boundary}", f"Content-Type: multipart/mixed; boundary={inner}", ""]
            for change in changes.changeset:
                lines += self._part_lines(change, inner)
            lines += [f"--{inner}--", ""]
        return ("\n" if batch.eol == "lf" else "\r\n").join([*lines, f"--{batch.boundary}--", ""])

    def _part_lines(self, part: PartRequest, boundary: str) -> list[str]:
        lines = [f"--{boundary}", "Content-Type: application/http", "Content-Transfer-Encoding: binary"]
        if part.content_id is not None:
            lines.append(f"Content-ID: {part.content_id}")
        target = part.path if part.path.startswith("$") else self.address(part)
        if not part.absolute:
            target = target.removeprefix(self.base_url)
        headers = with_headers({"Accept": "application/json"}, part.headers)
        body = ""
        if part.body is not msgspec.UNSET:
            body = msgspec.json.encode(part.body).decode()
            headers = {"Content-Type": "application/json; type=entry", **headers}
        lines += ["", f"{part.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return [*lines, "", body]


def with_headers(headers: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """The headers with some replaced, whatever their letter case; None takes one away."""
    replaced = {name.lower() for name in changes}
    kept = {name: value for name, value in headers.items() if name.lower() not in replaced}
    return kept | {name: value for name, value in changes.items() if value is not None}
