"""Keep how many requests users may send who are not held to the same limit as all.

In:        an open session
Out:       `kept_limits`, `keep_limit`
Not here:  counting requests (web.limits), who sets a limit (seeding)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.store.bookkeeping import read_fact, write_fact
from verselet.store.session import Session

FACT: Final = "request_limits"
"""The fact that holds them: the id of each user, and the number."""


def kept_limits(session: Session) -> dict[str, int]:
    """User → requests. [LIM-7]"""
    text = read_fact(session, FACT)
    return {} if text is None else msgspec.json.decode(text, type=dict[str, int])


def keep_limit(session: Session, user_id: str, requests: int) -> None:
    """Keep a user's number, for all processes and for every time the store is opened again."""
    write_fact(session, FACT, msgspec.json.encode({**kept_limits(session), user_id: requests}).decode())
    session.outdate("rights")
