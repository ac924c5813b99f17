"""Say which rows a caller may see, as a condition of the plan.

In:        a plan and its caller
Out:       the plan with the row filter in it, and in every nested plan
Not here:  whether the table may be read at all (security.authorize)
"""

from __future__ import annotations

import msgspec

from verselet.query.plan import All, Always, Condition, Nested, Never, Plan
from verselet.security.caller import Caller


def row_filter(_table: str, caller: Caller) -> Condition:
    """The rows of a table the caller may read: all for System Administrator, none for others. [SEC-40]"""
    return Always() if caller.is_administrator else Never()


def restrict(asked: Plan, caller: Caller) -> Plan:
    """The plan with the caller's row filter on every table it reads rows of."""
    nested = tuple([_restrict_nested(item, caller) for item in asked.nested])
    found = row_filter(asked.table, caller)
    if isinstance(found, Always):
        return asked if nested == asked.nested else msgspec.structs.replace(asked, nested=nested)
    return msgspec.structs.replace(asked, where=All((found, asked.where)), nested=nested)


def _restrict_nested(item: Nested, caller: Caller) -> Nested:
    return msgspec.structs.replace(item, plan=restrict(item.plan, caller))
