"""Read for what a client wants a token.

In:        `scope` and `resource` of a request
Out:       `Wanted`
Not here:  by which names this server goes (server.gate), what the token says (auth.tokens)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import msgspec

from verselet.auth.refusals import SignInRefused, missing, unknown_resource

FIRST_PARTY: Final = "00000007-0000-0000-c000-000000000000"
"""The application id of the service, which may stand for its address. [SEC-126]"""

ABOUT_THE_USER: Final = frozenset({"openid", "profile", "email", "offline_access"})

OwnAddress: TypeAlias = Callable[[str], bool]
"""Whether an address is one of this server's."""


class Wanted(msgspec.Struct, frozen=True):
    """The resource as the client spells it, the scope that asked for it, and what else was asked for."""

    resource: str
    scope: str
    about_user: frozenset[str] = frozenset()

    @property
    def is_default(self) -> bool:
        """Everything the client may have, which is all a client without a user can ask for."""
        return self.scope.endswith("/.default")


def is_own_resource(resource: str, is_own_address: OwnAddress) -> bool:
    """The audience is this organization: one of its addresses, with or without port and slash, or the service's id.

    [AU-13], [SEC-126]
    """
    if resource.rstrip("/") == FIRST_PARTY:
        return True
    try:
        parts = urlsplit(resource)
        _ = parts.port  # Read here, because a wrong one is found out only now.
    except ValueError:
        return False
    is_bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and is_bare and is_own_address(resource)


def read_wanted(scope: str, resource: str, is_own_address: OwnAddress) -> Wanted:
    """What `scope`, or in the older form `resource`, asks for. [SEC-121], [SEC-122]

    Raises:
        SignInRefused: neither is given, or it is for somebody else.
    """
    words = scope.split()
    about_user = frozenset(words) & ABOUT_THE_USER
    scopes = [word for word in words if word not in ABOUT_THE_USER]
    if resource:
        found = Wanted(resource, f"{resource.rstrip('/')}/.default", about_user)
    elif len(scopes) == 1 and "/" in scopes[0]:
        found = Wanted(scopes[0].rpartition("/")[0], scopes[0], about_user)
    elif scopes:
        why = f"The scope '{scope[:200]}' must name one permission of one resource, such as <address>/.default."
        raise SignInRefused("invalid_scope", 70011, why)
    else:
        raise missing("scope")
    if not is_own_resource(found.resource, is_own_address):
        raise unknown_resource(found.resource)
    return found
