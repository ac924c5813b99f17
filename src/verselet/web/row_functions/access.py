"""Read and answer the operations on shares and rights.

In:        a call
Out:       an `Answer`
Not here:  deciding and storing (operations.access)
"""

from __future__ import annotations

from typing import Final

from verselet.errors import BadRequest
from verselet.messages.access import (
    AccessRights,
    GrantAccess,
    ModifyAccess,
    RetrievePrincipalAccess,
    RetrieveSharedPrincipalsAndAccess,
    RevokeAccess,
    RevokeInheritedAccess,
)
from verselet.messages.request import RowKey
from verselet.values import KeyReference, Reference
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import needed, object_of, row_of, text_of

NOTHING: Final = AccessRights(0)
LONGEST_NUMBER: Final = 20


def grant(call: Call) -> Answer:
    """Share a row. [FN-17], [SEC-52]"""
    target, (principal, rights) = call.row("Target"), _principal_access(call)
    return call.done(GrantAccess(target, principal, rights))


def modify(call: Call) -> Answer:
    """Replace a share. [FN-17], [SEC-54]"""
    target, (principal, rights) = call.row("Target"), _principal_access(call)
    return call.done(ModifyAccess(target, principal, rights))


def revoke(call: Call) -> Answer:
    """Take a share back. [FN-17], [SEC-55]"""
    return call.done(RevokeAccess(call.row("Target"), call.row("Revokee")))


def revoke_inherited(call: Call) -> Answer:
    """Take back what rows inherited along a relationship. [SEC-80]"""
    return call.done(RevokeInheritedAccess(text_of(call.given, "RelationshipSchema")))


def principal_access(call: Call) -> Answer:
    """What a principal may do with a row; unbound, the principal is a parameter. [FN-15], [MSG-4]"""
    if call.bound_to is None:
        named = call.row("Principal")
        key = RowKey(named.id) if isinstance(named, Reference) else RowKey(None, named.values)
        return call.properties(RetrievePrincipalAccess(named.table, key, call.row("Target")))
    table, key = call.bound
    return call.properties(RetrievePrincipalAccess(table.name, key, call.row("Target")))


def shared_principals(call: Call) -> Answer:
    """With whom a row is shared. [FN-16]"""
    return call.properties(RetrieveSharedPrincipalsAndAccess(call.row("Target")))


def read_rights(given: object) -> AccessRights:
    """A set of rights: member names joined by commas, or a number. [SEC-50]

    Raises:
        BadRequest: a name or number that is no right.
    """
    if isinstance(given, str) and given.strip().isdecimal() and len(given) < LONGEST_NUMBER:
        given = int(given)
    if type(given) is int and 0 <= given <= sum(AccessRights):
        rights = AccessRights(given)
        if sum(right for right in AccessRights if right in rights) == given:
            return rights
    if not isinstance(given, str):
        raise BadRequest("The access mask must be the names of access rights, joined by commas.")
    found = NOTHING
    for name in given.split(","):
        member = name.strip()
        if member in AccessRights.__members__:
            found |= AccessRights[member]
        elif member != "None":
            raise BadRequest(f"'{member[:80]}' is no member of AccessRights.")
    return found


def _principal_access(call: Call) -> tuple[Reference | KeyReference, AccessRights]:
    given = object_of(call.given, "PrincipalAccess")
    return row_of(call.schema, given, "Principal"), read_rights(needed(given, "AccessMask"))
