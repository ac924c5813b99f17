"""What is to be done with rollup columns.

In:        made by web.row_functions
Out:       frozen messages
Not here:  what a rollup adds up, which is a definition (metadata.columns)
"""

from __future__ import annotations

from verselet.messages.request import Request, Response
from verselet.values import KeyReference, Reference, Row


class CalculateRollupField(Request, frozen=True, tag=True):
    """Work out a rollup of one row now, keep it, and tell it. [JOB-63]"""

    row: Reference | KeyReference
    column: str


class CalculateRollupFieldResponse(Response, frozen=True):
    """The row's id, the rollup, and when and how it was worked out."""

    row: Row
