"""List the functions and actions about rows, and answer them.

In:        an exchange, a segment, the row it is bound to
Out:       `is_known`, `answer_unbound`, `answer_bound`
Not here:  reading the parameters of one operation and running it (the sibling modules)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec

from verselet.errors import BadRequest, MethodNotAllowed
from verselet.messages.request import RowKey
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.query.odata.keys import Segment
from verselet.web.answers import Answer
from verselet.web.body import read_object
from verselet.web.exchange import Exchange
from verselet.web.row_functions import (
    access,
    auditing,
    bulk_delete,
    duplicates,
    facts,
    lifecycle,
    numbers,
    principals,
    retention,
    rollups,
    teams,
)
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import Given, function_parameters
from verselet.web.row_functions.searching import modern as searching

Run: TypeAlias = Callable[[Call], Answer]

PRINCIPALS: Final = ("systemuser", "team", "organization")
RECORD_TEAM: Final = ("Record", "TeamTemplate")


class RowOperation(msgspec.Struct, frozen=True):
    """One operation: its verb, who answers it, its parameters, and the tables it is bound to, none for an unbound one.

    `unbound` are the parameters of the unbound form of one that is also bound. [FN-3], [FN-4], [FN-8], [MSG-4]
    """

    method: str
    run: Run
    parameters: tuple[str, ...] = ()
    bound_to: tuple[str, ...] = ()
    unbound: tuple[str, ...] = ()

    def has_form(self, table: Table | None) -> bool:
        """It can be called on rows of the table, or on none."""
        return table.name in self.bound_to if table is not None else bool(self.unbound) or not self.bound_to


OPERATIONS: Final[Mapping[str, RowOperation]] = MappingProxyType(
    {
        "AddMembersTeam": RowOperation("POST", teams.add_members, ("Members",), ("team",)),
        "AddPrivilegesRole": RowOperation("POST", principals.add_privileges, ("Privileges",), ("role",)),
        "AddUserToRecordTeam": RowOperation("POST", principals.add_to_record_team, RECORD_TEAM, ("systemuser",)),
        "BulkDelete": RowOperation("POST", bulk_delete.bulk_delete, bulk_delete.PARAMETERS),
        "BulkDetectDuplicates": RowOperation("POST", bulk_delete.detect_duplicates, bulk_delete.DETECTION),
        "BulkRetain": RowOperation("POST", retention.refuse, retention.BULK),
        "CalculateRollupField": RowOperation("GET", rollups.calculate, ("Target", "FieldName")),
        "GetAutoNumberSeed": RowOperation("POST", numbers.get_seed, numbers.COLUMN),
        "GetNextAutoNumberValue": RowOperation("POST", numbers.get_next, numbers.COLUMN),
        "CanBeReferenced": RowOperation("POST", facts.can_be("referenced"), ("EntityName",)),
        "CanBeReferencing": RowOperation("POST", facts.can_be("referencing"), ("EntityName",)),
        "CanManyToMany": RowOperation("POST", facts.can_be("paired"), ("EntityName",)),
        "CreateAsyncJobToRevokeInheritedAccess": RowOperation("POST", access.revoke_inherited, ("RelationshipSchema",)),
        "ConvertOwnerTeamToAccessTeam": RowOperation("POST", principals.convert_team, (), ("team",)),
        "FormatAddress": RowOperation("GET", facts.format_address, facts.ADDRESS),
        "GetValidManyToMany": RowOperation("GET", facts.valid_pairs),
        "GetValidReferencedEntities": RowOperation("GET", facts.valid_referenced, ("ReferencingEntityName",)),
        "GetValidReferencingEntities": RowOperation("GET", facts.valid_referencing, ("ReferencedEntityName",)),
        "GrantAccess": RowOperation("POST", access.grant, ("Target", "PrincipalAccess")),
        "InitializeFrom": RowOperation(
            "GET", lifecycle.initialize_from, ("EntityMoniker", "TargetEntityName", "TargetFieldType")
        ),
        "IsValidStateTransition": RowOperation(
            "GET", lifecycle.is_valid_state_transition, ("Entity", "NewState", "NewStatus")
        ),
        "Merge": RowOperation(
            "POST", lifecycle.merge, ("Target", "Subordinate", "UpdateContent", "PerformParentingChecks")
        ),
        "ModifyAccess": RowOperation("POST", access.modify, ("Target", "PrincipalAccess")),
        "PublishDuplicateRule": RowOperation("POST", duplicates.publish_rule, (), ("duplicaterule",)),
        "PurgeRetainedContent": RowOperation("POST", retention.refuse, retention.PURGE),
        "ReassignObjectsOwner": RowOperation("POST", principals.reassign_of_owner, ("FromPrincipal", "ToPrincipal")),
        "ReassignObjectsSystemUser": RowOperation(
            "POST", principals.reassign_of_user, ("ReassignPrincipal",), ("systemuser",)
        ),
        "RemoveMembersTeam": RowOperation("POST", teams.remove_members, ("Members",), ("team",)),
        "RemovePrivilegeRole": RowOperation("POST", principals.remove_privilege, ("PrivilegeId",), ("role",)),
        "RemoveUserFromRecordTeam": RowOperation(
            "POST", principals.remove_from_record_team, RECORD_TEAM, ("systemuser",)
        ),
        "ReplacePrivilegesRole": RowOperation("POST", principals.replace_privileges, ("Privileges",), ("role",)),
        "RetrieveAttributeChangeHistory": RowOperation(
            "GET", auditing.column_history, ("Target", "AttributeLogicalName", "PagingInfo")
        ),
        "RetrieveAuditDetails": RowOperation("GET", auditing.details, (), ("audit",)),
        "Restore": RowOperation("POST", lifecycle.restore, ("Target",)),
        "Retain": RowOperation("POST", retention.refuse, retention.ROW),
        "RetrieveAvailableLanguages": RowOperation("GET", facts.languages("available")),
        "RetrieveDeprovisionedLanguages": RowOperation("GET", facts.languages("deprovisioned")),
        "RetrieveDuplicates": RowOperation(
            "GET", duplicates.retrieve_duplicates, ("BusinessEntity", "MatchingEntityName", "PagingInfo")
        ),
        "RetrieveInstalledLanguagePacks": RowOperation("GET", facts.languages("installed")),
        "RetrieveInstalledLanguagePackVersion": RowOperation("GET", facts.pack_version("Installed"), ("Language",)),
        "RetrievePrincipalAccess": RowOperation(
            "GET", access.principal_access, ("Target",), PRINCIPALS, ("Target", "Principal")
        ),
        "RetrieveProvisionedLanguages": RowOperation("GET", facts.languages("provisioned")),
        "RetrieveProvisionedLanguagePackVersion": RowOperation("GET", facts.pack_version("Provisioned"), ("Language",)),
        "RetrieveRecordChangeHistory": RowOperation("GET", auditing.record_history, ("Target", "PagingInfo")),
        "RetrieveRolePrivilegesRole": RowOperation("GET", principals.role_privileges, ("RoleId",)),
        "RetrieveSharedPrincipalsAndAccess": RowOperation("GET", access.shared_principals, ("Target",)),
        "RetrieveTeamPrivileges": RowOperation("GET", principals.team_privileges, (), ("team",)),
        "RetrieveUserPrivilegeByPrivilegeId": RowOperation(
            "GET", principals.user_privilege_by_id, ("PrivilegeId",), ("systemuser",)
        ),
        "RetrieveUserPrivilegeByPrivilegeName": RowOperation(
            "GET", principals.user_privilege_by_name, ("PrivilegeName",), ("systemuser",)
        ),
        "RetrieveUserPrivileges": RowOperation("GET", principals.user_privileges, (), ("systemuser",)),
        "RetrieveUserSetOfPrivilegesByNames": RowOperation(
            "GET", principals.user_privileges_by_names, ("PrivilegeNames",), ("systemuser",)
        ),
        "RollbackRetain": RowOperation("POST", retention.refuse, retention.ROW),
        "RevokeAccess": RowOperation("POST", access.revoke, ("Target", "Revokee")),
        "SetAutoNumberSeed": RowOperation("POST", numbers.set_seed, (*numbers.COLUMN, "Value")),
        "SetBusinessSystemUser": RowOperation(
            "POST",
            principals.set_business,
            ("BusinessUnit", "ReassignPrincipal", "DoNotMoveAllRecords"),
            ("systemuser",),
        ),
        "UnpublishDuplicateRule": RowOperation("POST", duplicates.unpublish_rule, ("DuplicateRuleId",)),
        "searchautocomplete": RowOperation("POST", searching.complete, searching.COMPLETE),
        "searchquery": RowOperation("POST", searching.query, searching.QUERY),
        "searchstatistics": RowOperation("GET", searching.statistics),
        "searchstatus": RowOperation("GET", searching.status),
        "searchsuggest": RowOperation("POST", searching.suggest, searching.SUGGEST),
        "ValidateRetentionConfig": RowOperation("POST", retention.refuse, retention.VALIDATE),
    }
)
"""Name → operation."""


def is_known(name: str, table: Table | None = None) -> bool:
    """There is an unbound operation of that name, or one that is bound to rows of the table."""
    found = OPERATIONS.get(name)
    return found is not None and found.has_form(table)


def answer_unbound(organization: Organization, exchange: Exchange, segment: Segment) -> Answer:
    """Call an operation that `is_known`. [FN-1], [FN-4], [FN-5]"""
    return _answer(organization, exchange, segment, None)


def answer_bound(organization: Organization, exchange: Exchange, table: Table, key: RowKey, segment: Segment) -> Answer:
    """Call an operation that `is_known` on the row with that key. [FN-3]

    The segment is without its namespace.
    """
    return _answer(organization, exchange, segment, (table, key))


def _answer(
    organization: Organization, exchange: Exchange, segment: Segment, bound_to: tuple[Table, RowKey] | None
) -> Answer:
    operation = OPERATIONS[segment.name]
    if exchange.method != operation.method:
        raise MethodNotAllowed(exchange.method, segment.name)
    given: Mapping[str, Any]
    if operation.method == "GET":
        given = function_parameters(exchange, segment.arguments)
    else:
        given = read_object(exchange.body or b"{}", exchange.content_type, segment.name)
    known = operation.unbound if bound_to is None and operation.unbound else operation.parameters
    _must_be_known(segment.name, given, known)
    return operation.run(Call(organization, exchange, segment.name, given, bound_to))


def _must_be_known(operation: str, given: Given, known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known and "@" not in name:
            raise BadRequest(f"The operation '{operation}' has no parameter '{name[:80]}'.")
