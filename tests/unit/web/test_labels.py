"""What labels look like on the wire, and what is read of those that clients send."""

from __future__ import annotations

from typing import Any

import pytest

from verselet.errors import InvalidArgument
from verselet.metadata.changes.drafts import NewColumn, NewOption, OptionList
from verselet.metadata.columns import ChoiceColumn
from verselet.web.definition_writes.labels import new_column_labels, option_labels, without_silent_labels
from verselet.web.definition_writes.members import label as base_text
from verselet.web.definition_writes.members import others, texts_of
from verselet.web.definitions.labels import label

GERMAN = {"Label": "Kiste", "LanguageCode": 1031}
ENGLISH = {"Label": "Box", "LanguageCode": 1033}


def written(*localized: dict[str, Any], own: dict[str, Any] | None = None) -> dict[str, Any]:
    """A definition with a label."""
    return {"DisplayName": {"LocalizedLabels": list(localized), "UserLocalizedLabel": own}}


@pytest.mark.parametrize(("language", "own"), [(1031, "Kiste"), (1033, "Box"), (1036, "Box")])
def test_readers_are_told_the_own_text_or_that_of_the_base_language(language: int, own: str) -> None:
    """Whatever order the texts are listed in, and only what came with a solution is managed. [MD-9]"""
    shown: Any = label({1033: "Box", 1031: "Kiste"}, language, "table", "new_box", managed=True)

    assert [("Box", 1033, True), ("Kiste", 1031, False)] == [
        (one["Label"], one["LanguageCode"], one["IsManaged"]) for one in shown["LocalizedLabels"]
    ]
    assert own == shown["UserLocalizedLabel"]["Label"]


def test_a_label_without_texts_has_no_languages() -> None:
    """Nor anything for its reader. [MD-9]"""
    assert {"LocalizedLabels": [], "UserLocalizedLabel": None} == label({}, 1031, "table", "new_box", managed=True)


@pytest.mark.parametrize(
    ("body", "base", "texts"),
    [
        ({}, None, {}),
        ({"DisplayName": None}, None, {}),
        (written(), "", {}),
        (written(ENGLISH), "Box", {}),
        (written({"Label": "Box"}), "Box", {}),
        (written({"Label": None, "LanguageCode": 1033}), "", {}),
        (written({"LanguageCode": 1033}), "", {}),
        (written(GERMAN, ENGLISH), "Box", {1031: "Kiste"}),
        (written(GERMAN), None, {1031: "Kiste"}),
        (written(own=GERMAN), None, {1031: "Kiste"}),
        (written(ENGLISH, own={**ENGLISH, "Label": "Crate"}), "Box", {}),
    ],
)
def test_texts_are_read_by_language(body: dict[str, Any], base: str | None, texts: dict[int, str]) -> None:
    """None leaves the base language as it is; what is listed counts before what is the reader's. [MD-9], [CC-64]"""
    assert (base, texts) == (base_text(body, "DisplayName"), others(body, "DisplayName"))


@pytest.mark.parametrize(
    "body", [{"DisplayName": "Box"}, written({"Label": 7}), written({"Label": "", "LanguageCode": "de"})]
)
def test_what_is_no_label_is_refused(body: dict[str, Any]) -> None:
    """By the name of the member that is wrong."""
    with pytest.raises(InvalidArgument, match="must be"):
        texts_of(body, "DisplayName")


def test_options_of_a_list_of_its_own_are_named_by_their_places() -> None:
    """Those of a column that uses a global list are not read at all. [MW-27]"""
    listed = {"SchemaName": "new_Tone", "OptionSet": {"Options": [{"Label": written(GERMAN)["DisplayName"]}]}}
    column = ChoiceColumn(name="", schema_name="new_Tone")

    assert {("choice", "new_box", "new_tone", "#0"): {1031: "Kiste"}} == new_column_labels(
        listed, "new_box", NewColumn(column, options=(NewOption("Box"),))
    )
    assert {} == new_column_labels(listed, "new_box", NewColumn(column, choice="new_tones"))


def test_an_option_is_named_by_its_list_and_its_value() -> None:
    """A global one by its name. [MW-12]"""
    body = {"Label": written(GERMAN)["DisplayName"]}

    assert {("choice", "new_tones", "7"): {1031: "Kiste"}} == option_labels(body, OptionList(choice="new_tones"), 7)
    local = option_labels(body, OptionList("new_box", "new_tone"), "#-1")
    assert {("choice", "new_box", "new_tone", "#-1"): {1031: "Kiste"}} == local
    assert {} == option_labels({}, OptionList(choice="new_tones"), 7)


def test_labels_that_say_nothing_are_left_out_of_what_is_merged() -> None:
    """Everything else stays. [H-8]"""
    body = {**written(), "Description": written(GERMAN)["DisplayName"], "MaxLength": 7}

    assert {"Description", "MaxLength"} == set(without_silent_labels(body))
