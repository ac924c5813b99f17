"""Say which rows a caller may see, as a condition of the plan.

In:        a plan and its caller
Out:       the plan with the row filter in it, and in every nested plan
Not here:  whether the table may be read at all (security.authorize)
"""

from __future__ import annotations

import msgspec

from verselet.query.plan import (
    All,
    Always,
    ChildrenOf,
    Condition,
    Either,
    Exists,
    Linked,
    Negate,
    Nested,
    Never,
    Plan,
    Related,
)
from verselet.query.tabular import Shown, Tabular
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


def restrict_tabular(asked: Tabular, caller: Caller) -> Tabular:
    """The plan with the caller's row filter on every table it joins, tests or shows. [invariant 10]"""
    return msgspec.structs.replace(
        asked,
        outputs=tuple([_restrict_output(output, caller) for output in asked.outputs]),
        where=_filtered(asked.table, asked.where, caller),
        links=tuple([_restrict_link(link, caller) for link in asked.links]),
    )


def _restrict_output(output: Shown, caller: Caller) -> Shown:
    by = output.by
    if not isinstance(by, ChildrenOf):
        return output
    return Shown(msgspec.structs.replace(by, where=_filtered(by.table, by.where, caller)), output.name)


def _filtered(table: str, condition: Condition, caller: Caller) -> Condition:
    found, inner = row_filter(table, caller), _restrict_condition(condition, caller)
    return inner if isinstance(found, Always) else All((found, inner))


def _restrict_link(link: Linked, caller: Caller) -> Linked:
    return msgspec.structs.replace(link, on=_filtered(link.table, link.on, caller))


def _restrict_condition(condition: Condition, caller: Caller) -> Condition:
    match condition:
        case All(items=items):
            return All(tuple([_restrict_condition(item, caller) for item in items]))
        case Either(items=items):
            return Either(tuple([_restrict_condition(item, caller) for item in items]))
        case Negate(item=item):
            return Negate(_restrict_condition(item, caller))
        case Exists(table=table, links=links, where=where):
            found = tuple([_restrict_link(link, caller) for link in links])
            return msgspec.structs.replace(condition, links=found, where=_filtered(table, where, caller))
        case Related(table=table, where=where):
            return msgspec.structs.replace(condition, where=_filtered(table, where, caller))
        case _:
            return condition
