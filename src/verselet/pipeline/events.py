"""Say which events a message raises.

In:        a request
Out:       `Event`s: the names steps are registered on, with their parameters; a message in the parts it runs in
Not here:  which steps there are (pipeline.registry), running them (pipeline.firing)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import structs

from verselet.messages import access, custom, lifecycle, retention
from verselet.messages.request import (
    Associate,
    Create,
    CreateMultiple,
    Delete,
    Disassociate,
    Precondition,
    Request,
    RowKey,
    Update,
    UpdateMultiple,
)
from verselet.values import KeyReference, Reference, Row, Value

OWNER: Final = frozenset({"ownerid"})
STATES: Final = frozenset({"statecode", "statuscode"})
APART: Final = (OWNER, STATES)
"""Columns that are changed in an update of their own when others come along. [EVT-31]"""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What steps are registered on.

    `columns` are those the request sends, for steps that wait for some; None where steps cannot wait for any. [EVT-14]
    `target` is the row that images show. `multiple`: the parameters are of several rows. [EVT-16]
    `is_parent`: the messages it sends tell of it, whether steps wait for it or not. [RET-7]
    """

    message: str
    table: str
    key: RowKey | None
    inputs: Mapping[str, Any]
    columns: frozenset[str] | None = None
    multiple: tuple[RowKey, ...] = ()
    is_parent: bool = False


def parts_of(request: Request) -> tuple[Request, ...]:
    """The messages a message runs as: an owner or a state sent with other columns is an update of its own. [EVT-31]"""
    if not isinstance(request, Update):
        return (request,)
    values = request.target.values
    groups = [values.keys() & apart for apart in APART]
    rest = values.keys() - OWNER - STATES
    found = [group for group in (rest, *groups) if group]
    if len(found) < 2:
        return (request,)
    made = []
    for number, group in enumerate(found):
        row = Row(request.target.table, request.target.id, {name: values[name] for name in values if name in group})
        # The version counts before the first part; that changes it.
        when = request.when if number == 0 else Precondition()
        last = number == len(found) - 1
        made.append(
            structs.replace(request, target=row, when=when, detects_duplicates=request.detects_duplicates and last)
        )
    return tuple(made)


def delete_event(table: str, row_id: str) -> Event:
    """A row goes, by a message or along with another one. [EVT-11]"""
    return Event(message="Delete", table=table, key=RowKey(row_id), inputs={"Target": Reference(table, row_id)})


def assign_event(table: str, row_id: str, owner: Value) -> Event:
    """A row gets another owner, by a message or along with another one. [EVT-11]"""
    inputs = {"Target": Reference(table, row_id), "Assignee": owner}
    return Event(message="Assign", table=table, key=RowKey(row_id), inputs=inputs)


def tables_of(request: Request) -> tuple[str, ...]:
    """The tables whose steps may have to do with the message."""
    match request:
        case Create(target=row) | Update(target=row):
            return (row.table,)
        case CreateMultiple(table=table) | UpdateMultiple(table=table) | Delete(table=table):
            return (table,)
        case Associate() | Disassociate():
            return ("",)
        case lifecycle.Restore(target=row):
            return (row.table,)
        case access.GrantAccess() | access.ModifyAccess() | access.RevokeAccess() | lifecycle.Merge():
            return (request.target.table,)
        case retention.Retain() | retention.RollbackRetain():
            return (request.target.table,)
        case retention.BulkRetain() | retention.ValidateRetentionConfig():
            return (request.table,)
        case retention.PurgeRetainedContent():
            # Its deletions tell of it, of whatever table they are.
            return tuple({request.table, *[row.table for family in request.families for row in family.rows]})
        case access.RetrievePrincipalAccess() | access.RetrieveSharedPrincipalsAndAccess():
            return (request.target.table,)
        case _:
            return ()


def events_of(request: Request, *, in_bulk: bool) -> tuple[Event, ...]:
    """The events of one message, in the order they are raised. `in_bulk`: it is one item of a bulk message. [EVT-16]"""
    make = _EVENTS.get(type(request))
    found = () if make is None else make(request)
    return tuple([event for event in found if not (in_bulk and event.multiple)])


def _create(request: Create) -> tuple[Event, ...]:
    row = request.target
    return (
        _on_row("Create", row, RowKey(row.id), {"Target": row}),
        _on_rows("CreateMultiple", row.table, (row,), (RowKey(row.id),)),
    )


def _create_multiple(request: CreateMultiple) -> tuple[Event, ...]:
    keys = tuple([RowKey(row.id) for row in request.targets])
    singles = [_on_row("Create", row, RowKey(row.id), {"Target": row}) for row in request.targets]
    return (_on_rows("CreateMultiple", request.table, request.targets, keys), *singles)


def _update(request: Update) -> tuple[Event, ...]:
    row, key = request.target, request.key
    columns = frozenset(row.values)
    found = [
        structs.replace(_on_row("Update", row, key, {"Target": row}), columns=columns),
        structs.replace(_on_rows("UpdateMultiple", row.table, (row,), (key,)), columns=columns),
    ]
    reference = Reference(row.table, key.id or row.id or "")
    if "ownerid" in columns:
        found.append(structs.replace(assign_event(row.table, reference.id, row.values["ownerid"]), key=key))
    if columns & STATES:
        state, status = row.values.get("statecode"), row.values.get("statuscode")
        inputs = {"EntityMoniker": reference, "State": state, "Status": -1 if status is None else status}
        found += [_on_row(name, row, key, inputs) for name in ("SetState", "SetStateDynamicEntity")]
    return tuple(found)


def _update_multiple(request: UpdateMultiple) -> tuple[Event, ...]:
    rows = tuple([single.target for single in request.updates])
    keys = tuple([single.key for single in request.updates])
    columns = frozenset([name for row in rows for name in row.values])
    return (structs.replace(_on_rows("UpdateMultiple", request.table, rows, keys), columns=columns),)


def _delete(request: Delete) -> tuple[Event, ...]:
    event = structs.replace(delete_event(request.table, request.key.id or ""), key=request.key)
    more = {"DeleteInvokedByRetention": True} if request.by_retention else {}
    return (structs.replace(event, inputs={**event.inputs, **more}),)


def _pairing(request: Associate | Disassociate) -> tuple[Event, ...]:
    """Connecting rows over an intersect table; registered without a table. [MSG-35]"""
    other = request.other_table or ""
    inputs = {
        "Target": Reference(request.table, request.key.id or ""),
        "Relationship": {"SchemaName": request.navigation},
        "RelatedEntities": [Reference(other, request.other.id or "")] if request.other is not None else [],
    }
    return (Event(message=type(request).__name__, table="", key=request.key, inputs=inputs),)


def _share(request: access.GrantAccess | access.ModifyAccess) -> tuple[Event, ...]:
    given = {"AccessMask": access.written_rights(request.rights), "Principal": request.principal}
    return (_on_named(type(request).__name__, request.target, {"PrincipalAccess": given}),)


def _bulk_retain(request: retention.BulkRetain) -> tuple[Event, ...]:
    """[RET-30]"""
    inputs = {
        "EntityName": request.table,
        "FetchXml": request.text,
        "PageSize": request.page_size,
        "OperationId": request.operation,
        "PagingCookie": request.last or "",
    }
    return (Event(message="BulkRetain", table=request.table, key=None, inputs=inputs),)


def _purge(request: retention.PurgeRetainedContent) -> tuple[Event, ...]:
    """[RET-33]"""
    inputs = {
        "EntityName": request.table,
        "PageSize": len(request.families),
        "OperationId": request.operation,
        "MaxVersionToPurge": request.newest,
    }
    return (Event(message="PurgeRetainedContent", table=request.table, key=None, inputs=inputs, is_parent=True),)


def _validate(request: retention.ValidateRetentionConfig) -> tuple[Event, ...]:
    """[RET-34]"""
    inputs = {"Target": request.target, "EntityName": request.table, "FetchXml": request.text}
    if request.target.id is not None:
        inputs["RetentionConfigId"] = request.target.id
    return (Event(message="ValidateRetentionConfig", table=request.table, key=None, inputs=inputs),)


def _call(request: custom.CallAction | custom.CallFunction) -> tuple[Event, ...]:
    """A message of one's own; one bound to a row is told which. [FN-28]"""
    api, key = request.api, request.target
    target = {} if key is None else {"Target": Reference(api.table, key.id or "")}
    return (Event(message=api.name, table=api.table, key=key, inputs={**target, **request.inputs}, is_parent=True),)


def _marking(request: retention.Retain | retention.RollbackRetain) -> tuple[Event, ...]:
    """[RET-31], [RET-32]"""
    return (_on_named(type(request).__name__, request.target, {"OperationId": request.operation}),)


def _on_row(message: str, row: Row, key: RowKey, inputs: Mapping[str, Any]) -> Event:
    return Event(message=message, table=row.table, key=key, inputs=inputs)


def _on_rows(message: str, table: str, rows: tuple[Row, ...], keys: tuple[RowKey, ...]) -> Event:
    return Event(message=message, table=table, key=None, inputs={"Targets": list(rows)}, multiple=keys)


def _on_named(message: str, target: Reference | KeyReference, more: Mapping[str, Any]) -> Event:
    key = RowKey(target.id) if isinstance(target, Reference) else RowKey(None, target.values)
    return Event(message=message, table=target.table, key=key, inputs={"Target": target, **more})


_EVENTS: Final[Mapping[type[Request], Callable[[Any], tuple[Event, ...]]]] = MappingProxyType(
    {
        Create: _create,
        CreateMultiple: _create_multiple,
        Update: _update,
        UpdateMultiple: _update_multiple,
        Delete: _delete,
        Associate: _pairing,
        Disassociate: _pairing,
        access.GrantAccess: _share,
        access.ModifyAccess: _share,
        access.RevokeAccess: lambda request: (_on_named("RevokeAccess", request.target, {"Revokee": request.revokee}),),
        access.RetrievePrincipalAccess: lambda request: (
            _on_named(
                "RetrievePrincipalAccess",
                request.target,
                {"Principal": Reference(request.table, request.principal.id or "")},
            ),
        ),
        access.RetrieveSharedPrincipalsAndAccess: lambda request: (
            _on_named("RetrieveSharedPrincipalsAndAccess", request.target, {}),
        ),
        # The target is the row itself, with what it shall come back with. [BIN-16]
        lifecycle.Restore: lambda request: (
            _on_row("Restore", request.target, RowKey(request.target.id), {"Target": request.target}),
        ),
        custom.CallAction: _call,
        custom.CallFunction: _call,
        retention.BulkRetain: _bulk_retain,
        retention.Retain: _marking,
        retention.RollbackRetain: _marking,
        retention.PurgeRetainedContent: _purge,
        retention.ValidateRetentionConfig: _validate,
        lifecycle.Merge: lambda request: (
            _on_named(
                "Merge",
                request.target,
                {
                    "SubordinateId": request.subordinate,
                    "UpdateContent": request.content,
                    "PerformParentingChecks": request.checks_parents,
                },
            ),
        ),
    }
)
"""Message → its events. [MSG-1]"""

EVENT_MESSAGES: Final = frozenset({
    "Assign", "Associate", "BulkRetain", "Create", "CreateMultiple", "Delete", "Disassociate", "GrantAccess", "Merge",
    "ModifyAccess", "PurgeRetainedContent", "Restore", "Retain", "Retrieve", "RetrieveMultiple",
    "RetrievePrincipalAccess", "RetrieveSharedPrincipalsAndAccess", "RevokeAccess", "RollbackRetain", "SetState",
    "SetStateDynamicEntity", "Update", "UpdateMultiple", "ValidateRetentionConfig",
})  # fmt: skip
"""Names that steps can be registered on and that are raised."""

SUBSCRIBABLE: Final = EVENT_MESSAGES | {"DeleteMultiple"}
"""Names that steps can be registered on; one is for elastic tables, and single deletions do not raise it. [EVT-16]"""
