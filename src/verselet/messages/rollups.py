"""What is to be done with rollup columns.

In:        made by web.row_functions, and by jobs
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


class RefreshRollup(Request, frozen=True, tag=True):
    """Work out a rollup of the next rows of its table, in the order of their ids. For the server itself. [JOB-62]

    `everything`: rows whose value is as it should be count as worked out now, too.
    """

    table: str
    column: str
    after: str | None = None
    everything: bool = False


class RollupRefreshed(Response, frozen=True):
    """How many rows were written, and the last row of those looked at; None where no row is left."""

    written: int
    last: str | None


class PlanRollups(Request, frozen=True, tag=True):
    """Queue the jobs that refresh rollups, where they are not there yet. For the server itself. [JOB-62]"""
