"""Say which privileges the grants of a role mean, and give them.

In:        a role of a fixture, an organization
Out:       the work that lets the role hold exactly them, beside what every role holds
Not here:  what privileges are called (security.privileges), copies of roles (operations)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verselet.errors import OperatorError, did_you_mean
from verselet.ids import name_id
from verselet.messages.request import CreateMultiple
from verselet.organization import Organization
from verselet.security.privileges import DEPTHS, GLOBAL, VERBS, Privilege, privileges
from verselet.seeding.fixture import WRONG_SHAPE, Role
from verselet.seeding.work import Deed, Step, WantedRow, rows_with
from verselet.values import Row, Value

HELD = "roleprivileges"
MASKS = {depth: mask for mask, depth in DEPTHS.items()}


def wanted_privileges(
    organization: Organization, role: Role, place: str, left_out: frozenset[str]
) -> dict[Privilege, int]:
    """Privilege → the deepest mask the role shall hold it with. Tables that were left out have no privileges.

    Raises:
        OperatorError: there is no such table, verb or privilege.
    """
    tables = organization.schema.tables
    known = {privilege.name: privilege for privilege in privileges(tables.values())}
    wanted: dict[Privilege, int] = {}
    for number, grant in enumerate(role.grants):
        for at, table in enumerate(grant.tables):
            path = f"{place}.grants[{number}].tables[{at}]"
            if table in left_out:
                continue
            if table not in tables:
                raise OperatorError(
                    WRONG_SHAPE, path, f"there is no table {table}. {did_you_mean(table, tables)}", "correct it"
                )
            own = {privilege.right: privilege for privilege in privileges((tables[table],))}
            for verb in grant.verbs:
                found = own.get(VERBS[verb]) if verb in VERBS else None
                if found is None:
                    raise OperatorError(WRONG_SHAPE, path, f"{table} has no privilege for {verb}", "correct it")
                _deepen(wanted, found, grant.depth)
    for number, named in enumerate(role.privileges):
        if named.name not in known:
            why = f"there is no privilege {named.name}. {did_you_mean(named.name, known)}"
            raise OperatorError(WRONG_SHAPE, f"{place}.privileges[{number}]", why, "correct it")
        _deepen(wanted, known[named.name], named.depth)
    return wanted


def privilege_work(
    organization: Organization, role_id: str, path: str, wanted: Mapping[Privilege, int]
) -> Iterator[Deed]:
    """What is missing, and what is held otherwise."""
    held = {
        str(row.values["privilegeid"]): row
        for row in rows_with(organization, HELD, ("privilegeid", "privilegedepthmask"), roleid=role_id)
    }
    new: list[Row] = []
    for privilege, mask in wanted.items():
        present = held.get(privilege.id)
        if present is None:
            values: dict[str, Value] = {"roleid": role_id, "privilegeid": privilege.id, "privilegedepthmask": mask}
            new.append(Row(HELD, name_id(f"held/{role_id}/{privilege.name}"), values))
        elif present.values["privilegedepthmask"] != mask:
            yield WantedRow(path, Row(HELD, present.id, {"privilegedepthmask": mask}))
    if new:
        yield Step(path, CreateMultiple(HELD, tuple(new)))


def _deepen(wanted: dict[Privilege, int], privilege: Privilege, depth: str) -> None:
    """Ungraded privileges are held for all rows or not at all. [SEC-7]"""
    mask = MASKS[depth] if privilege.graded else GLOBAL
    wanted[privilege] = max(wanted.get(privilege, 0), mask)
