"""Say which columns a caller does not see, and which ones the caller may not write.

In:        a plan or the names of written columns, the schema and the caller
Out:       the plan with what is hidden from the caller; the secured columns for which a right is missing
Not here:  how a hidden column is spelled (sql.origins), shared values of single rows (operations.secured_columns)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from verselet.metadata.schema import Schema
from verselet.query.plan import NOTHING_HIDDEN, Hidden, Plan
from verselet.query.tabular import Tabular
from verselet.security.caller import Caller
from verselet.security.profiles import ColumnProfiles, ColumnRight, share_id


def hide(asked: Plan, schema: Schema, caller: Caller) -> Plan:
    """The plan, with null in the place of what the caller may not read. [SEC-103], [SEC-104]"""
    hidden = hidden_columns(schema, caller)
    return msgspec.structs.replace(asked, hidden=hidden) if hidden else asked


def hide_tabular(asked: Tabular, schema: Schema, caller: Caller) -> Tabular:
    """As `hide`."""
    hidden = hidden_columns(schema, caller)
    return msgspec.structs.replace(asked, hidden=hidden) if hidden else asked


def hidden_columns(schema: Schema, caller: Caller) -> frozenset[Hidden]:
    """The columns the caller may not read, and the columns that come along with them.

    Acting for another user, single values are shared only with that user: what the real user may not read is hidden.
    [SEC-92]
    """
    standings = _secured(caller)
    if not schema.guards or not standings:
        return NOTHING_HIDDEN
    found = set()
    for table, guards in schema.guards.items():
        for column, guard in guards.items():
            lacking = [profiles for profiles in standings if not profiles.of(table, guard).read]
            if lacking:
                found.add(Hidden(table, column, share_id(table, guard), _shared(lacking, caller, table, guard)))
    return frozenset(found)


def denied(schema: Schema, caller: Caller, table: str, names: Iterable[str], right: ColumnRight) -> tuple[str, ...]:
    """The secured columns behind those names for which the caller lacks a right. [SEC-105]"""
    guards = schema.guards.get(table)
    if not guards:
        return ()
    standings = _secured(caller)
    wanted = dict.fromkeys(guards[name] for name in names if name in guards)
    return tuple([name for name in wanted if not all(found.of(table, name).has(right) for found in standings)])


def may_use_shares(caller: Caller) -> bool:
    """Values shared with the user count: for a user who acts for another they do not."""
    return len(_secured(caller)) == 1 and caller.real_user_id is None


def _shared(lacking: list[ColumnProfiles], caller: Caller, table: str, column: str) -> bool:
    return may_use_shares(caller) and share_id(table, column) in lacking[0].shared


def _secured(caller: Caller) -> list[ColumnProfiles]:
    """The profiles of each standing that is not above column security. [SEC-102]"""
    return list(_below_administrators(caller))


def _below_administrators(caller: Caller) -> Iterator[ColumnProfiles]:
    if caller.is_administrator:
        return
    for standing in caller.standings:
        if not standing.is_administrator and not standing.columns.everything:
            yield standing.columns
