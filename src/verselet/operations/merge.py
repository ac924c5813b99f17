"""Make two rows one.

In:        a target and a subordinate of the same table
Out:       the subordinate's rows hang on the target; the subordinate is inactive
Not here:  deleting (operations.delete)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from verselet.errors import InvalidArgument, MessageNotForTable, NotSupportedHere
from verselet.messages.lifecycle import Merge
from verselet.messages.request import Response, RowKey, Update
from verselet.metadata.tables import Relationship, Table
from verselet.operations.create import duplicate
from verselet.operations.finding import named_row
from verselet.operations.rights import WRITE, must_reach
from verselet.operations.rules.following import cascading, followers
from verselet.operations.rules.listed import update_listed
from verselet.operations.rules.reparenting import Move, settle_moves
from verselet.operations.secured_columns import unreadable_columns
from verselet.pipeline.events import events_of
from verselet.pipeline.execution import Execution
from verselet.store.session import UniqueViolation
from verselet.values import Reference, Row, Value

PARENTS: Final = {"account": "parentaccountid", "contact": "parentcustomerid"}
"""Tables whose rows merge, and the lookup that forms their hierarchy. [MSG-40]"""

ELSEWHERE: Final = frozenset({"incident", "lead"})
"""Tables of the service whose rows merge too."""

FACTS: Final = ("merged", "masterid", "statecode")


def merge(run: Execution) -> Response:
    """The target takes over the content and the subordinate's rows; the subordinate becomes inactive. [FN-21], [MSG-41]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: one of the two is not there.
        MessageNotForTable: rows of the table do not merge.
        InvalidArgument: two tables, one and the same row, or a row that was merged before.
        DuplicateKey: two of their children would have one key.
        RowAccessDenied: the caller may not write one of the two; the rest is the server's business. [SEC-45]
    """
    request = cast(Merge, run.request)
    table, target_id = named_row(run, request.target)
    other, subordinate_id = named_row(run, request.subordinate)
    if table.name in ELSEWHERE:
        raise NotSupportedHere(f"Merging rows of '{table.name}'")
    if table.name not in PARENTS:
        raise MessageNotForTable("Merge", table.name)
    if other.name != table.name or target_id == subordinate_id:
        raise InvalidArgument("Merge takes two different rows of one table.")
    must_reach(run, table, (target_id, subordinate_id), WRITE)
    _must_fit(run, table, target_id, subordinate_id, checks_parents=request.checks_parents)
    target = Reference(table.name, target_id)
    if request.content is not None and request.content.values:
        _write(run, Row(table.name, target_id, request.content.values))
    for relationship, child, _ in cascading(run, table, "merge"):
        _repoint(run, relationship, child, subordinate_id, target)
    _write(run, Row(table.name, subordinate_id, {"statecode": 1, "merged": True, "masterid": target}))
    return Response()


def _must_fit(run: Execution, table: Table, target_id: str, subordinate_id: str, *, checks_parents: bool) -> None:
    """Neither is merged, so that masters form no circle; the subordinate is active. [MSG-41]"""
    parent = PARENTS[table.name]
    target = run.read_values(table.name, target_id, (*FACTS, parent)) or {}
    subordinate = run.read_values(table.name, subordinate_id, (*FACTS, parent)) or {}
    if target.get("merged"):
        raise InvalidArgument("The target was merged into another row and cannot take one over.")
    if subordinate.get("merged") or subordinate.get("statecode") != 0:
        raise InvalidArgument("The subordinate is inactive or was merged before.")
    # Parents that the caller may not see are as if there were none. [SEC-104]
    compares = checks_parents and not unreadable_columns(run, table, (parent,))
    if compares and target.get(parent) != subordinate.get(parent):
        raise InvalidArgument("The two rows have different parents.")


def _repoint(run: Execution, relationship: Relationship, child: Table, subordinate_id: str, target: Reference) -> None:
    """The rows that point to the subordinate point to the target: in one statement, unless steps wait for them.

    [MSG-41], [SEC-70], [EVT-35]
    """
    column = relationship.referencing_column
    before = Reference(target.table, subordinate_id)
    found = [row.id for row in followers(run, relationship, child, (subordinate_id,))]
    # The target does not become its own parent.
    itself = [row_id for row_id in found if child.name == target.table and row_id == target.id]
    waits = any(run.surroundings.waits(message, child.name) for message in ("Update", "UpdateMultiple"))
    for ids, after in (([row_id for row_id in found if row_id not in itself], target), (itself, None)):
        if waits:
            _repoint_along(run, child, {column: after}, ids)
        elif ids:
            try:
                update_listed(run, child, {column: after}, ids)
            except UniqueViolation as violation:
                raise duplicate(child, violation) from violation
            settle_moves(run, child, [Move(row_id, column, before, after) for row_id in ids])


def _repoint_along(run: Execution, child: Table, values: Mapping[str, Value], ids: Sequence[str]) -> None:
    """One message each, by the server itself. [EVT-35], [MSG-41]"""
    server, cause = run.elevated(), events_of(run.request, in_bulk=False)[0]
    for row_id in ids:
        server.send_along(Update(Row(child.name, row_id, dict(values)), RowKey(row_id)), cause, run.above)


def _write(run: Execution, row: Row) -> None:
    run.send_elevated(Update(row, RowKey(row.id)))
