"""Which texts labels have beside those in the base language, and what becomes of them."""

from __future__ import annotations

import pytest
from msgspec import structs

from tests.drafts import BUILTIN, PREFIX, text, with_box
from verselet.errors import InvalidArgument
from verselet.errors.columns import LanguageNotValid
from verselet.metadata.changes import choices
from verselet.metadata.changes.columns import add_column, remove_column
from verselet.metadata.changes.drafts import NewColumn, NewOption
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import ChoiceColumn, YesNoColumn
from verselet.metadata.customizations import customized, differences
from verselet.metadata.languages import LANGUAGES
from verselet.metadata.schema import Schema
from verselet.metadata.translations import (
    deprovision,
    in_language,
    must_be_provisioned,
    provision,
    provisioned,
    relabelled,
    text_of,
)

GERMAN, FRENCH = 1031, 1036
CODE = ("column", "new_box", "new_code", "DisplayName")
ACTIVE = ("choice", "account", "statecode", "0")


def bilingual() -> Schema:
    """A box with a column, and two languages beside the base language."""
    schema = with_box(structs.replace(text("new_Code"), label="Code", description="A code"))
    return provision(provision(schema, GERMAN), FRENCH)


def test_languages_are_in_order_and_the_base_language_first() -> None:
    """Switching one on twice makes no difference, and each change is a new generation. [FN-25]"""
    schema = bilingual()

    assert (1033, GERMAN, FRENCH) == provisioned(schema) == provisioned(provision(schema, FRENCH))
    assert (1033, FRENCH) == provisioned(deprovision(schema, GERMAN))
    assert schema.generation < deprovision(schema, GERMAN).generation


def test_only_packs_that_are_off_are_switched_on_and_off() -> None:
    """The base language is always on. [FN-25]"""
    with pytest.raises(InvalidArgument, match="4711"):
        provision(BUILTIN, 4711)
    with pytest.raises(InvalidArgument, match="base language"):
        deprovision(BUILTIN, 1033)
    with pytest.raises(LanguageNotValid, match="1031"):
        deprovision(BUILTIN, GERMAN)
    with pytest.raises(LanguageNotValid, match="1031"):
        must_be_provisioned(BUILTIN, GERMAN)


def test_every_pack_is_named_once() -> None:
    """By a language code of the service. [FN-25]"""
    assert 45 == len(LANGUAGES) == len(set(LANGUAGES.values()))
    assert list(LANGUAGES) == sorted(LANGUAGES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (("table", "account", "DisplayName"), "Account"),
        (("table", "account", "DisplayCollectionName"), "Accounts"),
        (CODE, "Code"),
        (("column", "new_box", "new_code", "Description"), "A code"),
        (ACTIVE, "Active"),
        (("choice", "account", "statecode", "7"), None),
        (("choice", "account", "creditonhold", "1"), "Yes"),
        (("choice", "account", "name", "1"), None),
        (("choice", "nowhere", "DisplayName"), None),
        (("choice", "nowhere", "1"), None),
        (("table", "account", "Colour"), None),
        (("table", "nowhere", "DisplayName"), None),
        (("column", "account", "nowhere", "DisplayName"), None),
        (("key", "account", "nowhere", "DisplayName"), None),
        (("key", "nowhere", "nowhere", "DisplayName"), None),
        (("relationship", "nowhere", "menu"), None),
        (("relationship", "account_primary_contact", "menu"), ""),
        (("colour", "account"), None),
    ],
)
def test_a_name_leads_to_the_text_in_the_base_language(name: tuple[str, ...], expected: str | None) -> None:
    """None where there is no such label. [MD-9]"""
    assert expected == text_of(bilingual(), name)


def test_texts_are_replaced_or_merged() -> None:
    """An empty text is none; texts of a language that is off outlast both. [MW-6], [H-8]"""
    first = relabelled(bilingual(), {CODE: {GERMAN: "Kode", FRENCH: "Code"}}, merge=False)
    merged = relabelled(first, {CODE: {GERMAN: "Kürzel"}}, merge=True)
    emptied = relabelled(merged, {CODE: {GERMAN: ""}}, merge=True)
    hidden = relabelled(deprovision(first, FRENCH), {CODE: {GERMAN: "Kürzel"}}, merge=False)
    replaced = relabelled(first, {CODE: {}}, merge=False)

    assert {GERMAN: "Kürzel", FRENCH: "Code"} == merged.translations[CODE]
    assert {FRENCH: "Code"} == emptied.translations[CODE]
    assert {GERMAN: "Kürzel", FRENCH: "Code"} == hidden.translations[CODE]
    assert {} == replaced.translations


def test_nothing_written_changes_nothing() -> None:
    """Not even the schema object, which many things are remembered with."""
    schema = relabelled(bilingual(), {CODE: {GERMAN: "Kode"}}, merge=False)

    assert schema is relabelled(schema, {}, merge=False)
    assert schema is relabelled(schema, {CODE: {GERMAN: "Kode"}}, merge=False)


def test_texts_of_what_is_gone_are_forgotten() -> None:
    """With the next change of definitions. [MW-7]"""
    schema = relabelled(bilingual(), {CODE: {GERMAN: "Kode"}, ACTIVE: {GERMAN: "Aktiv"}}, merge=False)

    assert {ACTIVE: {GERMAN: "Aktiv"}} == relabelled(
        remove_column(schema, "new_box", "new_code"), {}, merge=False
    ).translations


def test_a_label_of_nothing_is_no_label() -> None:
    """It is checked and forgotten. [MD-9]"""
    assert {} == relabelled(bilingual(), {("choice", "account", "name", "#0"): {GERMAN: "x"}}, merge=False).translations
    with pytest.raises(LanguageNotValid, match="1040"):
        relabelled(bilingual(), {("colour", "account"): {1040: "x"}}, merge=False)


def test_the_schema_in_a_language_differs_in_its_options_only() -> None:
    """It is made once, and is the same schema where no option has a text in that language. [J-5]"""
    plain = relabelled(bilingual(), {CODE: {GERMAN: "Kode"}}, merge=False)
    schema = relabelled(
        plain, {ACTIVE: {GERMAN: "Aktiv"}, ("choice", "account", "creditonhold", "1"): {GERMAN: "Ja"}}, merge=False
    )
    german = in_language(schema, GERMAN)
    changed = {name for name, table in german.tables.items() if table is not schema.tables[name]}
    hold = german.tables["account"].columns["creditonhold"]

    assert schema is in_language(schema, 1033) is in_language(schema, FRENCH) is in_language(schema, 1040)
    assert plain is in_language(plain, GERMAN)
    assert german is in_language(schema, GERMAN)
    assert ({"account"}, schema.generation) == (changed, german.generation)
    assert isinstance(hold, YesNoColumn)
    assert ("Ja", "No") == (hold.true_label, hold.false_label)


def test_columns_share_the_texts_of_a_global_choice() -> None:
    """Under whichever name one is written. [MW-11]"""
    schema = choices.add_choice(bilingual(), GlobalChoice(name="new_tone"), [NewOption("High", 1)], PREFIX)
    for name in ("new_First", "new_Second"):
        schema = add_column(
            schema, "new_box", NewColumn(ChoiceColumn(name="", schema_name=name), (), "new_tone"), PREFIX
        )
    schema = relabelled(schema, {("choice", "new_box", "new_first", "#0"): {GERMAN: "Hoch"}}, merge=False)
    column = in_language(schema, GERMAN).tables["new_box"].columns["new_second"]

    assert {("choice", "new_tone", "1"): {GERMAN: "Hoch"}} == schema.translations
    assert isinstance(column, ChoiceColumn)
    assert ["Hoch"] == [option.label for option in column.options]


def test_the_kept_pieces_bring_languages_and_texts_back() -> None:
    """One change after the other; what is switched off or forgotten leaves no piece. [MD-9]"""
    before = bilingual()
    schema = relabelled(before, {CODE: {GERMAN: "Kode"}, ACTIVE: {FRENCH: "Actif"}}, merge=False)
    kept, gone = differences(BUILTIN, schema)
    back = customized(BUILTIN, kept)
    later = relabelled(deprovision(deprovision(schema, GERMAN), FRENCH), {}, merge=False)
    forgotten = relabelled(schema, {ACTIVE: {}}, merge=False)

    assert ([], schema.languages, schema.translations) == (gone, back.languages, back.translations)
    assert [("languages", "")] == differences(schema, later)[1]
    assert ({}, [("label", "choice/account/statecode/0")]) == differences(schema, forgotten)
