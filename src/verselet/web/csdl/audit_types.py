"""List the types that `$metadata` declares for what was written down about rows.

In:        nothing
Out:       `AUDIT_RESPONSES`, `AUDIT_DETAILS`
Not here:  the functions that answer with them (operations)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

Properties: TypeAlias = tuple[tuple[str, str], ...]

_ROW: Final = "mscrm.crmbaseentity"
_COLLECTION: Final[Properties] = (("AuditDetailCollection", "mscrm.AuditDetailCollection"),)

AUDIT_RESPONSES: Final[Mapping[str, Properties]] = MappingProxyType(
    {
        "AuditDetail": (),
        "AuditDetailCollection": (
            ("MoreRecords", "Edm.Boolean"),
            ("PagingCookie", "Edm.String"),
            ("TotalRecordCount", "Edm.Int32"),
            ("AuditDetails", "Collection(mscrm.AuditDetail)"),
        ),
        "DeletedAttributeCollection": (
            ("Count", "Edm.Int32"),
            ("Keys", "Collection(Edm.Int32)"),
            ("Values", "Collection(Edm.String)"),
        ),
        "RetrieveAttributeChangeHistoryResponse": _COLLECTION,
        "RetrieveAuditDetailsResponse": (("AuditDetail", "mscrm.AuditDetail"),),
        "RetrieveRecordChangeHistoryResponse": _COLLECTION,
    }
)
"""Complex type → its properties. [JOB-45]"""

AUDIT_DETAILS: Final[Mapping[str, Properties]] = MappingProxyType(
    {
        "AttributeAuditDetail": (
            ("InvalidNewValueAttributes", "Collection(Edm.String)"),
            ("LocLabelLanguageCode", "Edm.Int32"),
            ("DeletedAttributes", "mscrm.DeletedAttributeCollection"),
            ("OldValue", _ROW),
            ("NewValue", _ROW),
        ),
        "RelationshipAuditDetail": (("RelationshipName", "Edm.String"), ("TargetRecords", f"Collection({_ROW})")),
        "RolePrivilegeAuditDetail": (
            ("OldRolePrivileges", "Collection(mscrm.RolePrivilege)"),
            ("NewRolePrivileges", "Collection(mscrm.RolePrivilege)"),
        ),
        "UserAccessAuditDetail": (("AccessTime", "Edm.DateTimeOffset"), ("Interval", "Edm.Int32")),
        "ShareAuditDetail": (
            ("OldPrivileges", "mscrm.AccessRights"),
            ("NewPrivileges", "mscrm.AccessRights"),
            ("Principal", "mscrm.principal"),
        ),
    }
)
"""Kind of `AuditDetail` → what it has of its own. [JOB-45], [JOB-46]"""
