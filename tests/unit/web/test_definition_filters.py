"""Which definitions a filter keeps, and which filters are refused."""

from __future__ import annotations

import pytest

from tests.definitions import ask, values
from tests.unit.web.widgets import SCHEMA as WIDGETS
from verselet.errors import QueryRefused, ServiceError, UnknownColumn
from verselet.metadata.compiled import load_schema
from verselet.query.odata.filter import parse_filter
from verselet.web.definitions.filters import wanted_names

SCHEMA = load_schema()
CRM = "Microsoft.Dynamics.CRM"
COLUMNS = "EntityDefinitions(LogicalName='new_widget')/Attributes"
INTEGERS = f"{COLUMNS}/{CRM}.IntegerAttributeMetadata"


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("LogicalName eq 'new_widget'", ["new_widget"]),
        ("'new_widget' eq LogicalName", ["new_widget"]),
        ("LogicalName eq 'New_Widget'", []),
        ("LogicalName eq 'new_widget' or LogicalName eq 'new_gadget'", ["new_gadget", "new_widget"]),
        ("LogicalName eq 'new_widget' and LogicalName eq 'new_gadget'", []),
        ("LogicalName eq 'new_widget' or IsIntersect eq true", ["new_widget", "new_widget_gadget"]),
        ("not (LogicalName eq 'new_widget')", ["new_gadget", "new_widget_gadget"]),
        ("IsPrivate eq false and (LogicalName eq 'new_widget' or LogicalName eq 'nosuch')", ["new_widget"]),
        ("IsPrivate eq false and (IsCustomEntity eq true)", ["new_widget"]),
        ("EntitySetName eq 'new_gadgets'", ["new_gadget"]),
        ("OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'", ["new_widget"]),
        ("OwnershipType eq mscrm.OwnershipTypes'UserOwned'", ["new_widget"]),
        ("OwnershipType ne 'UserOwned'", ["new_gadget", "new_widget_gadget"]),
        ("CanCreateAttributes/Value eq true and LogicalName eq 'new_widget'", ["new_widget"]),
        ("DisplayName/UserLocalizedLabel/Label eq 'Gadget'", ["new_gadget"]),
        ("DisplayName/UserLocalizedLabel/Label eq null", ["new_widget_gadget"]),
        ("contains(LogicalName,'_wid')", ["new_widget", "new_widget_gadget"]),
        ("startswith(SchemaName,'new_W')", ["new_widget"]),
        ("endswith(LogicalName,'gadget')", ["new_gadget", "new_widget_gadget"]),
        ("contains(PrimaryNameAttribute,'a')", ["new_widget"]),
        ("PrimaryNameAttribute eq null", ["new_gadget", "new_widget_gadget"]),
        ("PrimaryNameAttribute ne null", ["new_widget"]),
        ("PrimaryNameAttribute gt 'a'", ["new_widget"]),
        ("PrimaryNameAttribute gt null", []),
        ("ObjectTypeCode gt 10000", ["new_widget", "new_widget_gadget"]),
        ("ObjectTypeCode ge 10001", ["new_widget", "new_widget_gadget"]),
        ("ObjectTypeCode lt 10001", ["new_gadget"]),
        ("10001 ge ObjectTypeCode", ["new_gadget", "new_widget"]),
        ("ObjectTypeCode le 10000.5", ["new_gadget"]),
        ("LogicalName eq SchemaName", ["new_widget_gadget"]),
        ("LogicalName eq @name&@name='new_gadget'", ["new_gadget"]),
    ],
)
def test_a_filter_keeps_the_tables_it_describes(condition: str, kept: list[str]) -> None:
    """Comparisons, functions, enum members with and without type, complex paths, aliases. [MD-2], [MD-7], [MD-8]"""
    assert kept == values(WIDGETS, f"EntityDefinitions?$select=LogicalName&$filter={condition}", "LogicalName")


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("AttributeType eq 'Lookup'", ["new_gadgetid"]),
        (
            "AttributeType eq 'Lookup' or AttributeType eq 'Customer' or AttributeType eq 'Owner'",
            ["new_gadgetid", "new_customerid", "ownerid"],
        ),
        (f"AttributeType eq {CRM}.AttributeTypeCode'Picklist'", ["new_color"]),
        ("AttributeType eq 'Virtual'", ["new_tags", "entityimage", "new_manual", "new_colorname"]),
        ("AttributeTypeName/Value eq 'FileType'", ["new_manual"]),
        (f"RequiredLevel/Value eq {CRM}.AttributeRequiredLevel'ApplicationRequired'", ["new_name"]),
        ("RequiredLevel/Value eq 'Recommended'", ["new_gadgetid"]),
        ("AttributeOf ne null", ["owneridname", "new_colorname"]),
        ("IsPrimaryId eq true or IsPrimaryName eq TRUE", ["new_widgetid", "new_name"]),
    ],
)
def test_a_filter_keeps_the_columns_it_describes(condition: str, kept: list[str]) -> None:
    """Types by name, levels inside a managed property. [MD-7], [MD-8], [CC-61]"""
    assert kept == values(WIDGETS, f"{COLUMNS}?$select=LogicalName&$filter={condition}", "LogicalName")


def test_a_filter_finds_a_definition_by_its_id() -> None:
    """Bare or in quotes, in any letter case. [CS-2], [PS-11]"""
    metadata_id = ask(WIDGETS, "EntityDefinitions(LogicalName='new_gadget')?$select=MetadataId")["MetadataId"]

    for literal in (metadata_id, metadata_id.upper(), f"'{metadata_id}'"):
        path = f"EntityDefinitions?$select=LogicalName&$filter=MetadataId eq {literal}"
        assert ["new_gadget"] == values(WIDGETS, path, "LogicalName")


def test_with_a_cast_a_filter_sees_the_properties_of_the_type() -> None:
    """Bounds of whole numbers. [MD-5]"""
    assert ["new_count"] == values(WIDGETS, f"{INTEGERS}?$filter=MaxValue lt 10", "LogicalName")


def test_the_filters_of_real_clients_find_real_tables() -> None:
    """What the official Python client and others send. [CC-60], [CC-63]"""
    both = "IsPrivate eq false and (LogicalName eq 'account' or LogicalName eq 'contact')"
    owned = values(
        SCHEMA,
        f"EntityDefinitions?$select=LogicalName&$filter=OwnershipType eq {CRM}.OwnershipTypes'UserOwned'",
        "LogicalName",
    )
    regarding = values(
        SCHEMA,
        "EntityDefinitions(LogicalName='account')/OneToManyRelationships?$select=ReferencingAttribute"
        "&$filter=ReferencingAttribute ne 'regardingobjectid'",
        "ReferencingAttribute",
    )

    assert ["account", "contact"] == values(SCHEMA, f"EntityDefinitions?$filter={both}", "LogicalName")
    assert {"account", "msdyn_sessionevent"} <= set(owned)
    assert "businessunit" not in owned
    assert "objectid" in regarding
    assert "regardingobjectid" not in regarding


REFUSED: list[tuple[str, str, type[ServiceError]]] = [
    ("EntityDefinitions", "Nosuch eq 1", UnknownColumn),
    ("EntityDefinitions", "CanCreateAttributes/Nosuch eq true", UnknownColumn),
    ("EntityDefinitions", "LogicalName/Value eq 'x'", UnknownColumn),
    ("EntityDefinitions", "Attributes eq 'x'", UnknownColumn),
    ("EntityDefinitions", "DisplayName eq 'Widget'", QueryRefused),
    ("EntityDefinitions", "IsActivity eq 'true'", QueryRefused),
    ("EntityDefinitions", "IsActivity eq 1", QueryRefused),
    ("EntityDefinitions", "ObjectTypeCode eq '1'", QueryRefused),
    ("EntityDefinitions", "LogicalName eq 1", QueryRefused),
    ("EntityDefinitions", "OwnershipType eq 'userowned'", QueryRefused),
    ("EntityDefinitions", f"OwnershipType eq {CRM}.AttributeTypeCode'UserOwned'", QueryRefused),
    ("EntityDefinitions", "ObjectTypeCode gt LogicalName", QueryRefused),
    ("EntityDefinitions", "1 eq 1", QueryRefused),
    ("EntityDefinitions", "LogicalName eq @missing", QueryRefused),
    ("EntityDefinitions", "contains(OwnershipType,'User')", QueryRefused),
    ("EntityDefinitions", "contains(LogicalName,1)", QueryRefused),
    ("EntityDefinitions", "Attributes/any(a:a/LogicalName eq 'x')", QueryRefused),
    ("EntityDefinitions", f"{CRM}.In(PropertyName='LogicalName',PropertyValues=['x'])", QueryRefused),
    ("EntityDefinitions", "tolower(LogicalName) eq 'x'", QueryRefused),
    (COLUMNS, "MaxLength eq 1", UnknownColumn),
]


@pytest.mark.parametrize(("path", "condition", "refusal"), REFUSED, ids=[condition for _, condition, _ in REFUSED])
def test_a_filter_that_cannot_be_meant_is_refused(path: str, condition: str, refusal: type[ServiceError]) -> None:
    """Unknown names, literals of another type, what definitions do not have: 400. [E-6], [E-7]"""
    with pytest.raises(refusal) as found:
        ask(WIDGETS, f"{path}?$filter={condition}")

    assert (refusal, 400) == (type(found.value), found.value.status)


def test_a_wrong_filter_is_refused_where_nothing_is_to_be_filtered() -> None:
    """Whether there are definitions does not decide what is right. [E-6]"""
    with pytest.raises(UnknownColumn):
        ask(WIDGETS, "EntityDefinitions(LogicalName='new_gadget')/Keys?$filter=Nosuch eq 1")


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("LogicalName eq 'a'", {"a"}),
        ("LogicalName eq 'a' and IsActivity eq true", {"a"}),
        ("LogicalName eq 'a' or LogicalName eq 'b'", {"a", "b"}),
        ("LogicalName eq 'a' or IsActivity eq true", None),
        ("LogicalName ne 'a'", None),
        ("not (LogicalName eq 'a')", None),
        ("SchemaName eq 'a'", None),
        ("LogicalName eq @a", None),
    ],
)
def test_a_filter_says_which_names_can_be_kept_at_most(condition: str, names: set[str] | None) -> None:
    """Asking for one table by name looks at one table. [PS-1]"""
    found = wanted_names(parse_filter(condition), "LogicalName")

    assert names == (None if found is None else set(found))
