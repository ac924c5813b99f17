"""Tell an unknown caller where to sign in.

In:        the address the caller used, or a foreign issuer's
Out:       the value of `WWW-Authenticate`
Not here:  the sign-in itself, the status and body of the answer (web.errors)
"""

from __future__ import annotations


def challenge(base_url: str, tenant: str) -> str:
    """The challenge of a 401 as clients parse it: unquoted, joined by comma and space. [H-14], [AU-1], [SEC-120]

    Args:
        base_url: scheme, host and port the caller used, without a path; a trailing slash does not matter.
        tenant: the tenant's id or name, part of the sign-in address.
    """
    base = base_url.rstrip("/")
    return _challenge(f"{base}/{tenant}", base)


def foreign_challenge(base_url: str, issuer: str) -> str:
    """The same where others sign people in: what clients take for the authority is the issuer without its version."""
    return _challenge(issuer.rstrip("/").removesuffix("/v2.0"), base_url.rstrip("/"))


def _challenge(authority: str, base: str) -> str:
    return f"Bearer authorization_uri={authority}/oauth2/authorize, resource_id={base}/"
