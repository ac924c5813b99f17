"""Keep the published keys of a foreign issuer.

In:        the issuer's address, a way to fetch documents
Out:       `ForeignKeys`
Not here:  the network (auth.fetching), what its tokens must say (auth.foreign)

Requests never wait for the issuer: keys are read at the start, and again beside the requests when they are old or when
a token names one that is not known.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from verselet.auth.fetching import FetchFailed
from verselet.auth.tokens import PublicKey

LOG: Final = logging.getLogger("verselet.sign_in")
FRESH_S: Final = 3600.0
NOT_BEFORE_S: Final = 60.0
"""Tokens with made-up key ids must not make us ask the issuer more often than this."""
SMALLEST_RSA_BITS: Final = 2048


class _Discovery(msgspec.Struct, frozen=True):
    """The part of a discovery document that is needed here."""

    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct, frozen=True):
    """Keys as an issuer publishes them; some may be of kinds that are not used here."""

    keys: tuple[dict[str, Any], ...]


class ForeignKeys:
    """The keys of one issuer, by id."""

    def __init__(
        self, issuer: str, fetch: Callable[[str], bytes], elapsed_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.issuer = issuer
        self._fetch = fetch
        self._elapsed_s = elapsed_s
        self._keys: dict[str, PublicKey] = {}
        self._read_at_s = 0.0
        self._lock = threading.Lock()

    def read(self) -> None:
        """Fetch the keys now.

        Raises:
            FetchFailed: the issuer does not answer, or not as one, or it calls itself by another name.
        """
        with self._lock:
            self._read_at_s = self._elapsed_s()
        try:
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            told = msgspec.json.decode(self._fetch(address), type=_Discovery)
            if told.issuer != self.issuer:
                raise FetchFailed(f"it calls itself '{told.issuer[:200]}'")
            found = msgspec.json.decode(self._fetch(told.jwks_uri), type=_KeySet)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise FetchFailed(f"its documents cannot be read: {error}") from error
        keys = {key.kid: key for key in map(_usable, found.keys) if key is not None and key.kid}
        if not keys:
            raise FetchFailed("it publishes no key that RS256 or ES256 can use")
        self._keys = keys

    def find(self, key_id: str) -> PublicKey | None:
        """The key with that id. Where it is not known, or keys are old, they are read again beside this request."""
        found = self._keys.get(key_id)
        with self._lock:
            age_s = self._elapsed_s() - self._read_at_s
            is_due = age_s >= (NOT_BEFORE_S if found is None else FRESH_S)
            if is_due:
                self._read_at_s = self._elapsed_s()
        if is_due:
            threading.Thread(target=self._read_quietly, name="verselet-issuer-keys", daemon=True).start()
        return found

    def _read_quietly(self) -> None:
        try:
            self.read()
        except FetchFailed as failure:
            LOG.warning("the keys of %s cannot be read: %s", self.issuer, failure)


def _usable(published: dict[str, Any]) -> PublicKey | None:
    """The key, if it signs with one of the two algorithms and is no toy."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    if published.get("use", "sig") != "sig" or not isinstance(published.get("kid"), str):
        return None
    parts = {name: value for name, value in published.items() if name in {"kty", "kid", "n", "e", "crv", "x", "y"}}
    try:
        if published.get("kty") == "RSA":
            # Six bits a letter: looked at first, because the library only warns.
            return RSAKey.import_key(parts) if len(str(parts.get("n"))) * 6 >= SMALLEST_RSA_BITS else None
        if published.get("kty") == "EC" and published.get("crv") == "P-256":
            return ECKey.import_key(parts)
    except (JoseError, ValueError, TypeError):
        return None
    return None
