"""Share rows, and ask who may do what with them.

In:        made by web
Out:       frozen messages; `AccessRights` and how a set of them is written
Not here:  deciding (security), roles (rows like others)
"""

from __future__ import annotations

from enum import IntFlag

from verselet.messages.request import ReadingRequest, Request, RowKey
from verselet.values import KeyReference, Reference


class AccessRights(IntFlag):
    """What a principal may do with a row, as bits. [FN-27], [SEC-50]"""

    ReadAccess = 1
    WriteAccess = 2
    AppendAccess = 4
    AppendToAccess = 16
    CreateAccess = 32
    DeleteAccess = 65_536
    ShareAccess = 262_144
    AssignAccess = 524_288


ALL_RIGHTS = AccessRights(sum(AccessRights))


def written_rights(rights: AccessRights) -> str:
    """Member names in ascending order of their bits, `None` where there are none. [SEC-51]"""
    return ", ".join([str(right.name) for right in AccessRights if right in rights]) or "None"


class GrantAccess(Request, frozen=True, tag=True):
    """Share a row; the principal keeps what it had. [FN-17], [SEC-52], [SEC-53]"""

    target: Reference | KeyReference
    principal: Reference | KeyReference
    rights: AccessRights


class ModifyAccess(Request, frozen=True, tag=True):
    """Replace what a principal was given directly. [FN-17], [SEC-54]"""

    target: Reference | KeyReference
    principal: Reference | KeyReference
    rights: AccessRights


class RevokeAccess(Request, frozen=True, tag=True):
    """Take back what a principal was given directly; no share is no fault. [FN-17], [SEC-55]"""

    target: Reference | KeyReference
    revokee: Reference | KeyReference


class RevokeInheritedAccess(Request, frozen=True, tag=True):
    """Take back what rows inherited along a relationship that passes on nothing any more. [SEC-80]

    `relationship` is its schema name. The Web API calls the message `CreateAsyncJobToRevokeInheritedAccess`.
    """

    relationship: str


class RetrievePrincipalAccess(ReadingRequest, frozen=True, tag=True):
    """What a user or team may do with a row, by whatever way. [FN-15], [SEC-57]"""

    table: str
    principal: RowKey
    target: Reference | KeyReference


class RetrieveSharedPrincipalsAndAccess(ReadingRequest, frozen=True, tag=True):
    """With whom a row is shared; its owner is not listed. [FN-16], [SEC-58]"""

    target: Reference | KeyReference


class RetrieveUserPrivileges(ReadingRequest, frozen=True, tag=True):
    """Which privileges a user holds, and how deep; with `only`, of those that have such an id or name.

    [FN-14], [SEC-31]
    """

    user: RowKey
    only: tuple[str, ...] | None = None
