"""Mark rows that are to go.

In:        an `Execution` of `BulkRetain`, `Retain` or `RollbackRetain`
Out:       families of rows; each row had its event
Not here:  copying (operations.retention.cells), deleting (operations.retention.purging)
"""

from __future__ import annotations

from typing import Final, cast

from verselet.errors import ServiceError
from verselet.messages.request import Response, RowKey
from verselet.messages.retention import MARK, BulkRetain, BulkRetained, Failure, Family, Marked, Retain, RollbackRetain
from verselet.metadata.tables import Table
from verselet.operations.finding import must_find_id
from verselet.operations.reads import Ground
from verselet.operations.retention.gathering import families_of, restricted
from verselet.operations.rules.auditing import Action, note_event
from verselet.operations.tabular_reads import prepare_table
from verselet.operations.walking import behind, ids_found
from verselet.pipeline.execution import Execution
from verselet.values import Reference

_NO_API: Final = ""


def bulk_retain(run: Execution) -> BulkRetained:
    """Mark a page of roots with their children. One refusal keeps one family, not the others. [RET-30], [RET-35]

    Refusals as `resolve_fetch`.
    """
    request = cast(BulkRetain, run.request)
    table = run.schema.tables[request.table]
    ids = _found(run, table, request)
    families: list[Family] = []
    failures: list[Failure] = []
    gathered = families_of(run, table, ids)
    held = restricted(run, gathered)
    for family in gathered:
        if family.root.id in held:
            refused: Failure | None = _restricted(*held[family.root.id])
        else:
            refused = _mark(run, family, request.operation)
        if refused is None:
            families.append(family)
        else:
            failures.append(refused)
    return BulkRetained(tuple(families), tuple(failures), ids[-1] if len(ids) == request.page_size else None)


def retain(run: Execution) -> Response:
    """Raise the event of one row. [RET-31]

    Raises:
        RowDoesNotExist: it went meanwhile.
    """
    target = cast(Retain, run.request).target
    must_find_id(run, run.schema.tables[target.table], RowKey(target.id))
    note_event(run, run.schema.tables[target.table], Action.RETAIN, target.id)
    return Response()


def rollback_retain(run: Execution) -> Response:
    """Raise the event of one row that stays. [RET-32]"""
    target = cast(RollbackRetain, run.request).target
    note_event(run, run.schema.tables[target.table], Action.ROLLBACK_RETAIN, target.id)
    return Response()


def _mark(run: Execution, family: Family, operation: str) -> Failure | None:
    """Root first, then the children. [RET-31]"""
    row = family.root
    try:
        with run.session.savepoint():
            for row in family.rows:
                run.send_elevated(Retain(Reference(row.table, row.id), operation))
    except ServiceError as refusal:
        return failure_of(MARK, row, refusal)
    return None


def _restricted(row: Marked, by: str) -> Failure:
    """[RET-5], [RET-24]"""
    return Failure(MARK, row.table, row.id, f"The row cannot be archived while rows of '{by}' refer to it.")


def failure_of(operation: int, row: Marked, refusal: ServiceError) -> Failure:
    """What a failure row says of a refusal. [RET-24]"""
    return Failure(operation, row.table, row.id, f"0x{refusal.code:08x}: {refusal.message}")


def _found(run: Execution, table: Table, request: BulkRetain) -> list[str]:
    """The ids of the next roots, in their order."""
    # Only who retains rows pays for the resolver.
    from verselet.query.fetchxml.resolve import Additions, resolve_fetch

    page = behind(request.fetch, table, request.last, request.page_size)
    asked = resolve_fetch(page, table, run.schema, Additions())
    read = prepare_table(asked, Ground(run.schema, run.session.dialect, run.clock), run.elevated().caller)
    values = read.values(_NO_API, run.caller, request.page_size)
    return ids_found(table, read, run.session.run, values)
