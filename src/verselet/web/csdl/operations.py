"""List the functions and actions that `$metadata` declares: those the server answers.

In:        nothing
Out:       `FUNCTIONS`, `ROW_OPERATIONS`, `SET_ACTIONS`
Not here:  running them (operations), their types (web.csdl.operation_types), writing them as XML (web.csdl.document)
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Function(msgspec.Struct, frozen=True):
    """An unbound function with an import in the container. [FN-1], [M-6]"""

    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...] = ()


class RowOperation(msgspec.Struct, frozen=True):
    """A function or action on rows: unbound with an import in the container, or bound to the rows of a table. [FN-3]

    `on_set`: it is bound to all rows of the table. `optional` names the parameters that may be left out.
    """

    kind: Literal["Function", "Action"]
    name: str
    returns: str | None
    parameters: tuple[tuple[str, str], ...] = ()
    bound_to: str | None = None
    on_set: bool = False
    optional: frozenset[str] = frozenset()


def action(name: str, parameters: tuple[tuple[str, str], ...], *, answers: bool = False) -> RowOperation:
    """An unbound action; the type of its answer, if it has one, is called after it. [FN-3]"""
    return RowOperation("Action", name, f"mscrm.{name}Response" if answers else None, parameters)


class SetAction(msgspec.Struct, frozen=True):
    """An action bound to the entity set of each table that has the message. [M-6]

    In types `{}` stands for the table's type.
    """

    name: str
    returns: str | None
    parameters: tuple[tuple[str, str], ...]


_LANGUAGE = (("Language", "Edm.Int32"),)

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
    Function("RetrieveDeprovisionedLanguages", "mscrm.RetrieveDeprovisionedLanguagesResponse"),
    Function("RetrieveInstalledLanguagePackVersion", "mscrm.RetrieveInstalledLanguagePackVersionResponse", _LANGUAGE),
    Function("RetrieveInstalledLanguagePacks", "mscrm.RetrieveInstalledLanguagePacksResponse"),
    Function(
        "RetrieveProvisionedLanguagePackVersion", "mscrm.RetrieveProvisionedLanguagePackVersionResponse", _LANGUAGE
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
