"""Write and read tokens: signed texts that say who somebody is.

In:        claims and a key; or a token and a way to find the key it names
Out:       `sign`; `read_token`, `Claims`, `Subject`
Not here:  which keys there are (auth.keys, auth.foreign_keys), which user a subject is (auth.people)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from verselet.auth.keys import ALGORITHM
from verselet.errors import Unauthenticated

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

SHAPE: Final = re.compile(r"([\w-]{1,2000})\.[\w-]{1,16000}\.[\w-]{1,2000}\Z", re.ASCII)
TYPES: Final = frozenset({"", "jwt", "at+jwt"})
ALGORITHMS: Final = {"RS256": "RSA", "ES256": "EC"}
"""What tokens may be signed with, and the type of key it takes: never a shared secret, never nothing. [SEC-126]"""

PublicKey: TypeAlias = "RSAKey | ECKey"
FindKey: TypeAlias = Callable[[str], "PublicKey | None"]


class Subject(msgspec.Struct, frozen=True):
    """Who a token speaks of: a user by the directory's object id, or an application by its own id."""

    kind: Literal["user", "application"]
    id: str


class _Header(msgspec.Struct, frozen=True):
    """The part of a token's head that decides how it is checked; everything else in it is ignored."""

    alg: str
    kid: str
    typ: str = ""
    crit: msgspec.Raw = msgspec.Raw()


class Claims(msgspec.Struct, frozen=True):
    """What a token says. `exp` and `nbf` are seconds since 1970. [SEC-126], [AU-11]"""

    iss: str
    aud: str | tuple[str, ...]
    exp: int | float
    nbf: int | float = 0
    tid: str = ""
    oid: str = ""
    sub: str = ""
    appid: str = ""
    azp: str = ""
    scp: str = ""
    idtyp: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """For whom it was made."""
        return (self.aud,) if isinstance(self.aud, str) else self.aud

    @property
    def subject(self) -> Subject:
        """Whom it speaks of: an application where no user took part. [SEC-126]"""
        application = self.appid or self.azp
        if self.idtyp == "app" or (application and not self.scp and self.oid == self.sub):
            return Subject("application", application.lower())
        return Subject("user", (self.oid or self.sub).lower())


def sign(claims: Mapping[str, Any], key: RSAKey) -> str:
    """The token that says so. RFC 7519"""
    from joserfc import jwt

    header = {"typ": "JWT", "alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, dict(claims), key, algorithms=[ALGORITHM])


def is_token(text: str) -> bool:
    """The text has the shape of a token; whether it is good is another question."""
    return SHAPE.match(text) is not None


def read_token(token: str, find_key: FindKey) -> Claims:
    """What a token says, if the key it names signed it.

    Raises:
        Unauthenticated: it is damaged, signed by nobody we know, or in a way that is not allowed. [SEC-126]
    """
    from joserfc import jwt
    from joserfc.errors import JoseError

    header = _read_header(token)
    key = find_key(header.kid)
    if key is None or key.key_type != ALGORITHMS[header.alg]:
        raise Unauthenticated(hint="The token was signed with a key that is not known here.")
    try:
        found = jwt.decode(token, key, algorithms=[header.alg])
        return msgspec.convert(found.claims, Claims)
    except (JoseError, ValueError, TypeError) as error:  # A validation error of msgspec is a ValueError.
        raise Unauthenticated(hint="The token's signature or its claims are not valid.") from error


def check_time(claims: Claims, now_s: float, skew_s: int) -> None:
    """The token is good now, give or take what clocks differ.

    Raises:
        Unauthenticated: it has expired, or is not good yet. [SEC-126]
    """
    if now_s >= claims.exp + skew_s:
        raise Unauthenticated(hint="The token has expired.")
    if now_s < claims.nbf - skew_s:
        raise Unauthenticated(hint="The token is not valid yet.")


def _read_header(token: str) -> _Header:
    shape = SHAPE.match(token)
    try:
        if shape is None:
            raise ValueError
        part = shape[1]
        header = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=_Header)
    except ValueError:
        raise Unauthenticated(hint="The token is damaged.") from None
    if header.alg not in ALGORITHMS or header.typ.lower() not in TYPES or header.crit:
        raise Unauthenticated(hint="The token is signed in a way that is not allowed; RS256 and ES256 are.")
    return header
