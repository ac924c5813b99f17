"""Every fact of the two seed documents against what the definitions say on the wire."""

from __future__ import annotations

import pytest

from tests.definitions import Wire, ask, english, rows
from tests.seeds import (
    SeedColumn,
    SeedNavigation,
    SeedOption,
    SeedProperty,
    SeedRelationship,
    read_session_event,
    read_session_registration,
)
from verselet.metadata.compiled import load_schema

SCHEMA = load_schema()
EVENT = read_session_event()
REGISTRATION = read_session_registration()

EVENTS = "EntityDefinitions(LogicalName='msdyn_sessionevent')"
REGISTRATIONS = "EntityDefinitions(LogicalName='msevtmgt_sessionregistration')"
CRM = "Microsoft.Dynamics.CRM"

EDM_OF_TYPE = {
    "DateTime": "Edm.DateTimeOffset",
    "Integer": "Edm.Int32",
    "Picklist": "Edm.Int32",
    "State": "Edm.Int32",
    "Status": "Edm.Int32",
    "BigInt": "Edm.Int64",
    "String": "Edm.String",
    "Uniqueidentifier": "Edm.Guid",
}
"""The EDM type of the classic type names that the second document's columns have. [T-1] to [T-13]"""


def wire_columns(table: str) -> dict[str, Wire]:
    """All columns of a table, whole, by their logical name."""
    return {row["LogicalName"]: row for row in rows(SCHEMA, f"{table}/Attributes")}


EVENT_COLUMNS = wire_columns(EVENTS)
REGISTRATION_COLUMNS = wire_columns(REGISTRATIONS)


def fact(name: str, column: Wire) -> str:
    """A fact as the table reference writes it, out of the wire shape."""
    match name:
        case "DisplayName":
            return english(column[name])
        case "Type":
            return str(column["AttributeType"])
        case "RequiredLevel" | "FormatName" | "DateTimeBehavior" | "CanChangeDateTimeBehavior":
            return str(column[name]["Value"])
        case "Targets":
            return ", ".join(column[name])
        case "DefaultFormValue":
            return "" if column[name] is None else str(column[name])
        case "GlobalChoiceName":
            return str(options_of(EVENTS, column)["Name"])
        case _:
            return str(column[name])


def options_of(table: str, column: Wire) -> Wire:
    """The option set of a column, asked for with the cast of its type. [MD-5]"""
    cast = column["@odata.type"].removeprefix("#")
    found: Wire = ask(
        SCHEMA,
        f"{table}/Attributes(LogicalName='{column['LogicalName']}')/{cast}?$select=LogicalName&$expand=OptionSet",
    )["OptionSet"]
    return found


def seed_option(option: Wire) -> SeedOption:
    """An option of the wire in the form of the documents. [MD-15]"""
    return SeedOption(
        value=option["Value"],
        label=english(option["Label"]),
        default_status=option.get("DefaultStatus"),
        invariant_name=option.get("InvariantName"),
        state=option.get("State"),
    )


def test_the_session_event_has_every_property_of_the_document() -> None:
    """Names, labels, primary columns, table type and ownership. [MD-3]"""
    table = ask(SCHEMA, EVENTS)

    found = {name: english(table[name]) if name.startswith("Display") else table[name] for name in EVENT.properties}
    assert EVENT.properties == found


@pytest.mark.parametrize("column", EVENT.columns, ids=lambda column: column.schema_name)
def test_a_column_of_the_session_event_has_every_fact_of_the_document(column: SeedColumn) -> None:
    """Type, limits, format, requirement, validity, targets, defaults; descriptions are our own. [MD-4], [MD-6]"""
    shown = EVENT_COLUMNS[column.properties["LogicalName"]]

    stated = {name: text for name, text in column.properties.items() if name != "Description"}
    assert stated == {name: fact(name, shown) for name in stated}
    assert column.schema_name == shown["SchemaName"]
    assert column.writable == (shown["IsValidForCreate"] or shown["IsValidForUpdate"])


@pytest.mark.parametrize(
    "column", [column for column in EVENT.columns if column.options], ids=lambda column: column.schema_name
)
def test_a_choice_of_the_session_event_has_every_option_of_the_document(column: SeedColumn) -> None:
    """All options in order, with the states of status reasons and the defaults of states. [MD-15]"""
    shown = options_of(EVENTS, EVENT_COLUMNS[column.properties["LogicalName"]])

    assert column.options == tuple(seed_option(option) for option in shown["Options"])


def relationship(schema_name: str) -> Wire:
    """A one-to-many relationship by its name, whole. [MD-11]"""
    return ask(SCHEMA, f"RelationshipDefinitions(SchemaName='{schema_name}')/{CRM}.OneToManyRelationshipMetadata")


@pytest.mark.parametrize("stated", EVENT.many_to_one, ids=lambda stated: stated.schema_name)
def test_a_relationship_from_the_session_event_is_as_documented(stated: SeedRelationship) -> None:
    """Ends, columns, navigation name and every cascade. [MD-11]"""
    shown = relationship(stated.schema_name)

    expected = stated.properties | {"IsHierarchical": stated.properties["IsHierarchical"] or "False"}
    assert expected == {name: str(shown[name]) for name in expected}
    assert "msdyn_sessionevent" == shown["ReferencingEntity"]
    assert stated.cascades == shown["CascadeConfiguration"]


@pytest.mark.parametrize("stated", EVENT.one_to_many, ids=lambda stated: stated.schema_name)
def test_a_relationship_to_the_session_event_is_as_documented(stated: SeedRelationship) -> None:
    """Ends, columns, navigation name, whether it can be customized, and its menu. [MD-11]"""
    shown = relationship(stated.schema_name)

    found = {name: str(shown[name]) for name in stated.properties if name != "IsCustomizable"}
    found["IsCustomizable"] = str(shown["IsCustomizable"]["Value"])
    assert stated.properties == found
    assert stated.menu == {name: menu_fact(shown["AssociatedMenuConfiguration"], name) for name in stated.menu}


def menu_fact(menu: Wire, name: str) -> str:
    """A fact of the menu as the table reference writes it."""
    if name == "Label":
        return english(menu[name])
    if menu[name] is None:
        return "" if name == "Order" else "null"
    return str(menu[name])


def test_the_session_event_has_the_documented_relationships_as_links() -> None:
    """Both lists contain every documented relationship. [MD-10]"""
    to_one = {row["SchemaName"] for row in rows(SCHEMA, f"{EVENTS}/ManyToOneRelationships")}
    to_many = {row["SchemaName"] for row in rows(SCHEMA, f"{EVENTS}/OneToManyRelationships")}

    assert set() == {stated.schema_name for stated in EVENT.many_to_one} - to_one
    assert set() == {stated.schema_name for stated in EVENT.one_to_many} - to_many


def test_the_session_registration_has_the_facts_of_its_header() -> None:
    """Set, label, primary columns. [MD-3]"""
    table = ask(SCHEMA, REGISTRATIONS)
    facts = REGISTRATION.facts

    stated = [facts[n] for n in ("Entity Set path", "Display Name", "Primary Key", "Primary Name Attribute")]
    found = [table["EntitySetName"], english(table["DisplayName"])]
    assert stated == [*found, table["PrimaryIdAttribute"], table["PrimaryNameAttribute"]]


@pytest.mark.parametrize("stated", REGISTRATION.properties, ids=lambda stated: stated.name)
def test_a_property_of_the_session_registration_is_as_documented(stated: SeedProperty) -> None:
    """EDM type, label, writability and options. [MD-4]"""
    shown = REGISTRATION_COLUMNS[stated.name]

    assert stated.edm_type == EDM_OF_TYPE[shown["AttributeType"]]
    assert stated.display_name == english(shown["DisplayName"])
    assert stated.read_only != (shown["IsValidForCreate"] or shown["IsValidForUpdate"])
    listed = options_of(REGISTRATIONS, shown)["Options"] if stated.options else []
    assert [(option.value, option.label) for option in stated.options] == [
        (option["Value"], english(option["Label"])) for option in listed
    ]


def navigations(link: str, name: str, table: str, partner: str) -> dict[str, SeedNavigation]:
    """Relationships of the session registration as navigation properties, out of the given members."""
    shown = rows(SCHEMA, f"{REGISTRATIONS}/{link}")
    return {row[name]: SeedNavigation(row[name], row[table], row[partner]) for row in shown}


REFERENCING = "ReferencingEntityNavigationPropertyName"
REFERENCED = "ReferencedEntityNavigationPropertyName"


@pytest.mark.parametrize("stated", REGISTRATION.to_one, ids=lambda stated: stated.name)
def test_a_navigation_to_one_row_is_as_documented(stated: SeedNavigation) -> None:
    """The name in its exact letter case, where it leads, and its partner. [MD-11], [CS-1]"""
    found = navigations("ManyToOneRelationships", REFERENCING, "ReferencedEntity", REFERENCED)[stated.name]

    # The document says `principal`, the base type of the table that the relationship names.
    table = "owner" if stated.table == "principal" else stated.table
    assert SeedNavigation(stated.name, table, stated.partner) == found


@pytest.mark.parametrize("stated", REGISTRATION.to_many, ids=lambda stated: stated.name)
def test_a_navigation_to_many_rows_is_as_documented(stated: SeedNavigation) -> None:
    """The name in its exact letter case, where it leads, and its partner. [MD-11], [CS-1]"""
    found = navigations("OneToManyRelationships", REFERENCED, "ReferencingEntity", REFERENCING)[stated.name]

    assert stated == found
