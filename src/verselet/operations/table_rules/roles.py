"""Keep roles and their copies alike, and System Administrator as it is.

In:        rows of `role`
Out:       `ROLE_RULES`
Not here:  what roles hold (operations.role_privileges), who has them (the module holders)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.errors import AdministratorRoleFixed, AdministratorRoleNotDeletable, InvalidArgument
from verselet.operations.rewriting import rewrite
from verselet.operations.role_copies import OWN_OF_A_COPY, ROLE, copies_of, copy_role
from verselet.operations.role_privileges import give_first_privileges, must_change
from verselet.operations.rules.cascades import delete_with_children
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row

TEAM_AND_USER: Final = 1
"""`isinherited` of a role that also gives Basic privileges to members of a team. [SEC-25]"""


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        values = row.values
        if values.get("businessunitid") is None:
            values["businessunitid"] = Reference("businessunit", run.caller.business_unit_id)
        if values.get("isinherited") is None:
            values["isinherited"] = TEAM_AND_USER
        values["organizationid"] = run.facts.id


def _created(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        role_id = row.id or ""
        rewrite(run, run.schema.tables[ROLE], {"parentrootroleid": Reference(ROLE, role_id)}, "roleid", role_id)
        give_first_privileges(run, role_id)
        copy_role(run, role_id)


def _changing(run: Execution, row: Row) -> None:
    """What a role gets, its copies get; a role stays in its unit. [SEC-13]"""
    role_id = row.id or ""
    must_change(run, role_id)
    present = run.read_values(ROLE, role_id, ("businessunitid",)) or {}
    if row.values.get("businessunitid", present.get("businessunitid")) != present.get("businessunitid"):
        raise InvalidArgument("A role stays in the business unit it was made in.")
    values = {name: value for name, value in row.values.items() if name not in OWN_OF_A_COPY}
    if values:
        rewrite(run, run.schema.tables[ROLE], values, "parentrootroleid", role_id)


def _deleting(run: Execution, role_id: str) -> None:
    """The copies go along. [SEC-13]"""
    try:
        must_change(run, role_id)
    except AdministratorRoleFixed:
        raise AdministratorRoleNotDeletable from None
    copies = copies_of(run, role_id)
    if copies:
        delete_with_children(run, run.schema.tables[ROLE], copies)


ROLE_RULES: Final = TableRules(creating=_creating, created=_created, changing=_changing, deleting=_deleting)
"""[SEC-13], [SEC-28], [SEC-32]"""
