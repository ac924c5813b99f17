"""Signed tokens: what is read, and everything that is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from verselet.auth.tokens import Claims, Subject, is_token, read_token, sign
from verselet.errors import Unauthenticated

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
KEYS: Mapping[str, RSAKey | ECKey] = {"rsa": RSA, "ec": EC}
CLAIMS: Mapping[str, object] = {"iss": "https://a.example", "aud": "b", "exp": 9, "oid": "c"}


def part(value: Mapping[str, object]) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def find(key_id: str) -> RSAKey | ECKey | None:
    """The public half of a key."""
    return KEYS.get(key_id)


def test_both_algorithms_are_read() -> None:
    """RS256 and ES256. [SEC-126]"""
    elliptic = jwt.encode({"alg": "ES256", "kid": "ec"}, dict(CLAIMS), EC, algorithms=["ES256"])
    expected = Claims(iss="https://a.example", aud="b", exp=9, oid="c")
    assert (expected, expected) == (read_token(sign(CLAIMS, RSA), find), read_token(elliptic, find))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "rsa"},
        {"alg": "None", "kid": "rsa"},
        {"alg": "HS256", "kid": "rsa"},
        {"alg": "RS512", "kid": "rsa"},
        {"alg": "ES256", "kid": "rsa"},
        {"alg": "RS256", "kid": "ec"},
        {"alg": "RS256", "kid": "unknown"},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 1},
        {"alg": ["RS256"], "kid": "rsa"},
        {"alg": "RS256", "kid": "rsa", "crit": ["exp"]},
        {"alg": "RS256", "kid": "rsa", "typ": "secevent+jwt"},
        {"kid": "rsa"},
    ],
)
def test_only_what_was_agreed_on_is_read(header: dict[str, object]) -> None:
    """The head of a token decides nothing by itself: no other algorithm, no key of another type. [SEC-126]"""
    signed = f"{part(header)}.{part(CLAIMS)}"
    published = RSA.as_pem(private=False)
    signature = hmac.new(published, signed.encode(), hashlib.sha256).digest()
    for end in (base64.urlsafe_b64encode(signature).rstrip(b"=").decode(), "AA"):
        with pytest.raises(Unauthenticated):
            read_token(f"{signed}.{end}", find)


def test_a_key_in_the_token_is_not_used() -> None:
    """Whoever makes a token may put a key of his own into it. RFC 8725 §3.10"""
    own = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": "rsa", "jwk": own.as_dict(private=False)}
    with pytest.raises(Unauthenticated):
        read_token(jwt.encode(header, dict(CLAIMS), own, algorithms=["RS256"]), find)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_part_breaks_the_token(number: int) -> None:
    """Head, claims, signature. RFC 7515 §5.2"""
    parts = sign(CLAIMS, RSA).split(".")
    other = sign({**CLAIMS, "oid": "d"}, RSAKey.generate_key(2048, {"kid": "rsa"})).split(".")
    parts[number] = part({"alg": "RS256", "kid": "ec"}) if number == 0 else other[number]
    with pytest.raises(Unauthenticated):
        read_token(".".join(parts), find)


@given(st.one_of(st.text(), st.from_regex(r"\A[\w-]{1,40}\.[\w-]{1,40}\.[\w-]{1,40}\Z")))
def test_whatever_is_sent_is_refused_and_never_a_fault(text: str) -> None:
    """Tokens come from anybody. [SEC-126]"""
    with pytest.raises(Unauthenticated):
        read_token(text, find)


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text()))))
def test_signed_nonsense_is_refused_and_never_a_fault(claims: dict[str, object]) -> None:
    """The issuer may be careless; what is missing is not made up. [SEC-126]"""
    token = jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, RSA, algorithms=["RS256"])
    with pytest.raises(Unauthenticated):
        read_token(token, find)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "a..c", "a.b.c\n", "ä.b.c", f"{'a' * 3000}.b.c"])
def test_what_has_no_shape_of_a_token_is_none(text: str) -> None:
    """Three parts of letters, each within bounds. RFC 7515 §3.1"""
    assert not is_token(text)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"oid": "A", "sub": "s", "scp": "user_impersonation", "appid": "c"}, Subject("user", "a")),
        ({"oid": "A", "sub": "A", "appid": "C"}, Subject("application", "c")),
        ({"oid": "A", "sub": "s", "azp": "C", "idtyp": "app"}, Subject("application", "c")),
        ({"sub": "A", "azp": "c"}, Subject("user", "a")),
        ({"azp": "C"}, Subject("application", "c")),
        ({}, Subject("user", "")),
    ],
)
def test_a_token_speaks_of_a_user_or_of_an_application(claims: dict[str, str], expected: Subject) -> None:
    """The user by `oid`; the application by `appid` or `azp`, where no user took part. [SEC-126]"""
    assert expected == msgspec.convert({"iss": "", "aud": "", "exp": 0, **claims}, Claims).subject
