"""List the functions and actions that `$metadata` declares: those the server answers.

In:        nothing
Out:       `FUNCTIONS`, `ROW_OPERATIONS`, `SET_ACTIONS`, `RESPONSES`, `ENUMS`, `HELD_ROWS`
Not here:  running them (operations), how they are written as XML (web.csdl.document)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class Function(msgspec.Struct, frozen=True):
    """An unbound function with an import in the container. [FN-1], [M-6]"""

    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...] = ()


class RowOperation(msgspec.Struct, frozen=True):
    """A function or action on rows: unbound with an import in the container, or bound to the rows of a table. [FN-3]"""

    kind: Literal["Function", "Action"]
    name: str
    returns: str | None
    parameters: tuple[tuple[str, str], ...] = ()
    bound_to: str | None = None


class SetAction(msgspec.Struct, frozen=True):
    """An action bound to the entity set of each table that has the message. [M-6]

    In types `{}` stands for the table's type.
    """

    name: str
    returns: str | None
    parameters: tuple[tuple[str, str], ...]


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "FormatAddress",
        "mscrm.FormatAddressResponse",
        tuple((name, "Edm.String") for name in ("Line1", "City", "StateOrProvince", "PostalCode", "Country")),
    ),
    Function("GetValidManyToMany", "mscrm.GetValidManyToManyResponse"),
    Function(
        "GetValidReferencedEntities",
        "mscrm.GetValidReferencedEntitiesResponse",
        (("ReferencingEntityName", "Edm.String"),),
    ),
    Function(
        "GetValidReferencingEntities",
        "mscrm.GetValidReferencingEntitiesResponse",
        (("ReferencedEntityName", "Edm.String"),),
    ),
    Function("RetrieveAvailableLanguages", "mscrm.RetrieveAvailableLanguagesResponse"),
    Function(
        "RetrieveCurrentOrganization",
        "mscrm.RetrieveCurrentOrganizationResponse",
        (("AccessType", "mscrm.EndpointAccessType"),),
    ),
    Function("RetrieveProvisionedLanguages", "mscrm.RetrieveProvisionedLanguagesResponse"),
    Function("RetrieveTimestamp", "mscrm.RetrieveTimestampResponse"),
    Function(
        "RetrieveTotalRecordCount",
        "mscrm.RetrieveTotalRecordCountResponse",
        (("EntityNames", "Collection(Edm.String)"),),
    ),
    Function("RetrieveVersion", "mscrm.RetrieveVersionResponse"),
    Function("WhoAmI", "mscrm.WhoAmIResponse"),
    Function("searchstatistics", "mscrm.searchstatisticsResponse"),
    Function("searchstatus", "mscrm.searchstatusResponse"),
)
"""[FN-10] to [FN-13], [FN-25], [OC-5], [DW-15]"""

_ROW = "mscrm.crmbaseentity"
_SHARE = (("Target", _ROW), ("PrincipalAccess", "mscrm.PrincipalAccess"))
_COUNTED = (("EntityName", "Edm.String"), ("AttributeName", "Edm.String"))
_MEMBERS = (("Members", "Collection(mscrm.systemuser)"),)
_PRIVILEGES = (("Privileges", "Collection(mscrm.RolePrivilege)"),)
_TERM = (("search", "Edm.String"), ("entities", "Edm.String"), ("filter", "Edm.String"))
_SUGGESTED = (*_TERM, ("fuzzy", "Edm.Boolean"), ("options", "Edm.String"), ("propertybag", "Edm.String"))
_RECORD_TEAM = (("Record", _ROW), ("TeamTemplate", "mscrm.teamtemplate"))

ROW_OPERATIONS: tuple[RowOperation, ...] = (
    RowOperation("Action", "AddMembersTeam", None, _MEMBERS, "team"),
    RowOperation("Action", "AddPrivilegesRole", None, _PRIVILEGES, "role"),
    RowOperation("Action", "AddUserToRecordTeam", "mscrm.AddUserToRecordTeamResponse", _RECORD_TEAM, "systemuser"),
    RowOperation(
        "Action",
        "BulkDelete",
        "mscrm.BulkDeleteResponse",
        (
            ("QuerySet", "Collection(mscrm.QueryExpression)"),
            ("JobName", "Edm.String"),
            ("SendEmailNotification", "Edm.Boolean"),
            ("ToRecipients", f"Collection({_ROW})"),
            ("CCRecipients", f"Collection({_ROW})"),
            ("RecurrencePattern", "Edm.String"),
            ("StartDateTime", "Edm.DateTimeOffset"),
            ("RunNow", "Edm.Boolean"),
        ),
    ),
    RowOperation(
        "Action",
        "BulkDetectDuplicates",
        "mscrm.BulkDetectDuplicatesResponse",
        (
            ("Query", "mscrm.QueryExpression"),
            ("JobName", "Edm.String"),
            ("SendEmailNotification", "Edm.Boolean"),
            ("TemplateId", "Edm.Guid"),
            ("ToRecipients", "Collection(Edm.Guid)"),
            ("CCRecipients", "Collection(Edm.Guid)"),
            ("RecurrencePattern", "Edm.String"),
            ("RecurrenceStartTime", "Edm.DateTimeOffset"),
        ),
    ),
    RowOperation("Function", "CalculateRollupField", _ROW, (("Target", _ROW), ("FieldName", "Edm.String"))),
    RowOperation("Action", "GetAutoNumberSeed", "mscrm.GetAutoNumberSeedResponse", _COUNTED),
    RowOperation("Action", "GetNextAutoNumberValue", "mscrm.GetNextAutoNumberValueResponse", _COUNTED),
    *[
        RowOperation("Action", name, f"mscrm.{name}Response", (("EntityName", "Edm.String"),))
        for name in ("CanBeReferenced", "CanBeReferencing", "CanManyToMany")
    ],
    RowOperation("Action", "CreateAsyncJobToRevokeInheritedAccess", None, (("RelationshipSchema", "Edm.String"),)),
    RowOperation("Action", "ConvertOwnerTeamToAccessTeam", None, (), "team"),
    RowOperation("Action", "GrantAccess", None, _SHARE),
    RowOperation(
        "Function",
        "InitializeFrom",
        _ROW,
        (
            ("EntityMoniker", _ROW),
            ("TargetEntityName", "Edm.String"),
            ("TargetFieldType", "mscrm.TargetFieldType"),
        ),
    ),
    RowOperation(
        "Function",
        "IsValidStateTransition",
        "mscrm.IsValidStateTransitionResponse",
        (("Entity", _ROW), ("NewState", "Edm.String"), ("NewStatus", "Edm.Int32")),
    ),
    RowOperation(
        "Action",
        "Merge",
        None,
        (("Target", _ROW), ("Subordinate", _ROW), ("UpdateContent", _ROW), ("PerformParentingChecks", "Edm.Boolean")),
    ),
    RowOperation("Action", "ModifyAccess", None, _SHARE),
    RowOperation("Action", "PublishDuplicateRule", "mscrm.PublishDuplicateRuleResponse", (), "duplicaterule"),
    RowOperation(
        "Action",
        "ReassignObjectsOwner",
        None,
        (("FromPrincipal", "mscrm.principal"), ("ToPrincipal", "mscrm.principal")),
    ),
    RowOperation(
        "Action", "ReassignObjectsSystemUser", None, (("ReassignPrincipal", "mscrm.principal"),), "systemuser"
    ),
    RowOperation("Action", "RemoveMembersTeam", None, _MEMBERS, "team"),
    RowOperation("Action", "RemovePrivilegeRole", None, (("PrivilegeId", "Edm.Guid"),), "role"),
    RowOperation(
        "Action", "RemoveUserFromRecordTeam", "mscrm.RemoveUserFromRecordTeamResponse", _RECORD_TEAM, "systemuser"
    ),
    RowOperation("Action", "ReplacePrivilegesRole", None, _PRIVILEGES, "role"),
    RowOperation("Action", "Restore", "mscrm.RestoreResponse", (("Target", _ROW),)),
    RowOperation(
        "Function",
        "RetrieveAttributeChangeHistory",
        "mscrm.RetrieveAttributeChangeHistoryResponse",
        (("Target", _ROW), ("AttributeLogicalName", "Edm.String"), ("PagingInfo", "mscrm.PagingInfo")),
    ),
    RowOperation("Function", "RetrieveAuditDetails", "mscrm.RetrieveAuditDetailsResponse", (), "audit"),
    RowOperation(
        "Function",
        "RetrieveDuplicates",
        f"Collection({_ROW})",
        (("BusinessEntity", _ROW), ("MatchingEntityName", "Edm.String"), ("PagingInfo", "mscrm.PagingInfo")),
    ),
    RowOperation(
        "Function",
        "RetrievePrincipalAccess",
        "mscrm.RetrievePrincipalAccessResponse",
        (("Target", _ROW),),
        "systemuser",
    ),
    RowOperation(
        "Function", "RetrievePrincipalAccess", "mscrm.RetrievePrincipalAccessResponse", (("Target", _ROW),), "team"
    ),
    RowOperation(
        "Function",
        "RetrievePrincipalAccess",
        "mscrm.RetrievePrincipalAccessResponse",
        (("Target", _ROW),),
        "organization",
    ),
    RowOperation(
        "Function",
        "RetrieveRecordChangeHistory",
        "mscrm.RetrieveRecordChangeHistoryResponse",
        (("Target", _ROW), ("PagingInfo", "mscrm.PagingInfo")),
    ),
    RowOperation(
        "Function",
        "RetrieveRolePrivilegesRole",
        "mscrm.RetrieveRolePrivilegesRoleResponse",
        (("RoleId", "Edm.Guid"),),
    ),
    RowOperation(
        "Function",
        "RetrieveSharedPrincipalsAndAccess",
        "mscrm.RetrieveSharedPrincipalsAndAccessResponse",
        (("Target", _ROW),),
    ),
    RowOperation("Function", "RetrieveTeamPrivileges", "mscrm.RetrieveTeamPrivilegesResponse", (), "team"),
    RowOperation(
        "Function",
        "RetrieveUserPrivilegeByPrivilegeId",
        "mscrm.RetrieveUserPrivilegeByPrivilegeIdResponse",
        (("PrivilegeId", "Edm.Guid"),),
        "systemuser",
    ),
    RowOperation(
        "Function",
        "RetrieveUserPrivilegeByPrivilegeName",
        "mscrm.RetrieveUserPrivilegeByPrivilegeNameResponse",
        (("PrivilegeName", "Edm.String"),),
        "systemuser",
    ),
    RowOperation("Function", "RetrieveUserPrivileges", "mscrm.RetrieveUserPrivilegesResponse", (), "systemuser"),
    RowOperation(
        "Function",
        "RetrieveUserSetOfPrivilegesByNames",
        "mscrm.RetrieveUserSetOfPrivilegesByNamesResponse",
        (("PrivilegeNames", "Collection(Edm.String)"),),
        "systemuser",
    ),
    RowOperation("Action", "RevokeAccess", None, (("Target", _ROW), ("Revokee", "mscrm.principal"))),
    RowOperation("Action", "SetAutoNumberSeed", None, (*_COUNTED, ("Value", "Edm.Int64"))),
    RowOperation(
        "Action",
        "SetBusinessSystemUser",
        None,
        (
            ("BusinessUnit", "mscrm.businessunit"),
            ("ReassignPrincipal", "mscrm.principal"),
            ("DoNotMoveAllRecords", "Edm.Boolean"),
        ),
        "systemuser",
    ),
    RowOperation("Action", "UnpublishDuplicateRule", None, (("DuplicateRuleId", "Edm.Guid"),)),
    RowOperation("Action", "searchautocomplete", "mscrm.searchautocompleteResponse", _SUGGESTED),
    RowOperation(
        "Action",
        "searchquery",
        "mscrm.searchqueryResponse",
        (
            *_TERM,
            ("count", "Edm.Boolean"),
            ("facets", "Edm.String"),
            ("options", "Edm.String"),
            ("orderby", "Edm.String"),
            ("propertybag", "Edm.String"),
            ("skip", "Edm.Int32"),
            ("top", "Edm.Int32"),
        ),
    ),
    RowOperation(
        "Action",
        "searchsuggest",
        "mscrm.searchsuggestResponse",
        (*_SUGGESTED, ("orderby", "Edm.String"), ("top", "Edm.Int32")),
    ),
)
"""[FN-14] to [FN-21], [BM-10], [DD-3], [JOB-68], [DW-15]"""

SET_ACTIONS: tuple[SetAction, ...] = (
    SetAction("CreateMultiple", "mscrm.CreateMultipleResponse", (("Targets", "Collection({})"),)),
)
"""Only what is built: the service has more."""

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
