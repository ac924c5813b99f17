"""Let users join and leave teams.

In:        made by web
Out:       frozen messages
Not here:  the team's own row (messages.request), what members may do (security)
"""

from __future__ import annotations

from verselet.messages.request import Request, RowKey
from verselet.values import KeyReference, Reference


class AddMembersTeam(Request, frozen=True, tag=True):
    """The users join the team; who is in it already stays. [FN-18], [SEC-35]"""

    team: RowKey
    members: tuple[Reference | KeyReference, ...]


class RemoveMembersTeam(Request, frozen=True, tag=True):
    """The users leave the team; who is not in it stays out. [FN-18], [SEC-35]"""

    team: RowKey
    members: tuple[Reference | KeyReference, ...]
