"""The token endpoint: applications, and what their tokens are good for."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.sign_in_world import (
    APPLICATION,
    BASE,
    DISABLED_APPLICATION,
    FORM,
    GUARDED_NAME,
    LEAVER,
    OPEN_APPLICATION,
    PASSWORD,
    PUBLIC_CLIENT,
    REGISTRAR,
    REGISTRAR_NAME,
    SCOPE,
    SECRET,
    SYNC_USER,
    World,
    claims_of,
    header_of,
)
from tests.unit.server.calls import call
from verselet.server.run import build_application
from verselet.store.failures import StoreBusy

SYNC = {"grant_type": "client_credentials", "client_id": APPLICATION, "client_secret": SECRET}
REGISTRATION = {"grant_type": "password", "client_id": PUBLIC_CLIENT, "username": REGISTRAR_NAME, "password": "any"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The server as `--auth dev` starts it, with one more name."""
    made = World(tmp_path_factory.mktemp("world"), lambda org: build_application(org, ("verselet.example",)))
    yield made
    made.close()


def test_the_challenge_leads_to_an_authority_that_answers(world: World) -> None:
    """What clients cut out of it is the address of a discovery document, for every room of the server. [SEC-120]"""
    api, own = world.get("/api/data/v9.2/WhoAmI"), call(world.application, "POST", "/_verselet/seed")
    told = f"Bearer authorization_uri={BASE}/{world.tenant}/oauth2/authorize, resource_id={BASE}/"
    assert (401, told) == (api.status, api.headers["www-authenticate"])
    assert (401, told) == (own.status, own.headers["www-authenticate"])
    assert 200 == world.get(f"/{world.tenant}/v2.0/.well-known/openid-configuration").status


@pytest.mark.parametrize(
    ("authority", "issuer"),
    [
        ("common/v2.0", "common/v2.0"),
        ("verselet.example/v2.0", "verselet.example/v2.0"),
        ("adfs", "adfs"),
        ("common", "common"),
        ("some.example/b2c_1_x/v2.0", "some.example/b2c_1_x/v2.0"),
    ],
)
def test_a_discovery_document_speaks_for_the_address_it_was_asked_at(world: World, authority: str, issuer: str) -> None:
    """The issuer is that address, the endpoints are on the same host, and the keys are there. [AU-2]"""
    told = world.get(f"/{authority}/.well-known/openid-configuration").json
    endpoints = [told[name] for name in told if name.endswith(("_endpoint", "_uri"))]
    assert f"{BASE}/{issuer}" == told["issuer"]
    assert 4 == len(endpoints)
    assert all(endpoint.startswith(f"{BASE}/{issuer.removesuffix('/v2.0')}/") for endpoint in endpoints)
    assert world.get(told["jwks_uri"].removeprefix(BASE)).json["keys"]


def test_published_keys_are_public_halves(world: World) -> None:
    """Whoever reads them can check tokens, and make none. RFC 7517 §9.3"""
    keys = world.get("/common/discovery/v2.0/keys").json["keys"]
    assert [{"kty", "kid", "use", "alg", "n", "e"}] * len(keys) == [set(key) for key in keys]


def test_an_application_signs_in_with_numbers_in_the_answer(world: World) -> None:
    """Version 2: and the user is the application user. [SEC-121], [SEC-126], [AU-3]"""
    answer = world.token(**SYNC, scope=SCOPE)
    token = answer.json["access_token"]
    told = {name: value for name, value in answer.json.items() if name != "access_token"}
    assert (200, {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599}) == (answer.status, told)
    assert SYNC_USER == world.user_of(token)
    assert "no-store" == answer.headers["cache-control"]


def test_an_application_signs_in_with_texts_in_the_answer(world: World) -> None:
    """Version 1: every value is a text, and the times are there. [SEC-122], [AU-5]"""
    answer = world.token("/common/oauth2/token", **SYNC, resource=f"{BASE}/").json
    claims = claims_of(answer["access_token"])
    assert {str} == {type(value) for value in answer.values()}
    assert (str(claims["exp"]), str(claims["nbf"])) == (answer["expires_on"], answer["not_before"])
    assert (f"{BASE}/", "3599") == (answer["resource"], answer["expires_in"])
    assert SYNC_USER == world.user_of(answer["access_token"])


def test_the_claims_are_those_that_tools_read(world: World) -> None:
    """Who, for whom, from whom, how long, and which key says so. [AU-11]"""
    token = world.token(**SYNC, scope=SCOPE).json["access_token"]
    claims = claims_of(token)
    expected = {"aud": BASE, "iss": f"{BASE}/common/v2.0", "tid": world.tenant, "appid": APPLICATION, "idtyp": "app"}
    assert expected == {name: claims[name] for name in expected}
    assert 3599 == claims["exp"] - claims["iat"]
    kids = {key["kid"] for key in world.get("/common/discovery/v2.0/keys").json["keys"]}
    assert "RS256" == header_of(token)["alg"]
    assert header_of(token)["kid"] in kids


@pytest.mark.parametrize(
    "scope",
    [
        SCOPE,
        f"{BASE}//.default",
        "http://localhost/.default",
        "https://localhost:8443/.default",
        "https://verselet.example/.default",
        "00000007-0000-0000-c000-000000000000/.default",
    ],
)
def test_every_spelling_of_our_address_is_a_resource(world: World, scope: str) -> None:
    """With and without slash and port, by each name, and by the service's own id. [AU-13], [SEC-126]"""
    token = world.token(**SYNC, scope=scope).json["access_token"]
    assert SYNC_USER == world.user_of(token)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": SECRET + " "}, (401, "invalid_client", 7000215)),
        ({"client_secret": "x" * 5000}, (401, "invalid_client", 7000215)),
        ({"client_secret": ""}, (401, "invalid_client", 7000216)),
        ({"client_id": ""}, (400, "invalid_request", 900144)),
        ({"client_id": "nobody"}, (400, "unauthorized_client", 700016)),
        ({"client_id": PUBLIC_CLIENT}, (400, "unauthorized_client", 700016)),
        ({"client_id": DISABLED_APPLICATION}, (400, "unauthorized_client", 7000112)),
        ({"grant_type": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "implicit"}, (400, "unsupported_grant_type", 70003)),
        ({"scope": ""}, (400, "invalid_request", 900144)),
        ({"scope": "User.Read"}, (400, "invalid_scope", 70011)),
        ({"scope": f"{BASE}/user_impersonation"}, (400, "invalid_scope", 1002012)),
        ({"scope": "https://graph.microsoft.com/.default"}, (400, "invalid_resource", 500011)),
        ({"scope": "https://localhost.example.org/.default"}, (400, "invalid_resource", 500011)),
        ({"scope": "https://localhost@example.org/.default"}, (400, "invalid_resource", 500011)),
        ({"scope": "https://localhost:99999999/.default"}, (400, "invalid_resource", 500011)),
        ({"scope": "https://[/.default"}, (400, "invalid_resource", 500011)),
        ({"client_assertion": "eyJ"}, (501, "invalid_request", 0)),
    ],
)
def test_what_is_wrong_is_refused_in_the_words_of_oauth(
    world: World, changes: dict[str, str], expected: tuple[int, str, int]
) -> None:
    """With the number clients know it by, and without a token. [SEC-125], [AU-4]"""
    assert expected == world.refused(**{**SYNC, "scope": SCOPE, **changes})


def test_a_refusal_has_everything_that_clients_print(world: World) -> None:
    """Description with the number first, time, and ids to find it again. [SEC-125]"""
    asked_by = "c0000000-0000-4000-8000-000000000001"
    form = {**SYNC, "client_secret": "wrong", "scope": SCOPE}
    answer = world.post("/common/oauth2/v2.0/token", form, {"client-request-id": asked_by})
    assert answer.json["error_description"].startswith("AADSTS7000215: Invalid client secret provided. Trace ID: ")
    assert {"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"} == set(answer.json)
    assert (asked_by, asked_by) == (answer.json["correlation_id"], answer.headers["client-request-id"])
    assert b"wrong" not in answer.body


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("GET", {}, b"", 405),
        ("POST", {"content-type": "application/json"}, b"{}", 415),
        ("POST", {}, b"grant_type=password", 415),
        ("POST", FORM, b"x=" + b"a" * 70_000, 413),
        ("POST", FORM, b"&".join(b"f%d=1" % number for number in range(100)), 400),
        ("POST", FORM, b"grant_type=password&grant_type=client_credentials", 400),
        ("POST", FORM, b"grant_type=%ff%fe", 400),
        ("POST", {**FORM, "authorization": "Basic ///"}, b"grant_type=client_credentials", 401),
    ],
)
def test_requests_that_cannot_be_read_are_refused(
    world: World, method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    """Too long, no form, fields twice, no UTF-8: never a fault. [SEC-125]"""
    answer = call(world.application, method, "/common/oauth2/v2.0/token", headers=headers, body=body)
    assert (status, True) == (answer.status, answer.json["error"] in {"invalid_request", "invalid_client"})


def test_a_client_may_say_its_secret_in_the_header(world: World) -> None:
    """Both are encoded like a form first. RFC 6749 §2.3.1"""
    said = base64.b64encode(f"{APPLICATION}:{SECRET.replace(' ', '+')}".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": SCOPE}
    answer = world.post("/common/oauth2/v2.0/token", form, {"authorization": f"Basic {said}"})
    assert SYNC_USER == world.user_of(answer.json["access_token"])


def test_an_application_without_a_kept_secret_may_say_any_in_development(world: World) -> None:
    """The developer's token is no secret either, and the Web API has no way to set one. contract.md §3"""
    form = {"grant_type": "client_credentials", "client_id": OPEN_APPLICATION, "client_secret": "any", "scope": SCOPE}
    assert 200 == world.token(**form).status


def test_secrets_are_kept_as_hashes(world: World) -> None:
    """Whoever reads the database learns no secret. [SEC-121]"""
    kept = [*world.organization.credentials.read_all("client secret")]
    kept += world.organization.credentials.read_all("password")
    assert 3 == len(kept)
    assert all(text.startswith("scrypt$16384$8$1$") for text in kept)
    assert not any(secret in text for text in kept for secret in (SECRET, PASSWORD))


def test_a_user_signs_in_by_name(world: World) -> None:
    """In development a user without a kept password needs none; one who has it must give it. contract.md §3"""
    assert REGISTRAR == world.user_of(world.token(**REGISTRATION, scope=SCOPE).json["access_token"])
    guarded = {**REGISTRATION, "username": GUARDED_NAME, "scope": SCOPE}
    assert (400, "invalid_grant", 50126) == world.refused(**guarded)
    assert 200 == world.token(**{**guarded, "password": PASSWORD}).status


@pytest.mark.parametrize("name", ["nobody@verselet.example", "sync@verselet.example", "system@verselet.example"])
def test_who_is_no_person_has_no_password(world: World, name: str) -> None:
    """Nobody, an application, the system's own user: the same words for all. [SEC-127]"""
    assert (400, "invalid_grant", 50126) == world.refused(**{**REGISTRATION, "username": name, "scope": SCOPE})


def test_what_a_client_asks_beside_the_token_decides_what_it_gets(world: World) -> None:
    """A refresh token for offline_access, an identity for openid, the account for client_info. [SEC-123]"""
    bare = world.token(**REGISTRATION, scope=SCOPE).json
    full = world.token(**REGISTRATION, scope=f"{SCOPE} openid offline_access profile", client_info="1").json
    assert {"token_type", "expires_in", "ext_expires_in", "access_token", "scope"} == set(bare)
    assert {"refresh_token", "id_token", "client_info"} == set(full) - set(bare)
    assert PUBLIC_CLIENT == claims_of(full["id_token"])["aud"]


def test_an_identity_is_no_access(world: World) -> None:
    """It is signed by the same key, but made for the client. [SEC-126]"""
    told = world.token(**REGISTRATION, scope=f"{SCOPE} openid").json
    assert 401 == world.who(told["id_token"]).status


def test_a_refresh_token_renews(world: World) -> None:
    """Both versions, a new one each time, and the old one stays good for clients that keep it in a file. [AU-5]"""
    first = world.token("/common/oauth2/token", **REGISTRATION, resource=BASE).json["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": PUBLIC_CLIENT}
    second = world.token("/common/oauth2/token", **form, refresh_token=first, resource=BASE).json
    third = world.token(**form, refresh_token=second["refresh_token"], scope=f"{SCOPE} offline_access").json
    again = world.token(**form, refresh_token=first)
    assert REGISTRAR == world.user_of(third["access_token"])
    assert 3 == len({first, second["refresh_token"], third["refresh_token"]})
    assert 200 == again.status


def test_a_refresh_token_is_good_for_its_client_and_for_ninety_days(world: World) -> None:
    """Of another client's, of nobody's and of an old one nothing comes. [SEC-123]"""
    token = world.token(**REGISTRATION, scope=f"{SCOPE} offline_access").json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert (400, "invalid_grant", 70000) == world.refused(**form, client_id=APPLICATION)
    assert (400, "invalid_grant", 70000) == world.refused(
        **{**form, "refresh_token": token + "x"}, client_id=PUBLIC_CLIENT
    )
    world.organization.clock.advance(timedelta(days=90))
    assert (400, "invalid_grant", 700082) == world.refused(**form, client_id=PUBLIC_CLIENT)


def test_a_disabled_user_is_out_at_once(world: World) -> None:
    """A good token, a refresh token and the right name: none of them helps. [SEC-128]"""
    form = {**REGISTRATION, "username": "leaver@verselet.example", "scope": f"{SCOPE} offline_access"}
    told = world.token(**form).json
    assert LEAVER == world.user_of(told["access_token"])
    disabled = call(
        world.application,
        "PATCH",
        f"/api/data/v9.2/systemusers({LEAVER})",
        headers={"authorization": "Bearer dev-admin", "content-type": "application/json"},
        body=b'{"isdisabled": true}',
    )
    assert 204 == disabled.status
    answer = world.who(told["access_token"])
    assert (403, "0x80040225") == (answer.status, answer.json["error"]["code"])
    refresh = {"grant_type": "refresh_token", "client_id": PUBLIC_CLIENT, "refresh_token": told["refresh_token"]}
    assert (400, "invalid_grant", 50057) == world.refused(**refresh)
    assert (400, "invalid_grant", 50057) == world.refused(**form)


def test_tokens_expire_by_the_organizations_clock(world: World) -> None:
    """Also one that was checked and remembered. [SEC-126]"""
    token = world.token(**SYNC, scope=SCOPE).json["access_token"]
    world.organization.clock.advance(timedelta(seconds=3598))
    assert 200 == world.who(token).status
    world.organization.clock.advance(timedelta(seconds=1))
    answer = world.who(token)
    assert (401, True) == (answer.status, "www-authenticate" in answer.headers)


def test_keys_change_and_old_tokens_do_not_suffer(world: World) -> None:
    """A key signs for thirty days, and checks until its last token has expired. [SEC-126]"""
    first = world.token(**SYNC, scope=SCOPE).json["access_token"]
    world.organization.clock.advance(timedelta(days=30))
    second = world.token(**SYNC, scope=SCOPE).json["access_token"]
    before, after = header_of(first)["kid"], header_of(second)["kid"]
    published = {key["kid"] for key in world.get("/common/discovery/v2.0/keys").json["keys"]}
    assert before != after
    assert {before, after} <= published
    world.organization.clock.advance(timedelta(days=1))
    assert before not in {key["kid"] for key in world.get("/common/discovery/v2.0/keys").json["keys"]}


def test_a_token_that_names_nobody_here_is_forbidden(world: World) -> None:
    """Signed by us, for us, in time: but its user is gone. [SEC-126]"""
    claims = claims_of(world.token(**REGISTRATION, scope=SCOPE).json["access_token"])
    for stranger in (
        {"oid": "d0000000-0000-4000-8000-00000000dead"},
        {"oid": REGISTRAR_NAME},
        {"idtyp": "app", "appid": PUBLIC_CLIENT},
    ):
        answer = world.who(world.signed({**claims, **stranger}))
        assert (403, "0x80072560") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://graph.microsoft.com"},
        {"aud": PUBLIC_CLIENT},
        {"aud": []},
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"tid": "d0000000-0000-4000-8000-00000000dead"},
        {"exp": 1},
        {"exp": "never"},
        {"nbf": 99_999_999_999},
        {"iss": None},
    ],
)
def test_signed_claims_that_do_not_fit_are_refused(world: World, changes: dict[str, object]) -> None:
    """Another audience, issuer, tenant or time; claims of the wrong kind: 401 with the challenge. [SEC-126]"""
    claims = claims_of(world.token(**REGISTRATION, scope=SCOPE).json["access_token"])
    answer = world.who(world.signed({**claims, **changes}))
    assert (401, True) == (answer.status, answer.headers["www-authenticate"].startswith("Bearer authorization_uri="))


def test_a_machine_gets_a_token_without_a_secret(world: World) -> None:
    """The administrator's, or that of the application user it names. [AU-6]"""
    asked = {"api-version": "2019-08-01", "resource": BASE}
    told = world.get("/msi/token", asked, {"x-identity-header": "any"}).json
    named = world.get("/msi/token", {**asked, "client_id": APPLICATION}, {"x-identity-header": "any"}).json
    assert {"access_token", "expires_on", "resource", "token_type", "client_id"} == set(told)
    assert str(claims_of(told["access_token"])["exp"]) == told["expires_on"]
    assert world.organization.administrator.user_id == world.user_of(told["access_token"])
    assert SYNC_USER == world.user_of(named["access_token"])


@pytest.mark.parametrize(
    ("headers", "changes", "status"),
    [
        ({}, {}, 401),
        ({"x-identity-header": "any", "origin": "https://example.org"}, {}, 403),
        ({"x-identity-header": "any"}, {"api-version": "2017-09-01"}, 400),
        ({"x-identity-header": "any"}, {"resource": "https://vault.azure.net"}, 400),
        ({"x-identity-header": "any"}, {"resource": ""}, 400),
        ({"x-identity-header": "any"}, {"client_id": PUBLIC_CLIENT}, 400),
    ],
)
def test_a_machine_must_ask_the_right_way(
    world: World, headers: dict[str, str], changes: dict[str, str], status: int
) -> None:
    """The header keeps pages of browsers out; the resource must be ours. [AU-6]"""
    asked = {"api-version": "2019-08-01", "resource": BASE, **changes}
    assert status == world.get("/msi/token", asked, headers).status


def test_a_script_of_this_machine_may_read_tokens_and_no_page(world: World) -> None:
    """Programs in a browser sign in as well; what a person is shown is not for them. [CC-7]"""
    origin = {"origin": "http://localhost:3000"}
    token = world.post("/common/oauth2/v2.0/token", {**SYNC, "scope": SCOPE}, origin)
    page = world.get("/common/oauth2/v2.0/authorize", world.asks(), origin)
    preflight = call(world.application, "OPTIONS", "/common/oauth2/v2.0/token", headers=origin)
    assert "http://localhost:3000" == token.headers["access-control-allow-origin"]
    assert (204, "http://localhost:3000") == (preflight.status, preflight.headers["access-control-allow-origin"])
    assert (200, False) == (page.status, "access-control-allow-origin" in page.headers)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (StoreBusy("busy"), (503, "temporarily_unavailable", 0)),
        (RuntimeError("a fault that knows " + SECRET), (500, "server_error", 0)),
    ],
)
def test_a_failure_of_ours_is_told_without_details(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    expected: tuple[int, str, int],
) -> None:
    """A client may try again where the store was busy; nobody learns what went wrong inside. [E-19]"""

    def fail(_kind: str, _name: str) -> str:
        raise failure

    monkeypatch.setattr(world.organization.credentials, "read", fail)
    answer = world.token(**SYNC, scope=SCOPE)
    assert expected == (answer.status, answer.json["error"], answer.json["error_codes"][0])
    assert SECRET.encode() not in answer.body
