"""Say which privileges the grants of a role mean, and give them.

In:        a role of a fixture, an organization
Out:       the work that lets the role hold exactly them, beside what every role holds
Not here:  what privileges are called (security.privileges), copies of roles (operations)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verselet.errors import OperatorError, did_you_mean
from verselet.messages.principals import GivenPrivilege, ReplacePrivilegesRole
from verselet.messages.request import RowKey
from verselet.operations.role_privileges import OF_EVERY_ROLE
from verselet.organization import Organization
from verselet.security.privileges import DEPTHS, GLOBAL, VERBS, Privilege, privileges
from verselet.seeding.fixture import WRONG_SHAPE, Role
from verselet.seeding.work import Deed, Step, rows_with

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
    """One message where the role holds anything else. What every role holds it may hold deeper. [SEC-26], [SEC-32]"""
    whole = dict.fromkeys(OF_EVERY_ROLE, GLOBAL) | {privilege.name: mask for privilege, mask in wanted.items()}
    names = {privilege.id: privilege.name for privilege in privileges(organization.schema.tables.values())}
    held = {
        names.get(str(row.values["privilegeid"])): row.values["privilegedepthmask"]
        for row in rows_with(organization, HELD, ("privilegeid", "privilegedepthmask"), roleid=role_id)
    }
    if held != whole:
        given = tuple(GivenPrivilege(mask, name=name) for name, mask in whole.items())
        yield Step(path, ReplacePrivilegesRole(RowKey(role_id), given))


def _deepen(wanted: dict[Privilege, int], privilege: Privilege, depth: str) -> None:
    """Ungraded privileges are held for all rows or not at all. [SEC-7]"""
    mask = MASKS[depth] if privilege.graded else GLOBAL
    wanted[privilege] = max(wanted.get(privilege, 0), mask)
