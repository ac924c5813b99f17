"""List the operations behind functions and actions on rows.

In:        nothing
Out:       `ROW_OPERATIONS`: message → operation
Not here:  the operations of plain rows (operations), of definitions (operations.definitions)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.messages import (
    access,
    auditing,
    bulk_delete,
    custom,
    duplicates,
    explaining,
    lifecycle,
    numbers,
    principals,
    retention,
    rollups,
    searching,
    states,
    teams,
)
from verselet.messages.request import Request
from verselet.operations.access import (
    grant_access,
    modify_access,
    retrieve_principal_access,
    retrieve_shared_principals,
    revoke_access,
    revoke_inherited_access,
)
from verselet.operations.audit_history import retrieve_audit_details, retrieve_change_history
from verselet.operations.bulk_delete import bulk_delete as queue_bulk_delete
from verselet.operations.bulk_detection import bulk_detect_duplicates, note_duplicates
from verselet.operations.claiming import CLAIMING
from verselet.operations.custom_calls import call, call_by_name
from verselet.operations.duplicate_rules import publish_duplicate_rule, unpublish_duplicate_rule
from verselet.operations.duplicates import retrieve_duplicates
from verselet.operations.empty_bin import empty_bin
from verselet.operations.explaining import explain_access
from verselet.operations.initialize import initialize_from
from verselet.operations.merge import merge
from verselet.operations.months import keep_months
from verselet.operations.moving import reassign, set_business
from verselet.operations.numbers import get_auto_number_seed, get_next_auto_number_value, set_auto_number_seed
from verselet.operations.principals import retrieve_team_privileges, retrieve_user_privileges
from verselet.operations.record_teams import add_to_record_team, remove_from_record_team
from verselet.operations.restore import restore
from verselet.operations.retention.marking import bulk_retain, retain, rollback_retain
from verselet.operations.retention.policies import validate_retention_config
from verselet.operations.retention.purging import purge_retained_content
from verselet.operations.role_privileges import (
    add_privileges,
    remove_privilege,
    replace_privileges,
    retrieve_role_privileges,
)
from verselet.operations.rollup_jobs import plan_rollups
from verselet.operations.rollups import calculate_rollup_field, refresh_rollup
from verselet.operations.rules.audit_switches import note_access
from verselet.operations.searching import complete_search, retrieve_search_state, search_rows
from verselet.operations.states import is_valid_state_transition
from verselet.operations.teams import add_members, convert_to_access_team, remove_members
from verselet.pipeline.execute import Operation

ROW_OPERATIONS: Final[Mapping[type[Request], Operation]] = MappingProxyType(
    {
        access.GrantAccess: grant_access,
        access.ModifyAccess: modify_access,
        access.RevokeAccess: revoke_access,
        access.RevokeInheritedAccess: revoke_inherited_access,
        access.RetrievePrincipalAccess: retrieve_principal_access,
        access.RetrieveSharedPrincipalsAndAccess: retrieve_shared_principals,
        access.RetrieveUserPrivileges: retrieve_user_privileges,
        auditing.RetrieveRecordChangeHistory: retrieve_change_history,
        auditing.RetrieveAuditDetails: retrieve_audit_details,
        auditing.NoteAccess: note_access,
        explaining.ExplainAccess: explain_access,
        principals.AddPrivilegesRole: add_privileges,
        principals.ReplacePrivilegesRole: replace_privileges,
        principals.RemovePrivilegeRole: remove_privilege,
        principals.RetrieveRolePrivilegesRole: retrieve_role_privileges,
        principals.RetrieveTeamPrivileges: retrieve_team_privileges,
        principals.SetBusinessSystemUser: set_business,
        principals.ReassignObjectsOwner: reassign,
        principals.ConvertOwnerTeamToAccessTeam: convert_to_access_team,
        principals.AddUserToRecordTeam: add_to_record_team,
        principals.RemoveUserFromRecordTeam: remove_from_record_team,
        **CLAIMING,
        states.IsValidStateTransition: is_valid_state_transition,
        bulk_delete.BulkDelete: queue_bulk_delete,
        custom.CallAction: call,
        custom.CallFunction: call,
        custom.CallByName: call_by_name,
        duplicates.RetrieveDuplicates: retrieve_duplicates,
        duplicates.BulkDetectDuplicates: bulk_detect_duplicates,
        duplicates.NoteDuplicates: note_duplicates,
        duplicates.PublishDuplicateRule: publish_duplicate_rule,
        duplicates.UnpublishDuplicateRule: unpublish_duplicate_rule,
        lifecycle.InitializeFrom: initialize_from,
        lifecycle.Merge: merge,
        lifecycle.Restore: restore,
        lifecycle.EmptyBin: empty_bin,
        lifecycle.KeepMonths: keep_months,
        retention.BulkRetain: bulk_retain,
        retention.Retain: retain,
        retention.RollbackRetain: rollback_retain,
        retention.PurgeRetainedContent: purge_retained_content,
        retention.ValidateRetentionConfig: validate_retention_config,
        rollups.CalculateRollupField: calculate_rollup_field,
        rollups.RefreshRollup: refresh_rollup,
        rollups.PlanRollups: plan_rollups,
        searching.SearchRows: search_rows,
        searching.CompleteSearch: complete_search,
        searching.RetrieveSearchState: retrieve_search_state,
        numbers.SetAutoNumberSeed: set_auto_number_seed,
        numbers.GetAutoNumberSeed: get_auto_number_seed,
        numbers.GetNextAutoNumberValue: get_next_auto_number_value,
        teams.AddMembersTeam: add_members,
        teams.RemoveMembersTeam: remove_members,
    }
)
