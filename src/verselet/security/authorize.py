"""Decide whether a caller may send a message.

In:        a request, its caller, the schema
Out:       a `Verdict`: may the caller, and what is missing
Not here:  which rows (security.rows, operations.rights), what a message takes (security.needs)
"""

from __future__ import annotations

import msgspec

from verselet.errors import AccessDenied, PrivilegeMissing
from verselet.messages.access import AccessRights
from verselet.messages.request import Request
from verselet.metadata.schema import Schema
from verselet.security.caller import Caller
from verselet.security.needs import NOTHING, Need, needs
from verselet.security.privileges import has_privileges, privilege_name


class Verdict(msgspec.Struct, frozen=True):
    """May the caller, and why not."""

    refusal: AccessDenied | None = None

    @property
    def allowed(self) -> bool:
        """Nothing is missing."""
        return self.refusal is None

    def or_refuse(self) -> None:
        """Raise what the verdict means.

        Raises:
            PrivilegeMissing, AccessDenied: the caller may not. [SEC-40], [E-17]
        """
        if self.refusal is not None:
            raise self.refusal


ALLOWED = Verdict()


def authorize(request: Request, caller: Caller, schema: Schema) -> Verdict:
    """The verdict on one message: every privilege it takes is held at some depth. [SEC-40], [SEC-45]"""
    if caller.is_administrator or isinstance(request, NOTHING):
        return ALLOWED
    wanted = needs(request)
    name = type(request).__name__
    if wanted is None:
        return _refused(AccessDenied(f"Principal user (Id={caller.user_id}) may not send {name}: it takes a role that "
                                     "holds everything, as System Administrator."))  # fmt: skip
    if not caller.has_roles:
        return _refused(AccessDenied(f"The user with id {caller.user_id} has not been assigned any roles."))
    for need in wanted:
        refusal = missing_privilege(need, caller, schema)
        if refusal is not None:
            return _refused(refusal)
    return ALLOWED


def missing_privilege(need: Need, caller: Caller, schema: Schema) -> PrivilegeMissing | None:
    """The refusal where one privilege is not held, None where it is. [SEC-48]"""
    if isinstance(need, str):
        return None if caller.holds(need) else PrivilegeMissing(caller.user_id, need, "none")
    right, table_name = need
    table = schema.tables.get(table_name)
    if table is None or not has_privileges(table):
        # What is not there is refused for that; pairs are asked for by their ends.
        return None
    if right in _ONLY_OWNED and table.ownership != "user":
        # Nobody can hold it; that the table has no such message is said where it runs. [SEC-7]
        return None
    privilege = privilege_name(table, right)
    if caller.reaches(privilege, right) is not None:
        return None
    return PrivilegeMissing(caller.user_id, privilege, table.name)


_ONLY_OWNED = frozenset({AccessRights.ShareAccess, AccessRights.AssignAccess})


def _refused(refusal: AccessDenied) -> Verdict:
    return Verdict(refusal)
