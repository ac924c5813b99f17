"""Tell what was written down about rows.

In:        a row, or an audit row
Out:       the changes, as the details that clients read
Not here:  writing them down (operations.rules.auditing), plain reads of audit rows (operations.reads)

A value of a secured column is told to those only who may read the column. [SEC-103]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, cast

import msgspec

from verselet.errors import InvalidArgument, RowDoesNotExist
from verselet.messages.access import AccessRights, written_rights
from verselet.messages.auditing import RetrieveAuditDetails, RetrieveRecordChangeHistory
from verselet.messages.request import PropertiesResponse, RowKey
from verselet.metadata.tables import Table
from verselet.operations.finding import find_id, missing
from verselet.operations.rights import READ, must_reach, must_reach_all
from verselet.operations.rules.auditing import (
    AUDIT,
    ChangeData,
    ChangedColumn,
    ChangedPrivileges,
    ChangedShare,
)
from verselet.operations.secured_columns import unreadable, unreadable_columns
from verselet.pipeline.execution import Execution
from verselet.query.outputs import property_name
from verselet.security.privileges import DEPTHS, privileges_by_id
from verselet.sql.audits import history_sql
from verselet.values import KeyReference, Reference, Stored

TYPE: Final = "@odata.type"
NAMESPACE: Final = "#Microsoft.Dynamics.CRM."

_read = msgspec.json.Decoder(ChangeData, float_hook=Decimal).decode


def retrieve_change_history(run: Execution) -> PropertiesResponse:
    """The changes of a row or of one of its columns, newest first. [JOB-44], [JOB-45]

    Raises:
        KeyDoesNotExist: no row has those key values.
        PrivilegeMissing, RowAccessDenied: the caller may not read the row, or all rows where the row is gone.
        InvalidArgument: the table has no such column.
    """
    request = cast(RetrieveRecordChangeHistory, run.request)
    table, row_id = _row(run, request.target)
    _must_read(run, table, row_id)
    values: tuple[Stored, ...] = (row_id, table.name)
    if request.column is not None:
        if request.column not in table.columns:
            raise InvalidArgument(f"The table '{table.name}' has no column '{request.column[:100]}'.")
        escaped = request.column.replace("_", "\\_")
        values = (*values, f"%,{escaped},%")
    of_column, dialect = request.column is not None, run.session.dialect
    ((total,),) = run.session.run(history_sql(dialect, of_column=of_column, counting=True), values)
    window = (request.size, (request.page - 1) * request.size)
    found = run.session.run(history_sql(dialect, of_column=of_column, counting=False), (*values, *window))
    data = [_read(str(changed)) for _, changed in found]
    hidden = _hidden(run, table, row_id, data)
    name = "RetrieveRecordChangeHistoryResponse" if request.column is None else "RetrieveAttributeChangeHistoryResponse"
    collection = {
        "MoreRecords": request.page * request.size < int(str(total)),
        "PagingCookie": "",
        "TotalRecordCount": total,
        "AuditDetails": [_detail(run, table, one, hidden, request.column) for one in data],
    }
    return PropertiesResponse(name, {"AuditDetailCollection": collection})


def retrieve_audit_details(run: Execution) -> PropertiesResponse:
    """What one audit row says. [JOB-45]

    Raises:
        RowDoesNotExist: there is no such audit row.
        PrivilegeMissing, RowAccessDenied: as `retrieve_change_history`.
    """
    key = cast(RetrieveAuditDetails, run.request).audit
    found = run.read_values(AUDIT, key.id or "", ("objectid", "changedata"))
    about = None if found is None else found["objectid"]
    if found is None or not isinstance(about, Reference) or about.table not in run.schema.tables:
        raise RowDoesNotExist(AUDIT, key.id or "")
    table = run.schema.tables[about.table]
    _must_read(run, table, about.id)
    data = _read(str(found["changedata"]))
    hidden = _hidden(run, table, about.id, [data])
    return PropertiesResponse("RetrieveAuditDetailsResponse", {"AuditDetail": _detail(run, table, data, hidden, None)})


def _row(run: Execution, named: Reference | KeyReference) -> tuple[Table, str]:
    """The row may be gone: its history stays."""
    table = run.schema.tables[named.table]
    if isinstance(named, Reference):
        return table, named.id
    key = RowKey(None, named.values)
    found = find_id(run, table, key)
    if found is None:
        raise missing(table, key)
    return table, found


def _must_read(run: Execution, table: Table, row_id: str) -> None:
    """Of a row that is gone nobody knows any more whose it was: who may read all rows may learn of it. [JOB-44]"""
    if find_id(run, table, RowKey(row_id)) is None:
        must_reach_all(run, table, READ)
    else:
        must_reach(run, table, (row_id,), READ)


def _hidden(run: Execution, table: Table, row_id: str, data: Iterable[ChangeData]) -> set[str]:
    """The columns whose values the caller may not see."""
    names = {column.logical_name for one in data for column in one.changed_attributes} & table.columns.keys()
    if not run.caller.is_administrator and find_id(run, table, RowKey(row_id)) is None:
        return unreadable_columns(run, table, names)
    return unreadable(run, table, row_id, names)


def _detail(run: Execution, table: Table, data: ChangeData, hidden: set[str], only: str | None) -> Mapping[str, object]:
    """One change as clients read it. [JOB-45], [JOB-46]"""
    if data.share is not None:
        return _share_detail(data.share)
    if data.privileges is not None:
        return _privilege_detail(run, data.privileges)
    if data.pair is not None:
        other, _, other_id = data.pair.target.partition(",")
        target = {TYPE: f"{NAMESPACE}{other}", _key(run, other): other_id}
        return {
            TYPE: f"{NAMESPACE}RelationshipAuditDetail",
            "RelationshipName": data.pair.relationship,
            "TargetRecords": [target],
        }
    if data.access is not None:
        return {
            TYPE: f"{NAMESPACE}UserAccessAuditDetail",
            "AccessTime": data.access.at,
            "Interval": data.access.interval,
        }
    if data.about is not None:
        return {TYPE: f"{NAMESPACE}AuditDetail"}
    told = [one for one in data.changed_attributes if one.logical_name not in hidden]
    if only is not None:
        told = [one for one in told if one.logical_name == only]
    gone = [one.logical_name for one in told if one.logical_name not in table.columns]
    return {
        TYPE: f"{NAMESPACE}AttributeAuditDetail",
        "InvalidNewValueAttributes": [],
        "LocLabelLanguageCode": 0,
        "DeletedAttributes": {"Count": len(gone), "Keys": list(range(len(gone))), "Values": gone},
        "OldValue": _values(table, told, is_new=False),
        "NewValue": _values(table, told, is_new=True),
    }


def _values(table: Table, changed: Iterable[ChangedColumn], *, is_new: bool) -> Mapping[str, object]:
    """The values of a row before or after, those it had."""
    found: dict[str, object] = {TYPE: f"{NAMESPACE}{table.name}"}
    for one in changed:
        value = one.new_value if is_new else one.old_value
        column = table.columns.get(one.logical_name)
        if value is None or column is None:
            continue
        name = property_name(column)
        found[name] = str(value).partition(",")[2] if name != column.name else value
    return found


def _share_detail(share: ChangedShare) -> Mapping[str, object]:
    kind, _, principal = share.principal.partition(",")
    return {
        TYPE: f"{NAMESPACE}ShareAuditDetail",
        "OldPrivileges": written_rights(AccessRights(share.old_privileges)),
        "NewPrivileges": written_rights(AccessRights(share.new_privileges)),
        "Principal": {TYPE: f"{NAMESPACE}{kind}", "ownerid": principal},
    }


def _privilege_detail(run: Execution, changed: ChangedPrivileges) -> Mapping[str, object]:
    known = privileges_by_id(run.schema)

    def listed(held: Mapping[str, int]) -> list[dict[str, str]]:
        return [
            {"Depth": DEPTHS[depth], "PrivilegeId": row_id, "PrivilegeName": known[row_id].name}
            for row_id, depth in sorted(held.items())
            if row_id in known
        ]

    return {
        TYPE: f"{NAMESPACE}RolePrivilegeAuditDetail",
        "OldRolePrivileges": listed(changed.old),
        "NewRolePrivileges": listed(changed.new),
    }


def _key(run: Execution, table_name: str) -> str:
    table = run.schema.tables.get(table_name)
    return f"{table_name}id" if table is None else table.primary_id
