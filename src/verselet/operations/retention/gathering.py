"""Find the rows that go to the lake together.

In:        roots of one table
Out:       families: each root with the rows that its deletion would take along, or that are archived with it
Not here:  what is done with them (the sibling modules)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from verselet.messages.retention import Family, Marked
from verselet.metadata.tables import Table
from verselet.operations.rules.following import cascading, followers
from verselet.operations.rules.listed import as_list
from verselet.pipeline.execution import Execution
from verselet.sql.retention import versions_sql

Place: TypeAlias = tuple[str, str]
"""A table and the id of a row in it."""

GOES_ALONG: Final = frozenset({"Cascade", "Active", "UserOwned"})
"""What a relationship says of deleting or archiving, for the children to go with their parent. [RET-5]"""

LEFT_OUT: Final = frozenset({
    "asyncoperation", "bulkdeletefailure", "duplicaterecord", "mailboxtrackingfolder", "principalobjectaccess",
    "principalobjectattributeaccess", "processsession", "syncerror",
})  # fmt: skip
"""Tables with traces of the server's own work: deleted with the rows they are about, and not retained. [RET-6]"""


def families_of(run: Execution, table: Table, roots: Sequence[str]) -> tuple[Family, ...]:
    """The families of the rows that are there. Those that share a row are one: none goes alone. [RET-5]"""
    kin = _Kin(table.name, roots)
    level = {table.name: list(roots)}
    while level:
        following: dict[str, list[str]] = {}
        for parent, child in _children(run, level):
            if kin.meet(parent, child):
                following.setdefault(child[0], []).append(child[1])
        level = following
    versions = _versions(run, list(kin.root_of))
    return kin.families(versions)


def changed(run: Execution, families: Sequence[Family]) -> dict[str, Marked]:
    """Root → a row of its family that is not as it was marked, or joined it. [RET-4]

    The others are locked until the transaction ends.
    """
    owner = {(row.table, row.id): family.root.id for family in families for row in family.rows}
    present = _versions(run, list(owner))
    found: dict[str, Marked] = {}
    for family in families:
        for row in family.rows:
            if present.get((row.table, row.id)) != row.version:
                found.setdefault(family.root.id, row)
    table = families[0].root.table
    roots = [row_id for name, row_id in owner if name == table]
    for family in families_of(run, run.schema.tables[table], roots):
        for row in family.rows:
            if (row.table, row.id) not in owner:
                found.setdefault(owner[table, family.root.id], row)
    return found


def restricted(run: Execution, families: Sequence[Family]) -> dict[str, tuple[Marked, str]]:
    """Root → a row of its family that may not be archived, and the table of the rows that restrict it. [RET-5]"""
    members = {(row.table, row.id): (family, row) for family in families for row in family.rows}
    level: dict[str, list[str]] = {}
    for table, row_id in members:
        level.setdefault(table, []).append(row_id)
    found: dict[str, tuple[Marked, str]] = {}
    for name, ids in level.items():
        for relationship, child, cascade in cascading(run, run.schema.tables[name], "archive"):
            for row in followers(run, relationship, child, ids) if cascade == "Restrict" else ():
                family, marked = members[name, row.parent]
                if members.get((child.name, row.id), (None, None))[0] is not family:
                    found.setdefault(family.root.id, (marked, child.name))
    return found


class _Kin:
    """Which row belongs to the family of which root, while they are gathered."""

    def __init__(self, table: str, roots: Sequence[str]) -> None:
        self.table = table
        self.root_of: dict[Place, str] = {(table, row_id): row_id for row_id in roots}
        self._merged: dict[str, str] = {}

    def meet(self, parent: Place, child: Place) -> bool:
        """The child hangs on the parent; whether it was not met before."""
        root = self._head(self.root_of[parent])
        if child not in self.root_of:
            self.root_of[child] = root
            return True
        other = self._head(self.root_of[child])
        if other != root:
            self._merged[other] = root
        return False

    def families(self, versions: dict[Place, int]) -> tuple[Family, ...]:
        """The families, each root before what hangs on it."""
        found: dict[str, list[Marked]] = {}
        for place, root in self.root_of.items():
            if place in versions:
                found.setdefault(self._head(root), []).append(Marked(*place, versions[place]))
        return tuple(
            [
                Family(tuple(sorted(rows, key=lambda row: (row.table, row.id) != (self.table, head))))
                for head, rows in found.items()
                if (self.table, head) in versions
            ]
        )

    def _head(self, root: str) -> str:
        while root in self._merged:
            root = self._merged[root]
        return root


def _children(run: Execution, level: dict[str, list[str]]) -> Iterator[tuple[Place, Place]]:
    """A row of the level, and one that its deletion would take along, or that is archived with it."""
    for name, ids in level.items():
        table = run.schema.tables[name]
        for relationship, child, cascade in cascading(run, table, "delete"):
            if cascade in GOES_ALONG and child.name not in LEFT_OUT:
                for row in followers(run, relationship, child, ids):
                    yield (name, row.parent), (child.name, row.id)
        for relationship, child, cascade in cascading(run, table, "archive"):
            if cascade in GOES_ALONG and child.name not in LEFT_OUT:
                for row in followers(run, relationship, child, ids, cascade):
                    yield (name, row.parent), (child.name, row.id)


def _versions(run: Execution, rows: Sequence[Place]) -> dict[Place, int]:
    """The versions of those rows that are there; 0 where a table's rows have none."""
    by_table: dict[str, list[str]] = {}
    for name, row_id in rows:
        by_table.setdefault(name, []).append(row_id)
    found: dict[Place, int] = {}
    for name, ids in by_table.items():
        text = versions_sql(run.schema.tables[name], run.session.dialect)
        for stored in run.session.run(text, (as_list(ids),)):
            found[name, str(stored[0])] = int(str(stored[1]))
    return found
