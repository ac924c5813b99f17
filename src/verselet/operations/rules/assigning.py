"""Give rows to another owner, with what follows them.

In:        rows of one table, the new owner
Out:       their owners changed, and those of the children that the relationships name; former owners' shares
Not here:  owners of new rows (operations.rules.defaults), what may be assigned (operations.rights)

First all rows are found, then all are written: a cascade to `UserOwned` children sees the owners of before. [SEC-70]
Children that steps wait for are assigned before that, each in a message of its own. [EVT-35]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from verselet.messages.request import RowKey, Update
from verselet.metadata.tables import Table
from verselet.operations.rights import ASSIGN, must_reach
from verselet.operations.rules.defaults import read_unit, set_owner
from verselet.operations.rules.entitled import must_be_able_to_read
from verselet.operations.rules.following import cascading_to_owned, followers
from verselet.operations.rules.inheriting import spread, withdraw
from verselet.operations.rules.listed import read_listed, update_listed
from verselet.operations.rules.shares import OWNER_RIGHTS, Share, read_shares, write_shares
from verselet.pipeline.events import assign_event
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value

ASSIGNING: Final = ("Assign", "Update", "UpdateMultiple")
"""What steps wait for that want to know of new owners. [EVT-33]"""

_Owners: TypeAlias = dict[str, Reference]
"""Id of a row → whom it belonged to."""

_Parents: TypeAlias = dict[str, Reference]
"""Id of a row → the row it hangs on."""


def assign_rows(run: Execution, table: Table, ids: Sequence[str], owner: Reference) -> None:
    """The rows belong to the owner; rows that did before are left alone. [SEC-60], [SEC-64], [SEC-75]

    Raises:
        OwnedByDisabledUser, OwnedByAccessTeam, PrincipalNotEntitled: the owner cannot have them. [SEC-62]
        PrivilegeMissing, RowAccessDenied: the caller may not assign one of the rows. [SEC-61], [SEC-75]
    """
    moved, apart = _all_moved(run, table, ids, owner)
    if not moved:
        return
    unit = read_unit(run, owner)
    must_be_able_to_read(run, owner, [run.schema.tables[name] for name in {**moved, **apart}])
    for reached in (moved, apart):
        for name, rows in reached.items():
            must_reach(run, run.schema.tables[name], list(rows), ASSIGN)
    _send_along(run, apart, owner, run.above.union(*[_at_work(name, former) for name, former in moved.items()]))
    for name, former in moved.items():
        _write(run, run.schema.tables[name], former, owner, unit)
    if _keeps_former_owners(run):
        for name, former in moved.items():
            share_directly(run, run.schema.tables[name], former)
    for name, former in moved.items():
        of_table = run.schema.tables[name]
        # What children inherit from the owner of their parent goes over to the new one.
        withdraw(run, of_table, {row_id: {whose: OWNER_RIGHTS} for row_id, whose in former.items()}, "reparent")
        spread(run, of_table, {row_id: {owner: OWNER_RIGHTS} for row_id in former}, "reparent")


def share_directly(run: Execution, table: Table, former: Mapping[str, Reference]) -> None:
    """Former owners keep all they can hold. [SEC-63]"""
    present = read_shares(run, table, former)
    shares = {}
    for row_id, whose in former.items():
        found = present.get(row_id, {}).get(whose)
        shares[row_id] = {whose: Share(OWNER_RIGHTS, 0 if found is None else found.inherited)}
    write_shares(run, table, shares)
    spread(run, table, {row_id: {whose: OWNER_RIGHTS} for row_id, whose in former.items()}, "share")


def _send_along(run: Execution, apart: Mapping[str, _Parents], owner: Reference, above: frozenset[str]) -> None:
    """Assign rows that steps wait for, unless a step did so meanwhile. [EVT-35]"""
    for name, parents in apart.items():
        for row_id, parent in parents.items():
            present = run.read_values(name, row_id, ("ownerid",))
            if present is not None and present["ownerid"] != owner:
                cause = assign_event(parent.table, parent.id, owner)
                run.send_along(Update(Row(name, row_id, {"ownerid": owner}), RowKey(row_id)), cause, above)


def _at_work(name: str, ids: Iterable[str]) -> frozenset[str]:
    return frozenset([f"{name}:{row_id}" for row_id in ids])


def _all_moved(
    run: Execution, table: Table, ids: Sequence[str], owner: Reference
) -> tuple[dict[str, _Owners], dict[str, _Parents]]:
    """Table → its rows that change hands and whose they were; also those that do so apart. [SEC-75], [SEC-78]"""
    first: _Owners = {}
    for row_id, values in read_listed(run, table, ("ownerid",), ids).items():
        whose = values["ownerid"]
        if isinstance(whose, Reference) and whose != owner:
            first[row_id] = whose
    moved: dict[str, _Owners] = {}
    apart: dict[str, _Parents] = {}
    waiting = [(table, first)]
    while waiting:
        parent, found = waiting.pop()
        if not found:
            continue
        moved.setdefault(parent.name, {}).update(found)
        for relationship, child, cascade in cascading_to_owned(run, parent, "assign"):
            known = _at_work(child.name, moved.get(child.name, ())) | run.above
            following = [
                row
                for row in followers(run, relationship, child, found, cascade)
                if row.owner is not None and row.owner != owner and f"{child.name}:{row.id}" not in known
            ]
            if not any(run.surroundings.waits(message, child.name) for message in ASSIGNING):
                waiting.append((child, {row.id: row.owner for row in following if row.owner is not None}))
            elif following:
                parents = {row.id: Reference(parent.name, row.parent) for row in following}
                apart.setdefault(child.name, {}).update(parents)
    return moved, apart


def _write(run: Execution, table: Table, former: _Owners, owner: Reference, unit: Reference) -> None:
    """One statement for all rows of a table. [SEC-3], [SEC-4]"""
    values: dict[str, Value] = {"ownerid": owner}
    set_owner(values, owner, unit, table)
    update_listed(run, table, values, former)


def _keeps_former_owners(run: Execution) -> bool:
    """The organization's setting. [SEC-63]"""
    found = run.read_values("organization", run.facts.id, ("sharetopreviousowneronassign",))
    return found is not None and found["sharetopreviousowneronassign"] is True
