"""List the enum types and complex types that definitions and answers are made of.

In:        nothing
Out:       `ENUM_TYPES`, `FLAGS`, `COMPLEX_TYPES`
Not here:  entity types (the sibling modules), how they are written as XML (web.csdl)
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.web.definitions.wire import GUID, LABEL, NUMBER, TEXT, YES_NO

ENUM_TYPES: Mapping[str, tuple[tuple[str, int], ...]] = {
    "AccessRights": (
        ("None", 0),
        ("ReadAccess", 1),
        ("WriteAccess", 2),
        ("AppendAccess", 4),
        ("AppendToAccess", 16),
        ("CreateAccess", 32),
        ("DeleteAccess", 65_536),
        ("ShareAccess", 262_144),
        ("AssignAccess", 524_288),
    ),
    "AssociatedMenuBehavior": (("UseCollectionName", 0), ("UseLabel", 1), ("DoNotDisplay", 2)),
    "AssociatedMenuGroup": (("Details", 0), ("Sales", 1), ("Service", 2), ("Marketing", 3)),
    "AttributeRequiredLevel": (("None", 0), ("SystemRequired", 1), ("ApplicationRequired", 2), ("Recommended", 3)),
    "AttributeTypeCode": (
        ("Boolean", 0),
        ("Customer", 1),
        ("DateTime", 2),
        ("Decimal", 3),
        ("Double", 4),
        ("Integer", 5),
        ("Lookup", 6),
        ("Memo", 7),
        ("Money", 8),
        ("Owner", 9),
        ("PartyList", 10),
        ("Picklist", 11),
        ("State", 12),
        ("Status", 13),
        ("String", 14),
        ("Uniqueidentifier", 15),
        ("CalendarRules", 16),
        ("Virtual", 17),
        ("BigInt", 18),
        ("ManagedProperty", 19),
        ("EntityName", 20),
    ),
    "CascadeType": (
        ("NoCascade", 0),
        ("Cascade", 1),
        ("Active", 2),
        ("UserOwned", 3),
        ("RemoveLink", 4),
        ("Restrict", 5),
    ),
    "DateTimeFormat": (("DateOnly", 0), ("DateAndTime", 1)),
    "EndpointAccessType": (("Default", 0), ("Internet", 1), ("Intranet", 2)),
    "EndpointType": (("OrganizationService", 0), ("OrganizationDataService", 1), ("WebApplication", 2)),
    "EntityKeyIndexStatus": (("Pending", 0), ("InProgress", 1), ("Active", 2), ("Failed", 3)),
    "ImeMode": (("Auto", 0), ("Inactive", 1), ("Active", 2), ("Disabled", 3)),
    "IntegerFormat": (("None", 0), ("Duration", 1), ("TimeZone", 2), ("Language", 3), ("Locale", 4)),
    "LookupFormat": (("None", 0), ("Connection", 1), ("Regarding", 2), ("Text", 3)),
    "OptionSetType": (("Picklist", 0), ("State", 1), ("Status", 2), ("Boolean", 3)),
    "OrganizationState": (("Enabled", 0), ("Disabled", 1), ("Maintenance", 2)),
    "OwnershipTypes": (
        ("None", 0),
        ("UserOwned", 1),
        ("TeamOwned", 2),
        ("BusinessOwned", 4),
        ("OrganizationOwned", 8),
        ("BusinessParented", 16),
    ),
    "PrivilegeType": (
        ("None", 0),
        ("Create", 1),
        ("Read", 2),
        ("Write", 3),
        ("Delete", 4),
        ("Assign", 5),
        ("Share", 6),
        ("Append", 7),
        ("AppendTo", 8),
    ),
    "RelationshipType": (("OneToManyRelationship", 0), ("ManyToManyRelationship", 1)),
    "SecurityTypes": (("None", 0), ("Append", 1), ("ParentChild", 2), ("Pointer", 4), ("Inheritance", 8)),
    "StringFormat": (
        ("Email", 0),
        ("Text", 1),
        ("TextArea", 2),
        ("Url", 3),
        ("TickerSymbol", 4),
        ("PhoneticGuide", 5),
        ("VersionNumber", 6),
        ("Phone", 7),
        ("Json", 8),
        ("RichText", 9),
    ),
}
"""Enum type → its members with their numbers. [M-7], [MD-7], [FN-27]"""

FLAGS = frozenset({"AccessRights", "OwnershipTypes", "SecurityTypes"})
"""Enum types whose members can be combined."""

_PRIVILEGE = (
    "CanBeBasic",
    "CanBeDeep",
    "CanBeGlobal",
    "CanBeLocal",
    "CanBeEntityReference",
    "CanBeParentEntityReference",
)
"""What a privilege can be, each yes or no. [SEC-21]"""

_VALUE_NAME = (("Value", TEXT),)
_MENU = (
    ("Behavior", "mscrm.AssociatedMenuBehavior"),
    ("Group", "mscrm.AssociatedMenuGroup"),
    ("Label", LABEL),
    ("Order", NUMBER),
    ("IsCustomizable", YES_NO),
    ("Icon", TEXT),
    ("ViewId", GUID),
    ("AvailableOffline", YES_NO),
    ("MenuId", TEXT),
    ("QueryApi", TEXT),
)
_CASCADED = ("Assign", "Delete", "Merge", "Reparent", "Share", "Unshare", "RollupView", "Archive")
_OPTION = (
    ("Value", NUMBER),
    ("Label", LABEL),
    ("Description", LABEL),
    ("Color", TEXT),
    ("IsManaged", YES_NO),
    ("ExternalValue", TEXT),
    ("ParentValues", "Collection(Edm.Int32)"),
    ("MetadataId", GUID),
    ("HasChanged", YES_NO),
)

COMPLEX_TYPES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "AssociatedMenuConfiguration": _MENU,
    "AttributeRequiredLevelManagedProperty": (
        ("Value", "mscrm.AttributeRequiredLevel"),
        ("CanBeChanged", YES_NO),
        ("ManagedPropertyLogicalName", TEXT),
    ),
    "AttributeTypeDisplayName": _VALUE_NAME,
    "BooleanManagedProperty": (("Value", YES_NO), ("CanBeChanged", YES_NO), ("ManagedPropertyLogicalName", TEXT)),
    "CascadeConfiguration": tuple((name, "mscrm.CascadeType") for name in _CASCADED),
    "DateTimeBehavior": _VALUE_NAME,
    "EndpointCollection": (
        ("Count", NUMBER),
        ("IsReadOnly", YES_NO),
        ("Keys", "Collection(mscrm.EndpointType)"),
        ("Values", "Collection(Edm.String)"),
    ),
    "EntityRecordCountCollection": (
        ("Count", NUMBER),
        ("IsReadOnly", YES_NO),
        ("Keys", "Collection(Edm.String)"),
        ("Values", "Collection(Edm.Int64)"),
    ),
    "EntitySetting": (("Name", TEXT), ("Value", "mscrm.Object")),
    "Label": (("LocalizedLabels", "Collection(mscrm.LocalizedLabel)"), ("UserLocalizedLabel", "mscrm.LocalizedLabel")),
    "LocalizedLabel": (
        ("Label", TEXT),
        ("LanguageCode", NUMBER),
        ("IsManaged", YES_NO),
        ("MetadataId", GUID),
        ("HasChanged", YES_NO),
    ),
    "MemoFormatName": _VALUE_NAME,
    "OptionMetadata": _OPTION,
    "OrganizationDetail": (
        ("OrganizationId", GUID),
        ("FriendlyName", TEXT),
        ("OrganizationVersion", TEXT),
        ("EnvironmentId", TEXT),
        ("DatacenterId", GUID),
        ("Geo", TEXT),
        ("TenantId", TEXT),
        ("UrlName", TEXT),
        ("UniqueName", TEXT),
        ("Endpoints", "mscrm.EndpointCollection"),
        ("State", "mscrm.OrganizationState"),
    ),
    "SecurityPrivilegeMetadata": (
        *((name, YES_NO) for name in _PRIVILEGE),
        ("Name", TEXT),
        ("PrivilegeId", GUID),
        ("PrivilegeType", "mscrm.PrivilegeType"),
    ),
    "StringFormatName": _VALUE_NAME,
}
"""Complex type → its properties. Answers of functions and actions are listed in web.csdl. [M-7], [MD-9], [MD-15]"""

DERIVED_OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "StateOptionMetadata": (("DefaultStatus", NUMBER), ("InvariantName", TEXT)),
    "StatusOptionMetadata": (("State", NUMBER), ("TransitionData", TEXT)),
}
"""Complex types that derive from `OptionMetadata`. [MD-15]"""
