"""Keys of a foreign issuer."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from verselet.auth.fetching import FetchFailed, fetch, is_fetchable
from verselet.auth.foreign_keys import FRESH_S, NOT_BEFORE_S, ForeignKeys

ISSUER = "https://login.example/tenant/v2.0"
FIRST = RSAKey.generate_key(2048, {"kid": "first"})
SECOND = ECKey.generate_key("P-256", {"kid": "second"})


class Publisher:
    """An issuer: what it publishes, how often it was asked, and how long ago the test began."""

    def __init__(self, *keys: Mapping[str, object]) -> None:
        self.keys = list(keys)
        self.issuer = ISSUER
        self.asked = 0
        self.elapsed_s = 1000.0
        self.was_asked = threading.Event()

    def fetch(self, address: str) -> bytes:
        """A document."""
        if address == f"{ISSUER}/.well-known/openid-configuration":
            return json.dumps({"issuer": self.issuer, "jwks_uri": "https://keys.example/all", "more": 1}).encode()
        assert "https://keys.example/all" == address
        self.asked += 1
        self.was_asked.set()
        return json.dumps({"keys": self.keys}).encode()

    def reader(self) -> ForeignKeys:
        """Keys, read once."""
        keys = ForeignKeys(ISSUER, self.fetch, lambda: self.elapsed_s)
        keys.read()
        self.was_asked.clear()
        return keys


def test_published_keys_are_found_by_id() -> None:
    """RSA and elliptic ones. RFC 7517 §4.5"""
    keys = Publisher(FIRST.as_dict(private=False), SECOND.as_dict(private=False)).reader()
    found = [key.kid if (key := keys.find(name)) else None for name in ("first", "second", "third")]
    assert ["first", "second", None] == found


@pytest.mark.parametrize(
    "useless",
    [
        OctKey.generate_key(256, {"kid": "shared"}).as_dict(),
        ECKey.generate_key("P-521", {"kid": "other curve"}).as_dict(private=False),
        {**FIRST.as_dict(private=False), "use": "enc"},
        {name: value for name, value in FIRST.as_dict(private=False).items() if name != "kid"},
        {"kty": "RSA", "kid": "broken", "n": "?", "e": "AQAB"},
        {"kty": "RSA", "kid": "small", "n": "wRMAkzQ7", "e": "AQAB"},
        {},
    ],
)
def test_keys_of_other_kinds_are_passed_over(useless: Mapping[str, object]) -> None:
    """Above all shared secrets: with one of them everybody could sign. [SEC-126]"""
    with pytest.raises(FetchFailed, match="no key"):
        Publisher(useless).reader()
    assert Publisher(useless, SECOND.as_dict(private=False)).reader().find("second") is not None


def test_an_issuer_must_go_by_its_name() -> None:
    """A document of somebody else's is no one's. OpenID Connect Discovery §4.3"""
    publisher = Publisher(FIRST.as_dict(private=False))
    publisher.issuer = "https://login.example/another/v2.0"
    with pytest.raises(FetchFailed, match="calls itself"):
        publisher.reader()


@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b'{"issuer": 1}', b"\xff", b'{"issuer": "x"}'])
def test_what_is_no_document_of_an_issuer_is_a_failure_in_words(document: bytes) -> None:
    """A login page in its place, for example."""
    with pytest.raises(FetchFailed):
        ForeignKeys(ISSUER, lambda _address: document).read()


def test_a_new_key_is_fetched_beside_the_request_and_not_too_often() -> None:
    """Made-up key ids must not make us flood the issuer, and a request never waits for it."""
    publisher = Publisher(FIRST.as_dict(private=False))
    keys = publisher.reader()
    publisher.keys.append(SECOND.as_dict(private=False))
    assert keys.find("second") is None
    assert 1 == publisher.asked
    publisher.elapsed_s += NOT_BEFORE_S
    assert [None] * 3 == [keys.find(f"made up {number}") for number in range(3)]
    assert publisher.was_asked.wait(60)
    assert 2 == publisher.asked


def test_known_keys_are_read_again_after_an_hour() -> None:
    """An issuer takes keys back by publishing them no more."""
    publisher = Publisher(FIRST.as_dict(private=False))
    keys = publisher.reader()
    publisher.elapsed_s += FRESH_S
    assert keys.find("first") is not None
    assert publisher.was_asked.wait(60)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://login.example/x", True),
        ("http://localhost:80/x", True),
        ("http://127.0.0.1/x", True),
        ("http://login.example/x", False),
        ("https://user@login.example/x", False),
        ("file:///etc/hosts", False),
        ("https://", False),
        ("https://login.example:99999/", False),
    ],
)
def test_only_safe_addresses_are_fetched(address: str, *, expected: bool) -> None:
    """Encrypted, or on this machine. product.md §8"""
    assert expected == is_fetchable(address)
    if not expected:
        with pytest.raises(FetchFailed):
            fetch(address)
