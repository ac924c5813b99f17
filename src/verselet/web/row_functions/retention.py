"""Refuse calls of the events of retention: they are for handlers, not for callers.

In:        a call
Out:       403
Not here:  the events (operations.retention), who raises them (jobs.retention)
"""

from __future__ import annotations

from typing import Final, NoReturn

from verselet.errors import AccessDenied
from verselet.web.row_functions.calls import Call

BULK: Final = ("EntityName", "FetchXml", "PageSize", "OperationId", "PagingCookie")
ROW: Final = ("Target", "OperationId")
PURGE: Final = ("EntityName", "PageSize", "OperationId", "MaxVersionToPurge")
VALIDATE: Final = ("Target", "EntityName", "FetchXml", "RetentionConfigId")
"""Parameters of the events. [RET-30] to [RET-34]"""


def refuse(call: Call) -> NoReturn:
    """Only the server itself raises these events. [MSG-2]

    Raises:
        AccessDenied: always.
    """
    raise AccessDenied(f"The message '{call.name}' can be sent only by the retention service.")
