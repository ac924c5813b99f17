"""Labels in several languages, on both stores: who switches them on, who writes them, who reads which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.definition_bodies import BOX, NAMESPACE, column, key, label, one_to_many, options, table
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import Answer, Api
from tests.scenarios.people import as_user, found, give, user
from tests.scenarios.stores import STORES, url_of
from verselet.cli import run

__all__ = ["place"]

COLUMNS = f"{BOX}/Attributes"
GERMAN, FRENCH = 1031, 1036
MERGING = {"mscrm.mergelabels": "true"}


@pytest.fixture(scope="module", params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization with `new_box` and two further languages; each test makes what it is about."""
    with url_of(request) as url, Place(url=url).opened() as opened:
        with_box(opened)
        for language in (GERMAN, FRENCH):
            assert 204 == opened.post("ProvisionLanguage", {"Language": language}).status
        yield opened


@pytest.fixture(scope="module")
def german(api: Api) -> dict[str, str]:
    """The headers of a system administrator who reads German."""
    return reader(api, GERMAN)


def reader(api: Api, language: int) -> dict[str, str]:
    """The headers of a system administrator who reads in a language."""
    reads = user(api, f"Reader {language}")
    (role,) = found(api, "roles", "name eq 'System Administrator'", "roleid")
    assert 204 == give(api, "systemusers", reads, role).status
    assert 204 == api.patch(f"usersettingscollection({reads})", {"uilanguageid": language}).status
    return as_user(reads)


def said(**texts: str) -> dict[str, Any]:
    """A label: `en`, `de`, `fr`."""
    codes = {"en": 1033, "de": GERMAN, "fr": FRENCH}
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": codes[name]} for name, text in texts.items()]}


def told(written: dict[str, Any]) -> tuple[dict[int, str], str | None]:
    """Language → text of a label, and what its reader is told."""
    own = written["UserLocalizedLabel"]
    texts = {one["LanguageCode"]: one["Label"] for one in written["LocalizedLabels"]}
    return texts, None if own is None else own["Label"]


def shown(api: Api, address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A definition as somebody reads it."""
    answer = api.send("GET", address, headers=headers)
    assert 200 == answer.status, answer.body
    return dict(answer.json)


def choice(name: str) -> str:
    """The address of a choice column with its options."""
    return (
        f"{COLUMNS}(LogicalName='{name}')/{NAMESPACE}.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet"
    )


def option_labels(
    api: Api, address: str, headers: dict[str, str] | None = None
) -> list[tuple[dict[int, str], str | None]]:
    """The labels of a column's options."""
    return [told(option["Label"]) for option in shown(api, address, headers)["OptionSet"]["Options"]]


def refused(answer: Answer, code: str, says: str) -> None:
    """With 400, the code, and what the message names."""
    assert (400, code) == (answer.status, answer.code), answer.body
    assert says in answer.message


# --- which languages ----------------------------------------------------------------------------------------------


def test_languages_are_listed(api: Api) -> None:
    """Those that are on, the base language first; every other pack is installed and off. [FN-25]"""
    on = [1033, GERMAN, FRENCH]
    off = api.read("RetrieveDeprovisionedLanguages()")["RetrieveDeprovisionedLanguages"]
    installed = api.read("RetrieveInstalledLanguagePacks()")["RetrieveInstalledLanguagePacks"]

    assert on == api.read("RetrieveProvisionedLanguages()")["RetrieveProvisionedLanguages"]
    assert on == api.read("RetrieveAvailableLanguages()")["LocaleIds"]
    assert sorted(installed) == sorted([*on, *off])
    assert (45, 1033) == (len(installed), installed[0])


def test_packs_are_as_new_as_the_service(api: Api) -> None:
    """One that is off has no version among those that are on. [FN-25]"""
    version = api.read("RetrieveVersion()")["Version"]

    assert version == api.read("RetrieveInstalledLanguagePackVersion(Language=1040)")["Version"]
    assert version == api.read(f"RetrieveProvisionedLanguagePackVersion(Language={GERMAN})")["Version"]
    refused(api.get("RetrieveProvisionedLanguagePackVersion(Language=1040)"), "0x80044195", "1040")
    refused(api.get("RetrieveInstalledLanguagePackVersion(Language=4711)"), "0x80040203", "4711")


@pytest.mark.parametrize(
    ("action", "language", "code"),
    [
        ("ProvisionLanguage", 4711, "0x80040203"),
        ("DeprovisionLanguage", 1033, "0x80040203"),
        ("DeprovisionLanguage", 1040, "0x80044195"),
    ],
)
def test_only_packs_are_switched(api: Api, action: str, language: int, code: str) -> None:
    """The base language stays, and what is off cannot be switched off. [FN-25]"""
    before = api.organization.schema
    refused(api.post(action, {"Language": language}), code, str(language))

    assert before is api.organization.schema


def test_a_language_that_is_on_stays_on(api: Api) -> None:
    """Nothing changes, so no cache of definitions is out of date. [FN-25]"""
    before = api.organization.schema
    assert 204 == api.post("ProvisionLanguage", {"Language": GERMAN}).status

    assert before is api.organization.schema


def test_only_administrators_switch_languages(api: Api) -> None:
    """Not even who may change definitions. [FN-25], [SEC-45]"""
    customizer = user(api, "Customizer")
    (role,) = found(api, "roles", "name eq 'System Customizer'", "roleid")
    give(api, "systemusers", customizer, role)
    answers = [
        api.send("POST", action, {"Language": 1040}, headers=as_user(customizer))
        for action in ("ProvisionLanguage", "DeprovisionLanguage")
    ]

    assert [403, 403] == [answer.status for answer in answers]


def test_people_read_in_languages_that_are_on(api: Api) -> None:
    """Others are refused as labels in them are. [JOB-80], [MD-9]"""
    reads = user(api, "Chooser")
    many = {"Targets": [{"@odata.type": f"{NAMESPACE}.usersettings", "systemuserid": reads, "uilanguageid": 1040}]}
    refused(api.patch(f"usersettingscollection({reads})", {"uilanguageid": 1040}), "0x80044195", "1040")
    refused(api.post(f"usersettingscollection/{NAMESPACE}.UpdateMultiple", many), "0x80044195", "1040")

    for language in (FRENCH, 0, 1033):
        assert 204 == api.patch(f"usersettingscollection({reads})", {"uilanguageid": language}).status


def test_questions_about_the_own_language_go_by_the_setting(api: Api, german: dict[str, str]) -> None:
    """Rows whose column holds it. [QF-29]"""
    condition = f"{NAMESPACE}.EqualUserLanguage(PropertyName='uilanguageid')"
    target = f"usersettingscollection?$select=uilanguageid&$filter={condition}"

    assert {GERMAN} == {row["uilanguageid"] for row in shown(api, target, german)["value"]}
    assert {1033} == {row["uilanguageid"] for row in shown(api, target)["value"]}


# --- tables, columns, keys, relationships -------------------------------------------------------------------------


def test_labels_of_a_new_table_are_read_in_the_language_of_the_reader(api: Api, german: dict[str, str]) -> None:
    """All languages are listed, the base language first; where there is no text the base language is read. [MD-9]"""
    body = table("new_Crate", DisplayName=said(fr="Caisse", de="Kiste", en="Crate"), Description=label("To carry"))
    body["Attributes"][0]["DisplayName"] = said(en="Name", de="Bezeichnung")
    made(api, "EntityDefinitions", body)
    crate = "EntityDefinitions(LogicalName='new_crate')"
    named = f"{crate}/Attributes(LogicalName='new_name')"
    texts = {1033: "Crate", GERMAN: "Kiste", FRENCH: "Caisse"}

    assert (texts, "Crate") == told(shown(api, crate)["DisplayName"])
    assert list(texts) == list(told(shown(api, crate)["DisplayName"])[0])
    assert (texts, "Kiste") == told(shown(api, crate, german)["DisplayName"])
    assert ({1033: "To carry"}, "To carry") == told(shown(api, crate, german)["Description"])
    assert ({1033: "Name", GERMAN: "Bezeichnung"}, "Bezeichnung") == told(shown(api, named, german)["DisplayName"])


def test_each_text_has_an_id_of_its_own(api: Api) -> None:
    """The same every time, and none of them that of another language. [MD-9]"""
    made(api, COLUMNS, column("String", "new_Ids", DisplayName=said(en="Ids", de="Kennungen")))
    address = f"{COLUMNS}(LogicalName='new_ids')"
    ids = [one["MetadataId"] for one in shown(api, address)["DisplayName"]["LocalizedLabels"]]

    assert 2 == len(set(ids))
    assert ids == [one["MetadataId"] for one in shown(api, address)["DisplayName"]["LocalizedLabels"]]


def test_labels_are_limited_to_the_languages_asked_for(api: Api, german: dict[str, str]) -> None:
    """Also the one of the reader. [MD-17]"""
    made(api, COLUMNS, column("String", "new_Limited", DisplayName=said(en="Limited", de="Begrenzt", fr="Limité")))
    address = f"{COLUMNS}(LogicalName='new_limited')?LabelLanguages="

    assert ({GERMAN: "Begrenzt"}, None) == told(shown(api, f"{address}1031")["DisplayName"])
    assert ({GERMAN: "Begrenzt"}, "Begrenzt") == told(shown(api, f"{address}1031", german)["DisplayName"])
    both = told(shown(api, f"{address}1036,1033", german)["DisplayName"])
    assert ({1033: "Limited", FRENCH: "Limité"}, "Limited") == both


def test_caches_of_definitions_are_told_in_the_language_of_the_reader(api: Api, german: dict[str, str]) -> None:
    """One reader's answer is not another's. [CC-68], [FN-25]"""
    made(api, COLUMNS, column("String", "new_Cached", DisplayName=said(en="Cached", de="Gemerkt")))
    query = (
        "{'Criteria':{'Conditions':[{'PropertyName':'LogicalName','ConditionOperator':'Equals','Value':'new_box'}]},"
        "'Properties':{'PropertyNames':['Attributes']},"
        "'AttributeQuery':{'Criteria':{'Conditions':[{'PropertyName':'LogicalName','ConditionOperator':'Equals',"
        "'Value':'new_cached'}]},'Properties':{'PropertyNames':['DisplayName']}}}"
    ).replace("'", "%22")
    address = f"RetrieveMetadataChanges(Query=@p)?@p={query}"
    found_by = [shown(api, address, headers)["EntityMetadata"][0]["Attributes"][0] for headers in ({}, german, {})]

    assert ["Cached", "Gemerkt", "Cached"] == [told(one["DisplayName"])[1] for one in found_by]


def test_caches_fall_back_to_the_base_language_where_they_ask_for_it(api: Api) -> None:
    """`MissingLabelBehavior` 1 fills labels that have no text in the languages asked for. [CC-68]"""
    made(api, "EntityDefinitions", table("new_Missing", DisplayName=said(en="Missing", de="Fehlt")))
    query = (
        "{'Criteria':{'Conditions':[{'PropertyName':'LogicalName','ConditionOperator':'Equals',"
        "'Value':'new_missing'}]},'Properties':{'PropertyNames':['DisplayName','DisplayCollectionName']},"
        "'LabelQuery':{'FilterLanguages':[1031],'MissingLabelBehavior':%d}}"
    )

    def found_with(behavior: int) -> list[dict[int, str]]:
        text = quote((query % behavior).replace("'", '"'))
        (one,) = shown(api, f"RetrieveMetadataChanges(Query=@p)?@p={text}")["EntityMetadata"]
        return [told(one[name])[0] for name in ("DisplayName", "DisplayCollectionName")]

    assert [{GERMAN: "Fehlt"}, {}] == found_with(0)
    assert [{GERMAN: "Fehlt"}, {1033: "new_Missings"}] == found_with(1)


def test_a_lookup_that_leads_to_one_more_table_keeps_its_labels(api: Api) -> None:
    """It is there already; what is sent of it has no further language. [MW-13], [MD-9]"""
    action = "CreatePolymorphicLookupAttribute"
    lookup = column("Lookup", "new_Place", DisplayName=said(en="Place", de="Ort"))

    def leading(*names: str) -> dict[str, Any]:
        relationships = [one_to_many(f"new_place_{name}", name, "new_box", "new_Place") for name in names]
        return {"OneToManyRelationships": relationships, "Lookup": lookup}

    assert 200 == api.post(action, leading("account", "contact")).status
    lookup = column("Lookup", "new_Place", DisplayName=said(en="Place"))
    body = one_to_many("new_place_task", "task", "new_box", "new_Place")
    assert 204 == api.post("RelationshipDefinitions", {**body, "Lookup": lookup}).status

    assert {1033: "Place", GERMAN: "Ort"} == told(shown(api, f"{COLUMNS}(LogicalName='new_place')")["DisplayName"])[0]


def test_a_label_in_a_language_that_is_off_is_refused(api: Api) -> None:
    """By its code, and nothing is made. [MD-9]"""
    italian = {"LocalizedLabels": [{"Label": "A", "LanguageCode": 1033}, {"Label": "B", "LanguageCode": 1040}]}
    answer = api.post(COLUMNS, column("String", "new_Italian", DisplayName=italian))

    refused(answer, "0x80044195", "The language code 1040 is not a valid language for this organization")
    assert "ProvisionLanguage" in answer.headers["x-verselet-hint"]
    assert 404 == api.get(f"{COLUMNS}(LogicalName='new_italian')").status


def test_a_label_needs_the_base_language(api: Api) -> None:
    """Readers of other languages fall back to it. [MD-9]"""
    refused(api.post(COLUMNS, column("String", "new_Alone", DisplayName=said(de="Allein"))), "0x80040203", "1033")


def test_what_is_put_replaces_the_other_languages(api: Api) -> None:
    """Unless the header says that they are merged; the base language stays where it is not sent. [MW-6], [H-8]"""
    address = f"{COLUMNS}(LogicalName='new_put')"
    kind = {"@odata.type": f"{NAMESPACE}.StringAttributeMetadata"}
    made(api, COLUMNS, column("String", "new_Put", DisplayName=said(en="One", de="Eins", fr="Un")))

    def put(headers: dict[str, str], **texts: str) -> dict[int, str]:
        answer = api.send("PUT", address, {**kind, "DisplayName": said(**texts)}, headers=headers)
        assert 204 == answer.status, answer.body
        return told(shown(api, address)["DisplayName"])[0]

    assert {1033: "One", GERMAN: "Zwei", FRENCH: "Un"} == put(MERGING, de="Zwei")
    assert {1033: "Two", GERMAN: "Zwei"} == put(MERGING, en="Two", fr="")
    assert {1033: "Two", GERMAN: "Zwei"} == put(MERGING)
    assert {1033: "Two", FRENCH: "Deux"} == put({}, fr="Deux")
    assert {1033: "Three"} == put({}, en="Three")


def test_a_definition_that_is_sent_back_stays_as_it_is(api: Api, german: dict[str, str]) -> None:
    """Also by somebody who reads another language than the base language. [MW-5], [MD-9]"""
    made(api, COLUMNS, column("String", "new_Back", DisplayName=said(en="Back", de="Zurück"), MaxLength=10))
    address = f"{COLUMNS}(LogicalName='new_back')/{NAMESPACE}.StringAttributeMetadata"
    before = shown(api, address, german)
    answer = api.send("PUT", address, {**before, "MaxLength": 20}, headers=german)
    after = shown(api, address, german)

    assert 204 == answer.status, answer.body
    assert (20, before["DisplayName"], before["Description"]) == (
        after["MaxLength"],
        after["DisplayName"],
        after["Description"],
    )


def test_tables_are_called_anew_in_other_languages(api: Api) -> None:
    """What is not sent stays as it is. [MW-5], [MW-6]"""
    kind = {"@odata.type": f"{NAMESPACE}.EntityMetadata"}
    made(api, "EntityDefinitions", table("new_Chest", DisplayName=said(en="Chest", de="Truhe")))
    address = "EntityDefinitions(LogicalName='new_chest')"
    body = {**kind, "DisplayCollectionName": said(en="Chests", de="Truhen")}
    assert 204 == api.put(address, body).status
    after = shown(api, address)

    assert {1033: "Chests", GERMAN: "Truhen"} == told(after["DisplayCollectionName"])[0]
    assert {1033: "Chest", GERMAN: "Truhe"} == told(after["DisplayName"])[0]


def test_keys_relationships_and_their_lookups_have_labels_in_several_languages(
    api: Api, german: dict[str, str]
) -> None:
    """Those of keys, of lookups, and of the menus of relationships. [MD-9], [MW-8], [MW-10]"""
    menu = {"Behavior": "UseLabel", "Label": said(en="Boxes", de="Kisten")}
    body = one_to_many("new_account_box", "account", "new_box", "new_OwnerId")
    body |= {"AssociatedMenuConfiguration": menu, "Lookup": {**body["Lookup"], "DisplayName": said(en="Of", de="Von")}}
    made(api, "RelationshipDefinitions", body)
    made(api, f"{BOX}/Keys", {**key("new_boxkey", "new_name"), "DisplayName": said(en="Key", de="Schlüssel")})
    relationship = shown(
        api,
        f"RelationshipDefinitions(SchemaName='new_account_box')/{NAMESPACE}.OneToManyRelationshipMetadata",
        german,
    )

    assert "Kisten" == told(relationship["AssociatedMenuConfiguration"]["Label"])[1]
    assert "Von" == told(shown(api, f"{COLUMNS}(LogicalName='new_ownerid')", german)["DisplayName"])[1]
    assert "Schlüssel" == told(shown(api, f"{BOX}/Keys(LogicalName='new_boxkey')", german)["DisplayName"])[1]


def test_what_is_deleted_takes_its_texts_along(api: Api) -> None:
    """A new column of the same name has none, nor has an option of the same number. [MW-7], [MD-9]"""
    body = column("Picklist", "new_Gone", OptionSet=options((1, "One"), (2, "Two")), DisplayName=said(en="G", de="Weg"))
    body["OptionSet"]["Options"][1]["Label"] = said(en="Two", de="Zwei")
    made(api, COLUMNS, body)
    list_of = {"EntityLogicalName": "new_box", "AttributeLogicalName": "new_gone", "Value": 2}
    assert 204 == api.post("DeleteOptionValue", list_of).status
    assert 200 == api.post("InsertOptionValue", {**list_of, "Label": label("Deux")}).status
    anew = option_labels(api, choice("new_gone"))
    assert 204 == api.delete(f"{COLUMNS}(LogicalName='new_gone')").status
    made(api, COLUMNS, column("String", "new_Gone"))

    assert [({1033: "One"}, "One"), ({1033: "Deux"}, "Deux")] == anew
    assert {1033: "new_Gone"} == told(shown(api, f"{COLUMNS}(LogicalName='new_gone')")["DisplayName"])[0]
    assert not [name for name in api.organization.schema.translations if "new_gone" in name]


# --- options ------------------------------------------------------------------------------------------------------


def option(value: int | None, **texts: str) -> dict[str, Any]:
    """An option with a label in several languages."""
    return {"Label": said(**texts), **({} if value is None else {"Value": value})}


def listed(*given: dict[str, Any]) -> dict[str, Any]:
    """A list of options of a column."""
    return {"OptionSetType": "Picklist", "IsGlobal": False, "Options": list(given)}


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


def annotated(api: Api, target: str, headers: dict[str, str] | None = None) -> Any:
    """The answer to a read with formatted values."""
    prefer = {"prefer": 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'}
    answer = api.send("GET", target, headers={**prefer, **(headers or {})})
    assert 200 == answer.status, answer.body
    return answer.json


def formatted(api: Api, target: str, *names: str, headers: dict[str, str] | None = None) -> tuple[str, ...]:
    """The formatted values of some columns of a row."""
    row = annotated(api, target, headers)
    return tuple(row[f"{name}@OData.Community.Display.V1.FormattedValue"] for name in names)


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


# --- switching off, and what lasts --------------------------------------------------------------------------------


def test_a_language_that_is_off_is_read_by_nobody(api: Api) -> None:
    """Its readers read the base language until it is on again: then everything is there as before. [FN-25], [MD-9]"""
    assert 204 == api.post("ProvisionLanguage", {"Language": 1043}).status
    dutch = reader(api, 1043)
    text = {
        "LocalizedLabels": [
            *said(en="Later", de="Später")["LocalizedLabels"],
            {"Label": "Straks", "LanguageCode": 1043},
        ]
    }
    made(api, COLUMNS, column("Picklist", "new_Later", DisplayName=text, OptionSet=listed({"Label": text, "Value": 1})))
    address = f"{COLUMNS}(LogicalName='new_later')"
    box = api.make("new_boxes", new_name="later", new_later=1)

    def read() -> tuple[str | None, tuple[str, ...]]:
        of_column = told(shown(api, address, dutch)["DisplayName"])[1]
        return of_column, formatted(api, f"new_boxes({box})", "new_later", headers=dutch)

    on = read()
    assert 204 == api.post("DeprovisionLanguage", {"Language": 1043}).status
    off, texts = read(), told(shown(api, address)["DisplayName"])[0]
    kind = {"@odata.type": f"{NAMESPACE}.PicklistAttributeMetadata"}
    assert 204 == api.put(address, {**kind, "DisplayName": said(en="Afterwards")}).status
    assert 204 == api.post("ProvisionLanguage", {"Language": 1043}).status

    assert (("Straks", ("Straks",)), ("Later", ("Later",))) == (on, off)
    assert {1033: "Later", GERMAN: "Später"} == texts
    again = read()
    assert 204 == api.post("DeprovisionLanguage", {"Language": 1043}).status
    assert on == again


def test_languages_and_texts_are_there_after_a_new_start(place: Place) -> None:
    """And those of labels that came with the server. [MD-9]"""
    with place.opened() as api:
        assert 204 == api.post("ProvisionLanguage", {"Language": GERMAN}).status
        kind = {"@odata.type": f"{NAMESPACE}.StringAttributeMetadata"}
        address = "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')"
        assert 204 == api.put(address, {**kind, "DisplayName": said(en="Account Name", de="Firmenname")}).status
    with place.opened() as again:
        texts = told(shown(again, address)["DisplayName"])[0]
        assert 204 == again.put(address, {**kind, "DisplayName": said(en="Account Name")}).status
    with place.opened() as last:
        assert [1033, GERMAN] == last.read("RetrieveProvisionedLanguages")["RetrieveProvisionedLanguages"]
        assert {1033: "Account Name", GERMAN: "Firmenname"} == texts
        assert {1033: "Account Name"} == told(shown(last, address)["DisplayName"])[0]


def test_languages_and_texts_are_saved_and_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A backup has them too. [MD-9]"""
    with Place(directory=tmp_path / "data").opened() as api:
        assert 204 == api.post("ProvisionLanguage", {"Language": GERMAN}).status
        made(api, "EntityDefinitions", table("new_Saved", DisplayName=said(en="Saved", de="Gesichert")))
    assert 0 == run(["backup", str(tmp_path / "saved"), "--data", str(tmp_path / "data")])
    assert 0 == run(["restore", str(tmp_path / "saved"), "--data", str(tmp_path / "again")])
    assert "is saved in" in capsys.readouterr().out
    with Place(directory=tmp_path / "again").opened() as restored:
        texts = told(shown(restored, "EntityDefinitions(LogicalName='new_saved')")["DisplayName"])[0]

    assert {1033: "Saved", GERMAN: "Gesichert"} == texts
