"""Options in several languages, on both stores: their labels, and the values of rows as people read them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.definition_bodies import NAMESPACE, column, one_to_many, table
from tests.scenarios.definitions import made
from tests.scenarios.harness import Api
from tests.scenarios.labels import (
    COLUMNS,
    FRENCH,
    GERMAN,
    annotated,
    api,
    choice,
    formatted,
    german,
    listed,
    option,
    option_labels,
    refused,
    said,
    shown,
    told,
)
from tests.scenarios.people import found

__all__ = ["api", "german"]


# --- options ------------------------------------------------------------------------------------------------------


def test_options_have_labels_in_several_languages(api: Api, german: dict[str, str]) -> None:
    """Also those that were not numbered by who made them; the list is called as its column is. [MD-9], [MW-27]"""
    given = listed(option(None, en="Small", de="Klein"), option(7, en="Seven"), option(None, en="Large", fr="Grand"))
    made(api, COLUMNS, column("Picklist", "new_Size", OptionSet=given, DisplayName=said(en="Size", de="Größe")))
    found_in = shown(api, choice("new_size"), german)["OptionSet"]

    assert ({1033: "Size", GERMAN: "Größe"}, "Größe") == told(found_in["DisplayName"])
    assert [
        ({1033: "Small", GERMAN: "Klein"}, "Klein"),
        ({1033: "Seven"}, "Seven"),
        ({1033: "Large", FRENCH: "Grand"}, "Large"),
    ] == [told(one["Label"]) for one in found_in["Options"]]


def test_options_are_inserted_and_called_anew_in_other_languages(api: Api) -> None:
    """What is not sent is forgotten, unless labels are merged. [MW-12], [MW-6]"""
    made(api, COLUMNS, column("Picklist", "new_Grade", OptionSet=listed(option(1, en="One", de="Eins"))))
    of = {"EntityLogicalName": "new_box", "AttributeLogicalName": "new_grade"}
    added = api.post("InsertOptionValue", {**of, "Label": said(en="Two", de="Zwei", fr="Deux")})
    value = added.json["NewOptionValue"]

    def updated(*, merge: bool, **texts: str) -> dict[int, str]:
        body = {**of, "Value": value, "Label": said(**texts), "MergeLabels": merge}
        assert 204 == api.post("UpdateOptionValue", body).status
        return option_labels(api, choice("new_grade"))[1][0]

    assert {1033: "Two", GERMAN: "Zwei", FRENCH: "Deux"} == option_labels(api, choice("new_grade"))[1][0]
    assert {1033: "Two", GERMAN: "Doppelt", FRENCH: "Deux"} == updated(merge=True, de="Doppelt")
    assert {1033: "Double", FRENCH: "Double"} == updated(merge=False, en="Double", fr="Double")
    assert {1033: "One", GERMAN: "Eins"} == option_labels(api, choice("new_grade"))[0][0]
    refused(api.post("UpdateOptionValue", {**of, "Value": value, "Label": said(en="")}), "0x80040203", "Label")


def test_a_global_choice_is_translated_once_for_all_its_columns(api: Api, german: dict[str, str]) -> None:
    """Whichever column names it; a column that comes later changes nothing of it. [MW-11], [MW-12]"""
    body = {"Name": "new_colours", "OptionSetType": "Picklist", "IsGlobal": True, "DisplayName": said(en="C", de="F")}
    made(api, "GlobalOptionSetDefinitions", {**body, "Options": [option(1, en="Red", de="Rot"), option(2, en="Blue")]})
    shared = {"OptionSet": {"Name": "new_colours", "IsGlobal": True, "Options": [option(1, en="Red")]}}
    for name in ("new_Inside", "new_Outside"):
        made(api, COLUMNS, column("Picklist", name, **shared))
    blue = {"EntityLogicalName": "new_box", "AttributeLogicalName": "new_inside", "Value": 2}
    assert 204 == api.post("UpdateOptionValue", {**blue, "Label": said(en="Blue", de="Blau")}).status
    definition = shown(api, f"GlobalOptionSetDefinitions(Name='new_colours')/{NAMESPACE}.OptionSetMetadata", german)
    box = api.make("new_boxes", new_name="coloured", new_inside=1, new_outside=2)

    assert ({1033: "C", GERMAN: "F"}, "F") == told(definition["DisplayName"])
    assert ["Rot", "Blau"] == [told(one["Label"])[1] for one in definition["Options"]]
    assert ["Rot", "Blau"] == [text for _, text in option_labels(api, choice("new_outside"), german)]
    assert ("Rot", "Blau") == formatted(api, f"new_boxes({box})", "new_inside", "new_outside", headers=german)
    assert ("Red", "Blue") == formatted(api, f"new_boxes({box})", "new_inside", "new_outside")


def test_states_status_reasons_and_yes_and_no_are_translated(api: Api, german: dict[str, str]) -> None:
    """Each by its own action, or with the definition of its column. [MW-12], [MW-26], [J-5]"""
    state = {"EntityLogicalName": "new_box", "Value": 0, "Label": said(de="Aktiv"), "MergeLabels": True}
    assert 204 == api.post("UpdateStateValue", state).status
    status = {"EntityLogicalName": "new_box", "StateCode": 0, "Value": 77, "Label": said(en="Packed", de="Gepackt")}
    assert 200 == api.post("InsertStatusValue", status).status
    pair = {
        "TrueOption": option(1, en="Full", de="Voll"),
        "FalseOption": option(0, en="Empty", de="Leer"),
        "OptionSetType": "Boolean",
    }
    made(api, COLUMNS, column("Boolean", "new_Full", OptionSet=pair))
    rows = [api.make("new_boxes", new_name=f"packed {full}", new_full=full, statuscode=77) for full in (True, False)]
    names = ("statecode", "statuscode", "new_full")

    assert ("Aktiv", "Gepackt", "Voll") == formatted(api, f"new_boxes({rows[0]})", *names, headers=german)
    assert ("Aktiv", "Gepackt", "Leer") == formatted(api, f"new_boxes({rows[1]})", *names, headers=german)
    assert ("Active", "Packed", "Empty") == formatted(api, f"new_boxes({rows[1]})", *names)


# --- values of rows -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fruits(api: Api) -> Api:
    """A table of its own, whose choice sorts otherwise in each language; one option has no German label."""
    made(api, "EntityDefinitions", table("new_Fruit"))
    given = listed(option(1, en="Apple", de="Zapfel"), option(2, en="Berry", de="Ahornbeere"), option(3, en="Melon"))
    address = "EntityDefinitions(LogicalName='new_fruit')/Attributes"
    made(api, address, column("Picklist", "new_Kind", OptionSet=given))
    made(api, address, column("MultiSelectPicklist", "new_Kinds", OptionSet=given))
    for kind in (1, 2, 3):
        api.make("new_fruits", new_name=f"fruit {kind}", new_kind=kind, new_kinds=f"{kind},3")
    return api


FETCH = "<fetch><entity name='new_fruit'><attribute name='new_kind'/><order attribute='new_kind'/></entity></fetch>"
GROUPED = (
    "<fetch aggregate='true'><entity name='new_fruit'><attribute name='new_kind' alias='kind' groupby='true'/>"
    "<attribute name='new_fruitid' alias='n' aggregate='count'/><order alias='kind'/></entity></fetch>"
)
SHOWN = "new_kind@OData.Community.Display.V1.FormattedValue"


@pytest.mark.parametrize("again", [1, 2])
@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("new_fruits?$select=new_kind&$orderby=new_kind", SHOWN),
        ("new_fruits?$select=new_kind&$orderby=new_kind&$filter=new_kind gt 0", SHOWN),
        ("new_fruits?$apply=groupby((new_kind),aggregate($count as n))&$orderby=new_kind", SHOWN),
        (f"new_fruits?fetchXml={FETCH}", SHOWN),
        (f"new_fruits?fetchXml={GROUPED}", "kind@OData.Community.Display.V1.FormattedValue"),
        ("new_fruits?sql=SELECT new_kind FROM new_fruit ORDER BY new_kind", SHOWN),
    ],
)
def test_each_reads_the_labels_of_choices_in_the_own_language(
    fruits: Api, german: dict[str, str], target: str, name: str, again: int
) -> None:
    """One after the other, with the very same question, prepared or not. [J-5], [FX-16]"""
    target = quote(target, safe="?=&$(),'")
    read = {
        who: {row[name] for row in annotated(fruits, target, headers)["value"]}
        for who, headers in (("en", {}), ("de", german), ("en again", {}))
    }
    english = {"Apple", "Berry", "Melon"}

    assert {"en": english, "de": {"Zapfel", "Ahornbeere", "Melon"}, "en again": english} == read


def test_choices_are_sorted_by_the_labels_that_are_read(fruits: Api, german: dict[str, str]) -> None:
    """FetchXML sorts by label, and the next page goes on where the one before ended. [FX-16], [PG-4]"""
    target = f"new_fruits?fetchXml={quote(FETCH)}"

    assert [1, 2, 3] == [row["new_kind"] for row in annotated(fruits, target)["value"]]
    assert [2, 3, 1] == [row["new_kind"] for row in annotated(fruits, target, german)["value"]]


def test_several_choices_of_a_row_are_read_in_the_own_language(fruits: Api, german: dict[str, str]) -> None:
    """Joined as ever. [T-14], [J-5]"""
    target = "new_fruits?$select=new_kinds&$filter=new_kind%20lt%203&$orderby=new_kind"
    name = "new_kinds@OData.Community.Display.V1.FormattedValue"

    assert ["Zapfel; Melon", "Ahornbeere; Melon"] == [row[name] for row in annotated(fruits, target, german)["value"]]


def test_expanded_rows_are_read_in_the_own_language(fruits: Api, german: dict[str, str]) -> None:
    """As the row they come with. [J-5], [EX-1]"""
    made(fruits, "RelationshipDefinitions", one_to_many("new_fruit_box", "new_fruit", "new_box", "new_FruitId"))
    (fruit,) = found(fruits, "new_fruits", "new_kind eq 2", "new_fruitid")
    box = fruits.make("new_boxes", new_name="filled", new_FruitId__bind=f"/new_fruits({fruit})")
    row = annotated(fruits, f"new_boxes({box})?$select=new_name&$expand=new_FruitId($select=new_kind)", german)

    assert "Ahornbeere" == row["new_FruitId"][SHOWN]
