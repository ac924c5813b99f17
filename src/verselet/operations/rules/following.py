"""Find the rows that a cascade reaches.

In:        rows of one table, a relationship, what its cascade says
Out:       `Follower`s: rows that point to them; one statement per relationship, however many rows
Not here:  what is done to them (the other rules)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec

from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Cascade, Relationship, Table
from verselet.operations.rules.listed import as_list
from verselet.pipeline.execution import Execution
from verselet.sql.children import Pointing, pointing_rows_sql
from verselet.sql.columns import is_view, target_column
from verselet.store.codecs import decoder
from verselet.values import Reference

Kind: TypeAlias = Literal["assign", "share", "unshare", "reparent", "merge", "delete", "archive"]
"""What a relationship's cascades tell apart."""


class Follower(msgspec.Struct, frozen=True):
    """A row that points to another one; `owner` only where the table's rows have one."""

    id: str
    parent: str
    owner: Reference | None


def cascading(run: Execution, table: Table, kind: Kind) -> Iterator[tuple[Relationship, Table, Cascade]]:
    """The relationships to children of a table along which something of that kind happens. [SEC-70]"""
    for relationship in run.schema.to_many[table.name].values():
        child = run.schema.tables.get(relationship.referencing_table)
        cascade: Cascade = getattr(relationship.cascades, kind)
        if child is not None and not is_view(child) and cascade != "NoCascade":
            yield relationship, child, cascade


def cascading_to_owned(run: Execution, table: Table, kind: Kind) -> Iterator[tuple[Relationship, Table, Cascade]]:
    """The same, to tables whose rows have owners: only those are assigned and shared. [SEC-7]"""
    if table.ownership == "user":
        for found in cascading(run, table, kind):
            if found[1].ownership == "user":
                yield found


def followers(
    run: Execution, relationship: Relationship, child: Table, ids: Iterable[str], cascade: Cascade = "Cascade"
) -> list[Follower]:
    """The rows of `child` that the cascade reaches from rows with those ids. [SEC-70]"""
    lookup = child.columns[relationship.referencing_column]
    has_targets = isinstance(lookup, LookupColumn) and lookup.is_polymorphic
    asked = Pointing(
        child=child,
        lookup=lookup.name,
        parent=run.schema.tables[relationship.referenced_table],
        target=target_column(lookup.name) if has_targets else None,
        active=cascade == "Active" and "statecode" in child.columns,
        same_owner=cascade == "UserOwned",
    )
    is_owned = child.ownership == "user"
    text = pointing_rows_sql(asked, ("ownerid",) if is_owned else (), run.session.dialect)
    target = (relationship.referenced_table,) if has_targets else ()
    decode = decoder(child, child.columns["ownerid"], run.session.dialect) if is_owned else None
    found = []
    for row_id, parent, *rest in run.session.run(text, (as_list(ids), *target)):
        owner = decode(rest) if decode is not None else None
        found.append(Follower(str(row_id), str(parent), owner if isinstance(owner, Reference) else None))
    return found
