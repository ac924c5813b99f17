"""Links, filters with links, outputs and orders of FetchXML. [FX-2] to [FX-30]"""

from __future__ import annotations

from typing import Any

import pytest

from tests.queries.both import ADA, FOUR, ONE, Both

pytestmark = pytest.mark.postgresql

GIZMO = "<fetch{fetch}><entity name='new_gizmo'><attribute name='new_name'/>{inside}<order attribute='new_name'/>"
END = "</entity></fetch>"


def names(both: Both, inside: str, fetch: str = "") -> list[Any]:
    """The names of the gizmos that a query finds, by name."""
    rows = both.fetch(GIZMO.format(fetch=fetch, inside=inside) + END)
    return [row.get("new_name") for row in rows]


PARTS = "<link-entity name='new_part' from='new_gizmoid' to='new_gizmoid' link-type='{kind}'>{inside}</link-entity>"
FIRST = "<filter><condition attribute='new_name' operator='eq' value='part 1'/></filter>"


@pytest.mark.parametrize(
    ("kind", "inside", "expected"),
    [
        ("inner", "", ["Four", "one", "one", "two"]),
        ("inner", FIRST, ["one"]),
        ("outer", "", [None, "Four", "one", "one", "ONE", "two"]),
        ("outer", FIRST, [None, "Four", "one", "ONE", "two"]),
        ("exists", "", ["Four", "one", "two"]),
        ("in", FIRST, ["one"]),
        ("matchfirstrowusingcrossapply", "", ["Four", "one", "two"]),
    ],
)
def test_a_link_joins_as_its_type_says(both: Both, kind: str, inside: str, expected: list[Any]) -> None:
    """[FX-22] to [FX-24]"""
    assert expected == names(both, PARTS.format(kind=kind, inside=inside))


@pytest.mark.parametrize(
    ("kind", "inside", "expected"),
    [
        ("any", FIRST, ["one"]),
        ("not any", FIRST, [None, "Four", "ONE", "two"]),
        ("all", FIRST, ["Four", "two"]),
        ("not all", FIRST, ["one"]),
        ("any", "", ["Four", "one", "two"]),
        ("not any", "", [None, "ONE"]),
    ],
)
def test_a_filter_asks_for_linked_rows(both: Both, kind: str, inside: str, expected: list[Any]) -> None:
    """`all` means: there are some, and none satisfies the filter. [FX-25] to [FX-28]"""
    assert expected == names(both, f"<filter>{PARTS.format(kind=kind, inside=inside)}</filter>")


def test_links_inside_a_tested_link_count_too(both: Both) -> None:
    """A part of a gizmo of a customer with children. [FX-23], [FX-30]"""
    xml = (
        "<fetch><entity name='new_part'><attribute name='new_name'/><link-entity name='new_gizmo' from='new_gizmoid' "
        "to='new_gizmoid' link-type='exists'><link-entity name='contact' from='contactid' to='new_customerid'><filter>"
        "<condition attribute='numberofchildren' operator='gt' value='0'/></filter></link-entity></link-entity>"
        "<order attribute='new_name'/></entity></fetch>"
    )

    assert ["part 1", "part 2", "part 3"] == [row["new_name"] for row in both.fetch(xml, "new_parts")]


def test_a_many_to_many_relationship_is_two_links(both: Both) -> None:
    """[FX-30]"""
    xml = (
        "<link-entity name='new_gizmo_contact' from='new_gizmoid' to='new_gizmoid' intersect='true'>"
        "<link-entity name='contact' from='contactid' to='contactid' alias='c'><attribute name='lastname'/>"
        "<order attribute='lastname' descending='true'/></link-entity></link-entity>"
    )
    rows = both.fetch(GIZMO.format(fetch="", inside=xml) + END)

    assert [("one", "beech"), ("one", "Ash"), ("two", "Cedar")] == [
        (row["new_name"], row["c.lastname"]) for row in rows
    ]


def test_what_a_link_shows_carries_its_alias(both: Both) -> None:
    """A lookup keeps its logical name there; without an alias the table's name is counted. [FX-29]"""
    xml = (
        "<fetch><entity name='new_part'><attribute name='new_name' alias='own'/><filter><condition "
        "attribute='new_name' operator='eq' value='part 1'/></filter>"
        "<link-entity name='new_gizmo' from='new_gizmoid' to='new_gizmoid'>"
        "<attribute name='new_customerid'/><attribute name='new_price' alias='cost'/></link-entity></entity></fetch>"
    )
    (row,) = both.fetch(xml, "new_parts", 'odata.include-annotations="*"')

    assert {"new_partid", "own", "new_gizmo1.new_customerid", "cost"} == {name for name in row if "@" not in name}
    assert (ADA, "contact") == (
        row["new_gizmo1.new_customerid"],
        row["new_gizmo1.new_customerid@Microsoft.Dynamics.CRM.lookuplogicalname"],
    )
    shown = "@OData.Community.Display.V1.AttributeName"
    assert ("new_name", "new_price") == (row[f"own{shown}"], row[f"cost{shown}"])
    assert ("$10.5000", "Ada Ash") == (
        row["cost@OData.Community.Display.V1.FormattedValue"],
        row["new_gizmo1.new_customerid@OData.Community.Display.V1.FormattedValue"],
    )


def test_a_link_without_columns_uses_the_only_relationship(both: Both) -> None:
    """[FX-21]"""
    assert ["Four", "one", "one", "two"] == names(both, "<link-entity name='new_part'/>")


def test_rows_show_their_key_and_tag_and_leave_out_what_has_no_value(both: Both) -> None:
    """[FX-3], [FX-4], [J-9]"""
    xml = "<fetch><entity name='new_gizmo'><attribute name='new_count'/><filter><condition attribute='new_gizmoid' "
    (row,) = both.fetch(xml + f"operator='eq' value='{FOUR}'/></filter></entity></fetch>")

    assert {"@odata.etag", "new_gizmoid"} == set(row)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("<order attribute='new_color'/>", [None, "ONE", "two", "one", "Four"]),
        ("<order attribute='new_customerid' descending='true'/>", ["ONE", "one", "two", "Four", None]),
        (
            "<order attribute='new_count' descending='true'/><order attribute='new_at'/>",
            ["one", "two", None, "ONE", "Four"],
        ),
    ],
)
def test_rows_are_ordered_by_what_people_read(both: Both, order: str, expected: list[Any]) -> None:
    """Choices by label, lookups by name, missing values first ascending; then by the key. [FX-14], [FX-16]"""
    xml = f"<fetch><entity name='new_gizmo'><attribute name='new_name'/>{order}</entity></fetch>"

    assert expected == [row.get("new_name") for row in both.fetch(xml)]


def test_choices_are_ordered_by_value_on_demand(both: Both) -> None:
    """[FX-11]"""
    xml = GIZMO.format(fetch=" useraworderby='true'", inside="<order attribute='new_color'/>")

    assert [None, "Four", "one", "two", "ONE"] == [row.get("new_name") for row in both.fetch(xml + END)]


def test_distinct_rows_are_one_whatever_their_letter_case(both: Both) -> None:
    """The key is not shown, and texts that differ in case only are equal. [FX-9], [F-3]"""
    xml = "<fetch distinct='true'><entity name='new_gizmo'><attribute name='new_name'/><order attribute='new_name'/>"

    assert [{}, {"new_name": "Four"}, {"new_name": "ONE"}, {"new_name": "two"}] == both.fetch(xml + END)


def test_top_limits_the_rows(both: Both) -> None:
    """[FX-6]"""
    assert [None, "Four"] == names(both, "", " top='2'")


def test_fetchxml_asks_the_rows_of_a_collection(both: Both) -> None:
    """Only those that belong to the row in the address. [Q-9], [SQ-1]"""
    xml = "<fetch><entity name='new_part'><attribute name='new_name'/></entity></fetch>"
    rows = both.fetch(xml, f"new_gizmos({ONE})/new_gizmo_parts")

    assert ["part 1", "part 2"] == [row["new_name"] for row in rows]


def test_filters_nest(both: Both) -> None:
    """[FX-18]"""
    inside = (
        "<filter type='or'><condition attribute='new_count' operator='eq' value='-4'/><filter><condition "
        "attribute='new_ready' operator='eq' value='false'/><condition attribute='new_price' operator='gt' value='20'/>"
        "</filter><filter/></filter>"
    )

    assert ["ONE", "two"] == names(both, inside)


def test_the_same_table_can_be_linked_twice(both: Both) -> None:
    """[FX-30]"""
    inside = (
        "<link-entity name='new_part' from='new_gizmoid' to='new_gizmoid' alias='p'><link-entity name='new_part' "
        "from='new_gizmoid' to='new_gizmoid' alias='q'/></link-entity>"
    )

    assert ["Four", *["one"] * 4, "two"] == names(both, inside)
