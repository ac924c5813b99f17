"""Codes and devices: the pages a person meets, and what comes of an answer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sign_in_world import (
    BASE,
    GUARDED_NAME,
    PASSWORD,
    PUBLIC_CLIENT,
    REDIRECT,
    REGISTRAR,
    REGISTRAR_NAME,
    SCOPE,
    SECRET,
    World,
    claims_of,
    cookie_of,
    hidden_fields,
    sent,
)
from verselet.server.run import build_application
from verselet.ui.sign_in import SUBMIT

AUTHORIZE = "/common/oauth2/v2.0/authorize"
DEVICE = "/common/oauth2/deviceauth"
DEVICE_GRANT = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": PUBLIC_CLIENT}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The server as `--auth dev` starts it."""
    made = World(tmp_path_factory.mktemp("world"), build_application)
    yield made
    made.close()


def test_a_person_chooses_and_the_client_gets_a_code(world: World) -> None:
    """The code and the client's own state come back; the code becomes tokens of that person. [SEC-123], [AU-9]"""
    told = sent(world.authorize({"user": REGISTRAR}))
    answer = world.redeem(told["code"]).json
    assert ({"code", "state"}, "a state") == (set(told), told["state"])
    assert REGISTRAR == world.user_of(answer["access_token"])
    assert {"access_token", "refresh_token", "id_token", "scope"} <= set(answer)


def test_the_page_lists_people_and_no_applications(world: World) -> None:
    """Who needs a password is not offered without one; who may not come is not offered at all. [AU-9]"""
    page = world.get(AUTHORIZE, world.asks(login_hint=REGISTRAR_NAME))
    offered = re.findall(r'<button name="user" value="([^"]+)">([^<]+)<', page.body.decode())
    assert ("A registrar", {"A leaver", "A registrar", "Service Representative", "System Administrator"}) == (
        offered[0][1],
        {name for _id, name in offered},
    )


def test_the_identity_carries_the_nonce(world: World) -> None:
    """So that the client knows it for its own. OpenID Connect Core §3.1.2.1"""
    answer = world.redeem(world.code(nonce="once")).json
    assert "once" == claims_of(answer["id_token"])["nonce"]


def test_a_password_opens_for_who_has_one(world: World) -> None:
    """And a wrong one leads back to the page with a word about it, and to no code. [SEC-123]"""
    wrong = world.authorize({"username": GUARDED_NAME, "password": "wrong"})
    right = world.authorize({"username": GUARDED_NAME, "password": PASSWORD})
    assert (200, True) == (wrong.status, b"wrong user name or password" in wrong.body)
    assert "code" in sent(right)


@pytest.mark.parametrize("mode", ["fragment", "form_post"])
def test_the_answer_travels_as_the_client_wants_it(world: World, mode: str) -> None:
    """Behind the hash, or as a form that sends itself by the one script that is let in. [SEC-123]"""
    answer = world.authorize({"user": REGISTRAR}, response_mode=mode)
    if mode == "fragment":
        parts = urlsplit(answer.headers["location"])
        told = {name: values[0] for name, values in parse_qs(parts.fragment).items()}
        assert "" == parts.query
    else:
        told = hidden_fields(answer)
        allowed = base64.b64encode(hashlib.sha256(SUBMIT.encode()).digest()).decode()
        assert f'action="{REDIRECT}"'.encode() in answer.body
        assert f"<script>{SUBMIT}</script>".encode() in answer.body
        assert f"script-src 'sha256-{allowed}'" in answer.headers["content-security-policy"]
    assert 200 == world.redeem(told["code"]).status


@pytest.mark.parametrize(
    "redirect",
    ["http://127.0.0.1:5/", "http://[::1]:5/x?y=1", "https://localhost", "http://localhost:65535/a/b"],
)
def test_programs_of_this_machine_get_their_answer(world: World, redirect: str) -> None:
    """Loopback with any port and path, and exactly what was given. RFC 8252 §7.3"""
    location = world.authorize({"user": REGISTRAR}, redirect_uri=redirect).headers["location"]
    assert location.startswith(f"{redirect}{'&' if '?' in redirect else '?'}code=")


@pytest.mark.parametrize(
    "redirect",
    [
        "",
        "https://example.org/",
        "http://localhost.example.org/",
        "http://localhost@example.org/",
        "http://example.org#@localhost/",
        "http://localhost/#x",
        "http://example.org\\@localhost/",
        "//localhost/",
        "javascript:alert(1)//localhost",
        "file://localhost/x",
        "http://localhost:99999/",
        "http://localhost/\r\nx: y",
        "http://localhost/é",
        "http://10.0.0.1/",
        "http://localhost/" + "x" * 3000,
    ],
)
def test_nobody_is_sent_to_a_foreign_address(world: World, redirect: str) -> None:
    """Refused on a page of ours, before anything is told to anybody. [SEC-123]"""
    answer = world.get(AUTHORIZE, world.asks(redirect_uri=redirect))
    assert (400, False) == (answer.status, "location" in answer.headers)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"scope": "https://graph.microsoft.com/.default"}, "invalid_resource"),
        ({"scope": ""}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_what_else_is_wrong_is_told_to_the_client(world: World, changes: dict[str, str], error: str) -> None:
    """With its state, and without a code. RFC 6749 §4.1.2.1"""
    told = sent(world.get(AUTHORIZE, world.asks(**changes)))
    assert (error, "a state", False) == (told["error"], told["state"], "code" in told)


def test_a_person_may_decline(world: World) -> None:
    """The client is told. RFC 6749 §4.1.2.1"""
    told = sent(world.authorize({"cancel": "1"}))
    assert ("access_denied", "a state") == (told["error"], told["state"])


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"code_verifier": "w" * 43}, 501481),
        ({"code_verifier": ""}, 501481),
        ({"redirect_uri": "http://localhost:4000/answer/"}, 70000),
        ({"redirect_uri": "http://localhost:4001/answer"}, 70000),
        ({"redirect_uri": ""}, 70000),
        ({"client_id": "another"}, 70000),
        ({"code": "unknown"}, 70000),
        ({"code": ""}, 900144),
    ],
)
def test_a_code_is_good_for_who_asked_only(world: World, changes: dict[str, str], number: int) -> None:
    """Another client, address or verifier gets nothing; and the right one still gets its tokens. RFC 7636 §4.6"""
    code = world.code()
    answer = world.redeem(**{"code": code, **changes})
    assert (400, [number]) == (answer.status, answer.json["error_codes"])
    assert 200 == world.redeem(code).status


def test_a_code_that_comes_twice_ends_what_it_began(world: World) -> None:
    """Somebody has it who should not: the refresh token of the first time is good no more. RFC 6749 §4.1.2"""
    code = world.code()
    refresh = world.redeem(code).json["refresh_token"]
    again = world.redeem(code)
    form = {"grant_type": "refresh_token", "client_id": PUBLIC_CLIENT, "refresh_token": refresh}
    assert (400, [54005]) == (again.status, again.json["error_codes"])
    assert (400, "invalid_grant", 70000) == world.refused(**form)


def test_a_code_lasts_ten_minutes(world: World) -> None:
    """By the organization's clock. RFC 6749 §4.1.2"""
    code = world.code()
    world.organization.clock.advance(timedelta(minutes=10))
    answer = world.redeem(code)
    assert (400, [700082]) == (answer.status, answer.json["error_codes"])


@pytest.mark.parametrize("missing", ["cookie", "guard", "origin"])
def test_a_form_that_is_not_ours_chooses_nobody(world: World, missing: str) -> None:
    """A page of another server cannot choose in a person's name: cookie, digest and origin must fit. product.md §8"""
    page = world.get(AUTHORIZE, world.asks())
    form = {**hidden_fields(page), "user": REGISTRAR}
    headers = {"cookie": cookie_of(page), "origin": BASE}
    if missing == "guard":
        form["guard"] = "0" * 64
    elif missing == "origin":
        headers["origin"] = "http://localhost:3000"
    else:
        headers.pop("cookie")
    answer = world.post(AUTHORIZE, form, headers)
    assert (403, False) == (answer.status, "location" in answer.headers)


def test_what_a_client_sends_is_shown_as_text(world: World) -> None:
    """Markup stays text, and names of our own fields do not come through. product.md §8"""
    hostile = '"><script>alert(1)</script>'
    page = world.get(AUTHORIZE, world.asks(client_id=hostile, state=hostile, user=REGISTRAR, cancel="1"))
    assert b"<script>alert" not in page.body
    assert {"user", "cancel", "password"} & set(hidden_fields(page)) == set()


def test_the_page_is_for_nobody_elses_frame_and_keeps_no_secret(world: World) -> None:
    """No frames, no cache, a cookie that scripts cannot read; forms lead back here or to the client. product.md §8"""
    page = world.get(AUTHORIZE, world.asks())
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://localhost:4000;" in policy
    assert ("no-store", "same-origin") == (page.headers["cache-control"], page.headers["referrer-policy"])
    assert "HttpOnly; SameSite=Lax" in page.headers["set-cookie"]
    assert SECRET.encode() not in page.body


def device(world: World) -> dict[str, Any]:
    """A device that asks for the first time."""
    answer = world.post("/common/oauth2/v2.0/devicecode", {"client_id": PUBLIC_CLIENT, "scope": SCOPE})
    assert 200 == answer.status
    return dict(answer.json)


def decide(world: World, user_code: str, **choice: str) -> bytes:
    """Type the code, then choose."""
    page = world.get(DEVICE)
    headers = {"cookie": cookie_of(page), "origin": BASE}
    listed = world.post(DEVICE, {**hidden_fields(page), "user_code": user_code}, headers)
    return world.post(DEVICE, {**hidden_fields(listed), "user_code": user_code, **choice}, headers).body


def test_a_device_waits_for_its_person(world: World) -> None:
    """Pending, then tokens once, then nothing. [SEC-124], [AU-8]"""
    asked = device(world)
    form = {**DEVICE_GRANT, "device_code": asked["device_code"]}
    assert {"user_code", "device_code", "verification_uri", "expires_in", "interval", "message"} <= set(asked)
    assert f"{BASE}{DEVICE}" == asked["verification_uri"]
    assert {"expires_in": 900, "interval": 5} == {name: asked[name] for name in ("expires_in", "interval")}
    assert (400, "authorization_pending", 70016) == world.refused(**form)
    told = decide(world, f"{asked['user_code'][:4].lower()}-{asked['user_code'][4:]}", user=REGISTRAR)
    assert b"A registrar now" in told
    assert REGISTRAR == world.user_of(world.token(**form).json["access_token"])
    assert (400, "bad_verification_code", 70018) == world.refused(**form)


def test_a_device_can_be_turned_away(world: World) -> None:
    """[SEC-124]"""
    asked = device(world)
    decide(world, asked["user_code"], cancel="1")
    form = {**DEVICE_GRANT, "device_code": asked["device_code"]}
    assert (400, "authorization_declined", 65004) == world.refused(**form)


def test_a_device_waits_fifteen_minutes(world: World) -> None:
    """And nobody lets it in later. [SEC-124]"""
    asked = device(world)
    world.organization.clock.advance(timedelta(minutes=15))
    assert b"No program waits under this code" in decide(world, asked["user_code"], user=REGISTRAR)
    form = {**DEVICE_GRANT, "device_code": asked["device_code"]}
    assert (400, "expired_token", 70019) == world.refused(**form)


def test_another_client_cannot_take_the_devices_place(world: World) -> None:
    """And a code nobody was given is nobody's. [SEC-124]"""
    asked = device(world)
    form = {**DEVICE_GRANT, "device_code": asked["device_code"], "client_id": "another"}
    assert (400, "bad_verification_code", 70018) == world.refused(**form)
    assert (400, "bad_verification_code", 70018) == world.refused(**{**DEVICE_GRANT, "device_code": "x"})
    assert b"No program waits under this code" in decide(world, "BCDFGHJKL", user=REGISTRAR)
