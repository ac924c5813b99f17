"""Turn a signed token into the caller it speaks of.

In:        the value of an `Authorization` header
Out:       `BearerTokens`
Not here:  how a token is checked (auth.tokens, made into a `Check` by auth.issued and auth.foreign), developer tokens
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Final, TypeAlias

from verselet.auth.dev import bearer_token
from verselet.auth.people import People
from verselet.auth.tokens import Claims, Subject, is_token
from verselet.clock import Clock
from verselet.errors import NotAMember, Unauthenticated
from verselet.ids import GUID
from verselet.security.caller import Caller

REMEMBERED: Final = 10_000
"""How many checked tokens are remembered; the oldest makes room."""

Check: TypeAlias = Callable[[str], Claims]
"""Says what a token claims, or raises `Unauthenticated`."""


class BearerTokens:
    """Callers by signed tokens. A token is checked once; whether its user may work is asked every time. [SEC-128]"""

    def __init__(self, check: Check, people: People, find_caller: Callable[[str], Caller | None], clock: Clock) -> None:
        self._check = check
        self._people = people
        self._find_caller = find_caller
        self._clock = clock
        self._seen: dict[bytes, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def identify(self, authorization: bytes | None, _base_url: str) -> Caller:
        """The caller whom the header's token speaks of.

        Raises:
            Unauthenticated: no token, or one that is not good here and now. [SEC-126]
            NotAMember: a good token that names no user of the organization. [SEC-126]
            UserDisabled: the user may not work. [SEC-128]
        """
        token = bearer_token(authorization)
        if not is_token(token):
            raise Unauthenticated
        # Tokens are remembered by their hash, so that none lies about in memory.
        key = hashlib.sha256(token.encode()).digest()
        seen = self._seen.get(key)
        if seen is not None and self._clock.now().timestamp() < seen[0]:
            caller = self._find_caller(seen[1])
            if caller is not None:
                return caller
        return self._check_anew(token, key)

    def _check_anew(self, token: str, key: bytes) -> Caller:
        claims = self._check(token)
        user_id = self._user_id(claims.subject)
        caller = self._find_caller(user_id) if user_id else None
        if caller is None:
            raise NotAMember(hint="No user has the object id or application id that the token names.")
        with self._lock:
            self._seen.pop(key, None)
            if len(self._seen) >= REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._seen[key] = (claims.exp, user_id)
        return caller

    def _user_id(self, subject: Subject) -> str:
        """By which id the subject is found among the users; empty where there is none."""
        if subject.kind == "user":
            # Only ids: a directory may let people choose their names.
            return subject.id if GUID.match(subject.id) else ""
        application = self._people.find_application(subject.id)
        return "" if application is None else application.id
