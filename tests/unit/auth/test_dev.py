"""Developer tokens."""

from __future__ import annotations

import re

import pytest

from verselet.auth import DeveloperTokens, challenge
from verselet.auth.dev import token_for
from verselet.errors import NotAMember, Unauthenticated
from verselet.security.caller import Caller

BASE = "http://127.0.0.1:8765"
ADMINISTRATOR = Caller(user_id="1", business_unit_id="2", organization_id="3", is_administrator=True)
REGISTRAR = Caller(user_id="4", business_unit_id="2", organization_id="3")
TOKENS = DeveloperTokens(lambda: ADMINISTRATOR, {"registrar": REGISTRAR, "müller": REGISTRAR}.get)


@pytest.mark.parametrize(
    "header", [b"Bearer dev-admin", b"bearer dev-admin", b"BEARER   dev-admin ", b" Bearer dev-admin"]
)
def test_dev_admin_is_the_system_administrator(header: bytes) -> None:
    """The scheme's letter case does not matter. contract.md §3, RFC 9110 §11.1"""
    assert ADMINISTRATOR == TOKENS.identify(header, BASE)


@pytest.mark.parametrize("header", [b"Bearer dev:registrar", "Bearer dev:müller".encode()])
def test_dev_with_a_name_is_that_user(header: bytes) -> None:
    """By systemuserid, Entra object id, domain name or fixture key. contract.md §3"""
    assert REGISTRAR == TOKENS.identify(header, BASE)


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer dev",
        b"Bearer dev:",
        b"Bearer dev:regis",
        b"Bearer dev-administrator",
        b"Bearer eyJhbGciOiJub25lIn0.e30.",
        b"Bearer \xff\xfe",
        b"Basic dev-admin",
        b"dev-admin",
    ],
)
def test_every_other_token_is_refused(header: bytes | None) -> None:
    """Clients probe with tokens of other authorities: none of them may become the administrator. [H-14]"""
    with pytest.raises((Unauthenticated, NotAMember)):
        TOKENS.identify(header, BASE)


def test_a_token_for_nobody_is_answered_like_a_foreigner() -> None:
    """The form is right, the user does not exist: 403 with its own code. [SEC-126]"""
    with pytest.raises(NotAMember) as refused:
        TOKENS.identify(b"Bearer dev:nobody", BASE)
    assert (403, 0x80072560) == (refused.value.status, refused.value.code)


def test_tokens_are_what_the_contract_writes() -> None:
    """contract.md §3"""
    assert ("dev-admin", "dev:registrar") == (token_for(None), token_for("registrar"))


@pytest.mark.parametrize("base", [BASE, f"{BASE}/"])
def test_the_challenge_is_parsed_by_the_expression_that_clients_use(base: str) -> None:
    """Unquoted values, comma and space between. [AU-1], [SEC-120]"""
    text = challenge(base, "common")
    assert f"Bearer authorization_uri={BASE}/common/oauth2/authorize, resource_id={BASE}/" == text
    found = re.search(r"authorization_uri=([^ ,]+)", text)
    assert found is not None
    assert f"{BASE}/common/oauth2/authorize" == found.group(1)
