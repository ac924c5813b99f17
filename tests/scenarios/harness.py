"""Send requests to the Web API without a network or an event loop, and say what must come back.

`Api` talks; `Scenario` states one request with its answer and, for a refusal, that no row changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

from tests.gizmos import schema_with_gizmos
from verselet.auth.dev import DeveloperTokens
from verselet.clock import Clock
from verselet.ids import Ids
from verselet.metadata.schema import Schema
from verselet.organization import Organization, write_builtin_rows
from verselet.store.engine import open_store
from verselet.web.app import WebApi

BASE = "http://127.0.0.1:8765"
API = f"{BASE}/api/data/v9.2/"
NOW = "2026-03-04T05:06:07Z"
NOBODY = "00000000-0000-4000-8000-00000000dead"
"""An id no row has."""

WATCHED = ("accounts", "contacts", "new_gizmos", "new_parts", "new_gizmo_contactset", "tasks")
"""The sets in which a refused request must leave no trace."""


class Answer(msgspec.Struct, frozen=True):
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.json["error"]["code"])

    @property
    def message(self) -> str:
        """The message of a refusal."""
        return str(self.json["error"]["message"])

    @property
    def id(self) -> str:
        """The id in the address of the written row."""
        return self.headers["odata-entityid"].rpartition("(")[2].removesuffix(")")


class Api:
    """A client of one organization, the administrator unless `token` says otherwise."""

    def __init__(self, organization: Organization) -> None:
        tokens = DeveloperTokens(organization.developer, organization.find_caller)
        self.organization = organization
        self.web = WebApi(organization, tokens.identify)

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back the organization as well."""
        self.web.close()
        self.organization.close()

    def send(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        base: str = BASE,
    ) -> Answer:
        """One request. `target` is relative to the API's address, or begins with a slash; its query is as on the wire.

        `body` is bytes, or what becomes JSON.
        """
        given = {"authorization": "Bearer dev-admin", "content-type": "application/json", **(headers or {})}
        path, _, query = target.partition("?")
        raw = (path if path.startswith("/") else f"/api/data/v9.2/{path}").encode()
        scope = {"method": method, "path": raw.decode(), "raw_path": raw, "query_string": query.encode()}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.web.handle(scope, {name: text for name, text in given.items() if text}, content, base)
        told = {name.decode(): value.decode() for name, value in answer.headers}
        return Answer(answer.status, told, answer.whole_body)

    def get(self, target: str, **headers: str) -> Answer:
        """GET; the names of headers are written with underscores."""
        return self.send("GET", target, headers=_headers(headers))

    def post(self, target: str, body: object = None, **headers: str) -> Answer:
        """POST."""
        return self.send("POST", target, body, headers=_headers(headers))

    def patch(self, target: str, body: object = None, **headers: str) -> Answer:
        """PATCH."""
        return self.send("PATCH", target, body, headers=_headers(headers))

    def put(self, target: str, body: object = None, **headers: str) -> Answer:
        """PUT."""
        return self.send("PUT", target, body, headers=_headers(headers))

    def delete(self, target: str, **headers: str) -> Answer:
        """DELETE."""
        return self.send("DELETE", target, headers=_headers(headers))

    def make(self, set_name: str, **values: object) -> str:
        """The id of a new row. Binds are written as `name__bind`."""
        body = {name.replace("__bind", "@odata.bind"): value for name, value in values.items()}
        answer = self.post(set_name, body)
        assert 204 == answer.status, answer.body
        return answer.id

    def read(self, address: str) -> dict[str, Any]:
        """The members of a row."""
        answer = self.get(address)
        assert 200 == answer.status, answer.body
        return dict(answer.json)

    def values(self, target: str, name: str) -> list[Any]:
        """One member of all rows of a page."""
        answer = self.get(target)
        assert 200 == answer.status, answer.body
        return [row[name] for row in answer.json["value"]]

    def entitle(self, set_name: str, principal: str, unit: str | None = None) -> None:
        """Give a user or team the role Basic User, in the copy of its unit where there is one. [SEC-13]"""
        copies = self.get("roles?$filter=name%20eq%20'Basic%20User'&$select=roleid,_businessunitid_value").json["value"]
        found = {row["_businessunitid_value"]: row["roleid"] for row in copies}
        root = self.organization.administrator.business_unit_id
        navigation = {"systemusers": "systemuserroles", "teams": "teamroles"}[set_name]
        role = {"@odata.id": f"roles({found.get(unit or root, found[root])})"}
        answer = self.post(f"{set_name}({principal})/{navigation}_association/$ref", role)
        assert 204 == answer.status, answer.body

    def watched(self) -> dict[str, bytes]:
        """Everything in the sets that are looked at before and after a refusal."""
        return {name: self.get(name).body for name in WATCHED}


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what must come of it. [architecture.md §12]

    `error` is the code of a refusal and `says` what its message must name; a refusal changes no row. `body` are members
    the answer must have.
    """

    method: str
    target: str
    send: object = None
    headers: Mapping[str, str] = {}
    status: int
    error: str = ""
    says: str = ""
    body: Mapping[str, object] = {}

    def run(self, api: Api) -> Answer:
        """Send the request and compare."""
        before = api.watched() if self.error else {}
        answer = api.send(self.method, self.target, self.send, headers=self.headers)
        found = answer.code if self.error and answer.status >= 400 else ""
        assert (self.status, self.error) == (answer.status, found), answer.body
        if self.error:
            assert self.says in answer.message
            assert before == api.watched()
        for name, value in self.body.items():
            assert value == answer.json[name]
        return answer


def new_organization(url: str | None = None, schema: Schema | None = None) -> Organization:
    """An organization with the built-in tables and gizmos, its clock frozen at `NOW`, its ids seeded.

    Instead of gizmos it has the tables of `schema`, where that is given.
    """
    schema = schema or schema_with_gizmos()
    store = open_store(url)
    store.prepare_schema(schema)
    clock = Clock(datetime.fromisoformat(NOW).astimezone(UTC))
    organization = Organization("dev", schema, store, clock=clock, ids=Ids(7))
    write_builtin_rows(organization)
    return organization


class _Undo(Exception):
    """Ends a test's transaction."""


@contextmanager
def undone(organization: Organization) -> Iterator[None]:
    """Whatever is written inside is taken back, so that tests share an organization."""
    try:
        with organization.transaction():
            yield
            raise _Undo
    except _Undo:
        return


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}
