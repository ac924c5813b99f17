"""List what each message takes.

In:        a message
Out:       `needs()`: the rights on tables and the other privileges without which it is refused; None for one that
           takes System Administrator
Not here:  the rows it touches (operations.rights), who holds what (security.standing)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from verselet.messages import (
    access,
    auditing,
    bulk_delete,
    custom,
    definitions,
    duplicates,
    explaining,
    facts,
    files,
    jobs,
    lifecycle,
    numbers,
    principals,
    retention,
    rollups,
    searching,
    states,
    teams,
    tracking,
)
from verselet.messages import request as rows
from verselet.messages.access import AccessRights

Need: TypeAlias = tuple[AccessRights, str] | str
"""A right on a table, or the name of a privilege that is about no table."""

Needs: TypeAlias = tuple[Need, ...]

READ, WRITE, CREATE = AccessRights.ReadAccess, AccessRights.WriteAccess, AccessRights.CreateAccess
APPEND, SHARE, DELETE = AccessRights.AppendAccess, AccessRights.ShareAccess, AccessRights.DeleteAccess

NOTHING: Final[tuple[type[rows.Request], ...]] = (rows.WhoAmI, auditing.NoteAccess)
"""What every user may ask, even one without roles, and what the server notes of every user. [SEC-33], [SEC-129]"""

FOR_ADMINISTRATORS: Final[tuple[type[rows.Request], ...]] = (
    definitions.ProvisionLanguage,
    definitions.DeprovisionLanguage,
    explaining.ExplainAccess,
    jobs.ClaimJobs,
    jobs.HoldJob,
    jobs.EndJob,
    jobs.RenewClaims,
    jobs.GiveJobsBack,
    jobs.TakeJobsBack,
    lifecycle.EmptyBin,
    lifecycle.KeepMonths,
    retention.BulkRetain,
    retention.Retain,
    retention.RollbackRetain,
    retention.PurgeRetainedContent,
    retention.ValidateRetentionConfig,
    rollups.RefreshRollup,
    rollups.PlanRollups,
)
"""What only System Administrator may ask, and the server itself."""

CUSTOMIZING: Final[Mapping[str, str]] = MappingProxyType(
    {"Create": "prvCreateEntity", "Insert": "prvWriteEntity", "Delete": "prvDeleteEntity"}
)
"""First word of a message that changes definitions → what it takes; `prvWriteEntity` for the others."""


HISTORY: Final[Needs] = ("prvReadAuditSummary", "prvReadRecordAuditHistory")
"""What the history of a row takes beside Read on the row. [JOB-44]"""


def _update(request: rows.Update) -> Needs:
    """To assign alone takes no Write. Among other columns the owner may be the present one: it is asked for later.

    [SEC-45], [SEC-61], [SEC-64]
    """
    columns = request.target.values.keys()
    return ((AccessRights.AssignAccess if columns == {"ownerid"} else WRITE, request.target.table),)


def _restore(request: lifecycle.Restore) -> Needs:
    """To make the row; with values of the caller's own also to change it. [BIN-14]"""
    table = request.target.table
    return ((CREATE, table), (WRITE, table)) if request.target.values else ((CREATE, table),)


def _call(request: custom.CallAction | custom.CallFunction) -> Needs:
    """The privilege that the custom API names, if it does. [FN-28]"""
    return (request.api.privilege,) if request.api.privilege else ()


TAKES: Final[Mapping[type[rows.Request], Callable[[Any], Needs]]] = MappingProxyType(
    {
        rows.Create: lambda request: ((CREATE, request.target.table),),
        rows.CreateMultiple: lambda request: ((CREATE, request.table),),
        rows.Update: _update,
        rows.UpdateMultiple: lambda request: ((WRITE, request.table),),
        # What an upsert takes is known when the row was looked for. [MSG-23]
        rows.Upsert: lambda _: (),
        rows.UpsertMultiple: lambda _: (),
        rows.Delete: lambda request: ((DELETE, request.table),),
        # They send updates, or ask for both rows of a pair themselves. [SEC-30]
        rows.Associate: lambda _: (),
        rows.Disassociate: lambda _: (),
        # Reading is refused where the plan is narrowed. [SEC-44]
        rows.RetrieveMultiple: lambda _: (),
        rows.RetrieveVersion: lambda _: (),
        rows.RetrieveCurrentOrganization: lambda _: (),
        rows.RetrieveTotalRecordCount: lambda request: tuple([(READ, table) for table in request.tables]),
        facts.RetrieveLanguages: lambda _: (),
        facts.RetrieveLanguagePackVersion: lambda _: (),
        facts.RetrieveTimestamp: lambda _: (),
        facts.FormatAddress: lambda _: (),
        facts.CanBeRelated: lambda _: (),
        facts.RetrieveRelatableTables: lambda _: (),
        tracking.RetrieveVersionsSeen: lambda request: ((READ, request.table),),
        tracking.RetrieveDeletedRows: lambda request: ((READ, request.table),),
        tracking.CountChanges: lambda request: ((READ, request.table),),
        files.StoreFile: lambda request: ((WRITE, request.place.table),),
        files.RemoveFile: lambda request: ((WRITE, request.place.table),),
        files.BeginUpload: lambda request: ((WRITE, request.place.table),),
        # What these mean was checked when it was begun, or is found out when the file is looked for.
        files.DeleteFile: lambda _: (),
        files.UploadChunk: lambda _: (),
        files.UploadBlock: lambda _: (),
        files.CommitBlocks: lambda _: (),
        files.RetrieveFile: lambda request: ((READ, request.place.table),),
        files.RetrieveFileContent: lambda _: (),
        access.GrantAccess: lambda request: ((SHARE, request.target.table),),
        access.ModifyAccess: lambda request: ((SHARE, request.target.table),),
        access.RevokeAccess: lambda request: ((SHARE, request.target.table),),
        access.RetrievePrincipalAccess: lambda request: ((READ, request.target.table),),
        access.RetrieveSharedPrincipalsAndAccess: lambda request: ((READ, request.target.table),),
        access.RetrieveUserPrivileges: lambda _: ((READ, "systemuser"),),
        auditing.RetrieveRecordChangeHistory: lambda request: (*HISTORY, (READ, request.target.table)),
        auditing.RetrieveAuditDetails: lambda _: HISTORY,
        states.IsValidStateTransition: lambda request: ((READ, request.row.table),),
        rollups.CalculateRollupField: lambda request: ((READ, request.row.table),),
        # Tables the caller may not read are passed over.
        searching.SearchRows: lambda _: (),
        searching.CompleteSearch: lambda _: (),
        searching.RetrieveSearchState: lambda _: (),
        numbers.SetAutoNumberSeed: lambda _: ("prvWriteEntity",),
        numbers.GetAutoNumberSeed: lambda request: ((READ, request.table),),
        numbers.GetNextAutoNumberValue: lambda request: ((READ, request.table),),
        bulk_delete.BulkDelete: lambda _: ("prvBulkDelete",),
        # What a plug-in sends for the caller is asked for by itself. [FN-28]
        custom.CallAction: _call,
        custom.CallFunction: _call,
        custom.CallByName: lambda _: (),
        duplicates.RetrieveDuplicates: lambda request: ((READ, request.matching_table),),
        duplicates.BulkDetectDuplicates: lambda request: ((READ, request.query.table),),
        # Sent by the job of who asked, row by row of those the query found for that user.
        duplicates.NoteDuplicates: lambda request: ((READ, request.table),),
        duplicates.PublishDuplicateRule: lambda _: ((WRITE, "duplicaterule"),),
        duplicates.UnpublishDuplicateRule: lambda _: ((WRITE, "duplicaterule"),),
        lifecycle.InitializeFrom: lambda request: ((READ, request.source.table),),
        lifecycle.Merge: lambda request: ((WRITE, request.target.table), "prvMerge"),
        lifecycle.Restore: _restore,
        principals.AddPrivilegesRole: lambda _: ((WRITE, "role"),),
        principals.ReplacePrivilegesRole: lambda _: ((WRITE, "role"),),
        principals.RemovePrivilegeRole: lambda _: ((WRITE, "role"),),
        principals.RetrieveRolePrivilegesRole: lambda _: ((READ, "role"),),
        principals.RetrieveTeamPrivileges: lambda _: ((READ, "team"),),
        principals.SetBusinessSystemUser: lambda _: ((WRITE, "systemuser"),),
        # Whoever may move users and teams to other units may move all that they own.
        principals.ReassignObjectsOwner: lambda request: (
            "prvReparentTeam" if request.table == "team" else "prvReparentUser",
        ),
        principals.ConvertOwnerTeamToAccessTeam: lambda _: ((WRITE, "team"),),
        principals.AddUserToRecordTeam: lambda request: ((SHARE, request.record.table),),
        principals.RemoveUserFromRecordTeam: lambda request: ((SHARE, request.record.table),),
        teams.AddMembersTeam: lambda _: ((APPEND, "team"), (APPEND, "systemuser")),
        teams.RemoveMembersTeam: lambda _: ((APPEND, "team"), (APPEND, "systemuser")),
        definitions.PublishXml: lambda _: ("prvPublishCustomization",),
        definitions.PublishAllXml: lambda _: ("prvPublishCustomization",),
        definitions.ReactivateEntityKey: lambda _: ("prvWriteEntity",),
    }
)
"""Message → what it takes."""


def needs(request: rows.Request) -> Needs | None:
    """What must be held to send the message; None where only System Administrator may."""
    if isinstance(request, definitions.DefinitionChange) and not isinstance(request, FOR_ADMINISTRATORS):
        name = type(request).__name__
        return (next((held for word, held in CUSTOMIZING.items() if name.startswith(word)), "prvWriteEntity"),)
    parts = TAKES.get(type(request))
    return None if parts is None else parts(request)
