"""Whose requests are let in."""

from __future__ import annotations

import pytest

from verselet.server.gate import REMEMBERED, Gate

GATE = Gate(["*.crm.dynamics.com", "verselet.test"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8765",
        "127.0.0.1",
        "localhost:1",
        "LOCALHOST",
        "[::1]:8765",
        "org.localhost:80",
        "contour.crm.dynamics.com",
        "verselet.test:443",
    ],
)
def test_the_server_answers_to_its_own_names(host: str) -> None:
    """Loopback names and those of --tls-name. product.md §5, [CC-3]"""
    assert GATE.refusal(host.encode(), None) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.0.0.1:8765", "[::1", "a@b:c"]
)
def test_another_name_is_misdirected(host: str) -> None:
    """A page that made its own name point here (DNS rebinding) carries that name as Host. product.md §5"""
    refusal = GATE.refusal(host.encode(), None)
    assert refusal is not None
    assert 421 == refusal.status


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173", "https://verselet.test"]
)
def test_pages_of_this_machine_may_call(origin: str) -> None:
    """A developer's single-page application runs on another port. [CC-7]"""
    assert GATE.refusal(b"localhost:8765", origin.encode()) is None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://localhost.evil.example", "file://"])
def test_pages_of_others_may_not(origin: str) -> None:
    """The developer token is known to everybody, so a foreign page must not be able to use it. product.md §5"""
    refusal = GATE.refusal(b"localhost:8765", origin.encode())
    assert refusal is not None
    assert 403 == refusal.status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://app.example", 0),
        ("https://APP.example", 0),
        ("https://app.example:444", 403),
        ("http://app.example", 403),
        ("https://sub.app.example", 403),
    ],
)
def test_pages_of_a_named_origin_may_call(origin: str, status: int) -> None:
    """By its exact scheme, name and port; its name is none of the server's. [CC-7]"""
    gate = Gate(origins=["https://app.example"])
    refusal = gate.refusal(b"localhost:8765", origin.encode())

    assert status == (0 if refusal is None else refusal.status)
    assert gate.refusal(b"app.example", None) is not None


def test_what_was_let_in_is_remembered_within_bounds() -> None:
    """A caller who sends a new Host each time must not fill the memory."""
    gate = Gate()
    for number in range(REMEMBERED * 2):
        assert gate.refusal(f"localhost:{number}".encode(), None) is None
    assert REMEMBERED == len(gate._let_in)
