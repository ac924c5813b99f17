"""Name the addresses of sign-in, and say them to clients.

In:        the address a client used
Out:       `Place`, `discovery`
Not here:  which request goes where (server.sign_in), the keys (auth.keys)
"""

from __future__ import annotations

from typing import Final

import msgspec

ADFS: Final = "adfs"
"""The tenant whose addresses carry no version. [AU-2], [AU-10]"""


class Place(msgspec.Struct, frozen=True):
    """Where a client signs in: scheme, host and port it used; the tenant or policy it named; the version, 1 or 2.

    Every tenant is the organization's own, whatever it is called. [AU-5]
    """

    base_url: str
    authority: str
    version: int

    @property
    def issuer(self) -> str:
        """Who signs here. It is what the address of the discovery document says before `/.well-known`. [AU-2]"""
        suffix = "/v2.0" if self.version == 2 and self.authority.lower() != ADFS else ""
        return f"{self.base_url}/{self.authority}{suffix}"

    def endpoint(self, name: str) -> str:
        """The address of an endpoint of this version. [SEC-121], [SEC-122]"""
        version = "v2.0/" if self.version == 2 else ""
        return f"{self.base_url}/{self.authority}/oauth2/{version}{name}"


def discovery(place: Place) -> dict[str, object]:
    """What a client must know before it signs in. [AU-2]"""
    return {
        "issuer": place.issuer,
        "authorization_endpoint": place.endpoint("authorize"),
        "token_endpoint": place.endpoint("token"),
        "device_authorization_endpoint": place.endpoint("devicecode"),
        "jwks_uri": f"{place.base_url}/{place.authority}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "password",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "preferred_username", "oid", "tid"],
    }
