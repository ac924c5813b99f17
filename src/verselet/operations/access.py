"""Share rows, and say who may do what with them.

In:        a row, a principal, rights
Out:       rows of `principalobjectaccess`; rights and privileges as lists
Not here:  whether the caller may send the message (security.authorize)

What is told is what this server decides by today: System Administrator may do everything, the owner of a row
everything with it, and others what was shared with them or their teams. Depths of roles are not taken into account.
"""

from __future__ import annotations

from typing import cast

from verselet.errors import MessageNotForTable, NoSharee, SharedWithOwner
from verselet.messages.access import (
    ALL_RIGHTS,
    AccessRights,
    GrantAccess,
    ModifyAccess,
    RetrievePrincipalAccess,
    RetrieveSharedPrincipalsAndAccess,
    RevokeAccess,
    written_rights,
)
from verselet.messages.request import Delete, PropertiesResponse, Response, RowKey, Update
from verselet.metadata.tables import Table
from verselet.operations.asking import rows_where
from verselet.operations.create import create_rows
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.principals import is_administrator, teams_of
from verselet.pipeline.execution import Execution
from verselet.values import KeyReference, Reference, Row, Value

SHARES = "principalobjectaccess"
MASKS = ("accessrightsmask", "inheritedaccessrightsmask")
SHAREES = ("systemuser", "team", "organization")


def grant_access(run: Execution) -> Response:
    """What the principal gets comes to what it has. [SEC-52], [SEC-53]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: the row or the principal is not there.
        MessageNotForTable: rows of the table have no owner, so they are not shared.
        NoSharee: the principal is neither user nor team.
        SharedWithOwner: the principal owns the row.
    """
    request = cast(GrantAccess, run.request)
    target, principal = _parties(run, "GrantAccess", request.target, request.principal)
    present = _share(run, target, principal)
    _store(run, target, principal, present, _direct(present) | request.rights)
    return Response()


def modify_access(run: Execution) -> Response:
    """The principal is given exactly these rights. Refusals as `grant_access`. [SEC-54]"""
    request = cast(ModifyAccess, run.request)
    target, principal = _parties(run, "ModifyAccess", request.target, request.principal)
    _store(run, target, principal, _share(run, target, principal), request.rights)
    return Response()


def revoke_access(run: Execution) -> Response:
    """The direct share goes; one that is not there is no fault. [SEC-55]"""
    request = cast(RevokeAccess, run.request)
    target = Reference(*_named(run, request.target))
    if request.revokee.table not in SHAREES:
        raise NoSharee(request.revokee.table)
    principal = Reference(*_named(run, request.revokee))
    present = _share(run, target, principal)
    if present is not None:
        _store(run, target, principal, present, AccessRights(0))
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
    _, row_id = named_row(run, request.target)
    found = []
    for share in rows_where(run, SHARES, ("principalid", "principaltypecode", *MASKS), {"objectid": row_id}):
        rights = _all_of(share)
        if rights:
            principal = {
                "@odata.type": f"#Microsoft.Dynamics.CRM.{share.values['principaltypecode']!s}",
                "ownerid": share.values["principalid"],
            }
            found.append({"AccessMask": written_rights(rights), "Principal": principal})
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
    everybody = Reference("organization", run.facts.id)
    rights = AccessRights(0)
    for share in rows_where(run, SHARES, ("principalid", *MASKS), {"objectid": row_id}):
        if share.values["principalid"] in {found.id for found in (*acting, everybody)}:
            rights |= _all_of(share)
    return rights


def _named(run: Execution, named: Reference | KeyReference) -> tuple[str, str]:
    table, row_id = named_row(run, named)
    return table.name, row_id


def _parties(
    run: Execution, message: str, target: Reference | KeyReference, principal: Reference | KeyReference
) -> tuple[Reference, Reference]:
    """The row and the principal, both there and fit for each other."""
    table, row_id = named_row(run, target)
    if table.ownership != "user":
        raise MessageNotForTable(message, table.name)
    if principal.table not in SHAREES:
        raise NoSharee(principal.table)
    found = Reference(*_named(run, principal))
    owner = (run.read_values(table.name, row_id, ("ownerid",)) or {}).get("ownerid")
    if owner == found:
        raise SharedWithOwner
    return Reference(table.name, row_id), found


def _share(run: Execution, target: Reference, principal: Reference) -> Row | None:
    wanted = {"objectid": target.id, "principalid": principal.id}
    return next(iter(rows_where(run, SHARES, ("principalobjectaccessid", *MASKS), wanted)), None)


def _store(run: Execution, target: Reference, principal: Reference, present: Row | None, rights: AccessRights) -> None:
    """Write the direct rights; a share without any right goes. [SEC-59]"""
    changes: dict[str, Value] = {"accessrightsmask": int(rights), "changedon": run.clock.now_on_wire()}
    if present is None:
        if rights:
            made: dict[str, Value] = {
                "objectid": target.id,
                "objecttypecode": target.table,
                "principalid": principal.id,
                "principaltypecode": principal.table,
                "inheritedaccessrightsmask": 0,
                **changes,
            }
            create_rows(run, run.schema.tables[SHARES], (Row(SHARES, None, made),))
        return
    key = RowKey(present.id)
    if rights or present.values["inheritedaccessrightsmask"]:
        run.send(Update(Row(SHARES, present.id, changes), key))
    else:
        run.send(Delete(SHARES, key))


def _direct(share: Row | None) -> AccessRights:
    return AccessRights(0) if share is None else _rights(share.values["accessrightsmask"])


def _all_of(share: Row) -> AccessRights:
    """Direct or inherited. [SEC-59]"""
    return _rights(share.values["accessrightsmask"]) | _rights(share.values["inheritedaccessrightsmask"])


def _rights(mask: Value) -> AccessRights:
    return AccessRights(mask) & ALL_RIGHTS if isinstance(mask, int) else AccessRights(0)
