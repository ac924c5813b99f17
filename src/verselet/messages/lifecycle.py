"""Prepare new rows from others, make two rows one, and bring deleted rows back.

In:        made by web
Out:       frozen messages
Not here:  creating and deleting (messages.request)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from verselet.messages.request import ReadingRequest, Request, Response
from verselet.values import KeyReference, Reference, Row

FieldType: TypeAlias = Literal["All", "ValidForCreate", "ValidForUpdate", "ValidForRead"]


class InitializeFrom(ReadingRequest, frozen=True, tag=True):
    """The row of `target_table` that somebody who starts from `source` would begin with. [FN-19]"""

    source: Reference | KeyReference
    target_table: str
    columns: FieldType = "All"


class UnsavedRow(Response, frozen=True):
    """A row that is not stored and has no id."""

    row: Row


class Restore(Request, frozen=True, tag=True):
    """Bring a deleted row back, with what went along; `target` has its id, and values that it gets anew. [BIN-10]"""

    target: Row


class EmptyBin(Request, frozen=True, tag=True):
    """Remove what the recycle bin has kept for long enough. For the server itself. [BIN-8]"""


class KeepMonths(Request, frozen=True, tag=True):
    """Make the next months of divided tables, and let go those that are over. For the server itself. [JOB-40]"""


class Merge(Request, frozen=True, tag=True):
    """Make two rows of one table one: the subordinate's rows move to the target. [FN-21], [MSG-40], [MSG-41]

    `content` are the columns that the target takes over.
    """

    target: Reference | KeyReference
    subordinate: Reference | KeyReference
    content: Row | None = None
    checks_parents: bool = False
