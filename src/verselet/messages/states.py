"""Ask about the states of rows.

In:        made by web
Out:       frozen messages
Not here:  changing a state, which is an update (messages.request)
"""

from __future__ import annotations

from verselet.messages.request import ReadingRequest
from verselet.values import KeyReference, Reference


class IsValidStateTransition(ReadingRequest, frozen=True, tag=True):
    """May the row take that state and status reason? It is a question and changes nothing. [FN-20], [MSG-50]

    `new_state` is the state's name, `new_status` the number of the status reason, −1 for the state's default.
    """

    row: Reference | KeyReference
    new_state: str
    new_status: int
