"""Follow relationships when rows are deleted.

In:        ids of rows of one table
Out:       the rows gone; their children deleted, unlinked, or refused
Not here:  cascades of assign, share and reparent (the other rules), merge (operations.merge)

Each level takes a fixed number of statements per relationship, however many rows it has.
"""

from __future__ import annotations

from typing import Final

from verselet.errors import DeleteRestricted
from verselet.messages.request import Delete, RowKey
from verselet.metadata.auditing import audited_columns
from verselet.metadata.tables import Relationship, Table
from verselet.operations.rights import DELETE, must_reach
from verselet.operations.rules.auditing import Action, Change, is_audited, note_changes
from verselet.operations.rules.following import Follower, cascading, followers
from verselet.operations.rules.images import holds_files
from verselet.operations.rules.keeping import keep
from verselet.operations.rules.listed import as_list, read_listed
from verselet.operations.rules.reparenting import Move, settle_moves
from verselet.operations.tracking import note_deleted
from verselet.pipeline.events import delete_event
from verselet.pipeline.execution import Execution
from verselet.sql.shares import SHARES, forget_shares_of_listed_sql, forget_shares_with_listed_sql
from verselet.sql.write import clear_listed_sql, delete_listed_sql, unpair_listed_sql
from verselet.store.files import forget_files_of
from verselet.values import Reference

PRINCIPALS: Final = frozenset({"systemuser", "team"})


def delete_with_children(run: Execution, table: Table, ids: list[str]) -> None:
    """Delete the rows and what hangs on them, deepest first. [D-3]

    Raises:
        DeleteRestricted: rows of a restricting relationship are there. [E-16]
        PrivilegeMissing, RowAccessDenied: the caller may not delete one of the children. [SEC-75]
    """
    _delete(run, table, ids, run.above)


def _delete(run: Execution, table: Table, ids: list[str], above: frozenset[str]) -> None:
    listed = as_list(ids)
    # Before what hangs on the rows loses its links: they may hang on each other.
    keep(run, table, listed)
    seen = above | {f"{table.name}:{row_id}" for row_id in ids}
    for relationship, child, _ in cascading(run, table, "delete"):
        found = followers(run, relationship, child, ids)
        pointing = [row for row in found if f"{child.name}:{row.id}" not in seen]
        if pointing:
            _follow(run, relationship, child, pointing, seen)
    for pair in run.schema.many_to_many:
        for name, column in ((pair.table1, pair.column1), (pair.table2, pair.column2)):
            if name == table.name and pair.intersect_table in run.schema.tables:
                intersect = run.schema.tables[pair.intersect_table]
                run.session.run(unpair_listed_sql(intersect, column, run.session.dialect), (listed,))
    _forget_shares(run, table, listed)
    _note_deleted(run, table, ids)
    run.session.run(delete_listed_sql(table, run.session.dialect), (listed,))
    note_deleted(run, table, ids)
    if holds_files(table):
        forget_files_of(run.session, table.name, listed)


def _note_deleted(run: Execution, table: Table, ids: list[str]) -> None:
    """Write down the rows as they are before they go. [JOB-45]"""
    if is_audited(run, table):
        found = read_listed(run, table, audited_columns(table), ids)
        note_changes(run, table, Action.DELETE, [Change(row_id, values, {}) for row_id, values in found.items()])


def _forget_shares(run: Execution, table: Table, listed: str) -> None:
    """What was shared is shared no longer; neither is what was shared with a principal that goes. [MSG-16]"""
    if SHARES not in run.schema.tables:
        return
    if table.ownership == "user":
        run.session.run(forget_shares_of_listed_sql(run.session.dialect), (listed, table.name))
    elif table.name in PRINCIPALS:
        run.session.run(forget_shares_with_listed_sql(run.session.dialect), (listed,))


def _follow(
    run: Execution, relationship: Relationship, child: Table, rows: list[Follower], above: frozenset[str]
) -> None:
    match relationship.cascades.delete:
        case "Restrict":
            raise DeleteRestricted(relationship.referenced_table, child.name)
        case "RemoveLink":
            _unlink(run, relationship, child, rows)
        case "Cascade" | "Active" | "UserOwned":
            must_reach(run, child, [row.id for row in rows], DELETE)
            _delete_children(run, relationship.referenced_table, child, rows, above)
        case "NoCascade":
            return


def _delete_children(run: Execution, parent: str, child: Table, rows: list[Follower], above: frozenset[str]) -> None:
    """All at once; one message each where steps wait for them. [EVT-35]"""
    if not run.surroundings.waits("Delete", child.name):
        _delete(run, child, [row.id for row in rows], above)
        return
    for row in rows:
        # The steps of one may have deleted others.
        if run.read_values(child.name, row.id, (child.primary_id,)) is not None:
            run.send_along(Delete(child.name, RowKey(row.id)), delete_event(parent, row.parent), above)


def _unlink(run: Execution, relationship: Relationship, child: Table, rows: list[Follower]) -> None:
    """The children stay and lose what they inherited; `modifiedon` stays, as nobody changed them. [SEC-77], [SEC-74]"""
    column = relationship.referencing_column
    versions = (run.session.next_versions(),) if "versionnumber" in child.columns else ()
    run.session.run(clear_listed_sql(child, column, run.session.dialect), (*versions, as_list(row.id for row in rows)))
    parent = relationship.referenced_table
    if is_audited(run, child):
        lost = [Change(row.id, {column: Reference(parent, row.parent)}, {}) for row in rows]
        note_changes(run, child, Action.CASCADE, lost)
    settle_moves(run, child, [Move(row.id, column, Reference(parent, row.parent), None) for row in rows])
