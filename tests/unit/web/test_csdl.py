"""`$metadata` of a small schema: every column type, keys, hostile texts, annotations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.csdl_rules import EDM, RULES, Document, read
from tests.unit.web.widgets import SCHEMA
from verselet.metadata.schema import Schema
from verselet.web.csdl import csdl
from verselet.web.csdl.xml import element, escape

PLAIN = read(csdl(SCHEMA))
ANNOTATED = read(csdl(SCHEMA, annotations=True))

FACETS = {
    "new_widgetid": {"Type": "Edm.Guid", "Nullable": "false"},
    "new_name": {"Type": "Edm.String", "Unicode": "false"},
    "new_notes": {"Type": "Edm.String", "Unicode": "false"},
    "new_count": {"Type": "Edm.Int32"},
    "versionnumber": {"Type": "Edm.Int64"},
    "new_ratio": {"Type": "Edm.Decimal", "Scale": "3"},
    "new_size": {"Type": "Edm.Double"},
    "new_price_base": {"Type": "Edm.Decimal", "Scale": "2"},
    "new_made": {"Type": "Edm.Date"},
    "new_active": {"Type": "Edm.Boolean"},
    "new_color": {"Type": "Edm.Int32"},
    "new_tags": {"Type": "Edm.String", "Unicode": "false"},
    "statecode": {"Type": "Edm.Int32"},
    "statuscode": {"Type": "Edm.Int32"},
    "_new_gadgetid_value": {"Type": "Edm.Guid"},
    "new_tablename": {"Type": "Edm.String", "Unicode": "false"},
    "entityimage": {"Type": "Edm.Binary"},
    "new_manual": {"Type": "Edm.Guid"},
    "iscustomizable": {"Type": "mscrm.BooleanManagedProperty"},
}


@pytest.mark.parametrize("name", FACETS)
def test_a_property_has_the_type_and_the_facets_of_its_column(name: str) -> None:
    """EDM type, nullability of keys, digits of decimals, `Unicode="false"` on texts. [M-4], [T-1] to [T-19]"""
    assert {"Name": name, **FACETS[name]} == PLAIN.parts("new_widget", "Property")[name].attrib


@pytest.mark.parametrize(
    "document", [PLAIN, ANNOTATED, read(csdl(Schema({}, (), (), {})))], ids=["plain", "all", "empty"]
)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_document_of_any_schema_is_valid(rule: Callable[[Document], Iterator[str]], document: Document) -> None:
    """Also with a table that refers to itself, with many-to-many, without any table. [CC-67]"""
    assert [] == list(rule(document))


def test_a_lookup_names_its_partner_and_its_property() -> None:
    """The exact element of a navigation property to one row. [M-4]"""
    found = PLAIN.parts("new_widget", "NavigationProperty")["new_GadgetId"]

    assert {"Name": "new_GadgetId", "Type": "mscrm.new_gadget", "Partner": "new_gadget_widget"} == found.attrib
    (constraint,) = found.findall(f"{EDM}ReferentialConstraint")
    assert {"Property": "_new_gadgetid_value", "ReferencedProperty": "new_gadgetid"} == constraint.attrib


def test_a_many_to_many_relationship_is_a_collection_on_both_sides() -> None:
    """Each names the other as its partner. [M-4], [MD-12]"""
    sides = [PLAIN.parts(name, "NavigationProperty")["new_widget_gadget"] for name in ("new_widget", "new_gadget")]

    assert ["Collection(mscrm.new_gadget)", "Collection(mscrm.new_widget)"] == [side.attrib["Type"] for side in sides]
    assert ["new_widget_gadget"] * 2 == [side.attrib["Partner"] for side in sides]


def test_navigation_is_bound_to_the_sets_it_leads_to() -> None:
    """`NavigationPropertyBinding` in the set. [M-5]"""
    bindings = PLAIN.sets["new_gadgets"].findall(f"{EDM}NavigationPropertyBinding")

    assert {
        "new_ParentId": "new_gadgets",
        "new_gadget_widget": "new_widgets",
        "new_gadget_gadget": "new_gadgets",
        "new_widget_gadget": "new_widgets",
    } == {binding.attrib["Path"]: binding.attrib["Target"] for binding in bindings}


def test_only_tables_that_have_the_message_have_its_action() -> None:
    """`CreateMultiple` of the widget, not of the gadget. [M-6]"""
    actions = [found for found in PLAIN.schemas[0].findall(f"{EDM}Action") if found.attrib.get("IsBound") == "true"]

    assert [("CreateMultiple", "Collection(mscrm.new_widget)")] == [
        (action.attrib["Name"], action[0].attrib["Type"]) for action in actions
    ]


def test_annotations_describe_tables_columns_and_sets() -> None:
    """Descriptions, computed columns, alternate keys, change tracking. [M-8]"""
    widget = ANNOTATED.entity_types["new_widget"]
    version = ANNOTATED.parts("new_widget", "Property")["versionnumber"]
    names = [
        value.attrib["PropertyPath"]
        for value in widget.iter(f"{EDM}PropertyValue")
        if value.attrib["Property"] == "Name"
    ]

    assert ["A thing & its <parts>."] == [
        found.attrib["String"] for found in widget.findall(f"{EDM}Annotation") if "String" in found.attrib
    ]
    assert ["Org.OData.Core.V1.Computed", "Org.OData.Core.V1.Permissions"] == [
        found.attrib["Term"] for found in version
    ]
    assert ["new_serial", "_new_gadgetid_value", "new_count"] == names
    assert ["true", "false"] == [
        next(ANNOTATED.sets[name].iter(f"{EDM}PropertyValue")).attrib["Bool"] for name in ("new_widgets", "new_gadgets")
    ]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("a & b", "a &amp; b"),
        ('<"x">', "&lt;&quot;x&quot;&gt;"),
        ("two\nlines\t", "two&#10;lines&#9;"),
        ("nul\x00 and \ud800", "nul? and ?"),
        ("ünïcode 🙂", "ünïcode 🙂"),
    ],
)
def test_texts_are_escaped(text: str, escaped: str) -> None:
    """A label can hold anything, the document stays well-formed. [M-2]"""
    assert escaped == escape(text)


def test_an_element_leaves_out_what_is_none() -> None:
    """Attributes in the order given. [M-4]"""
    assert '<A b="1" d="2"/>' == element("A", (("b", "1"), ("c", None), ("d", "2")))
    assert "<A><B/></A>" == element("A", (), "<B/>")
