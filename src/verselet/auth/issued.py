"""Issue tokens and check those that were issued here.

In:        a person or an application, what is wanted, and where
Out:       `Issuer`: the answer of a token endpoint; what a token of ours claims
Not here:  why somebody gets a token (auth.grants), the keys (auth.keys)
"""

from __future__ import annotations

import base64
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from verselet.auth.keys import SigningKeys
from verselet.auth.people import Person
from verselet.auth.places import Place
from verselet.auth.resources import OwnAddress, Wanted, is_own_resource
from verselet.auth.tokens import Claims, check_time, read_token, sign
from verselet.clock import Clock
from verselet.errors import Unauthenticated
from verselet.ids import name_id

LIFETIME_S: Final = 3599
"""How long a token is good, as the service says it. [SEC-121]"""


class Issuer:
    """The organization's own authority. Tokens expire by the organization's clock."""

    def __init__(self, keys: SigningKeys, tenant_id: str, clock: Clock, is_own_address: OwnAddress) -> None:
        self.keys = keys
        self.clock = clock
        self.tenant_id = tenant_id
        self.is_own_address = is_own_address

    def now_s(self) -> int:
        """The organization's time, in seconds since 1970."""
        return int(self.clock.now().timestamp())

    def application_answer(self, application: Person, wanted: Wanted, place: Place) -> dict[str, Any]:
        """A token for an application that works in its own name. [SEC-121], [SEC-127]"""
        claims = {
            "appid": application.application_id,
            "azp": application.application_id,
            "idtyp": "app",
            "oid": application.object_id,
            "sub": application.object_id,
        }
        return self._answer(claims, wanted, place)

    def user_answer(self, user: Person, client_id: str, wanted: Wanted, place: Place) -> dict[str, Any]:
        """A token for a user at work through a client. [SEC-123]"""
        claims = {
            "appid": client_id,
            "azp": client_id,
            "idtyp": "user",
            "name": user.full_name,
            "oid": user.object_id,
            "scp": "user_impersonation",
            "sub": name_id("subject", user.id, client_id),
            "upn": user.name,
        }
        answer = self._answer(claims, wanted, place)
        answer["scope"] = " ".join([wanted.scope, *sorted(wanted.about_user)])
        return answer

    def id_token(self, user: Person, client_id: str, nonce: str, place: Place) -> str:
        """Who signed in, for the client itself; good for nothing else. OpenID Connect Core §2"""
        about = {
            "aud": client_id,
            "name": user.full_name,
            "oid": user.object_id,
            "preferred_username": user.name,
            "sub": name_id("subject", user.id, client_id),
            **({"nonce": nonce} if nonce else {}),
        }
        return sign({**self._frame(place), **about}, self.keys.current())

    def client_info(self, user: Person) -> str:
        """The user's home, by which clients tell their accounts apart."""
        told = msgspec.json.encode({"uid": user.object_id, "utid": self.tenant_id})
        return base64.urlsafe_b64encode(told).decode().rstrip("=")

    def check(self, token: str) -> Claims:
        """What a token of ours claims.

        Raises:
            Unauthenticated: another issuer's, for another audience or tenant, or not good now. [SEC-126]
        """
        claims = read_token(token, self.keys.find)
        if claims.tid != self.tenant_id or not self._is_own(claims.iss):
            raise Unauthenticated(hint="The token was issued for another tenant.")
        if not any(is_own_resource(audience, self.is_own_address) for audience in claims.audiences):
            raise Unauthenticated(hint="The token was issued for another audience.")
        check_time(claims, self.clock.now().timestamp(), skew_s=0)
        return claims

    def _is_own(self, issuer: str) -> bool:
        parts = urlsplit(issuer)
        return self.is_own_address(f"{parts.scheme}://{parts.netloc}")

    def _answer(self, claims: dict[str, Any], wanted: Wanted, place: Place) -> dict[str, Any]:
        framed = self._frame(place)
        said = {**framed, "aud": wanted.resource, **claims, "ver": "1.0"}
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": LIFETIME_S,
            "ext_expires_in": LIFETIME_S,
            "access_token": sign(said, self.keys.current()),
        }
        if place.version == 1:
            numbers = {"expires_on": framed["exp"], "not_before": framed["nbf"], "resource": wanted.resource}
            answer = {name: str(value) for name, value in {**answer, **numbers}.items()}
        return answer

    def _frame(self, place: Place) -> dict[str, Any]:
        """What every token says. [AU-11]"""
        now_s = self.now_s()
        times = {"iat": now_s, "nbf": now_s, "exp": now_s + LIFETIME_S}
        return {"iss": place.issuer, "tid": self.tenant_id, **times}
