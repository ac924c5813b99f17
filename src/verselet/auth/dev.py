"""Accept developer tokens: no secrets, so only for loopback.

In:        the value of an `Authorization` header
Out:       the caller it names; the token for a user
Not here:  who listens where (settings, server), signed tokens (auth.bearer), impersonation headers (web)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from verselet.errors import NotAMember, Unauthenticated
from verselet.security.caller import Caller

ADMINISTRATOR_TOKEN = "dev-admin"  # noqa: S105  written in the contract: a name, not a secret
USER_PREFIX = "dev:"

Identify: TypeAlias = Callable[[bytes | None, str], Caller]
"""The caller whom an `Authorization` header names at an address."""


def token_for(user: str | None) -> str:
    """The token of that user, or of the administrator. contract.md §3"""
    return ADMINISTRATOR_TOKEN if user is None else f"{USER_PREFIX}{user}"


class DeveloperTokens:
    """`Bearer dev-admin` and `Bearer dev:<id>`; signed tokens are left to `signed`. contract.md §3"""

    def __init__(
        self,
        administrator: Callable[[], Caller],
        find_caller: Callable[[str], Caller | None],
        signed: Identify | None = None,
    ) -> None:
        self._administrator = administrator
        self._find_caller = find_caller
        self._signed = signed

    def identify(self, authorization: bytes | None, base_url: str) -> Caller:
        """The caller whom the header names.

        Raises:
            Unauthenticated: no header, or a token of another form. [H-14]
            NotAMember: a token of the right form that names no user. [SEC-126]
        """
        if authorization == b"Bearer dev-admin":
            return self._administrator()
        token = bearer_token(authorization)
        if token == ADMINISTRATOR_TOKEN:
            return self._administrator()
        if self._signed is not None and token.startswith("eyJ"):
            return self._signed(authorization, base_url)
        user = token.removeprefix(USER_PREFIX)
        if not user or user == token:
            raise Unauthenticated(hint="Send 'Authorization: Bearer dev-admin'.")
        caller = self._find_caller(user)
        if caller is None:
            raise NotAMember(hint="No user has this systemuserid, Entra object id, domain name or fixture key.")
        return caller


def bearer_token(authorization: bytes | None) -> str:
    """The token behind the word Bearer in any letter case; empty where there is none. RFC 6750 §2.1"""
    scheme, _, token = (authorization or b"").strip().partition(b" ")
    if scheme.lower() != b"bearer":
        return ""
    return token.strip().decode("utf-8", "replace")
