"""Let a device without a browser sign in through a browser elsewhere.

In:        a device that asks and asks again; a user who types its code
Out:       `Devices`, `Pending`, `Approved`
Not here:  the page for the user's code (server.sign_in_pages), the tokens (auth.grants)
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from verselet.auth.refusals import SignInRefused, missing
from verselet.auth.resources import Wanted
from verselet.clock import Clock, wire_form
from verselet.security.credentials import DEVICE, USER_CODE, CredentialBook, digest, new_secret

LIFETIME: Final = timedelta(minutes=15)
INTERVAL_S: Final = 5
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""Letters and digits that are not taken for each other; without vowels they form no words."""
CODE_LENGTH: Final = 9


class Pending(msgspec.Struct, frozen=True):
    """A device that waits, and what became of it."""

    client_id: str
    wanted: Wanted
    session: str
    expires_at: str
    state: Literal["asked", "approved", "declined", "used"] = "asked"
    user_id: str = ""


class DeviceCode(msgspec.Struct, frozen=True):
    """The two codes of a device: one for itself, one for the user to type."""

    device_code: str
    user_code: str


class Devices:
    """The devices of one organization that wait for their user: fifteen minutes, and one token. [SEC-124]"""

    def __init__(self, book: CredentialBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def start(self, client_id: str, wanted: Wanted) -> DeviceCode:
        """Codes for a device that asks for the first time."""
        made = DeviceCode(new_secret(), "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)))
        now = self._clock.now()
        expires_at = wire_form(now + LIFETIME)
        pending = Pending(client_id, wanted, new_secret(), expires_at)
        self._book.remove_expired(wire_form(now - timedelta(days=1)))
        self._book.write(DEVICE, digest(made.device_code), _text(pending), expires_at)
        self._book.write(USER_CODE, digest(made.user_code), digest(made.device_code), expires_at)
        return made

    def find(self, user_code: str) -> Pending | None:
        """The device that waits under the code a user types, in any letter case, with or without dashes and spaces."""
        name = self._book.read(USER_CODE, digest(_typed(user_code)))
        pending = None if name is None else self._read(name)
        return pending if pending is not None and pending.state == "asked" and not self._is_late(pending) else None

    def decide(self, user_code: str, user_id: str | None) -> bool:
        """Let the device in as that user, or with None turn it away; false where it waits no more."""
        pending = self.find(user_code)
        name = self._book.read(USER_CODE, digest(_typed(user_code)))
        if pending is None or name is None:
            return False
        state: Literal["approved", "declined"] = "declined" if user_id is None else "approved"
        decided = msgspec.structs.replace(pending, state=state, user_id=user_id or "")
        return self._book.swap(DEVICE, name, _text(pending), _text(decided))

    def redeem(self, device_code: str, client_id: str) -> Pending:
        """The device's user, once somebody let it in; from then on the code stands for nothing.

        Raises:
            SignInRefused: nobody has decided yet, somebody declined, the code is unknown or too old. [SEC-124]
        """
        if not device_code:
            raise missing("device_code")
        name = digest(device_code)
        pending = self._read(name)
        if pending is None or pending.client_id != client_id or pending.state == "used":
            raise SignInRefused("bad_verification_code", 70018, "The device code is not known.")
        if self._is_late(pending):
            raise SignInRefused("expired_token", 70019, "The device code has expired.")
        if pending.state == "asked":
            raise SignInRefused("authorization_pending", 70016, "The user has not decided yet.")
        if pending.state == "declined":
            raise SignInRefused("authorization_declined", 65004, "The user declined.")
        used = msgspec.structs.replace(pending, state="used")
        if not self._book.swap(DEVICE, name, _text(pending), _text(used)):
            raise SignInRefused("bad_verification_code", 70018, "The device code is not known.")
        return pending

    def _read(self, name: str) -> Pending | None:
        text = self._book.read(DEVICE, name)
        return None if text is None else msgspec.json.decode(text, type=Pending)

    def _is_late(self, pending: Pending) -> bool:
        return self._clock.now() >= datetime.fromisoformat(pending.expires_at)


def _typed(user_code: str) -> str:
    return "".join(letter for letter in user_code.upper() if letter.isalnum())


def _text(pending: Pending) -> str:
    # What is read and written again must be the same text: a set has no order of its own.
    return msgspec.json.encode(pending, order="deterministic").decode()
