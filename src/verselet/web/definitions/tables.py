"""Describe tables.

In:        tables of the schema
Out:       `ENTITY` and its subject
Not here:  columns, keys and relationships, where its links lead (sibling modules)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from verselet.ids import name_id
from verselet.metadata.tables import Ownership, Table
from verselet.security.privileges import privileges_of
from verselet.web.definitions.column_types import columns_of
from verselet.web.definitions.columns import ATTRIBUTE, AnyColumn
from verselet.web.definitions.keys import ENTITY_KEY, keys_of
from verselet.web.definitions.relationships import (
    MANY_TO_MANY,
    ONE_TO_MANY,
    many_to_many_of,
    many_to_one_of,
    one_to_many_of,
)
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import (
    GUID,
    LABEL,
    METADATA_BASE,
    NUMBER,
    TEXT,
    TIME,
    YES_NO,
    Link,
    Member,
    WireType,
    always,
    managed,
    switch,
    wire_type,
)

OWNERSHIPS: Mapping[Ownership, str] = {
    "user": "UserOwned",
    "business": "BusinessOwned",
    "organization": "OrganizationOwned",
    "none": "None",
}
"""Who owns the rows, in words of the wire. [MD-3]"""

_NOTE = "annotation"
_ACTIVITY = "activitypointer"


class ShownTable(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A table as definitions show it; remembers its columns."""

    view: View
    table: Table

    @property
    def wire_type(self) -> WireType:
        """Always the same."""
        return ENTITY

    @property
    def metadata_id(self) -> str:
        """The table's id as a definition."""
        return name_id("table", self.table.name)

    @property
    def is_managed(self) -> bool:
        """It comes with a solution."""
        return self.view.is_managed(self.table.name)

    @cached_property
    def columns(self) -> tuple[AnyColumn, ...]:
        """All columns."""
        return columns_of(self.view, self.table)

    def label(self, text: str, what: str) -> dict[str, object]:
        """A label that belongs to this table. [MD-9]"""
        return self.view.label(text, "table", self.table.name, what, managed=self.is_managed)

    def is_referred_to_by(self, table: str) -> bool:
        """Rows of that table can belong to rows of this one."""
        return any(found.referencing_table == table for found in self.view.one_to_many[self.table.name])


def _audit(shown: ShownTable) -> dict[str, object]:
    return managed("canmodifyauditsettings", value=shown.table.audit, can_be_changed=True)


def _privileges(shown: ShownTable) -> list[dict[str, object]]:
    """What can be held about the rows of this table. [SEC-20], [SEC-21]"""
    return [
        {
            "CanBeBasic": privilege.graded,
            "CanBeDeep": privilege.graded,
            "CanBeGlobal": True,
            "CanBeLocal": privilege.graded,
            "CanBeEntityReference": False,
            "CanBeParentEntityReference": False,
            "Name": privilege.name,
            "PrivilegeId": privilege.id,
            "PrivilegeType": str(privilege.right.name).removesuffix("Access"),
        }
        for privilege in privileges_of(shown.table)
    ]


_NAMES: tuple[Member[ShownTable], ...] = (
    Member("MetadataId", GUID, lambda s: s.metadata_id),
    always("HasChanged", YES_NO),
    Member("LogicalName", TEXT, lambda s: s.table.name),
    Member("SchemaName", TEXT, lambda s: s.table.schema_name),
    Member("EntitySetName", TEXT, lambda s: s.table.set_name),
    Member("LogicalCollectionName", TEXT, lambda s: s.table.logical_collection_name or None),
    Member("CollectionSchemaName", TEXT, lambda s: s.table.collection_schema_name or None),
    Member("DisplayName", LABEL, lambda s: s.label(s.table.label, "DisplayName")),
    Member("DisplayCollectionName", LABEL, lambda s: s.label(s.table.label_plural, "DisplayCollectionName")),
    Member("Description", LABEL, lambda s: s.label(s.table.description, "Description")),
    Member("ObjectTypeCode", NUMBER, lambda s: s.view.object_type_code(s.table)),
    Member("PrimaryIdAttribute", TEXT, lambda s: s.table.primary_id),
    Member("PrimaryNameAttribute", TEXT, lambda s: s.table.primary_name),
    Member("PrimaryImageAttribute", TEXT, lambda s: s.table.primary_image),
    always("ExternalName", TEXT),
    always("ExternalCollectionName", TEXT),
    always("ReportViewName", TEXT),
    always("IntroducedVersion", TEXT),
    always("RecurrenceBaseEntityLogicalName", TEXT),
    always("SettingOf", TEXT),
    always("EntityColor", TEXT),
    always("EntityHelpUrl", TEXT),
    always("IconLargeName", TEXT),
    always("IconMediumName", TEXT),
    always("IconSmallName", TEXT),
    always("IconVectorName", TEXT),
    always("MobileOfflineFilters", TEXT),
    always("CreatedOn", TIME),
    always("ModifiedOn", TIME),
    always("DataProviderId", GUID),
    always("DataSourceId", GUID),
    always("OwnerId", GUID),
    always("OwnerIdType", NUMBER),
    always("OwningBusinessUnit", GUID),
)

_FACTS: tuple[Member[ShownTable], ...] = (
    Member("OwnershipType", "mscrm.OwnershipTypes", lambda s: OWNERSHIPS[s.table.ownership]),
    Member("TableType", TEXT, lambda s: s.table.table_type),
    Member("IsActivity", YES_NO, lambda s: s.table.is_activity),
    Member("ActivityTypeMask", NUMBER, lambda s: int(s.table.is_activity)),
    Member("IsActivityParty", YES_NO, lambda s: s.is_referred_to_by("activityparty")),
    Member("IsIntersect", YES_NO, lambda s: s.table.is_intersect),
    Member("IsCustomEntity", YES_NO, lambda s: s.table.custom),
    Member("IsManaged", YES_NO, lambda s: s.is_managed),
    Member("ChangeTrackingEnabled", YES_NO, lambda s: s.table.change_tracking),
    Member("HasNotes", YES_NO, lambda s: s.is_referred_to_by(_NOTE)),
    Member("HasActivities", YES_NO, lambda s: s.is_referred_to_by(_ACTIVITY)),
    Member("IsStateModelAware", YES_NO, lambda s: "statecode" in s.table.columns),
    Member("IsValidForAdvancedFind", YES_NO, lambda s: not s.table.is_intersect),
    Member("IsImportable", YES_NO, lambda s: not s.table.is_intersect),
    Member("IsAuditEnabled", "mscrm.BooleanManagedProperty", _audit),
    Member("Privileges", "Collection(mscrm.SecurityPrivilegeMetadata)", _privileges),
    always("Settings", "Collection(mscrm.EntitySetting)", value=[]),
    always("AutoCreateAccessTeams", YES_NO, value=False),
    always("AutoRouteToOwnerQueue", YES_NO, value=False),
    always("DaysSinceRecordLastModified", NUMBER, value=0),
    Member("EnforceStateTransitions", YES_NO, lambda s: s.table.enforces_transitions),
    always("EntityHelpUrlEnabled", YES_NO, value=False),
    always("HasEmailAddresses", YES_NO, value=False),
    always("HasFeedback", YES_NO, value=False),
    always("IsAIRUpdated", YES_NO, value=False),
    Member("IsArchivalEnabled", YES_NO, lambda s: s.table.retention),
    always("IsAvailableOffline", YES_NO, value=False),
    always("IsBPFEntity", YES_NO, value=False),
    always("IsBusinessProcessEnabled", YES_NO, value=False),
    always("IsChildEntity", YES_NO, value=False),
    always("IsDocumentManagementEnabled", YES_NO, value=False),
    always("IsDocumentRecommendationsEnabled", YES_NO, value=False),
    always("IsEnabledForCharts", YES_NO, value=False),
    always("IsEnabledForExternalChannels", YES_NO, value=False),
    always("IsEnabledForTrace", YES_NO, value=False),
    always("IsInteractionCentricEnabled", YES_NO, value=False),
    always("IsKnowledgeManagementEnabled", YES_NO, value=False),
    always("IsLogicalEntity", YES_NO, value=False),
    always("IsMSTeamsIntegrationEnabled", YES_NO, value=False),
    always("IsOneNoteIntegrationEnabled", YES_NO, value=False),
    always("IsOptimisticConcurrencyEnabled", YES_NO, value=True),
    always("IsPrivate", YES_NO, value=False),
    always("IsQuickCreateEnabled", YES_NO, value=False),
    always("IsReadingPaneEnabled", YES_NO, value=False),
    Member("IsRetentionEnabled", YES_NO, lambda s: s.table.retention),
    always("IsRetrieveAuditEnabled", YES_NO, value=False),
    always("IsRetrieveMultipleAuditEnabled", YES_NO, value=False),
    always("IsSLAEnabled", YES_NO, value=False),
    always("IsSolutionAware", YES_NO, value=False),
    Member("SyncToExternalSearchIndex", YES_NO, lambda s: s.table.searched),
    always("UsesBusinessDataLabelTable", YES_NO, value=False),
)

_SWITCHES: tuple[Member[object], ...] = (
    switch("CanBeInCustomEntityAssociation", "canbeincustomentityassociation", value=True),
    switch("CanBeInManyToMany", "canbeinmanytomany", value=True),
    switch("CanBePrimaryEntityInRelationship", "canbeprimaryentityinrelationship", value=True),
    switch("CanBeRelatedEntityInRelationship", "canberelatedentityinrelationship", value=True),
    switch("CanChangeHierarchicalRelationship", "canchangehierarchicalrelationship", value=True),
    switch("CanChangeTrackingBeEnabled", "canchangetrackingbeenabled", value=True),
    switch("CanCreateAttributes", "cancreateattributes", value=True),
    switch("CanCreateCharts", "cancreatecharts", value=True),
    switch("CanCreateForms", "cancreateforms", value=True),
    switch("CanCreateViews", "cancreateviews", value=True),
    switch("CanEnableSyncToExternalSearchIndex", "canenablesynctoexternalsearchindex", value=True),
    switch("CanModifyAdditionalSettings", "canmodifyadditionalsettings", value=True),
    switch("CanTriggerWorkflow", "cantriggerworkflow", value=True),
    switch("IsConnectionsEnabled", "canmodifyconnectionsettings", value=False),
    switch("IsCustomizable", "iscustomizable", value=True),
    switch("IsDuplicateDetectionEnabled", "canmodifyduplicatedetectionsettings", value=False),
    switch("IsMailMergeEnabled", "canmodifymailmergesettings", value=False),
    switch("IsMappable", "ismappable", value=True),
    switch("IsOfflineInMobileClient", "canmodifymobileclientoffline", value=False),
    switch("IsReadOnlyInMobileClient", "canmodifymobileclientreadonly", value=False),
    switch("IsRenameable", "isrenameable", value=True),
    switch("IsValidForQueue", "canmodifyqueuesettings", value=False),
    switch("IsVisibleInMobile", "canmodifymobilevisibility", value=False),
    switch("IsVisibleInMobileClient", "canmodifymobileclientvisibility", value=False),
)

_LINKS: tuple[Link[ShownTable], ...] = (
    Link("Attributes", ATTRIBUTE, lambda s: s.columns, index="LogicalName"),
    Link("Keys", ENTITY_KEY, lambda s: keys_of(s.view, s.table), index="LogicalName"),
    Link("OneToManyRelationships", ONE_TO_MANY, lambda s: one_to_many_of(s.view, s.table.name), index="SchemaName"),
    Link("ManyToOneRelationships", ONE_TO_MANY, lambda s: many_to_one_of(s.view, s.table.name), index="SchemaName"),
    Link("ManyToManyRelationships", MANY_TO_MANY, lambda s: many_to_many_of(s.view, s.table.name), index="SchemaName"),
)

ENTITY = wire_type("EntityMetadata", METADATA_BASE, (*_NAMES, *_FACTS, *_SWITCHES), _LINKS)
