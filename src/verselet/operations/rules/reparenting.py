"""Let rows inherit from the parents they get, and lose what the parents they leave gave.

In:        rows whose lookups were written, and where these led before
Out:       inherited shares of the rows and of what hangs on them
Not here:  shares that change on the parent (operations.rules.inheriting), owners (operations.rules.assigning)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from verselet.metadata.tables import Cascade, Relationship, Table
from verselet.operations.rules.inheriting import Grants, disinherit, grants_of, inherit, spread, withdraw
from verselet.operations.rules.listed import read_listed
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value


class Move(msgspec.Struct, frozen=True):
    """A row whose lookup led to one row before and leads to another now; None for no row."""

    row_id: str
    column: str
    before: Reference | None
    after: Reference | None


def settle_new_rows(run: Execution, table: Table, rows: Sequence[Row]) -> None:
    """New rows inherit from the parents they were made under. [SEC-73], [SEC-74]"""
    lookups = run.schema.parental_lookups.get(table.name)
    if not lookups:
        return
    moves = []
    for row in rows:
        for name in lookups & row.values.keys():
            after = row.values[name]
            if isinstance(after, Reference):
                moves.append(Move(row.id or "", name, None, after))
    if moves:
        settle_moves(run, table, moves, {row.id or "": row.values for row in rows})


def settle_moves(
    run: Execution, table: Table, moves: Sequence[Move], known: Mapping[str, Mapping[str, Value]] | None = None
) -> None:
    """After lookups were written: what former parents gave goes, what the new ones give comes. [SEC-73], [SEC-74]

    `known` are the owner and state of the rows by id, where they need not be read.
    """
    parental = run.schema.parental.get(table.name, {})
    moves = [move for move in moves if move.before != move.after]
    grants = _grants(run, parental, moves)
    if not grants:
        return
    columns = tuple(name for name in ("ownerid", "statecode") if name in table.columns)
    facts = read_listed(run, table, columns, {move.row_id for move in moves}) if known is None else known
    gone: dict[str, dict[Reference, int]] = {}
    come: dict[str, dict[Reference, int]] = {}
    for move in moves:
        values = facts.get(move.row_id, {})
        for parent, rights in ((move.before, gone), (move.after, come)):
            found = None if parent is None else grants.get((move.column, parent))
            if found is not None and parent is not None:
                owner = values.get("ownerid")
                given = found.to_child_of(owner if rights is come and isinstance(owner, Reference) else None)
                if rights is gone or _reached(parental[move.column, parent.table].cascades.reparent, found, values):
                    _add(rights.setdefault(move.row_id, {}), given)
    withdraw(run, table, disinherit(run, table, gone), "reparent")
    spread(run, table, inherit(run, table, come), "reparent")


def _grants(
    run: Execution, parental: Mapping[tuple[str, str], Relationship], moves: Sequence[Move]
) -> dict[tuple[str, Reference], Grants]:
    """What the parents of the moves give, by lookup and parent; parents that give nothing are left out."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for move in moves:
        for parent in (move.before, move.after):
            if parent is not None and (move.column, parent.table) in parental:
                wanted.setdefault((move.column, parent.table), set()).add(parent.id)
    found = {}
    for (column, name), ids in wanted.items():
        for row_id, grants in grants_of(run, run.schema.tables[name], ids).items():
            if grants.shared or grants.owner is not None:
                found[column, Reference(name, row_id)] = grants
    return found


def _reached(cascade: Cascade, grants: Grants, child: Mapping[str, Value]) -> bool:
    """The cascade of the relationship reaches that child. [SEC-70]"""
    if cascade == "Active":
        return child.get("statecode") in {0, None}
    return cascade != "UserOwned" or child.get("ownerid") == grants.owner


def _add(rights: dict[Reference, int], more: Mapping[Reference, int]) -> None:
    for principal, mask in more.items():
        rights[principal] = rights.get(principal, 0) | mask
