"""Ask for what was written down about rows, and write down who came.

In:        made by web
Out:       frozen messages, as those of messages.request
Not here:  plain reads of audit rows (query.tree), writing them (operations.rules.auditing)
"""

from __future__ import annotations

from verselet.messages.request import ReadingRequest, Request, RowKey
from verselet.values import KeyReference, Reference


class RetrieveRecordChangeHistory(ReadingRequest, frozen=True, tag=True):
    """The changes of a row, newest first; `page` counts from 1. [JOB-45]

    With `column` only those of one column: the Web API calls that `RetrieveAttributeChangeHistory`.
    """

    target: Reference | KeyReference
    page: int
    size: int
    column: str | None = None


class RetrieveAuditDetails(ReadingRequest, frozen=True, tag=True):
    """What one audit row says. [JOB-45]"""

    audit: RowKey


class NoteAccess(Request, frozen=True, tag=True):
    """The caller came, to the pages or to the Web API; not to be noted again for so many hours. For the server itself.

    [JOB-40], [JOB-42]
    """

    hours: int
    to_pages: bool
