"""Tell an unknown caller where to sign in.

In:        the address the caller used
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
    return f"Bearer authorization_uri={base}/{tenant}/oauth2/authorize, resource_id={base}/"
