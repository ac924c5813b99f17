"""The ASGI side: headers of every answer, addresses as the caller spells them, bodies in pieces."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message

from tests.scenarios.harness import Answer, Api, undone
from tests.unit.server.calls import call

SCALAR = {"authorization": "Bearer dev-admin"}


@pytest.mark.parametrize(
    ("target", "status"), [("WhoAmI", 200), ("nothings", 404), ("accounts?$top=x", 400), ("$metadata", 200), ("", 200)]
)
def test_every_answer_has_its_headers(shared_api: Api, target: str, status: int) -> None:
    """Refusals too. [H-15], [H-16], [H-20], [H-21], [CC-33]"""
    answer = ask(shared_api, target)
    assert (status, "4.0") == (answer.status, answer.headers["odata-version"])
    assert 0 < int(answer.headers["x-ms-dop-hint"])
    assert 36 == len(answer.headers["req_id"])
    assert answer.headers["req_id"] == answer.headers["x-ms-service-request-id"]
    assert str(len(answer.body)) == answer.headers["content-length"]
    kind = "application/xml" if target == "$metadata" else "application/json; odata.metadata=minimal"
    assert kind == answer.headers["content-type"]


def test_each_request_has_an_id_of_its_own(shared_api: Api) -> None:
    """And gives back the client's. [H-20]"""
    first, second = (ask(shared_api, "WhoAmI", headers={"x-ms-client-request-id": "abc"}) for _ in range(2))
    assert first.headers["req_id"] != second.headers["req_id"]
    assert "abc" == first.headers["x-ms-client-request-id"]


def test_answers_without_a_body_have_no_length(shared_api: Api) -> None:
    """204 and 304. RFC 9110 §8.6"""
    with undone(shared_api.organization):
        made = ask(shared_api, "accounts", method="POST", body=b"{}")
        assert (204, False) == (made.status, "content-length" in made.headers)


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
@pytest.mark.parametrize("host", ["localhost:5000", "dataverse.example", "[::1]:8765"])
def test_addresses_are_those_of_the_caller(shared_api: Api, version: str, host: str) -> None:
    """Scheme, host, port and version, wherever an address is written. [CC-4], [CC-5], [U-1]"""
    base = f"http://{host}/api/data/{version}/"
    headers = {"host": host}
    with undone(shared_api.organization):
        made = ask(shared_api, "accounts", method="POST", body=b'{"name":"a"}', version=version, headers=headers)
        assert made.headers["odata-entityid"].startswith(base + "accounts(")
        ask(shared_api, "accounts", method="POST", body=b'{"name":"b"}', version=version, headers=headers)
        query = "$select=name&$expand=Account_Tasks($select=subject)"
        paged = {**headers, "prefer": "odata.maxpagesize=1"}
        page = ask(shared_api, "accounts", query=query, version=version, headers=paged).json
    assert page["@odata.context"].startswith(base + "$metadata#accounts(")
    assert page["@odata.nextLink"].startswith(base + "accounts?")
    assert page["value"][0]["Account_Tasks@odata.nextLink"].startswith(base + "accounts(")


def test_an_address_without_a_version_is_the_latest(shared_api: Api) -> None:
    """[U-2], [U-3]"""
    for path in ("/api/data", "/api/data/", "/api/data/v9.2", "/api/data/v9.2/"):
        answer = call(shared_api.web, "GET", path, headers=SCALAR)
        assert (200, "v9.2/$metadata") == (answer.status, answer.json["@odata.context"].rpartition("/data/")[2])


def test_the_service_document_lists_the_sets(shared_api: Api) -> None:
    """[M-1]"""
    listed = ask(shared_api, "").json["value"]
    assert {"name": "accounts", "kind": "EntitySet", "url": "accounts"} in listed
    assert [entry["name"] for entry in listed] == sorted(shared_api.organization.schema.table_by_set_name)


def test_a_query_is_read_in_every_encoding(shared_api: Api) -> None:
    """Spaces as %20 and +, signs encoded or not. [CC-27], [U-12]"""
    with undone(shared_api.organization):
        ask(shared_api, "accounts", method="POST", body=b'{"name":"a b"}')
        for query in (
            "$filter=name eq 'a b'&$select=name",
            "$filter=name+eq+'a+b'&$select=name",
            "%24filter=name%20eq%20%27a%20b%27&%24select=name",
            "$filter=((name%20eq%20'A%20B'))&$select=name",
        ):
            assert ["a b"] == [row["name"] for row in ask(shared_api, "accounts", query=query).json["value"]], query


def test_several_lines_of_one_header_are_one(shared_api: Api) -> None:
    """[H-5], [P-7]"""
    sent = told(
        shared_api,
        [
            (b"prefer", b"return=representation"),
            (b"prefer", b'odata.include-annotations="*"'),
            (b"authorization", b"Bearer dev-admin"),
        ],
        [b'{"na', b'me":"pie', b'ces"}'],
    )
    assert 201 == sent[0]["status"]
    assert b'"name":"pieces"' in sent[1]["body"]
    applied = dict(sent[0]["headers"])[b"preference-applied"]
    assert b'return=representation,odata.include-annotations="*"' == applied


def told(shared_api: Api, headers: list[tuple[bytes, bytes]], pieces: list[bytes]) -> list[Message]:
    """POST of an account whose body comes in pieces; what the application sends."""
    sent: list[Message] = []
    left = list(pieces)

    async def receive() -> Message:
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    path = "/api/data/v9.2/accounts"
    scope = {
        "type": "http",
        "scheme": "https",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    with undone(shared_api.organization):
        asyncio.run(shared_api.web(scope, receive, send))
    return sent


def ask(
    shared_api: Api,
    target: str,
    *,
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    version: str = "v9.2",
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request through the ASGI application."""
    path, _, more = target.partition("?")
    return call(
        shared_api.web,
        method,
        f"/api/data/{version}/{path}",
        headers={**SCALAR, **(headers or {})},
        query=query or more,
        body=body,
    )
