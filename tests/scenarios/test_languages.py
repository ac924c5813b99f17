"""Labels in several languages, on both stores: who switches them on, who writes them, who reads which."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.definition_bodies import BOX, NAMESPACE, column, key, label, one_to_many, options, table
from tests.scenarios.definitions import Place, made
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import Api
from tests.scenarios.labels import (
    COLUMNS,
    FRENCH,
    GERMAN,
    api,
    choice,
    formatted,
    german,
    listed,
    option_labels,
    reader,
    refused,
    said,
    shown,
    told,
)
from tests.scenarios.people import as_user, found, give, user
from verselet.cli import run

__all__ = ["api", "german", "place"]

MERGING = {"mscrm.mergelabels": "true"}


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


def test_several_new_tables_have_labels_in_several_languages(api: Api) -> None:
    """Those of their columns too, whichever table they are in. [MW-17], [MD-9]"""
    tables = [table(f"new_Many{one}", DisplayName=said(en=f"Many {one}", de=f"Viele {one}")) for one in "AB"]
    tables[1]["Attributes"][0]["DisplayName"] = said(en="Name", de="Bezeichnung")
    assert 200 == api.post("CreateEntities", {"Entities": tables}).status
    address = "EntityDefinitions(LogicalName='new_many{}')"
    names = [told(shown(api, address.format(one))["DisplayName"])[0] for one in "ab"]
    columns = [
        told(shown(api, f"{address.format(one)}/Attributes(LogicalName='new_name')")["DisplayName"])[0] for one in "ab"
    ]

    assert [{1033: "Many A", GERMAN: "Viele A"}, {1033: "Many B", GERMAN: "Viele B"}] == names
    assert [{1033: "new_Name"}, {1033: "Name", GERMAN: "Bezeichnung"}] == columns


def test_menus_and_global_choices_are_called_anew_in_other_languages(api: Api) -> None:
    """Replaced, or merged where the header says so; what says nothing stays then. [MW-5], [MW-6], [H-8]"""
    menu = {"Behavior": "UseLabel", "Label": said(en="Menu", de="Menü")}
    body = one_to_many("new_contact_box", "contact", "new_box", "new_PackerId")
    made(api, "RelationshipDefinitions", {**body, "AssociatedMenuConfiguration": menu})
    relationship = f"RelationshipDefinitions(SchemaName='new_contact_box')/{NAMESPACE}.OneToManyRelationshipMetadata"
    choices = {"Name": "new_tastes", "OptionSetType": "Picklist", "IsGlobal": True, "Options": []}
    texts = {"DisplayName": said(en="Tastes", de="Arten"), "Description": said(en="All", de="Alle")}
    made(api, "GlobalOptionSetDefinitions", {**choices, **texts})
    tastes = f"GlobalOptionSetDefinitions(Name='new_tastes')/{NAMESPACE}.OptionSetMetadata"
    silent: dict[str, Any] = {"LocalizedLabels": [], "UserLocalizedLabel": None}
    changed = {"DisplayName": said(fr="Goûts"), "Description": silent}
    menu = {"Behavior": "UseLabel", "Label": said(en="List")}

    assert 204 == api.send("PUT", tastes, changed, headers=MERGING).status
    assert 204 == api.put(relationship, {"AssociatedMenuConfiguration": menu}).status
    after, configured = shown(api, tastes), shown(api, relationship)["AssociatedMenuConfiguration"]
    assert {1033: "Tastes", GERMAN: "Arten", FRENCH: "Goûts"} == told(after["DisplayName"])[0]
    assert {1033: "All", GERMAN: "Alle"} == told(after["Description"])[0]
    assert {1033: "List"} == told(configured["Label"])[0]
    assert 204 == api.put(tastes, {"Description": silent}).status
    assert {} == told(shown(api, tastes)["Description"])[0]


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
