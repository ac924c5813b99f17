"""Every fact of the two seed documents against the schema that the built-in solutions make."""

from __future__ import annotations

import pytest

from tests.seeds import (
    SeedColumn,
    SeedNavigation,
    SeedOption,
    SeedProperty,
    SeedRelationship,
    read_session_event,
    read_session_registration,
)
from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    Column,
    DateTimeColumn,
    IdColumn,
    IntegerColumn,
    LookupColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    VirtualColumn,
)
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship, Table

SCHEMA = load_schema()
EVENT = read_session_event()
REGISTRATION = read_session_registration()
INT64 = 2**63

REQUIRED = {
    "none": "None",
    "recommended": "Recommended",
    "application": "ApplicationRequired",
    "system": "SystemRequired",
}
BEHAVIOR = {"user_local": "UserLocal", "date_only": "DateOnly", "time_zone_independent": "TimeZoneIndependent"}
LOOKUP = {"lookup": "Lookup", "customer": "Customer", "owner": "Owner"}
OWNERSHIP = {"user": "UserOwned", "organization": "OrganizationOwned", "business": "BusinessOwned", "none": "None"}
EDM = {
    DateTimeColumn: "Edm.DateTimeOffset",
    IntegerColumn: "Edm.Int32",
    ChoiceColumn: "Edm.Int32",
    StateColumn: "Edm.Int32",
    StatusColumn: "Edm.Int32",
    BigIntColumn: "Edm.Int64",
    TextColumn: "Edm.String",
    IdColumn: "Edm.Guid",
}
"""The EDM type of the column types that the second document has. [T-1] to [T-13]"""

TEXT_LIKE = {"Type": "String", "Format": "Text", "FormatName": "Text", "ImeMode": "Auto", "IsLocalizable": "False"}


def table(name: str) -> Table:
    """A table of the schema."""
    return SCHEMA.tables[name]


def seed_column(name: str) -> Column:
    """A column of the session event."""
    return table("msdyn_sessionevent").columns[name]


def details(column: Column) -> dict[str, str]:
    """The properties that depend on the type of the column, as the reference writes them."""
    match column:
        case LookupColumn():
            return {"Type": LOOKUP[column.kind], "Targets": ", ".join(column.targets)}
        case DateTimeColumn():
            return {
                "Type": "DateTime",
                "CanChangeDateTimeBehavior": str(column.can_change_behavior),
                "DateTimeBehavior": BEHAVIOR[column.behavior],
                "Format": column.format,
                "ImeMode": column.ime_mode,
                "SourceTypeMask": str(column.source_type_mask),
            }
        case IntegerColumn():
            return {"Type": "Integer", "MinValue": str(column.min), "MaxValue": str(column.max)}
        case BigIntColumn():
            return {"Type": "BigInt", "MinValue": str(-INT64), "MaxValue": str(INT64 - 1)}
        case VirtualColumn():
            return {**TEXT_LIKE, "MaxLength": str(column.max_length)}
        case TextColumn():
            return {
                "Type": "String",
                "Format": column.format,
                "FormatName": column.format,
                "ImeMode": column.ime_mode,
                "IsLocalizable": str(column.localizable),
                "MaxLength": str(column.max_length),
            }
        case ChoiceColumn() | StateColumn() | StatusColumn():
            return choice_details(column)
        case IdColumn():
            return {"Type": "Uniqueidentifier"}
        case TableNameColumn():
            return {"Type": "EntityName"}
        case _:
            raise AssertionError(column)


def choice_details(column: ChoiceColumn | StateColumn | StatusColumn) -> dict[str, str]:
    """A choice without default writes -1; the reference leaves the default of states and status reasons blank."""
    if isinstance(column, ChoiceColumn):
        default = str(-1 if column.default is None else column.default)
        return {"Type": "Picklist", "DefaultFormValue": default, "GlobalChoiceName": column.choice_name or ""}
    kind = "State" if isinstance(column, StateColumn) else "Status"
    return {"Type": kind, "DefaultFormValue": "", "GlobalChoiceName": column.choice_name or ""}


def options_of(column: Column) -> tuple[SeedOption, ...]:
    """The options of any kind of list."""
    match column:
        case ChoiceColumn():
            return tuple(SeedOption(option.value, option.label) for option in column.options)
        case StateColumn():
            return tuple(SeedOption(s.value, s.label, s.default_status, s.invariant_name) for s in column.options)
        case StatusColumn():
            return tuple(SeedOption(s.value, s.label, state=s.state) for s in column.options)
        case _:
            return ()


def written_cascades(relationship: Relationship) -> dict[str, str]:
    """The cascades with the names of the reference."""
    found = relationship.cascades
    return {
        "Archive": found.archive,
        "Assign": found.assign,
        "Delete": found.delete,
        "Merge": found.merge,
        "Reparent": found.reparent,
        "RollupView": found.rollupview,
        "Share": found.share,
        "Unshare": found.unshare,
    }


def named(schema: Schema, name: str) -> Relationship:
    """The relationship with that schema name."""
    return next(relationship for relationship in schema.relationships if relationship.schema_name == name)


def test_the_documents_are_read_as_a_whole() -> None:
    """What is compared below is everything: 27 columns, 81 options, 17 relationships; 13 properties, 33 navigations."""
    counts = {column.properties["LogicalName"]: len(column.options) for column in EVENT.columns if column.options}

    assert (27, 9, 8) == (len(EVENT.columns), len(EVENT.many_to_one), len(EVENT.one_to_many))
    assert {
        "msdyn_eventinfo": 1,
        "msdyn_eventreason": 43,
        "msdyn_eventtype": 33,
        "statecode": 2,
        "statuscode": 2,
    } == counts
    assert (19, 5) == (len(EVENT.messages), len(EVENT.events))
    assert (13, 12) == (len(REGISTRATION.properties), len(REGISTRATION.lookups))
    assert (12, 21, 6) == (len(REGISTRATION.to_one), len(REGISTRATION.to_many), len(REGISTRATION.operations))


def test_a_session_event_has_the_names_of_its_reference() -> None:
    """Names, primary columns, table type and ownership are those of the reference."""
    found = table("msdyn_sessionevent")

    assert EVENT.properties == {
        "DisplayName": found.label,
        "DisplayCollectionName": found.label_plural,
        "SchemaName": found.schema_name,
        "CollectionSchemaName": found.collection_schema_name,
        "EntitySetName": found.set_name,
        "LogicalName": found.name,
        "LogicalCollectionName": found.logical_collection_name,
        "PrimaryIdAttribute": found.primary_id,
        "PrimaryNameAttribute": found.primary_name,
        "TableType": found.table_type,
        "OwnershipType": OWNERSHIP[found.ownership],
    }


def test_a_session_event_understands_the_messages_of_its_reference() -> None:
    """Messages can be sent; events can be subscribed to."""
    found = table("msdyn_sessionevent")

    assert tuple(message.name for message in EVENT.messages) == found.messages
    assert tuple(event.name for event in EVENT.events) == found.events


def test_a_session_event_has_the_columns_of_its_reference_and_no_others() -> None:
    """No column is missing and none is made up."""
    assert {column.properties["LogicalName"] for column in EVENT.columns} == set(table("msdyn_sessionevent").columns)


@pytest.mark.parametrize("seed", EVENT.columns, ids=lambda seed: seed.schema_name)
def test_a_column_of_a_session_event_is_as_its_reference_says(seed: SeedColumn) -> None:
    """Label, validity, requirement, type and everything that follows from the type; the description is our own."""
    column = seed_column(seed.properties["LogicalName"])
    stated = {key: value for key, value in seed.properties.items() if key != "Description"}

    assert stated == {
        "LogicalName": column.name,
        "DisplayName": column.label,
        "IsValidForForm": str(column.form),
        "IsValidForRead": str(column.read),
        "RequiredLevel": REQUIRED[column.required],
        **details(column),
    }
    assert (seed.schema_name, seed.writable) == (column.schema_name, column.create or column.update)
    assert column.description


@pytest.mark.parametrize("seed", EVENT.columns, ids=lambda seed: seed.schema_name)
def test_a_list_of_a_session_event_has_the_options_of_its_reference(seed: SeedColumn) -> None:
    """Every option with its number and label; states with default status and invariant name, reasons with state."""
    assert seed.options == options_of(seed_column(seed.properties["LogicalName"]))


@pytest.mark.parametrize("seed", EVENT.many_to_one, ids=lambda seed: seed.schema_name)
def test_a_session_event_points_where_its_reference_says(seed: SeedRelationship) -> None:
    """Ends, navigation name, hierarchy and all eight cascades. [MD-11]"""
    found = named(SCHEMA, seed.schema_name)

    assert seed.properties == {
        "ReferencedEntity": found.referenced_table,
        "ReferencedAttribute": found.referenced_column,
        "ReferencingAttribute": found.referencing_column,
        "ReferencingEntityNavigationPropertyName": found.referencing_navigation,
        "IsHierarchical": str(found.hierarchical) if found.hierarchical else "",
    }
    assert seed.cascades == written_cascades(found)
    assert "msdyn_sessionevent" == found.referencing_table


@pytest.mark.parametrize("seed", EVENT.one_to_many, ids=lambda seed: seed.schema_name)
def test_what_points_to_a_session_event_is_as_its_reference_says(seed: SeedRelationship) -> None:
    """Ends, collection name, whether it can be customized, and its place in the menu. [MD-11]"""
    found = named(SCHEMA, seed.schema_name)

    assert seed.properties == {
        "ReferencingEntity": found.referencing_table,
        "ReferencingAttribute": found.referencing_column,
        "ReferencedEntityNavigationPropertyName": found.referenced_navigation,
        "IsCustomizable": str(found.customizable),
    }
    assert "msdyn_sessionevent" == found.referenced_table
    stated = {key: seed.menu[key] for key in ("Behavior", "Group", "Label", "Order")}
    order = "" if found.menu.order is None else str(found.menu.order)
    assert stated == {
        "Behavior": found.menu.behavior,
        "Group": found.menu.group,
        "Label": found.menu.label or "",
        "Order": order,
    }


def test_a_session_event_has_no_relationships_but_those_of_its_reference() -> None:
    """Nine ways out, eight ways in, none across. What tells of deleted rows is about rows of any table. [BIN-5]"""
    names = {seed.schema_name for seed in (*EVENT.many_to_one, *EVENT.one_to_many)}
    names.add("msdyn_sessionevent_DeletedItemReferences")
    found = [r for r in SCHEMA.relationships if "msdyn_sessionevent" in (r.referencing_table, r.referenced_table)]

    assert names == {relationship.schema_name for relationship in found}
    assert {} == SCHEMA.across["msdyn_sessionevent"]


def test_a_session_registration_has_the_names_of_its_entity_type() -> None:
    """Set, label, key and primary name; it derives from the base of all tables, not from the activity."""
    found = table("msevtmgt_sessionregistration")

    assert REGISTRATION.facts["Entity Set path"] == found.set_name
    assert REGISTRATION.facts["Display Name"] == found.label
    assert REGISTRATION.facts["Primary Key"] == found.primary_id
    assert REGISTRATION.facts["Primary Name Attribute"] == found.primary_name
    assert REGISTRATION.facts["Base Type"] == "crmbaseentity EntityType"
    assert not found.is_activity
    assert REGISTRATION.solutions == ("Event Management for Dynamics 365 Solution",)
    assert "eventmanagement" == found.solution


def test_a_session_registration_can_be_written_and_read() -> None:
    """POST, GET, PATCH and DELETE are four messages of the table."""
    messages = {"POST": "Create", "GET": "Retrieve", "PATCH": "Update", "DELETE": "Delete"}
    found = table("msevtmgt_sessionregistration").messages

    assert [] == [verb for verb in REGISTRATION.facts["Operations supported"].split(",") if messages[verb] not in found]


def test_a_session_registration_takes_part_in_the_operations_of_its_entity_type() -> None:
    """The six operations about access and states, bound to nothing."""
    found = table("msevtmgt_sessionregistration").messages

    assert [] == [operation.name for operation in REGISTRATION.operations if operation.name not in found]
    assert {"Not Bound"} == {operation.binding for operation in REGISTRATION.operations}


@pytest.mark.parametrize("seed", REGISTRATION.properties, ids=lambda seed: seed.name)
def test_a_property_of_a_session_registration_is_as_its_entity_type_says(seed: SeedProperty) -> None:
    """EDM type, label, and whether it can be written."""
    column = table("msevtmgt_sessionregistration").columns[seed.name]

    assert (seed.edm_type, seed.display_name) == (EDM[type(column)], column.label)
    assert seed.read_only == (not column.create and not column.update)


@pytest.mark.parametrize("seed", REGISTRATION.properties, ids=lambda seed: seed.name)
def test_a_list_of_a_session_registration_has_the_options_of_its_entity_type(seed: SeedProperty) -> None:
    """Numbers and labels."""
    column = table("msevtmgt_sessionregistration").columns[seed.name]
    found = tuple(SeedOption(option.value, option.label) for option in options_of(column))

    assert seed.options == found


@pytest.mark.parametrize(("name", "navigation"), REGISTRATION.lookups.items())
def test_a_lookup_of_a_session_registration_has_its_navigation(name: str, navigation: str) -> None:
    """`_x_value` is the value of the lookup `x`; the navigation keeps its letter case. [CS-1]"""
    column = SCHEMA.property_column(table("msevtmgt_sessionregistration"), name)

    assert name == f"_{column.name}_value"
    assert column.name == SCHEMA.to_one["msevtmgt_sessionregistration"][navigation].referencing_column


@pytest.mark.parametrize("seed", REGISTRATION.to_one, ids=lambda seed: seed.name)
def test_a_navigation_of_a_session_registration_leads_where_its_entity_type_says(seed: SeedNavigation) -> None:
    """Table and partner; the owner's table is called `principal` in the CSDL and `owner` here. [M-3]"""
    found = SCHEMA.to_one["msevtmgt_sessionregistration"][seed.name]

    assert {"principal": "owner"}.get(seed.table, seed.table) == found.referenced_table
    assert seed.partner == found.referenced_navigation


@pytest.mark.parametrize("seed", REGISTRATION.to_many, ids=lambda seed: seed.name)
def test_a_collection_of_a_session_registration_leads_where_its_entity_type_says(seed: SeedNavigation) -> None:
    """Table and partner."""
    found = SCHEMA.to_many["msevtmgt_sessionregistration"][seed.name]

    assert (seed.table, seed.partner) == (found.referencing_table, found.referencing_navigation)


def test_every_column_of_a_session_registration_is_described() -> None:
    """Also those that are newer than the document."""
    found = table("msevtmgt_sessionregistration").columns.values()

    assert [] == [column.name for column in found if not column.description]
