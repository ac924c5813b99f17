"""Let children inherit what their parents are shared with, and lose it again.

In:        rights that come or go on rows of one table
Out:       the inherited masks of their descendants, level by level
Not here:  direct shares (operations.access), lookups that change (operations.rules.reparenting)

A share of a child remembers one inherited mask, not from which parent it came: what a parent takes back stays where
another parent still gives it. Each level takes a fixed number of statements per relationship, however many rows it has.
A row whose share is already as it should be is not followed further. [SEC-78]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from verselet.metadata.tables import Relationship, Table
from verselet.operations.rules.following import Follower, cascading_to_owned, followers
from verselet.operations.rules.listed import read_listed
from verselet.operations.rules.shares import (
    NO_SHARE,
    OWNER_RIGHTS,
    Rights,
    RightsOnRows,
    Share,
    as_shares,
    read_shares,
    write_shares,
)
from verselet.pipeline.execution import Execution
from verselet.sql.columns import target_column
from verselet.sql.shares import inherited_below_sql
from verselet.values import Reference

_Step: TypeAlias = Callable[[Execution, Table, RightsOnRows], RightsOnRows]


class Grants(msgspec.Struct, frozen=True):
    """What a row passes on: what it is shared with, and to whom it belongs."""

    shared: Rights
    owner: Reference | None

    def to_child_of(self, owner: Reference | None, *, with_owner: bool = True) -> dict[Reference, int]:
        """What a child with that owner gets; who owns it needs nothing. [SEC-74]"""
        found = dict(self.shared)
        if with_owner and self.owner is not None:
            found[self.owner] = OWNER_RIGHTS
        if owner is not None:
            found.pop(owner, None)
        return found


def grants_of(run: Execution, table: Table, ids: Iterable[str]) -> dict[str, Grants]:
    """What those rows pass on; two statements."""
    listed = list(ids)
    owners = read_listed(run, table, ("ownerid",), listed)
    shares = read_shares(run, table, listed)
    found = {}
    for row_id, values in owners.items():
        owner = values["ownerid"]
        shared = {principal: share.effective for principal, share in shares.get(row_id, {}).items()}
        found[row_id] = Grants(shared, owner if isinstance(owner, Reference) else None)
    return found


def spread(run: Execution, table: Table, come: RightsOnRows, kind: Literal["share", "reparent"]) -> None:
    """The descendants of the rows inherit rights. [SEC-73]"""
    _descend(run, table, come, kind, inherit)


def withdraw(run: Execution, table: Table, gone: RightsOnRows, kind: Literal["unshare", "reparent"]) -> None:
    """The descendants of the rows lose rights that they inherited. [SEC-73]"""
    _descend(run, table, gone, kind, disinherit)


def _descend(
    run: Execution, table: Table, rights: RightsOnRows, kind: Literal["share", "unshare", "reparent"], step: _Step
) -> None:
    # A circle of lookups ends where the rights came from. [SEC-78]
    origin = {(table.name, row_id) for row_id in rights}
    waiting = [(table, rights)]
    while waiting:
        parent, on_parents = waiting.pop()
        if not on_parents:
            continue
        for relationship, child, cascade in cascading_to_owned(run, parent, kind):
            reached = followers(run, relationship, child, on_parents, cascade)
            on_children = {
                found.id: _for_child(on_parents[found.parent], found, kind)
                for found in reached
                if (child.name, found.id) not in origin
            }
            waiting.append((child, step(run, child, on_children)))


def _for_child(rights: Rights, child: Follower, kind: str) -> Rights:
    """Who owns the child needs nothing from its parent. [SEC-74]"""
    if kind != "reparent" or child.owner not in rights:
        return rights
    return {principal: mask for principal, mask in rights.items() if principal != child.owner}


def inherit(run: Execution, table: Table, come: RightsOnRows) -> RightsOnRows:
    """Add to what rows inherit; returns what is new to them, by row."""
    if not any(come.values()):
        return {}
    present = read_shares(run, table, come)
    written: dict[str, dict[Reference, Share]] = {}
    changed: dict[str, Rights] = {}
    for row_id, rights in come.items():
        shares = present.get(row_id, {})
        new = {
            principal: Share(share.direct, share.inherited | mask)
            for principal, mask in rights.items()
            if mask & ~(share := shares.get(principal, NO_SHARE)).inherited
        }
        if new:
            written[row_id] = new
            changed[row_id] = {principal: rights[principal] for principal in new}
    write_shares(run, table, written)
    return changed


def disinherit(run: Execution, table: Table, gone: RightsOnRows) -> RightsOnRows:
    """Take from what rows inherit, unless another parent gives it; returns what they lost altogether, by row."""
    if not any(gone.values()):
        return {}
    present = read_shares(run, table, gone)
    affected = [
        row_id
        for row_id, rights in gone.items()
        if any(mask & present.get(row_id, {}).get(principal, NO_SHARE).inherited for principal, mask in rights.items())
    ]
    if not affected:
        return {}
    kept = _given_by_parents(run, table, affected)
    written: dict[str, dict[Reference, Share]] = {}
    lost: dict[str, Rights] = {}
    for row_id in affected:
        shares, keeps = present[row_id], kept.get(row_id, {})
        taken = {
            principal: mask & shares.get(principal, NO_SHARE).inherited & ~keeps.get(principal, 0)
            for principal, mask in gone[row_id].items()
        }
        written[row_id] = {
            principal: Share(shares[principal].direct, shares[principal].inherited & ~mask)
            for principal, mask in taken.items()
            if mask
        }
        lost[row_id] = {
            principal: mask & ~shares[principal].direct
            for principal, mask in taken.items()
            if mask and mask & ~shares[principal].direct
        }
    write_shares(run, table, written)
    return {row_id: rights for row_id, rights in lost.items() if rights}


def forget_inherited(run: Execution, relationship: Relationship) -> None:
    """Take away what the children of a relationship inherit, unless another parent gives it. [SEC-80]

    Also what was inherited from parents that give nothing any more goes, as nobody can say where it came from.
    """
    child = run.schema.tables[relationship.referencing_table]
    parent = run.schema.tables[relationship.referenced_table]
    if child.ownership != "user" or parent.ownership != "user":
        return
    lookup = relationship.referencing_column
    several = getattr(child.columns[lookup], "is_polymorphic", False)
    target = target_column(lookup) if several else None
    text = inherited_below_sql(child.name, child.primary_id, lookup, target, run.session.dialect)
    shares = as_shares(run.session.run(text, (child.name, parent.name) if several else (child.name,)))
    gone = {row_id: {who: share.inherited for who, share in found.items()} for row_id, found in shares.items()}
    withdraw(run, child, disinherit(run, child, gone), "unshare")


def _given_by_parents(run: Execution, table: Table, ids: Sequence[str]) -> Mapping[str, Mapping[Reference, int]]:
    """What rows are given by the parents they have now, along the relationships that give anything."""
    giving = run.schema.inheriting[table.name]
    columns = tuple(sorted({column for column, _ in giving}))
    if not columns:
        return {}
    rows = read_listed(run, table, (*columns, "ownerid"), ids)
    parents: dict[tuple[str, str], set[str]] = {}
    for values in rows.values():
        for column in columns:
            parent = values[column]
            if isinstance(parent, Reference) and (column, parent.table) in giving:
                parents.setdefault((column, parent.table), set()).add(parent.id)
    grants = {
        (column, name, row_id): found
        for (column, name), listed in parents.items()
        for row_id, found in grants_of(run, run.schema.tables[name], listed).items()
    }
    kept: dict[str, dict[Reference, int]] = {}
    for row_id, values in rows.items():
        for column in columns:
            parent = values[column]
            if not isinstance(parent, Reference):
                continue
            found = grants.get((column, parent.table, parent.id))
            if found is not None:
                with_owner = giving[column, parent.table].cascades.reparent != "NoCascade"
                for principal, mask in found.to_child_of(None, with_owner=with_owner).items():
                    of_row = kept.setdefault(row_id, {})
                    of_row[principal] = of_row.get(principal, 0) | mask
    return kept
