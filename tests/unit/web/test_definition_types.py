"""What columns of each type say of themselves, and that every answer keeps to the types declared in `$metadata`."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.definitions import Wire, ask, reply, rows
from tests.unit.web.widgets import COLUMNS
from tests.unit.web.widgets import SCHEMA as WIDGETS
from verselet.ids import GUID
from verselet.metadata.columns import Column, is_property
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema
from verselet.query.typing_literals import edm_type
from verselet.web.definitions.column_types import KINDS
from verselet.web.definitions.shapes import COMPLEX_TYPES, DERIVED_OPTIONS, ENUM_TYPES
from verselet.web.definitions.types import SET_TYPES, WIRE_TYPES, derived
from verselet.web.definitions.wire import WireType

SCHEMA = load_schema()
CRM = "Microsoft.Dynamics.CRM"

TYPES = {
    "new_widgetid": ("UniqueIdentifier", "Uniqueidentifier", "UniqueidentifierType"),
    "new_name": ("String", "String", "StringType"),
    "new_serial": ("String", "String", "StringType"),
    "new_notes": ("Memo", "Memo", "MemoType"),
    "new_count": ("Integer", "Integer", "IntegerType"),
    "versionnumber": ("BigInt", "BigInt", "BigIntType"),
    "new_ratio": ("Decimal", "Decimal", "DecimalType"),
    "new_size": ("Double", "Double", "DoubleType"),
    "new_price_base": ("Money", "Money", "MoneyType"),
    "new_made": ("DateTime", "DateTime", "DateTimeType"),
    "new_active": ("Boolean", "Boolean", "BooleanType"),
    "new_color": ("Picklist", "Picklist", "PicklistType"),
    "new_tags": ("MultiSelectPicklist", "Virtual", "MultiSelectPicklistType"),
    "statecode": ("State", "State", "StateType"),
    "statuscode": ("Status", "Status", "StatusType"),
    "new_gadgetid": ("Lookup", "Lookup", "LookupType"),
    "new_customerid": ("Lookup", "Customer", "CustomerType"),
    "ownerid": ("Lookup", "Owner", "OwnerType"),
    "new_people": ("Lookup", "PartyList", "PartyListType"),
    "new_tablename": ("EntityName", "EntityName", "EntityNameType"),
    "entityimage": ("Image", "Virtual", "ImageType"),
    "new_manual": ("File", "Virtual", "FileType"),
    "iscustomizable": ("ManagedProperty", "ManagedProperty", "ManagedPropertyType"),
    "owneridname": ("String", "String", "StringType"),
    "new_colorname": ("", "Virtual", "VirtualType"),
}
"""Column → its type, its classic type name, its newer type name. [MD-6]"""

DETAILS: list[tuple[str, Wire]] = [
    ("new_name", {"MaxLength": 80, "Format": "Text", "FormatName": {"Value": "Text"}, "IsLocalizable": False}),
    ("new_serial", {"AutoNumberFormat": "W-{SEQNUM:4}", "MaxLength": 100}),
    ("new_notes", {"MaxLength": 500, "Format": "TextArea", "AutoNumberFormat": None}),
    ("new_count", {"MinValue": 0, "MaxValue": 9, "Format": "Duration"}),
    ("versionnumber", {"MinValue": -(2**63), "MaxValue": 2**63 - 1, "IsValidForCreate": False}),
    ("new_ratio", {"MinValue": -1, "MaxValue": 1, "Precision": 3}),
    ("new_size", {"MinValue": -1e11, "MaxValue": 1e11, "Precision": 4}),
    ("new_price_base", {"CalculationOf": "new_price", "IsBaseCurrency": True, "PrecisionSource": 2, "Precision": 2}),
    ("new_made", {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}),
    ("new_active", {"DefaultValue": True}),
    ("new_color", {"DefaultFormValue": 2, "ParentPicklistLogicalName": None}),
    ("new_tags", {"DefaultFormValue": -1, "ChildPicklistLogicalNames": []}),
    ("statecode", {"DefaultFormValue": None}),
    ("new_gadgetid", {"Targets": ["new_gadget"]}),
    ("new_customerid", {"Targets": ["account", "contact"]}),
    ("new_people", {"Targets": ["contact"]}),
    ("entityimage", {"IsPrimaryImage": True, "MaxWidth": 144}),
    ("new_manual", {"MaxSizeInKB": 1024}),
    ("owneridname", {"AttributeOf": "ownerid", "IsLogical": True, "IsValidODataAttribute": False, "MaxLength": 160}),
]


@pytest.mark.parametrize("name", TYPES)
def test_a_column_names_its_type_three_times(name: str) -> None:
    """The type itself, the classic name, the newer name. [MD-4], [MD-6]"""
    found = ask(WIDGETS, f"EntityDefinitions(LogicalName='new_widget')/Attributes(LogicalName='{name}')")

    exact, type_code, type_name = TYPES[name]
    # A plain virtual column is of the declared type itself, which is not repeated.
    assert (f"#{CRM}.{exact}AttributeMetadata" if exact else None) == found.get("@odata.type")
    assert (type_code, {"Value": type_name}) == (found["AttributeType"], found["AttributeTypeName"])


@pytest.mark.parametrize(("name", "details"), DETAILS, ids=[name for name, _ in DETAILS])
def test_a_column_says_what_its_type_has(name: str, details: Wire) -> None:
    """Lengths, bounds, formats, behaviours, targets, defaults. [MW-20] to [MW-30]"""
    found = ask(WIDGETS, f"EntityDefinitions(LogicalName='new_widget')/Attributes(LogicalName='{name}')")

    assert details == {member: found[member] for member in details}


def test_every_column_type_is_described() -> None:
    """In the table of wire types, and in this suite. [invariant 7]"""
    every = set(get_args(Column))

    assert every == set(KINDS)
    assert every == {type(column) for column in COLUMNS}
    assert set(TYPES) == {column.name for column in COLUMNS}


def test_parties_and_virtual_companions_are_no_properties() -> None:
    """All others are, with one table of EDM types for data and `$metadata`. [M-9], [T-20]"""
    without = {column.name for column in COLUMNS if not is_property(column)}

    assert {"new_people", "owneridname", "new_colorname"} == without
    assert "Edm.Date" == edm_type(next(column for column in COLUMNS if column.name == "new_made"))


def complaints(value: object, edm: str) -> list[str]:
    """Where a value does not keep to its declared type; null is allowed everywhere but in collections."""
    if edm.startswith("Collection("):
        inner = edm.removeprefix("Collection(").removesuffix(")")
        if not isinstance(value, list):
            return [f"{value!r} is no collection"]
        return [found for item in value for found in (complaints(item, inner) if item is not None else ["null inside"])]
    if value is None:
        return []
    match edm:
        case "Edm.String":
            fits = isinstance(value, str)
        case "Edm.Boolean":
            fits = isinstance(value, bool)
        case "Edm.Int16" | "Edm.Int32" | "Edm.Int64":
            fits = isinstance(value, int) and not isinstance(value, bool)
        case "Edm.Double":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case "Edm.Guid":
            fits = isinstance(value, str) and GUID.match(value) is not None
        case "Edm.DateTimeOffset":
            fits = isinstance(value, str) and value.endswith("Z")
        case _:
            return named_type(value, edm.removeprefix("mscrm."))
    return [] if fits else [f"{value!r} is no {edm}"]


def named_type(value: object, name: str) -> list[str]:
    """An enum member by its name, or an object with exactly the declared properties."""
    if name in ENUM_TYPES:
        return [] if value in dict(ENUM_TYPES[name]) else [f"{value!r} is no {name}"]
    if not isinstance(value, dict):
        return [f"{value!r} is no {name}"]
    exact = value.get("@odata.type", "").removeprefix(f"#{CRM}.")
    declared = dict(COMPLEX_TYPES[name]) | dict(DERIVED_OPTIONS.get(exact, ()))
    given = {member: item for member, item in value.items() if not member.startswith("@")}
    if set(given) != set(declared):
        return [f"{name} has {sorted(set(given) ^ set(declared))}"]
    return [found for member, item in given.items() for found in complaints(item, declared[member])]


def wrong(row: Wire, declared: WireType) -> list[str]:
    """Where a definition does not keep to the type it names."""
    exact = derived(declared, row.get("@odata.type", f"#{CRM}.{declared.name}").removeprefix(f"#{CRM}."))
    assert exact is not None
    members = exact.all_members
    given = {name: value for name, value in row.items() if not name.startswith("@") and name not in exact.all_links}
    if set(given) != set(members):
        return [f"{exact.name} has {sorted(set(given) ^ set(members))}"]
    return [f"{name}: {found}" for name, value in given.items() for found in complaints(value, members[name].edm)]


@pytest.mark.parametrize("schema", [SCHEMA, WIDGETS], ids=["built-in", "widgets"])
@pytest.mark.parametrize("name", SET_TYPES)
def test_every_definition_keeps_to_its_declared_type(schema: Schema, name: str) -> None:
    """Exactly the declared properties, each value of its EDM type: a typed client can read it. [M-7], [MD-3]"""
    assert [] == [found for row in rows(schema, name) for found in wrong(row, SET_TYPES[name])]


@pytest.mark.parametrize("schema", [SCHEMA, WIDGETS], ids=["built-in", "widgets"])
def test_everything_behind_a_table_keeps_to_its_declared_type(schema: Schema) -> None:
    """Columns, keys, relationships. [M-7], [MD-4]"""
    links = SET_TYPES["EntityDefinitions"].all_links
    tables = rows(schema, f"EntityDefinitions?$select=LogicalName&$expand={','.join(links)}")

    found = [
        w for table in tables for name, link in links.items() for row in table[name] for w in wrong(row, link.target)
    ]
    assert [] == found


@pytest.mark.parametrize(
    ("cast", "option_set"),
    [("EnumAttributeMetadata", "OptionSetMetadata"), ("BooleanAttributeMetadata", "BooleanOptionSetMetadata")],
)
def test_every_option_set_keeps_to_its_declared_type(cast: str, option_set: str) -> None:
    """Options of choices, states, status reasons and yes/no columns. [MD-15]"""
    declared = next(found for found in WIRE_TYPES if found.name == option_set)
    columns = rows(WIDGETS, f"EntityDefinitions(LogicalName='new_widget')/Attributes/{CRM}.{cast}?$expand=OptionSet")

    shown = [column["OptionSet"] for column in columns if column["OptionSet"] is not None]
    assert shown
    assert [] == [found for row in shown for found in wrong(row, declared)]


def test_an_answer_is_json_or_text() -> None:
    """The content types of the service. [H-16]"""
    json = reply(WIDGETS, "EntityDefinitions(LogicalName='new_widget')").content_type

    assert "application/json; odata.metadata=minimal" == json
