"""Refuse searches.

In:        the facts of a refusal
Out:       400
Not here:  what is searched (operations.searching)
"""

from __future__ import annotations

from verselet.errors.requests import BadRequest


class SearchDisabled(BadRequest):
    """The organization has switched the search off."""

    code = 0x80048D0B

    def __init__(self) -> None:
        super().__init__("Dataverse Search feature is disabled for this organization.")
