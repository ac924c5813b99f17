"""Let a client stay signed in: refresh tokens, and the sign-in they come from.

In:        a user who signed in with a client
Out:       `Sessions`, `Refresh`
Not here:  the access tokens (auth.issued), the first sign-in (auth.codes, auth.devices)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from verselet.auth.refusals import expired_code, missing, wrong_code
from verselet.auth.resources import Wanted
from verselet.clock import Clock, wire_form
from verselet.security.credentials import REFRESH, SESSION, CredentialBook, digest, new_secret

LIFETIME: Final = timedelta(days=90)


class Refresh(msgspec.Struct, frozen=True):
    """What a refresh token stands for."""

    client_id: str
    user_id: str
    session: str
    wanted: Wanted
    expires_at: str


class Sessions:
    """The refresh tokens of one organization. One that was used stays good, as clients that keep it in a file expect.

    All that come from one sign-in end together.
    """

    def __init__(self, book: CredentialBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def give(self, client_id: str, user_id: str, session: str, wanted: Wanted) -> str:
        """A refresh token of a session, the first or the next one. [SEC-123], [AU-5]"""
        token = new_secret()
        expires_at = wire_form(self._clock.now() + LIFETIME)
        kept = Refresh(client_id, user_id, session, wanted, expires_at)
        self._book.write(SESSION, session, user_id, expires_at)
        self._book.write(REFRESH, digest(token), msgspec.json.encode(kept).decode(), expires_at)
        return token

    def read(self, token: str, client_id: str) -> Refresh:
        """What a refresh token stands for.

        Raises:
            SignInRefused: unknown, too old, ended, or not this client's.
        """
        if not token:
            raise missing("refresh_token")
        text = self._book.read(REFRESH, digest(token))
        if text is None:
            raise wrong_code("the refresh token is not known")
        kept = msgspec.json.decode(text, type=Refresh)
        if self._clock.now() >= datetime.fromisoformat(kept.expires_at):
            raise expired_code()
        if kept.client_id != client_id:
            raise wrong_code("the refresh token was given to another client")
        if self._book.read(SESSION, kept.session) is None:
            raise wrong_code("the sign-in it comes from was ended")
        return kept

    def end(self, session: str) -> None:
        """None of the session's refresh tokens is good any more."""
        self._book.remove(SESSION, session)
