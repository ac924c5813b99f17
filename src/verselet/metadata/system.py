"""Say what each table gets from its kind, so that a table file holds only what differs.

In:        the kind of a table: ownership, activity, intersect, custom or not
Out:       standard columns, default relationship names and cascades, messages, the intersect table of a pair
Not here:  reading files (metadata.files), putting a schema together (metadata.assembly)
"""

from __future__ import annotations

import msgspec

from verselet.metadata.choices import State, StatusReason
from verselet.metadata.columns import (
    BigIntColumn,
    Column,
    DateTimeColumn,
    IdColumn,
    IntegerColumn,
    LookupColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    VirtualColumn,
)
from verselet.metadata.tables import Cascades, ManyToMany, Ownership, Table


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which standard columns a table has, and how its relationships are called.

    `is_activity` is said of concrete activities; `activitypointer` itself is an ordinary table.
    """

    name: str
    schema_name: str
    label: str
    ownership: Ownership
    primary_id: str
    is_activity: bool = False
    is_intersect: bool = False
    custom: bool = False
    sentence_case: bool = False


NO_CASCADE = Cascades(delete="NoCascade")
REMOVE_LINK = Cascades()
RESTRICT = Cascades(delete="Restrict")
DELETE = Cascades(delete="Cascade")
PARENTAL = Cascades(assign="Cascade", delete="Cascade", reparent="Cascade", share="Cascade", unshare="Cascade")
CASCADES = {
    "none": NO_CASCADE,
    "remove_link": REMOVE_LINK,
    "restrict": RESTRICT,
    "delete": DELETE,
    "parental": PARENTAL,
    "parental_merging": msgspec.structs.replace(PARENTAL, merge="Cascade"),
}
"""The words a file may use for a set of cascades."""

_USER = ("systemuser",)


def standard_columns(kind: Kind) -> dict[str, Column]:
    """The columns a table of that kind has before its file is read, by logical name."""
    columns = [_primary_id(kind), _version()]
    if not kind.is_intersect and kind.ownership != "none":
        columns += [*_tracking(), *_importing(), *_time_zones()]
    if not kind.is_intersect and kind.ownership in ("user", "organization"):
        columns += _state(kind)
    if kind.ownership == "user":
        columns += _owner()
    if kind.ownership in ("organization", "business"):
        columns.append(_organization())
    if kind.sentence_case:
        columns = [msgspec.structs.replace(column, label=_sentence(column.label)) for column in columns]
    return {column.name: column for column in columns}


def _sentence(label: str) -> str:
    """A label in sentence case: only the first word, and what is all capitals, keeps its capital."""
    words = label.split(" ")
    return " ".join(word if place == 0 or word.isupper() else word.lower() for place, word in enumerate(words))


def _primary_id(kind: Kind) -> Column:
    return IdColumn(
        name=kind.primary_id,
        schema_name=f"{kind.schema_name}Id",
        label=kind.label,
        description=f"Identifies one row of the table {kind.name}.",
        required="system",
        update=False,
        form=False,
        custom=kind.custom and kind.primary_id.startswith(kind.name),
    )


def _version() -> Column:
    return BigIntColumn(
        name="versionnumber",
        schema_name="VersionNumber",
        label="Version Number",
        description="Grows with every change of the row; the ETag of the row.",
        create=False,
        update=False,
        form=False,
    )


def _tracking() -> list[Column]:
    """Who made and changed the row, and when."""
    return [
        _moment("createdon", "CreatedOn", "Created On", "When the row was created."),
        _moment("modifiedon", "ModifiedOn", "Modified On", "When the row was last changed."),
        _read_only_lookup("createdby", "CreatedBy", "Created By", "The user who created the row.", _USER),
        _read_only_lookup("modifiedby", "ModifiedBy", "Modified By", "The user who last changed the row.", _USER),
        _read_only_lookup(
            "createdonbehalfby",
            "CreatedOnBehalfBy",
            "Created By (Delegate)",
            "The user who created the row in the name of another.",
            _USER,
        ),
        _read_only_lookup(
            "modifiedonbehalfby",
            "ModifiedOnBehalfBy",
            "Modified By (Delegate)",
            "The user who last changed the row in the name of another.",
            _USER,
        ),
    ]


def _moment(name: str, schema_name: str, label: str, description: str) -> Column:
    return DateTimeColumn(
        name=name,
        schema_name=schema_name,
        label=label,
        description=description,
        create=False,
        update=False,
        can_change_behavior=False,
        ime_mode="Inactive",
    )


def _read_only_lookup(name: str, schema_name: str, label: str, description: str, targets: tuple[str, ...]) -> Column:
    return LookupColumn(
        name=name,
        schema_name=schema_name,
        label=label,
        description=description,
        create=False,
        update=False,
        targets=targets,
    )


def _importing() -> list[Column]:
    return [
        IntegerColumn(
            name="importsequencenumber",
            schema_name="ImportSequenceNumber",
            label="Import Sequence Number",
            description="The number of the import that brought the row.",
            update=False,
            form=False,
        ),
        DateTimeColumn(
            name="overriddencreatedon",
            schema_name="OverriddenCreatedOn",
            label="Record Created On",
            description="When the row was created where it came from, if it was brought over.",
            update=False,
            form=False,
            format="DateOnly",
            can_change_behavior=False,
            ime_mode="Inactive",
        ),
    ]


def _time_zones() -> list[Column]:
    return [
        IntegerColumn(
            name="timezoneruleversionnumber",
            schema_name="TimeZoneRuleVersionNumber",
            label="Time Zone Rule Version Number",
            description="The version of the time zone rules in force when the row was written.",
            form=False,
            min=-1,
        ),
        IntegerColumn(
            name="utcconversiontimezonecode",
            schema_name="UTCConversionTimeZoneCode",
            label="UTC Conversion Time Zone Code",
            description="The writer's time zone when the row was written.",
            form=False,
            min=-1,
        ),
    ]


def _state(kind: Kind) -> list[Column]:
    """State and status reason: active or inactive, unless the file says more."""
    return [
        StateColumn(
            name="statecode",
            schema_name="statecode" if kind.custom else "StateCode",
            label="Status",
            description="The state of the row.",
            required="system",
            options=(State(0, "Active", 1, "Active"), State(1, "Inactive", 2, "Inactive")),
            choice_name=f"{kind.name}_statecode",
        ),
        StatusColumn(
            name="statuscode",
            schema_name="statuscode" if kind.custom else "StatusCode",
            label="Status Reason",
            description="Why the row is in its state.",
            options=(StatusReason(1, "Active", 0), StatusReason(2, "Inactive", 1)),
            choice_name=f"{kind.name}_statuscode",
        ),
    ]


def _owner() -> list[Column]:
    """The owner, the companions of the owner, and what follows from the owner. [MT-5], [T-20]"""
    return [
        LookupColumn(
            name="ownerid",
            schema_name="OwnerId",
            label="Owner",
            description="The user or team that owns the row.",
            required="system",
            targets=("systemuser", "team"),
            kind="owner",
        ),
        _owner_name("owneridname", "OwnerIdName", "The owner's name."),
        _owner_name("owneridyominame", "OwnerIdYomiName", "The owner's name as it is pronounced."),
        TableNameColumn(
            name="owneridtype",
            schema_name="OwnerIdType",
            description="Whether the owner is a user or a team.",
            required="system",
            form=False,
            attribute_of="ownerid",
        ),
        _read_only_lookup(
            "owningbusinessunit",
            "OwningBusinessUnit",
            "Owning Business Unit",
            "The business unit the row belongs to.",
            ("businessunit",),
        ),
        _hidden(_read_only_lookup("owningteam", "OwningTeam", "Owning Team", "The owner, if it is a team.", ("team",))),
        _hidden(_read_only_lookup("owninguser", "OwningUser", "Owning User", "The owner, if it is a user.", _USER)),
    ]


def _owner_name(name: str, schema_name: str, description: str) -> Column:
    return VirtualColumn(
        name=name,
        schema_name=schema_name,
        description=description,
        required="system",
        create=False,
        update=False,
        form=False,
        attribute_of="ownerid",
    )


def _hidden(column: Column) -> Column:
    return msgspec.structs.replace(column, form=False)


def _organization() -> Column:
    return _read_only_lookup(
        "organizationid", "OrganizationId", "Organization", "The organization the row belongs to.", ("organization",)
    )


_STANDARD_NAMES = {
    "createdby": "lk_{table}_createdby",
    "createdonbehalfby": "lk_{table}_createdonbehalfby",
    "modifiedby": "lk_{table}_modifiedby",
    "modifiedonbehalfby": "lk_{table}_modifiedonbehalfby",
    "ownerid": "owner_{table}",
    "owningbusinessunit": "business_unit_{table}",
    "owningteam": "team_{table}",
    "owninguser": "user_{table}",
    "organizationid": "organization_{table}",
    "transactioncurrencyid": "TransactionCurrency_{table}",
}
_STANDARD_CASCADES = {
    "owningbusinessunit": Cascades(delete="Restrict", archive="Restrict"),
    "transactioncurrencyid": RESTRICT,
}


def relationship_name(kind: Kind, column: str, to: str) -> str:
    """The schema name of a relationship that the file does not name."""
    if column == "activityid" and to == "activitypointer" and kind.is_activity:
        return f"activity_pointer_{kind.name}"
    if kind.is_activity and kind.custom:
        return f"{kind.name}_{to}_{column}"
    pattern = _STANDARD_NAMES.get(column)
    return pattern.format(table=kind.name) if pattern else f"{to}_{kind.name}_{column}"


def navigation_name(kind: Kind, column: Column, to: str, *, alone: bool) -> str:
    """The single-valued navigation name that the file does not give. [CS-1], [C-11]

    Args:
        kind: of the table that has the column.
        column: the lookup.
        to: the table it leads to.
        alone: whether this is the column's only relationship.
    """
    plain = column.schema_name if column.custom else column.name
    name = plain if alone else f"{plain}_{to}"
    if kind.is_activity and not column.custom:
        return "activityid_activitypointer" if name == "activityid" and not kind.custom else f"{name}_{kind.name}"
    return name


def cascades_of(column: str) -> Cascades:
    """What a relationship cascades when the file does not say."""
    if column in _STANDARD_CASCADES:
        return _STANDARD_CASCADES[column]
    return NO_CASCADE if column in _STANDARD_NAMES else REMOVE_LINK


_FOR_ALL = ("Create", "CreateMultiple", "Delete", "DeleteMultiple", "Retrieve", "RetrieveMultiple", "Update")
_AND = ("UpdateMultiple", "Upsert", "UpsertMultiple", "Restore")
_OWNED = (
    "Assign",
    "GrantAccess",
    "ModifyAccess",
    "RetrievePrincipalAccess",
    "RetrieveSharedPrincipalsAndAccess",
    "RevokeAccess",
)
_WITH_STATE = ("IsValidStateTransition", "SetState")
_RETENTION = ("BulkRetain", "PurgeRetainedContent", "Retain", "RollbackRetain", "ValidateRetentionConfig")


def messages_of(kind: Kind, *, has_state: bool) -> tuple[str, ...]:
    """The messages a table of that kind understands, in alphabetical order."""
    if kind.is_intersect:
        return ("Associate", "Disassociate", "Retrieve", "RetrieveMultiple")
    owned = _OWNED if kind.ownership == "user" else ()
    return tuple(sorted((*_FOR_ALL, *_AND, *owned, *(_WITH_STATE if has_state else ()))))


def events_of(kind: Kind) -> tuple[str, ...]:
    """The events of retention, for tables whose rows can be retained."""
    return _RETENTION if kind.ownership == "user" and not kind.is_intersect else ()


def intersect_table(pair: ManyToMany, solution: str) -> Table:
    """The table behind a many-to-many relationship that has no file of its own. [MW-9]"""
    name = pair.intersect_table
    kind = Kind(
        name=name,
        schema_name=name,
        label=name,
        ownership="none",
        primary_id=f"{name}id",
        is_intersect=True,
        custom=pair.custom,
    )
    columns = standard_columns(kind)
    for column in (pair.column1, pair.column2):
        columns[column] = IdColumn(name=column, schema_name=column, required="system", update=False, form=False)
    return Table(
        name=name,
        schema_name=name,
        set_name=f"{name}set",
        label=name,
        label_plural=name,
        description=f"The pairs of {pair.table1} and {pair.table2} that belong together.",
        ownership="none",
        primary_id=kind.primary_id,
        is_intersect=True,
        collection_schema_name=f"{name}set",
        logical_collection_name=f"{name}set",
        custom=pair.custom,
        solution=solution,
        messages=messages_of(kind, has_state=False),
        columns=dict(sorted(columns.items(), key=lambda item: item[1].schema_name.lower())),
    )
