"""Remove rows, with what their relationships say.

In:        the key of one row
Out:       the row is gone, its children cascaded, unlinked or in the way
Not here:  bringing it back (operations.restore)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import MethodNotAllowed, VersionMismatch
from verselet.messages.request import Delete, Response
from verselet.operations.deletions import begin_group
from verselet.operations.finding import must_find_id, version_of
from verselet.operations.rights import DELETE, must_reach
from verselet.operations.rules.cascades import delete_with_children
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view


def delete(run: Execution) -> Response:
    """Remove one row. [D-1] to [D-4]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: it is not there.
        VersionMismatch: it is not of the version asked for.
        DeleteRestricted: a restricting relationship has rows. [D-3]
    """
    request = cast(Delete, run.request)
    table = run.schema.tables[request.table]
    if is_view(table):
        raise MethodNotAllowed("DELETE", table.set_name)
    row_id = must_find_id(run, table, request.key)
    must_reach(run, table, (row_id,), DELETE)
    # Rows without versions are of no other version either. [ET-6]
    versioned = request.when.version is not None and "versionnumber" in table.columns
    if versioned and version_of(run, table, row_id) != request.when.version:
        raise VersionMismatch
    # What lies in the lake is not kept in the bin as well. [RET-7]
    is_kept = not (request.by_retention or request.skips_bin)
    run.deletion = run.deletion or (begin_group(run, table, row_id) if is_kept else None)
    delete_with_children(run, table, [row_id])
    return Response()
