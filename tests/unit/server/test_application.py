"""Which room answers which address."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from tests.unit.server.calls import call
from verselet.errors import Unauthenticated
from verselet.security.caller import Caller
from verselet.server.application import Application
from verselet.server.gate import Gate
from verselet.server.other_services import OtherServices


def identify(authorization: bytes | None, _base_url: str) -> Caller:
    """Knows whoever brings a token."""
    if authorization is None:
        raise Unauthenticated
    return Caller(user_id="1", business_unit_id="2", organization_id="3")


def make(made: list[str] | None = None) -> Application:
    """An application whose rooms answer with their names."""

    def make_pages() -> ASGIApp:
        if made is not None:
            made.append("pages")
        return PlainTextResponse("pages")

    others = OtherServices(identify, lambda base: f"Bearer at {base}")
    return Application(
        gate=Gate(),
        web=PlainTextResponse("web"),
        own=PlainTextResponse("own"),
        others=others,
        make_pages=make_pages,
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/data/v9.2/WhoAmI", "web"),
        ("/api/data/", "web"),
        ("/Image/download.aspx", "web"),
        ("/_verselet/health", "own"),
        ("/", "pages"),
        ("/tables/accounts", "pages"),
        ("/static/verselet.css", "pages"),
    ],
)
def test_each_address_has_one_room(path: str, expected: str) -> None:
    """contract.md §5"""
    assert expected == call(make(), "GET", path).body.decode()


@pytest.mark.parametrize("path", ["/favicon.ico", "/api", "/api/database/x", "/wp-login.php", "/_verseletx"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_an_unknown_address_is_a_small_json_refusal(path: str, method: str) -> None:
    """Clients that came to the wrong place can show it. [U-8]"""
    answer = call(make(), method, path)
    assert (404, "0x80060888") == (answer.status, answer.json["error"]["code"])


def test_pages_are_made_when_the_first_one_is_asked_for() -> None:
    """Callers of the Web API do not wait for a template engine."""
    made: list[str] = []
    application = make(made)
    call(application, "GET", "/api/data/v9.2/")
    assert [] == made
    call(application, "GET", "/")
    call(application, "GET", "/")
    assert ["pages"] == made


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"host": "evil.example"}, 421), ({"origin": "https://evil.example"}, 403)],
)
@pytest.mark.parametrize("path", ["/api/data/v9.2/WhoAmI", "/", "/_verselet/seed"])
def test_strangers_reach_no_room(headers: dict[str, str], status: int, path: str) -> None:
    """Asked before anything else. product.md §5"""
    answer = call(make(), "GET", path, headers=headers)
    assert (status, True) == (answer.status, "message" in answer.json["error"])


def test_a_page_of_this_machine_may_read_the_answer() -> None:
    """Its origin is named, never a wildcard, and the headers clients need are exposed. [CC-7]"""
    answer = call(make(), "GET", "/api/data/v9.2/accounts", headers={"origin": "http://localhost:3000"})
    assert "http://localhost:3000" == answer.headers["access-control-allow-origin"]
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"OData-EntityId", "Location", "ETag", "Preference-Applied", "Retry-After", "x-ms-file-name"} <= set(exposed)


def test_a_preflight_is_answered_without_a_token() -> None:
    """Browsers send none with it. [CC-7]"""
    asked = {
        "origin": "http://localhost:3000",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization,if-match",
    }
    answer = call(make(), "OPTIONS", "/api/data/v9.2/accounts", headers=asked)
    assert (204, b"") == (answer.status, answer.body)
    assert "authorization,if-match" == answer.headers["access-control-allow-headers"]
    assert "GET, POST, PATCH, PUT, DELETE" == answer.headers["access-control-allow-methods"]


def test_an_ordinary_client_gets_no_extra_headers() -> None:
    """CORS is for pages."""
    answer = call(make(), "GET", "/api/data/v9.2/accounts")
    assert [] == [name for name in answer.headers if name.startswith("access-control")]


OTHERS = [
    ("/api/backgroundoperation/5f3e0000-0000-4000-8000-000000000001", "Background operations"),
    ("/api/discovery/v2.0/Instances", "discovery"),
    ("/api/mcp", "Model Context Protocol"),
    ("/XRMServices/2011/Organization.svc/web", "SOAP"),
]


@pytest.mark.parametrize(("path", "name"), OTHERS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_another_service_is_refused_by_name(method: str, path: str, name: str) -> None:
    """Clients ask for it on the same host, and a 404 would say that the address is wrong. [DW-16], [OC-8]"""
    answer = call(make(), method, path, headers={"authorization": "Bearer dev-admin"})

    assert (501, "0x80060888") == (answer.status, answer.json["error"]["code"])
    assert name in answer.json["error"]["message"]


def test_who_did_not_sign_in_learns_that_first() -> None:
    """As at the Web API. [AU-1], [H-14]"""
    answer = call(make(), "POST", "/api/mcp")

    assert (401, "Bearer at http://127.0.0.1:8765") == (answer.status, answer.headers["www-authenticate"])


def test_a_page_may_read_the_refusal_of_another_service() -> None:
    """Or its script would only see that something failed. [CC-7]"""
    headers = {"origin": "http://localhost:3000", "authorization": "Bearer dev-admin"}
    answer = call(make(), "POST", "/api/mcp", headers=headers)

    assert (501, "http://localhost:3000") == (answer.status, answer.headers["access-control-allow-origin"])
