"""Keep secrets so that nobody can read them back.

In:        secrets as their holders give them, and a book to keep them in
Out:       `keep_client_secret`, `keep_password`, `hashed`, `is_same` for secrets that people choose; `digest`,
           `new_secret` for those made here; `CredentialBook` and the kinds of what is kept in it
Not here:  the table behind the book (store.credentials), what a secret opens (auth), row ids (ids)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final, Protocol

COST, BLOCK, LANES = 2**14, 8, 1
"""What trying one secret costs: 16 MB for about 50 ms."""

SALT_BYTES: Final = 16
LONGEST_SECRET: Final = 1024
"""Longer ones are not right, whatever they are."""

SIGNING_KEY = "signing key"
CLIENT_SECRET = "client secret"  # noqa: S105  the name of a kind
PASSWORD = "password"  # noqa: S105  the name of a kind
CODE = "authorization code"
REFRESH = "refresh token"
SESSION = "session"
DEVICE = "device code"
USER_CODE = "user code"


class CredentialBook(Protocol):
    """Texts by kind and name; `expires_at` is in wire form. Its methods may be called from any thread."""

    def read(self, kind: str, name: str) -> str | None:
        """What is kept under that name, whether its time has passed or not."""

    def read_all(self, kind: str) -> list[str]:
        """Everything of a kind."""

    def write(self, kind: str, name: str, content: str, expires_at: str | None = None) -> None:
        """Keep a content; the last one written counts."""

    def swap(self, kind: str, name: str, old: str, new: str) -> bool:
        """Put `new` where `old` is still kept; of several callers at once only one is told that it did."""

    def remove(self, kind: str, name: str) -> None:
        """Keep it no longer."""

    def remove_expired(self, before: str) -> None:
        """Forget everything whose time passed before that moment."""


def keep_client_secret(book: CredentialBook, application_id: str, secret: str) -> None:
    """Keep the secret of an application user, as a hash. [SEC-121]"""
    book.write(CLIENT_SECRET, application_id.lower(), hashed(secret))


def keep_password(book: CredentialBook, user_id: str, password: str) -> None:
    """Keep the password of a user, as a hash."""
    book.write(PASSWORD, user_id.lower(), hashed(password))


def hashed(secret: str) -> str:
    """A chosen secret as it may be kept: scrypt, with its cost and its salt before it."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt${COST}${BLOCK}${LANES}${_text(salt)}${_text(_scrypt(secret, salt, COST, BLOCK, LANES))}"


def is_same(secret: str, kept: str | None) -> bool:
    """The secret is the one that was kept; takes as long where nothing was kept, and whatever is wrong with it."""
    _, cost, block, lanes, salt, expected = (kept or NOTHING).split("$")
    given = _scrypt(secret[:LONGEST_SECRET], _bytes(salt), int(cost), int(block), int(lanes))
    is_equal = hmac.compare_digest(given, _bytes(expected))
    return is_equal and kept is not None and len(secret) <= LONGEST_SECRET


def new_secret() -> str:
    """A secret nobody can guess. It comes from the machine, not from `Ids`, whose sequence a seed may fix."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """A secret of ours as it may be kept; it has no need of salt and cost, for it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _scrypt(secret: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(secret.encode("utf-8", "surrogatepass"), salt=salt, n=cost, r=block, p=lanes, dklen=32)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)


NOTHING = f"scrypt${COST}${BLOCK}${LANES}${_text(bytes(SALT_BYTES))}${_text(bytes(32))}"
"""What is compared with where no secret is kept."""
