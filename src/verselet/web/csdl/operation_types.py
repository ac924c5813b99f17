"""List the types that functions and actions take and give.

In:        nothing
Out:       `RESPONSES`, `ENUMS`, `HELD_ROWS`
Not here:  the functions and actions (web.csdl.operations), how they are written as XML (web.csdl.document)
"""

from __future__ import annotations

from collections.abc import Mapping

_HELD = (("RolePrivileges", "Collection(mscrm.RolePrivilege)"),)

RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "AddUserToRecordTeamResponse": (("AccessTeamId", "Edm.Guid"),),
    "RemoveUserFromRecordTeamResponse": (("AccessTeamId", "Edm.Guid"),),
    "RestoreResponse": (("id", "Edm.Guid"),),
    "RetrieveRolePrivilegesRoleResponse": _HELD,
    "RetrieveTeamPrivilegesResponse": _HELD,
    "RetrieveUserPrivilegeByPrivilegeIdResponse": _HELD,
    "RetrieveUserPrivilegeByPrivilegeNameResponse": _HELD,
    "RetrieveUserSetOfPrivilegesByNamesResponse": _HELD,
    "BulkDeleteResponse": (("JobId", "Edm.Guid"),),
    "BulkDetectDuplicatesResponse": (("JobId", "Edm.Guid"),),
    **{
        f"{name}Response": ((name, "Edm.Boolean"),) for name in ("CanBeReferenced", "CanBeReferencing", "CanManyToMany")
    },
    "ColumnSet": (("AllColumns", "Edm.Boolean"), ("Columns", "Collection(Edm.String)")),
    "ConditionExpression": (
        ("EntityName", "Edm.String"),
        ("AttributeName", "Edm.String"),
        ("Operator", "mscrm.ConditionOperator"),
        ("Values", "Collection(mscrm.Object)"),
    ),
    "CreateMultipleResponse": (("Ids", "Collection(Edm.Guid)"),),
    "FilterExpression": (
        ("FilterOperator", "mscrm.LogicalOperator"),
        ("Conditions", "Collection(mscrm.ConditionExpression)"),
        ("Filters", "Collection(mscrm.FilterExpression)"),
    ),
    "FormatAddressResponse": (("Address", "Edm.String"),),
    **dict.fromkeys(
        (
            "GetValidManyToManyResponse",
            "GetValidReferencedEntitiesResponse",
            "GetValidReferencingEntitiesResponse",
        ),
        (("EntityNames", "Collection(Edm.String)"),),
    ),
    "GetAutoNumberSeedResponse": (("AutoNumberSeedValue", "Edm.Int64"),),
    "GetNextAutoNumberValueResponse": (("NextAutoNumberValue", "Edm.Int64"),),
    "IsValidStateTransitionResponse": (("IsValid", "Edm.Boolean"),),
    "LinkEntity": (
        ("LinkFromEntityName", "Edm.String"),
        ("LinkFromAttributeName", "Edm.String"),
        ("LinkToEntityName", "Edm.String"),
        ("LinkToAttributeName", "Edm.String"),
        ("JoinOperator", "mscrm.JoinOperator"),
        ("EntityAlias", "Edm.String"),
        ("LinkCriteria", "mscrm.FilterExpression"),
        ("LinkEntities", "Collection(mscrm.LinkEntity)"),
    ),
    "Object": (("Value", "Edm.String"), ("Type", "Edm.String")),
    "PagingInfo": (("PageNumber", "Edm.Int32"), ("Count", "Edm.Int32")),
    "PrincipalAccess": (("AccessMask", "mscrm.AccessRights"), ("Principal", "mscrm.principal")),
    "RetrieveAvailableLanguagesResponse": (("LocaleIds", "Collection(Edm.Int32)"),),
    "PublishDuplicateRuleResponse": (("JobId", "Edm.Guid"),),
    "QueryExpression": (
        ("EntityName", "Edm.String"),
        ("ColumnSet", "mscrm.ColumnSet"),
        ("Criteria", "mscrm.FilterExpression"),
        ("LinkEntities", "Collection(mscrm.LinkEntity)"),
        ("TopCount", "Edm.Int32"),
    ),
    "RetrieveCurrentOrganizationResponse": (("Detail", "mscrm.OrganizationDetail"),),
    "RetrieveDeprovisionedLanguagesResponse": (("RetrieveDeprovisionedLanguages", "Collection(Edm.Int32)"),),
    "RetrieveInstalledLanguagePacksResponse": (("RetrieveInstalledLanguagePacks", "Collection(Edm.Int32)"),),
    "RetrieveInstalledLanguagePackVersionResponse": (("Version", "Edm.String"),),
    "RetrieveProvisionedLanguagePackVersionResponse": (("Version", "Edm.String"),),
    "RetrievePrincipalAccessResponse": (("AccessRights", "mscrm.AccessRights"),),
    "RetrieveProvisionedLanguagesResponse": (("RetrieveProvisionedLanguages", "Collection(Edm.Int32)"),),
    "RetrieveSharedPrincipalsAndAccessResponse": (("PrincipalAccesses", "Collection(mscrm.PrincipalAccess)"),),
    "RetrieveTimestampResponse": (("Timestamp", "Edm.String"),),
    "RetrieveTotalRecordCountResponse": (("EntityRecordCountCollection", "mscrm.EntityRecordCountCollection"),),
    "RetrieveUserPrivilegesResponse": (("RolePrivileges", "Collection(mscrm.RolePrivilege)"),),
    "RetrieveVersionResponse": (("Version", "Edm.String"),),
    "RolePrivilege": (
        ("Depth", "mscrm.PrivilegeDepth"),
        ("PrivilegeId", "Edm.Guid"),
        ("BusinessUnitId", "Edm.Guid"),
        ("PrivilegeName", "Edm.String"),
    ),
    **dict.fromkeys(
        (
            "searchautocompleteResponse",
            "searchqueryResponse",
            "searchstatisticsResponse",
            "searchstatusResponse",
            "searchsuggestResponse",
        ),
        (("response", "Edm.String"),),
    ),
    "WhoAmIResponse": (("BusinessUnitId", "Edm.Guid"), ("UserId", "Edm.Guid"), ("OrganizationId", "Edm.Guid")),
}
"""Complex type of an answer or a parameter → its properties. [FN-5]"""

ENUMS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "ConditionOperator": (
        ("Equal", 0),
        ("NotEqual", 1),
        ("GreaterThan", 2),
        ("LessThan", 3),
        ("GreaterEqual", 4),
        ("LessEqual", 5),
        ("Like", 6),
        ("NotLike", 7),
        ("In", 8),
        ("NotIn", 9),
        ("Between", 10),
        ("NotBetween", 11),
        ("Null", 12),
        ("NotNull", 13),
    ),
    "JoinOperator": (("Inner", 0),),
    "LogicalOperator": (("And", 0), ("Or", 1)),
    "PrivilegeDepth": (("Basic", 0), ("Local", 1), ("Deep", 2), ("Global", 3), ("RecordFilter", 4)),
    "TargetFieldType": (("All", 0), ("ValidForCreate", 1), ("ValidForUpdate", 2), ("ValidForRead", 3)),
}
"""Enumerations that operations take or give. [FN-7]"""

HELD_ROWS = frozenset({"mscrm.principal", "mscrm.crmbaseentity", "Collection(mscrm.crmbaseentity)"})
"""Types of rows: a property of such a type leads to a row."""
