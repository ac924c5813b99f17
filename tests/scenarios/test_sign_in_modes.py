"""`--auth token-issuer` and `--auth oidc`: where a developer's token is worth nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.sign_in_world import (
    APPLICATION,
    BASE,
    GUARDED_NAME,
    OPEN_APPLICATION,
    PASSWORD,
    PUBLIC_CLIENT,
    REGISTRAR_NAME,
    SCOPE,
    SECRET,
    SYNC_USER,
    World,
    claims_of,
    sent,
)
from tests.unit.server.calls import call
from verselet.auth.fetching import FetchFailed
from verselet.auth.foreign_keys import ForeignKeys
from verselet.server.identity import foreign_identity, issuer_identity
from verselet.server.run import build_application

SYNC = {"grant_type": "client_credentials", "client_id": APPLICATION, "client_secret": SECRET, "scope": SCOPE}
GUARDED = {"grant_type": "password", "client_id": PUBLIC_CLIENT, "username": GUARDED_NAME, "password": PASSWORD}
ISSUER = f"{BASE}/common/v2.0"
AUDIENCE = "https://contour.crm.example"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The server as `--auth token-issuer` starts it."""
    build = partial(build_application, make_identity=issuer_identity)
    made = World(tmp_path_factory.mktemp("strict"), build)
    yield made
    made.close()


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory, strict: World) -> Iterator[World]:
    """A server as `--auth oidc` starts it, that trusts the other one. It goes by another name."""
    keys = ForeignKeys(ISSUER, lambda address: fetched(strict, address))
    keys.read()
    identity = partial(foreign_identity, keys=keys, audiences=(AUDIENCE,))
    made = World(
        tmp_path_factory.mktemp("foreign"), lambda organization: build_application(organization, make_identity=identity)
    )
    yield made
    made.close()


def fetched(world: World, address: str) -> bytes:
    """What the issuer publishes at an address."""
    answer = world.get(urlsplit(address).path)
    if answer.status != 200:
        raise FetchFailed("not there")
    return answer.body


@pytest.mark.parametrize("token", ["dev-admin", "dev:registrar", f"dev:{REGISTRAR_NAME}"])
def test_developer_tokens_are_worth_nothing(strict: World, foreign: World, token: str) -> None:
    """Whoever reaches the server must prove who is there. contract.md §3"""
    assert (401, 401) == (strict.who(token).status, foreign.who(token).status)


def test_who_can_prove_it_gets_in(strict: World) -> None:
    """An application by its secret, a person by the password. contract.md §3"""
    assert SYNC_USER == strict.user_of(strict.token(**SYNC).json["access_token"])
    assert 200 == strict.who(strict.token(**GUARDED, scope=SCOPE).json["access_token"]).status


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({**SYNC, "client_id": OPEN_APPLICATION}, (401, "invalid_client", 7000215)),
        ({**GUARDED, "scope": SCOPE, "username": REGISTRAR_NAME}, (400, "invalid_grant", 50126)),
        ({**GUARDED, "scope": SCOPE, "client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        (
            {**GUARDED, "scope": SCOPE, "client_id": APPLICATION, "client_secret": "wrong"},
            (401, "invalid_client", 7000215),
        ),
    ],
)
def test_who_has_no_secret_kept_does_not_get_in(
    strict: World, form: dict[str, str], expected: tuple[int, str, int]
) -> None:
    """What is permitted in development is not here. contract.md §3"""
    assert expected == strict.refused(**form)


def test_the_page_asks_for_a_password_and_lists_nobody(strict: World) -> None:
    """A stranger learns no names. product.md §8"""
    page = strict.get("/common/oauth2/v2.0/authorize", strict.asks())
    chosen = strict.authorize({"user": SYNC_USER})
    assert b'name="user"' not in page.body
    assert b"wrong user name or password" in chosen.body
    assert "code" in sent(strict.authorize({"username": GUARDED_NAME, "password": PASSWORD}))


@pytest.mark.parametrize("path", ["/", "/tables/contacts", "/tables/contacts.json"])
def test_pages_that_show_rows_to_anybody_are_refused_by_name(strict: World, foreign: World, path: str) -> None:
    """They ask nobody who looks; the styles of the sign-in page stay. product.md §8"""
    refused = strict.get(path)
    assert (501, 501) == (refused.status, foreign.get(path).status)
    assert "The user interface without --auth dev" in refused.json["error"]["message"]
    assert 200 == strict.get("/static/verselet.css").status


def test_tokens_without_a_secret_and_fixtures_are_for_development(strict: World) -> None:
    """A machine's identity would be everybody's, and a fixture gives secrets. contract.md §5"""
    asked = {"api-version": "2019-08-01", "resource": BASE}
    token = strict.token(**SYNC).json["access_token"]
    seeded = call(strict.application, "POST", "/_verselet/seed", headers={"authorization": f"Bearer {token}"})
    assert 403 == strict.get("/msi/token", asked, {"x-identity-header": "any"}).status
    assert 403 == seeded.status
    assert 200 == strict.get("/_verselet/health").status


def test_a_foreign_issuers_tokens_are_good(strict: World, foreign: World) -> None:
    """By its published keys, for our own address or for a named audience. contract.md §3"""
    token = strict.token(**SYNC).json["access_token"]
    named = strict.signed({**claims_of(token), "aud": [AUDIENCE, "https://another.example"]})
    assert SYNC_USER == foreign.user_of(token)
    assert SYNC_USER == foreign.user_of(named)


def test_our_own_authority_is_silent_where_others_sign_people_in(foreign: World) -> None:
    """And the challenge leads to them. [SEC-120]"""
    told = f"Bearer authorization_uri={BASE}/common/oauth2/authorize, resource_id={BASE}/"
    assert told == foreign.who("x").headers["www-authenticate"]
    assert 404 == foreign.get("/common/v2.0/.well-known/openid-configuration").status
    assert 404 == foreign.post("/common/oauth2/v2.0/token", SYNC).status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"iss": f"{BASE}/adfs"}, 401),
        ({"aud": "https://another.example"}, 401),
        ({"oid": "d0000000-0000-4000-8000-00000000dead", "idtyp": "user"}, 403),
        ({"idtyp": "user", "oid": "", "sub": REGISTRAR_NAME}, 403),
    ],
)
def test_what_the_issuer_says_must_fit(strict: World, foreign: World, changes: dict[str, object], status: int) -> None:
    """Its exact name, one of our audiences, a user of ours, known by an id and not by a name. [SEC-126]"""
    claims = claims_of(strict.token(**SYNC).json["access_token"])
    assert status == foreign.who(strict.signed({**claims, **changes})).status


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 401)])
def test_clocks_of_two_machines_may_differ_by_five_minutes(
    strict: World, foreign: World, seconds: int, status: int
) -> None:
    """Behind and ahead. RFC 7519 §4.1.4"""
    claims = claims_of(strict.token(**SYNC).json["access_token"])
    now = int(foreign.organization.clock.now().timestamp())
    late = strict.signed({**claims, "nbf": now - 9000, "exp": now - seconds})
    early = strict.signed({**claims, "nbf": now + seconds + (status != 200), "exp": now + 9000})
    assert (status, status) == (foreign.who(late).status, foreign.who(early).status)


def test_a_key_nobody_published_signs_nothing(strict: World, foreign: World) -> None:
    """Our own organization has a key as well, but it is not the issuer's. [SEC-126]"""
    claims = claims_of(strict.token(**SYNC).json["access_token"])
    assert 401 == foreign.who(foreign.signed(claims)).status


def test_people_sign_in_again_when_the_world_is_older(strict: World, foreign: World) -> None:
    """A remembered token does not outlive its time. [SEC-126]"""
    token = strict.token(**SYNC).json["access_token"]
    assert (200, 200) == (strict.who(token).status, foreign.who(token).status)
    for world in (strict, foreign):
        world.organization.clock.advance(timedelta(hours=2))
    assert (401, 401) == (strict.who(token).status, foreign.who(token).status)
