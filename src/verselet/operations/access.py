"""Share rows, and say who may do what with them.

In:        a row, a principal, rights
Out:       rows of `principalobjectaccess`; rights and privileges as lists
Not here:  whether the caller may send the message (security.authorize)

What is told is what this server decides by today: System Administrator may do everything, the owner of a row
everything with it, and others what was shared with them or their teams. Depths of roles are not taken into account.
"""

from __future__ import annotations

from typing import Final, cast

from verselet.errors import InvalidArgument, MessageNotForTable, NoSharee, SharedWithManagedTeam, SharedWithOwner
from verselet.messages.access import (
    ALL_RIGHTS,
    AccessRights,
    GrantAccess,
    ModifyAccess,
    RetrievePrincipalAccess,
    RetrieveSharedPrincipalsAndAccess,
    RevokeAccess,
    RevokeInheritedAccess,
    written_rights,
)
from verselet.messages.request import PropertiesResponse, Response
from verselet.metadata.tables import Table
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.principals import is_administrator, teams_of
from verselet.operations.rules.defaults import ACCESS_TEAM
from verselet.operations.rules.inheriting import forget_inherited, spread, withdraw
from verselet.operations.rules.shares import NO_SHARE, Share, read_shares, write_shares
from verselet.pipeline.execution import Execution
from verselet.values import KeyReference, Reference, Value

SHAREES: Final = ("systemuser", "team", "organization")


def grant_access(run: Execution) -> Response:
    """What the principal gets comes to what it has. [SEC-52], [SEC-53]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the row or the principal is not there.
        MessageNotForTable: rows of the table have no owner, so they are not shared.
        NoSharee: the principal is neither user nor team nor the organization.
        SharedWithOwner: the principal owns the row.
        SharedWithManagedTeam: the server itself looks after the shares of the team.
    """
    request = cast(GrantAccess, run.request)
    table, row_id, principal = _parties(run, "GrantAccess", request.target, request.principal)
    share_row(run, table, row_id, principal, int(request.rights), adding=True)
    return Response()


def modify_access(run: Execution) -> Response:
    """The principal is given exactly these rights. Refusals as `grant_access`. [SEC-54]"""
    request = cast(ModifyAccess, run.request)
    table, row_id, principal = _parties(run, "ModifyAccess", request.target, request.principal)
    share_row(run, table, row_id, principal, int(request.rights), adding=False)
    return Response()


def revoke_access(run: Execution) -> Response:
    """The direct share goes; one that is not there is no fault. [SEC-55]"""
    request = cast(RevokeAccess, run.request)
    table, row_id = named_row(run, request.target)
    share_row(run, table, row_id, _principal(run, request.revokee), 0, adding=False)
    return Response()


def share_row(run: Execution, table: Table, row_id: str, principal: Reference, rights: int, *, adding: bool) -> None:
    """Give a principal rights on a row, beside or instead of those it was given before; children follow.

    [SEC-53], [SEC-54], [SEC-73]
    """
    present = read_shares(run, (row_id,)).get(row_id, {}).get(principal, NO_SHARE)
    share = Share(present.direct | rights if adding else rights, present.inherited)
    if share != present:
        write_shares(run, table, {row_id: {principal: share}})
    gone = present.effective & ~share.effective
    if gone:
        withdraw(run, table, {row_id: {principal: gone}}, "unshare")
    if rights:
        spread(run, table, {row_id: {principal: rights}}, "share")


def revoke_inherited_access(run: Execution) -> Response:
    """What a relationship let rows inherit goes; direct shares stay. [SEC-80]

    Raises:
        InvalidArgument: there is none of that name.
    """
    name = cast(RevokeInheritedAccess, run.request).relationship
    found = next((known for known in run.schema.relationships if known.schema_name == name), None)
    if found is None:
        raise InvalidArgument(f"There is no relationship '{name[:100]}' of one row with many.")
    forget_inherited(run, found)
    return Response()


def retrieve_principal_access(run: Execution) -> PropertiesResponse:
    """What the principal may do with the row, by whatever way. [FN-15], [SEC-57]"""
    request = cast(RetrievePrincipalAccess, run.request)
    principal = Reference(request.table, must_find_id(run, run.schema.tables[request.table], request.principal))
    table, row_id = named_row(run, request.target)
    rights = rights_on(run, principal, table, row_id)
    return PropertiesResponse("RetrievePrincipalAccessResponse", {"AccessRights": written_rights(rights)})


def retrieve_shared_principals(run: Execution) -> PropertiesResponse:
    """With whom the row is shared, and how. [FN-16], [SEC-58]"""
    request = cast(RetrieveSharedPrincipalsAndAccess, run.request)
    table, row_id = named_row(run, request.target)
    owner = _owner(run, table, row_id)
    found = [
        {
            "AccessMask": written_rights(AccessRights(share.effective)),
            "Principal": {"@odata.type": f"#Microsoft.Dynamics.CRM.{principal.table}", "ownerid": principal.id},
        }
        for principal, share in read_shares(run, (row_id,)).get(row_id, {}).items()
        if share.effective and principal != owner
    ]
    return PropertiesResponse("RetrieveSharedPrincipalsAndAccessResponse", {"PrincipalAccesses": found})


def rights_on(run: Execution, principal: Reference, table: Table, row_id: str) -> AccessRights:
    """The rights of a principal on a row. [SEC-41]"""
    if is_administrator(run, principal):
        return ALL_RIGHTS
    acting = {principal, *teams_of(run, principal)}
    if "ownerid" in table.columns:
        owner = (run.read_values(table.name, row_id, ("ownerid",)) or {}).get("ownerid")
        if owner in acting:
            return ALL_RIGHTS
    acting.add(Reference("organization", run.facts.id))
    shares = read_shares(run, (row_id,)).get(row_id, {})
    rights = 0
    for whose in acting & shares.keys():
        rights |= shares[whose].effective
    return AccessRights(rights)


def _parties(
    run: Execution, message: str, target: Reference | KeyReference, principal: Reference | KeyReference
) -> tuple[Table, str, Reference]:
    """The row and the principal, both there and fit for each other."""
    table, row_id = named_row(run, target)
    if table.ownership != "user":
        raise MessageNotForTable(message, table.name)
    found = _principal(run, principal)
    if _owner(run, table, row_id) == found:
        raise SharedWithOwner
    return table, row_id, found


def _principal(run: Execution, named: Reference | KeyReference) -> Reference:
    """Whom a row is shared with."""
    if named.table not in SHAREES:
        raise NoSharee(named.table)
    table, row_id = named_row(run, named)
    if table.name == "team":
        team = run.read_values("team", row_id, ("teamtype", "systemmanaged")) or {}
        if team.get("systemmanaged") and team.get("teamtype") == ACCESS_TEAM:
            raise SharedWithManagedTeam
    return Reference(table.name, row_id)


def _owner(run: Execution, table: Table, row_id: str) -> Value:
    if "ownerid" not in table.columns:
        return None
    return (run.read_values(table.name, row_id, ("ownerid",)) or {}).get("ownerid")
