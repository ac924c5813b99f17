"""Hold single rows to what the caller may do with them.

In:        ids of rows a message is about to touch, and the right that takes
Out:       nothing, or the refusal; facts about rows and what a standing may do with them
Not here:  deciding (security.access), lists of rows (security.rows)

A message on one row and a message on a thousand ask the same two statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Final

import msgspec

from verselet.errors import PrivilegeMissing, RowAccessDenied
from verselet.messages.access import AccessRights
from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import PARENT_OF_ACTIVITIES
from verselet.metadata.tables import Table
from verselet.pipeline.execution import Execution
from verselet.security.access import RowFacts, grounds_of
from verselet.security.authorize import missing_privilege
from verselet.security.caller import Caller
from verselet.security.privileges import privilege_name, unit_column
from verselet.security.standing import Standing
from verselet.sql import principals
from verselet.sql.write import different_values_sql, listed_values_sql, values_sql
from verselet.values import Reference, Row, Value

READ, WRITE = AccessRights.ReadAccess, AccessRights.WriteAccess
APPEND, APPEND_TO = AccessRights.AppendAccess, AccessRights.AppendToAccess
CREATE, DELETE, ASSIGN = AccessRights.CreateAccess, AccessRights.DeleteAccess, AccessRights.AssignAccess

NO_APPENDING: Final = frozenset({"ownerid", "owningbusinessunit", "owninguser", "owningteam", "transactioncurrencyid"})
"""Lookups that are no relation between two rows a user works with: they take no Append. [SEC-30], [SEC-45]"""

json_text = msgspec.json.Encoder().encode


def must_hold(run: Execution, table: Table, right: AccessRights) -> None:
    """The caller holds the privilege for that right on the table at some depth.

    Raises:
        PrivilegeMissing: it is not held. [SEC-40]
    """
    if not run.caller.is_administrator:
        refusal = missing_privilege((right, table.name), run.caller, run.schema)
        if refusal is not None:
            raise refusal


def must_reach(run: Execution, table: Table, ids: Sequence[str], right: AccessRights) -> None:
    """The caller has the right on each of those rows. Rows that are not there are nobody's business here.

    Raises:
        PrivilegeMissing: the privilege is not held at any depth. [SEC-40]
        RowAccessDenied: it does not reach one of the rows. [SEC-42]
    """
    if run.caller.is_administrator or not ids:
        return
    must_hold(run, table, right)
    if reaches_everything(run.caller, table, right) or _owners_give(run, table, ids, right):
        return
    for facts in row_facts(run, table, ids):
        if not may(run.caller, table, facts, right):
            raise RowAccessDenied(run.caller.user_id, str(right.name), table.name, facts.id)


def _owners_give(run: Execution, table: Table, ids: Sequence[str], right: AccessRights) -> bool:
    """Whom the rows belong to is enough for the right on all of them, whatever they are shared for.

    However many rows there are, they belong to but a few.
    """
    if table.ownership != "user":
        return False
    columns, dialect = ("ownerid", unit_column(table) or ""), run.session.dialect
    if len(ids) == 1:
        found = run.session.run(values_sql(table, columns, (table.primary_id,), dialect), (ids[0],))
    else:
        found = run.session.run(different_values_sql(table, columns, dialect), (json_text(list(ids)).decode(),))
    kinds = [RowFacts("", _id(owner), _id(unit)) for owner, *_, unit in found]
    return all(may(run.caller, table, kind, right) for kind in kinds)


def must_reach_all(run: Execution, table: Table, right: AccessRights) -> None:
    """The caller has the right on every row of the table, also on those that are gone.

    Raises:
        PrivilegeMissing: it is not held at the depth Global, where the table has depths.
    """
    if not reaches_everything(run.caller, table, right):
        privilege = privilege_name(table, right)
        raise PrivilegeMissing(run.caller.user_id, f"{privilege} (at depth Global)", table.name)


def readable(run: Execution, table: Table, ids: Sequence[str]) -> list[str]:
    """Those of the rows that the caller may read, in the same order. [SEC-44]"""
    if run.caller.is_administrator or not ids:
        return list(ids)
    seen = {facts.id for facts in row_facts(run, table, ids) if may(run.caller, table, facts, READ)}
    return [row_id for row_id in ids if row_id in seen]


def may_read_some(run: Execution, table: Table) -> bool:
    """The caller may read rows of the table, if only its own. [SEC-40]"""
    return run.caller.is_administrator or missing_privilege((READ, table.name), run.caller, run.schema) is None


class Pointing(msgspec.Struct, frozen=True):
    """The rows whose lookups a caller writes, and the rows those then point to, by table."""

    holders: tuple[Row, ...] = ()
    targets: Mapping[str, Set[str]] = {}


def pointing(run: Execution, table: Table, rows: Sequence[Row], *, is_new: bool) -> Pointing:
    """What the lookups that the caller gave take; to be found out before the server adds its own. [SEC-30]"""
    if run.caller.is_administrator:
        return Pointing()
    holders: list[Row] = []
    targets: dict[str, set[str]] = {}
    lookups = _relations(table)
    for row in rows:
        # A new row has nothing to clear.
        given = [value for name, value in row.values.items() if name in lookups and (value is not None or not is_new)]
        if given:
            holders.append(row)
        for value in given:
            if isinstance(value, Reference):
                targets.setdefault(value.table, set()).add(value.id)
    return Pointing(tuple(holders), targets)


@lru_cache(maxsize=1024)
def _relations(table: Table) -> frozenset[str]:
    """The lookups that take Append. [SEC-30]"""
    lookups = [column.name for column in table.columns.values() if isinstance(column, LookupColumn)]
    return frozenset(lookups) - NO_APPENDING


def must_create(run: Execution, table: Table, rows: Sequence[Row], asked: Pointing) -> None:
    """The caller may make these rows, for the owners they name and pointing where they do. [SEC-30], [SEC-46]

    Refusals as `must_reach`.
    """
    if run.caller.is_administrator:
        return
    _must_have(run, table, rows, CREATE)
    owners = {row.values.get("ownerid") for row in rows}
    if table.ownership == "user" and any(_is_another(run.caller, owner) for owner in owners):
        # That is to make the row and to assign it. [SEC-6]
        must_hold(run, table, ASSIGN)
    _must_have(run, table, asked.holders, APPEND)
    _must_append_to(run, asked)


def _must_have(run: Execution, table: Table, rows: Sequence[Row], right: AccessRights) -> None:
    """The caller will have the right on rows that are about to be made.

    Who acts for another makes the other's rows as its own: both must be allowed to have such a row. [SEC-92], [SEC-93]
    """
    if not rows:
        return
    must_hold(run, table, right)
    if reaches_everything(run.caller, table, right):
        return
    column = unit_column(table) or ""
    kinds: dict[tuple[Value, Value], Row] = {}
    for row in rows:
        kinds.setdefault((row.values.get("ownerid"), row.values.get(column)), row)
    for (owner, unit), row in kinds.items():
        facts = RowFacts(row.id or "", _id(owner), _id(unit))
        if not all(grounds_of(one, table, _as_own(run.caller, one, facts), right) for one in run.caller.standings):
            raise RowAccessDenied(run.caller.user_id, str(right.name), table.name, facts.id)


def _as_own(caller: Caller, standing: Standing, facts: RowFacts) -> RowFacts:
    """A new row of the caller's own, as the user of another standing would own it."""
    if standing.user_id == caller.user_id or facts.owner != caller.user_id:
        return facts
    return msgspec.structs.replace(facts, owner=standing.user_id, unit=standing.unit_id)


def _is_another(caller: Caller, owner: Value) -> bool:
    """The owner is neither the caller nor a team of the caller. [SEC-46]"""
    return _id(owner) not in caller.standings[0].principals


def must_append(run: Execution, table: Table, asked: Pointing) -> None:
    """Lookups the caller changes take Append on the row that holds them and AppendTo on the row they point to. [SEC-30]

    Refusals as `must_reach`.
    """
    must_reach(run, table, [row.id or "" for row in asked.holders], APPEND)
    _must_append_to(run, asked)


def _must_append_to(run: Execution, asked: Pointing) -> None:
    for target, ids in asked.targets.items():
        must_reach(run, run.schema.tables[target], sorted(ids), APPEND_TO)


def may(caller: Caller, table: Table, facts: RowFacts, right: AccessRights) -> bool:
    """The caller has the right on a row, by each of its standings. [SEC-41], [SEC-92]"""
    return caller.is_administrator or all(grounds_of(found, table, facts, right) for found in caller.standings)


def row_facts(run: Execution, table: Table, ids: Sequence[str]) -> Iterator[RowFacts]:
    """What decides about those rows, those that are there."""
    columns = [table.primary_id]
    owned = table.ownership == "user"
    unit = unit_column(table)
    columns += [name for name in ("ownerid" if owned else None, unit) if name]
    listed = json_text(list(ids)).decode()
    found = run.session.run(listed_values_sql(table, tuple(columns), run.session.dialect), (listed,))
    shares = _shares(run, table, listed) if owned else {}
    for row in found:
        row_id = str(row[0])
        # The row of a user or team is owned by whom it describes.
        owner = str(row[1]) if owned and row[1] is not None else row_id
        at = row[len(columns) - 1] if unit else None
        yield RowFacts(row_id, owner, None if at is None else str(at), tuple(shares.get(row_id, ())))


def _shares(run: Execution, table: Table, listed: str) -> dict[str, list[tuple[str, int]]]:
    """What rows of the table were shared with; rows of other tables may have the same ids."""
    found: dict[str, list[tuple[str, int]]] = {}
    question = principals.written(principals.SHARES, run.session.dialect)
    for row_id, kind, principal, mask in run.session.run(question, (listed,)):
        of = run.schema.tables.get(str(kind))
        if of is not None and (of.name == table.name or (table.name == PARENT_OF_ACTIVITIES and of.is_activity)):
            found.setdefault(str(row_id), []).append((str(principal), mask if isinstance(mask, int) else 0))
    return found


def reaches_everything(caller: Caller, table: Table, right: AccessRights) -> bool:
    """The caller has the right on every row of the table."""
    reaches = caller.reaches(privilege_name(table, right), right)
    return reaches is not None and all(reach.everything for reach in reaches)


def _id(value: object) -> str | None:
    return value.id if isinstance(value, Reference) else value if isinstance(value, str) else None
