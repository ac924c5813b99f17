"""Keep the keys that tokens are signed with, and change them from time to time.

In:        the book of credentials, the organization's clock
Out:       `SigningKeys`: the key to sign with, a key by its id, the keys to publish
Not here:  what is signed (auth.tokens), keys of other issuers (auth.foreign_keys)
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from verselet.clock import Clock, wire_form
from verselet.security.credentials import SIGNING_KEY, CredentialBook

if TYPE_CHECKING:
    from joserfc.jwk import KeyParameters, RSAKey

ALGORITHM: Final = "RS256"
SIZE_BITS: Final = 2048
SIGNS_FOR: Final = timedelta(days=30)
CHECKS_FOR: Final = timedelta(days=31)
"""A key checks for a day longer than it signs: every token it signed has expired by then."""


class _Kept(msgspec.Struct, frozen=True):
    """A key as the book has it."""

    id: str
    made_at: str
    pem: str


class _Key(msgspec.Struct, frozen=True):
    """A key ready for use."""

    made_at: datetime
    key: RSAKey


class SigningKeys:
    """The keys of one organization; they outlive the process where its rows do, and every process has the same."""

    def __init__(self, book: CredentialBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._keys: dict[str, _Key] = {}
        self._lock = threading.Lock()

    def current(self) -> RSAKey:
        """The key to sign with; a new one when the newest has signed for long enough. [SEC-126]"""
        with self._lock:
            now = self._clock.now()
            newest = self._newest()
            if newest is None or now - newest.made_at >= SIGNS_FOR:
                self._read()
                newest = self._newest()
            if newest is None or now - newest.made_at >= SIGNS_FOR:
                newest = self._make(now)
            return newest.key

    def find(self, key_id: str) -> RSAKey | None:
        """The key with that id, as long as it checks."""
        with self._lock:
            if key_id not in self._keys:
                self._read()  # Another process may have made it.
            found = self._keys.get(key_id)
            return found.key if found is not None and self._checks(found.made_at) else None

    def published(self) -> dict[str, object]:
        """The public halves of all keys that check, as clients read them. RFC 7517 §5"""
        self.current()
        with self._lock:
            self._read()
            keys = [kept.key.as_dict(private=False) for kept in self._keys.values() if self._checks(kept.made_at)]
        return {"keys": keys}

    def _newest(self) -> _Key | None:
        return max(self._keys.values(), key=lambda kept: kept.made_at, default=None)

    def _checks(self, made_at: datetime) -> bool:
        return self._clock.now() - made_at < CHECKS_FOR

    def _read(self) -> None:
        from joserfc.jwk import RSAKey

        for text in self._book.read_all(SIGNING_KEY):
            kept = msgspec.json.decode(text, type=_Kept)
            if kept.id not in self._keys:
                key = RSAKey.import_key(kept.pem, _parameters(kept.id))
                self._keys[kept.id] = _Key(datetime.fromisoformat(kept.made_at), key)

    def _make(self, now: datetime) -> _Key:
        from joserfc.jwk import RSAKey

        key = RSAKey.generate_key(SIZE_BITS)
        key_id = key.thumbprint()
        key = RSAKey.import_key(key.as_pem(private=True), _parameters(key_id))
        kept = _Kept(key_id, wire_form(now), key.as_pem(private=True).decode())
        text = msgspec.json.encode(kept).decode()
        self._book.write(SIGNING_KEY, key_id, text, wire_form(now + CHECKS_FOR))
        made = self._keys[key_id] = _Key(datetime.fromisoformat(kept.made_at), key)
        return made


def _parameters(key_id: str) -> KeyParameters:
    return {"kid": key_id, "use": "sig", "alg": ALGORITHM}
