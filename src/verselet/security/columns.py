"""Say which columns a caller does not see, and which ones the caller may not write.

In:        a plan or the names of written columns, the schema and the caller
Out:       the plan with what is hidden from the caller; the secured columns for which a right is missing
Not here:  how a hidden column is spelled (sql.origins), shared values of single rows (operations.secured_columns)

Acting for another user takes the rights of both; values are shared only with the user who is acted for. [SEC-92]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from verselet.metadata.schema import Schema
from verselet.query.plan import Cover, Hidden, Masked, Plan
from verselet.query.tabular import Tabular
from verselet.security.caller import Caller
from verselet.security.profiles import ColumnProfiles, ColumnRight, share_id

PLAIN_ROW: Final = 1
PLAIN_ROWS: Final = 3
"""`canreadunmasked` of who may see a single row, or many, without masks. [SEC-108]"""

NO_MASKS: Final[frozenset[Masked]] = frozenset()


def hide(
    asked: Plan, schema: Schema, caller: Caller, masks: frozenset[Masked] = NO_MASKS, *, single: bool = False
) -> Plan:
    """The plan, with null in the place of what the caller may not read, and masks. [SEC-103], [SEC-104], [SEC-108]

    `single`: one row is asked for. With rows that hang on it, it is read as many are.
    """
    needed = PLAIN_ROW if single and not asked.nested else PLAIN_ROWS
    hidden = _covers(schema, caller, masks, needed)
    return msgspec.structs.replace(asked, hidden=hidden) if hidden else asked


def hide_tabular(asked: Tabular, schema: Schema, caller: Caller, masks: frozenset[Masked]) -> Tabular:
    """As `hide`. Shares are not retained, so of retained rows no value is shared. [RET-6]"""
    hidden = _covers(schema, caller, masks, PLAIN_ROWS)
    if asked.from_lake:
        hidden = frozenset(
            [msgspec.structs.replace(item, shared=False) if isinstance(item, Hidden) else item for item in hidden]
        )
    return msgspec.structs.replace(asked, hidden=hidden) if hidden else asked


def _covers(schema: Schema, caller: Caller, masks: frozenset[Masked], needed: int) -> frozenset[Cover]:
    hidden = hidden_columns(schema, caller)
    if not masks:
        return hidden
    places = {(item.table, item.column) for item in hidden}
    seen = masked_columns(schema, caller, masks, needed if caller.asks_plain else None)
    return hidden | {mask for mask in seen if (mask.table, mask.column) not in places}


def masked_columns(schema: Schema, caller: Caller, masks: frozenset[Masked], needed: int | None) -> frozenset[Masked]:
    """The masks the caller reads through: all, or those for which `needed` is more than any profile gives. [SEC-108]"""
    secured = [mask for mask in masks if schema.guards.get(mask.table, {}).get(mask.column) == mask.column]
    return frozenset([mask for mask in secured if needed is None or _unmasked(caller, mask) < needed])


def _unmasked(caller: Caller, mask: Masked) -> int:
    if caller.is_administrator:
        return PLAIN_ROWS
    levels = [profiles.of(mask.table, mask.column).unmasked for profiles in _below_administrators(caller).values()]
    return min(levels, default=PLAIN_ROWS)


def hidden_columns(schema: Schema, caller: Caller) -> frozenset[Hidden]:
    """The columns the caller may not read, and the columns that come along with them."""
    if caller.is_administrator or not schema.guards:
        return frozenset()
    found = set()
    for table, guards in schema.guards.items():
        shareable = lacking(schema, caller, table, guards, "read")
        for column, guard in guards.items():
            if guard in shareable:
                name = share_id(table, guard)
                shared = shareable[guard] and name in caller.standings[0].columns.shared
                found.add(Hidden(table, column, name, shared))
    return frozenset(found)


def lacking(schema: Schema, caller: Caller, table: str, names: Iterable[str], right: ColumnRight) -> dict[str, bool]:
    """The secured columns behind those names for which no profile gives the right. [SEC-105]

    Their values say whether a share of a single value could give it. [SEC-106]
    """
    guards = schema.guards.get(table)
    if not guards or caller.is_administrator:
        return {}
    standings = _below_administrators(caller)
    found = {}
    for name in dict.fromkeys(guards[name] for name in names if name in guards):
        if not caller.standings:
            found[name] = False
        without = {at for at, profiles in standings.items() if not profiles.of(table, name).has(right)}
        if without:
            found[name] = without == {0}
    return found


def _below_administrators(caller: Caller) -> dict[int, ColumnProfiles]:
    """The profiles of the standings that are not above column security, by their places. [SEC-102]"""
    return {
        at: standing.columns
        for at, standing in enumerate(caller.standings)
        if not standing.is_administrator and not standing.columns.everything
    }
