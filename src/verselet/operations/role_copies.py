"""Keep the copies of roles: each unit has one of every role of the units above it.

In:        units and roles that came, changed or moved
Out:       rows of `role` and `roleprivileges`
Not here:  who may change roles (operations.table_rules.roles), what a role holds (operations.role_privileges)

A copy's id follows from the role and the unit, so what points to the copy above it needs no look-up. What copies hold
is written by one statement, however many copies and privileges there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from verselet.ids import name_id
from verselet.operations.asking import rows_where
from verselet.operations.create import create_rows
from verselet.operations.hierarchies import below, id_of
from verselet.operations.rewriting import rewrite
from verselet.operations.rules.cascades import delete_with_children
from verselet.pipeline.execution import Execution
from verselet.sql.columns import stored_columns
from verselet.sql.roles import copy_held_sql
from verselet.values import Reference, Row, Value

ROLE: Final = "role"
HELD: Final = "roleprivileges"
PARENT_UNIT: Final = "parentbusinessunitid"

OWN_OF_A_COPY: Final = frozenset(
    {
        "roleid",
        "roleidunique",
        "businessunitid",
        "parentroleid",
        "parentrootroleid",
        "versionnumber",
        "createdon",
        "createdby",
        "createdonbehalfby",
        "modifiedon",
        "modifiedby",
        "modifiedonbehalfby",
    }
)
"""What a copy does not take over from its role."""


def copy_id(role_id: str, unit_id: str) -> str:
    """The id of the copy of a role in a unit below it."""
    return name_id("role copy", role_id, unit_id)


def is_copy(role: Row) -> bool:
    """The role is a copy: another one is its root."""
    root = id_of(role.values["parentrootroleid"])
    return root is not None and root != role.id


def copy_role(run: Execution, role_id: str) -> None:
    """A new role comes to all units below its own. [SEC-13]"""
    (role,) = rows_where(run, ROLE, _copied(run), {"roleid": role_id})
    unit = id_of(role.values["businessunitid"]) or ""
    pairs = below(run, "businessunit", PARENT_UNIT, unit)[1:]
    above = {below_it: role_id if parent == unit else copy_id(role_id, parent or "") for below_it, parent in pairs}
    _make(run, [_copy(role, unit_id, above_id) for unit_id, above_id in above.items()])


def settle_copies(run: Execution, unit_id: str, parent_id: str) -> None:
    """A unit that is new below another, or moved there, and all below it have the roles of the units above. [SEC-13]"""
    for unit, parent in below(run, "businessunit", PARENT_UNIT, unit_id):
        _settle(run, unit, parent_id if unit == unit_id else parent or "")


def copies_of(run: Execution, role_id: str) -> list[str]:
    """The ids of the copies of a role."""
    found = rows_where(run, ROLE, ("roleid",), {"parentrootroleid": role_id})
    return [row.id for row in found if row.id is not None and row.id != role_id]


def _settle(run: Execution, unit_id: str, parent_id: str) -> None:
    """The copies in one unit, while those above it are right already."""
    wanted = {_root(role): role for role in rows_where(run, ROLE, _copied(run), {"businessunitid": parent_id})}
    present = {_root(role): role for role in rows_where(run, ROLE, _copied(run), {"businessunitid": unit_id})}
    gone = [role.id or "" for root, role in present.items() if is_copy(role) and root not in wanted]
    if gone:
        delete_with_children(run, run.schema.tables[ROLE], gone)
    for root in wanted.keys() & present.keys():
        pointed = Reference(ROLE, wanted[root].id or "")
        if present[root].values["parentroleid"] != pointed:
            rewrite(run, run.schema.tables[ROLE], {"parentroleid": pointed}, "roleid", present[root].id or "")
    missing = [role for root, role in wanted.items() if root not in present]
    _make(run, [_copy(role, unit_id, role.id or "") for role in missing])


def _make(run: Execution, copies: Sequence[Row]) -> None:
    """Write copies, and let them hold what their roles hold."""
    if not copies:
        return
    known = frozenset(value for row in copies for value in row.values.values() if isinstance(value, Reference))
    create_rows(run, run.schema.tables[ROLE], copies, known)
    text = copy_held_sql(run.schema.tables[HELD], run.session.dialect, by="copies")
    listed = msgspec.json.encode([row.id for row in copies]).decode()
    run.session.run(text, (run.session.next_versions(), listed))


def _copy(role: Row, unit_id: str, above_id: str) -> Row:
    """The copy in a unit of a role, or of a copy of it."""
    root = _root(role)
    values: dict[str, Value] = {name: value for name, value in role.values.items() if name not in OWN_OF_A_COPY}
    values["businessunitid"] = Reference("businessunit", unit_id)
    values["parentroleid"] = Reference(ROLE, above_id)
    values["parentrootroleid"] = Reference(ROLE, root)
    return Row(ROLE, copy_id(root, unit_id), values)


def _root(role: Row) -> str:
    return id_of(role.values["parentrootroleid"]) or role.id or ""


def _copied(run: Execution) -> tuple[str, ...]:
    """The columns of a role that are read to copy it."""
    table = run.schema.tables[ROLE]
    return tuple([name for name, column in table.columns.items() if column.read and stored_columns(table, column)])
