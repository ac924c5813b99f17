"""Change several rows in one message: UpdateMultiple and UpsertMultiple.

In:        the messages for the single rows
Out:       all of them done, or none
Not here:  what one of them does (operations.update), making rows (operations.create)
"""

from __future__ import annotations

from typing import cast

from verselet.messages.request import Response, UpdateMultiple, UpsertMultiple
from verselet.pipeline.execution import Execution


def update_multiple(run: Execution) -> Response:
    """Change several rows; one that is missing undoes all. [BM-3], [BM-6]"""
    for single in cast(UpdateMultiple, run.request).updates:
        run.send(single)
    return Response()


def upsert_multiple(run: Execution) -> Response:
    """Change or make several rows. [BM-4], [BM-6]"""
    for single in cast(UpsertMultiple, run.request).upserts:
        run.send(single)
    return Response()
