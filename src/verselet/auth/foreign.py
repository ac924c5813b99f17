"""Check tokens of a foreign issuer.

In:        a token
Out:       `ForeignTokens.check`: what it claims, or a refusal
Not here:  the issuer's keys (auth.foreign_keys), which user it speaks of (auth.bearer)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.auth.foreign_keys import ForeignKeys
from verselet.auth.resources import OwnAddress, is_own_resource
from verselet.auth.tokens import Claims, check_time, read_token
from verselet.clock import Clock
from verselet.errors import Unauthenticated

SKEW_S: Final = 300
"""What the clocks of two machines may differ."""


class ForeignTokens:
    """Tokens of one issuer, made for one of this server's addresses or for one of `audiences`. [SEC-126]"""

    def __init__(self, keys: ForeignKeys, audiences: Sequence[str], is_own_address: OwnAddress, clock: Clock) -> None:
        self._keys = keys
        self._audiences = frozenset(audiences)
        self._is_own_address = is_own_address
        self._clock = clock

    def check(self, token: str) -> Claims:
        """What the token claims.

        Raises:
            Unauthenticated: another issuer's, for another audience, or not good now.
        """
        claims = read_token(token, self._keys.find)
        if claims.iss != self._keys.issuer:
            raise Unauthenticated(hint="The token was issued by somebody else.")
        if not any(self._is_audience(audience) for audience in claims.audiences):
            raise Unauthenticated(hint="The token was issued for another audience.")
        check_time(claims, self._clock.now().timestamp(), SKEW_S)
        return claims

    def _is_audience(self, audience: str) -> bool:
        return audience in self._audiences or is_own_resource(audience, self._is_own_address)
