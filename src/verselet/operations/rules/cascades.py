"""Follow relationships when rows are deleted.

In:        ids of rows of one table
Out:       the rows gone; their children deleted, unlinked, or refused
Not here:  cascades of assign, share, reparent, merge (their own messages)

Each level takes a fixed number of statements per relationship, however many rows it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from verselet.errors import DeleteRestricted
from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Relationship, Table
from verselet.operations.rules.images import holds_files
from verselet.operations.tracking import note_deleted
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view, target_column
from verselet.sql.write import clear_listed_sql, delete_listed_sql, pointing_sql, unpair_listed_sql
from verselet.store.files import forget_files_of

encode = msgspec.json.Encoder().encode


PRINCIPALS: Final = frozenset({"systemuser", "team"})


def delete_with_children(run: Execution, table: Table, ids: list[str]) -> None:
    """Delete the rows and what hangs on them, deepest first. [D-3]

    Raises:
        DeleteRestricted: rows of a restricting relationship are there. [E-16]
    """
    _delete(run, table, ids, frozenset())


def pointing_ids(run: Execution, relationship: Relationship, child: Table, table: Table, ids: list[str]) -> list[str]:
    """The ids of the rows of `child` that point to one of those rows of `table`."""
    rows = run.session.run(*_pointing(run, relationship, child, table, encode(ids).decode()))
    return [str(row[0]) for row in rows]


def _delete(run: Execution, table: Table, ids: list[str], above: frozenset[str]) -> None:
    listed = encode(ids).decode()
    seen = above | {f"{table.name}:{row_id}" for row_id in ids}
    for relationship, child in _children(run, table):
        found = pointing_ids(run, relationship, child, table, ids)
        pointing = [row_id for row_id in found if f"{child.name}:{row_id}" not in seen]
        if pointing:
            _follow(run, relationship, child, pointing, seen)
    for pair in run.schema.many_to_many:
        for name, column in ((pair.table1, pair.column1), (pair.table2, pair.column2)):
            if name == table.name and pair.intersect_table in run.schema.tables:
                intersect = run.schema.tables[pair.intersect_table]
                run.session.run(unpair_listed_sql(intersect, column, run.session.dialect), (listed,))
    _forget_shares(run, table, listed)
    run.session.run(delete_listed_sql(table, run.session.dialect), (listed,))
    note_deleted(run, table, ids)
    if holds_files(table):
        forget_files_of(run.session, table.name, listed)


def _forget_shares(run: Execution, table: Table, listed: str) -> None:
    """What was shared is shared no longer; neither is what was shared with a principal that goes. [MSG-16]"""
    shares = run.schema.tables.get("principalobjectaccess")
    column = "objectid" if table.ownership == "user" else "principalid" if table.name in PRINCIPALS else None
    if shares is not None and column is not None:
        run.session.run(unpair_listed_sql(shares, column, run.session.dialect), (listed,))


def _children(run: Execution, table: Table) -> Iterator[tuple[Relationship, Table]]:
    """The relationships in which rows of the table are pointed to and something must happen."""
    for relationship in run.schema.to_many[table.name].values():
        child = run.schema.tables.get(relationship.referencing_table)
        if child is not None and not is_view(child) and relationship.cascades.delete != "NoCascade":
            yield relationship, child


def _pointing(
    run: Execution, relationship: Relationship, child: Table, table: Table, listed: str
) -> tuple[str, tuple[str, ...]]:
    lookup = child.columns[relationship.referencing_column]
    target = None
    values: tuple[str, ...] = (listed,)
    if isinstance(lookup, LookupColumn) and lookup.is_polymorphic:
        target = target_column(lookup.name)
        values = (listed, table.name)
    return pointing_sql(child, relationship.referencing_column, target, run.session.dialect), values


def _follow(run: Execution, relationship: Relationship, child: Table, ids: list[str], above: frozenset[str]) -> None:
    match relationship.cascades.delete:
        case "Restrict":
            raise DeleteRestricted(relationship.referenced_table, child.name)
        case "RemoveLink":
            text = clear_listed_sql(child, relationship.referencing_column, run.session.dialect)
            versions = (run.session.next_versions(),) if "versionnumber" in child.columns else ()
            run.session.run(text, (*versions, encode(ids).decode()))
        case "Cascade" | "Active" | "UserOwned":
            _delete(run, child, ids, above)
        case "NoCascade":
            return
