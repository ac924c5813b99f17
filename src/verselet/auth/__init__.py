"""Turn credentials into callers.

In:        the `Authorization` header of a request
Out:       `DeveloperTokens`, `challenge`, `foreign_challenge`; the modules for signed tokens
Not here:  what the caller may do (security), certificates of the server (auth.tls)
"""

from verselet.auth.challenges import challenge, foreign_challenge
from verselet.auth.dev import DeveloperTokens

__all__ = ["DeveloperTokens", "challenge", "foreign_challenge"]
