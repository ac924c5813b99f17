"""What sign-in keeps."""

from __future__ import annotations

import threading

import pytest

from tests.store.tables import SCHEMA
from verselet.store.credentials import Credentials
from verselet.store.engine import Store

EARLIER, NOW = "2026-03-04T05:06:07Z", "2026-03-04T05:06:08Z"


@pytest.fixture
def credentials(store: Store) -> Credentials:
    """The credentials of a new organization."""
    store.prepare_schema(SCHEMA)
    return Credentials(store)


def test_what_is_written_is_read_and_the_last_one_counts(credentials: Credentials) -> None:
    """By kind and name. [SEC-121]"""
    assert credentials.read("client secret", "a") is None
    credentials.write("client secret", "a", "one")
    credentials.write("client secret", "a", "two")
    credentials.write("client secret", "b", "three")
    credentials.write("password", "a", "four")
    assert ("two", "four") == (credentials.read("client secret", "a"), credentials.read("password", "a"))
    assert ["two", "three"] == credentials.read_all("client secret")


def test_a_swap_happens_once(credentials: Credentials) -> None:
    """A code is redeemed by one of several callers, however close together they come. RFC 6749 §4.1.2"""
    credentials.write("code", "a", "new")
    told: list[bool] = []
    callers = [
        threading.Thread(target=lambda: told.append(credentials.swap("code", "a", "new", "used"))) for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert [False] * 7 + [True] == sorted(told)
    assert "used" == credentials.read("code", "a")


def test_what_is_removed_or_has_expired_is_gone(credentials: Credentials) -> None:
    """Codes and refresh tokens do not gather. [SEC-124]"""
    for name, expires_at in (("old", EARLIER), ("new", NOW), ("lasting", None), ("taken", None)):
        credentials.write("code", name, name, expires_at)
    credentials.remove("code", "taken")
    credentials.remove_expired(NOW)
    assert ["lasting", "new"] == credentials.read_all("code")
