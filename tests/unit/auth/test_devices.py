"""Devices that wait for their user."""

from __future__ import annotations

import msgspec

from verselet.auth.devices import Pending, _text
from verselet.auth.resources import Wanted


def test_a_waiting_device_is_kept_as_the_same_text_however_often_it_is_read() -> None:
    """What became of it is written where its old text still stands: a set in another order would miss. [SEC-124]"""
    for number in range(50):
        about = frozenset(f"{word}{number}" for word in ("openid", "profile", "email", "offline_access"))
        text = _text(Pending("client", Wanted("resource", "scope", about), "session", "2026-01-01T00:00:00Z"))
        assert text == _text(msgspec.json.decode(text, type=Pending))
