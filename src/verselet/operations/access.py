"""Share rows, and say who may do what with them.

In:        a row, a principal, rights
Out:       rows of `principalobjectaccess`; rights and privileges as lists
Not here:  deciding (security.access), the rows of shares (operations.rules.shares)
"""

from __future__ import annotations

from typing import Final, cast

from verselet.errors import (
    InvalidArgument,
    MessageNotForTable,
    NoSharee,
    RowAccessDenied,
    SharedWithManagedTeam,
    SharedWithOwner,
)
from verselet.messages.access import (
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
from verselet.operations.rights import may, must_reach, row_facts
from verselet.operations.rules.auditing import note_share
from verselet.operations.rules.defaults import ACCESS_TEAM
from verselet.operations.rules.entitled import must_be_able_to_gain
from verselet.operations.rules.inheriting import forget_inherited, spread, withdraw
from verselet.operations.rules.shares import NO_SHARE, Share, read_shares, write_shares
from verselet.operations.standings import read_book, read_standing, read_team_standing
from verselet.pipeline.execution import Execution
from verselet.security.access import RowFacts, access_to
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
        RowAccessDenied: the caller may not share the row, or gives what it has not itself.
        PrincipalNotEntitled: the principal is a user without any privilege on the table.
    """
    request = cast(GrantAccess, run.request)
    table, row_id, principal = _parties(run, "GrantAccess", request)
    share_row(run, table, row_id, principal, int(request.rights), adding=True)
    return Response()


def modify_access(run: Execution) -> Response:
    """The principal is given exactly these rights. Refusals as `grant_access`. [SEC-54]"""
    request = cast(ModifyAccess, run.request)
    table, row_id, principal = _parties(run, "ModifyAccess", request)
    share_row(run, table, row_id, principal, int(request.rights), adding=False)
    return Response()


def revoke_access(run: Execution) -> Response:
    """The direct share goes; one that is not there is no fault. [SEC-55]"""
    request = cast(RevokeAccess, run.request)
    table, row_id = named_row(run, request.target)
    must_reach(run, table, (row_id,), AccessRights.ShareAccess)
    share_row(run, table, row_id, _principal(run, request.revokee), 0, adding=False)
    return Response()


def share_row(run: Execution, table: Table, row_id: str, principal: Reference, rights: int, *, adding: bool) -> None:
    """Give a principal rights on a row, beside or instead of those it was given before; children follow.

    [SEC-53], [SEC-54], [SEC-73]
    """
    present = read_shares(run, table, (row_id,)).get(row_id, {}).get(principal, NO_SHARE)
    share = Share(present.direct | rights if adding else rights, present.inherited)
    if share != present:
        write_shares(run, table, {row_id: {principal: share}})
        note_share(run, table, row_id, principal, (present.direct, share.direct))
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
    if principal.id != run.caller.user_id:
        # What one may do oneself can always be asked.
        must_reach(run, table, (row_id,), AccessRights.ReadAccess)
    rights = rights_on(run, principal, table, row_id)
    return PropertiesResponse("RetrievePrincipalAccessResponse", {"AccessRights": written_rights(rights)})


def retrieve_shared_principals(run: Execution) -> PropertiesResponse:
    """With whom the row is shared, and how. [FN-16], [SEC-58]"""
    request = cast(RetrieveSharedPrincipalsAndAccess, run.request)
    table, row_id = named_row(run, request.target)
    must_reach(run, table, (row_id,), AccessRights.ReadAccess)
    owner = _owner(run, table, row_id)
    found = [
        {
            "AccessMask": written_rights(AccessRights(share.effective)),
            "Principal": {"@odata.type": f"#Microsoft.Dynamics.CRM.{principal.table}", "ownerid": principal.id},
        }
        for principal, share in read_shares(run, table, (row_id,)).get(row_id, {}).items()
        if share.effective and principal != owner
    ]
    return PropertiesResponse("RetrieveSharedPrincipalsAndAccessResponse", {"PrincipalAccesses": found})


def rights_on(run: Execution, principal: Reference, table: Table, row_id: str) -> AccessRights:
    """The rights of a user, team or the organization on a row, by whatever way. [SEC-41], [SEC-57]"""
    facts = next(iter(row_facts(run, table, (row_id,))), RowFacts(row_id))
    if principal.table == "organization":
        # Nobody holds roles as the organization: what is shared with it is for those who hold the privileges.
        shared = [mask for whom, mask in facts.shares if whom == principal.id]
        return AccessRights(shared[0]) if shared else AccessRights(0)
    book = read_book(run.session, run.schema)
    if principal.table == "team":
        standing = read_team_standing(principal.id, book, run.session)
    else:
        standing = read_standing(principal.id, book, run.session, run.schema)
    return access_to(standing, table, facts).rights


def _parties(run: Execution, message: str, request: GrantAccess | ModifyAccess) -> tuple[Table, str, Reference]:
    """The row and the principal, both there and fit for each other, and the caller fit to bring them together."""
    table, row_id = named_row(run, request.target)
    if table.ownership != "user":
        raise MessageNotForTable(message, table.name)
    must_reach(run, table, (row_id,), AccessRights.ShareAccess)
    _must_hold_what_it_gives(run, table, row_id, request.rights)
    found = _principal(run, request.principal)
    if _owner(run, table, row_id) == found:
        raise SharedWithOwner
    must_be_able_to_gain(run, found, table)
    return table, row_id, found


def _must_hold_what_it_gives(run: Execution, table: Table, row_id: str, rights: AccessRights) -> None:
    """Nobody passes on a right it does not have on the row. [SEC-52]"""
    for facts in row_facts(run, table, (row_id,)):
        for right in AccessRights:
            if right in rights and not may(run.caller, table, facts, right):
                raise RowAccessDenied(run.caller.user_id, str(right.name), table.name, row_id)


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
