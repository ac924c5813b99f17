"""Keep the texts of labels in the languages beside the base language.

In:        a schema, names of labels, texts
Out:       the schema with them, or as people of one language read it
Not here:  which languages there are (metadata.languages), how labels are read and written (web)

The text in the base language stands in the definition itself; what is said here stands beside it, so that whoever
needs one language pays for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.errors.columns import LanguageNotValid
from verselet.metadata.choices import Choice, State, StatusReason
from verselet.metadata.columns import ChoiceColumn, ChoicesColumn, Column, StateColumn, StatusColumn, YesNoColumn
from verselet.metadata.languages import BASE_LANGUAGE, LANGUAGES, LabelName, Texts
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table

Option: TypeAlias = Choice | State | StatusReason

NO_TEXTS: Final[Texts] = MappingProxyType({})

_OF_TABLE: Final[Mapping[str, Callable[[Table], str]]] = MappingProxyType(
    {
        "DisplayName": lambda table: table.label,
        "DisplayCollectionName": lambda table: table.label_plural,
        "Description": lambda table: table.description,
    }
)
_OF_COLUMN: Final[Mapping[str, Callable[[Column], str]]] = MappingProxyType(
    {"DisplayName": lambda column: column.label, "Description": lambda column: column.description}
)


# --- which languages --------------------------------------------------------------------------------------------------


def provisioned(schema: Schema) -> tuple[int, ...]:
    """The languages labels can be in now, the base language first. [FN-25]"""
    return (BASE_LANGUAGE, *schema.languages)


def must_be_provisioned(schema: Schema, language: int) -> None:
    """Refuse a language that nobody switched on.

    Raises:
        LanguageNotValid: nobody did.
    """
    if language not in provisioned(schema):
        raise LanguageNotValid(language)


def provision(schema: Schema, language: int) -> Schema:
    """The schema with one more language; labels it had when it was switched off are there again. [FN-25]

    Raises:
        InvalidArgument: there is no pack of that language.
    """
    if language not in LANGUAGES:
        raise InvalidArgument(f"There is no language pack with the language code {language}.")
    return _with_languages(schema, {*provisioned(schema), language})


def deprovision(schema: Schema, language: int) -> Schema:
    """The schema without a language; its labels are kept, and seen by nobody. [FN-25]

    Raises:
        InvalidArgument: it is the base language.
        LanguageNotValid: nobody switched it on.
    """
    if language == BASE_LANGUAGE:
        raise InvalidArgument(f"The language {language} is the base language and cannot be disabled.")
    must_be_provisioned(schema, language)
    return _with_languages(schema, {*schema.languages} - {language})


def _with_languages(schema: Schema, languages: set[int]) -> Schema:
    others = tuple(sorted(languages - {BASE_LANGUAGE}))
    return structs.replace(schema, generation=schema.generation + 1, languages=others)


# --- texts ------------------------------------------------------------------------------------------------------------


def relabelled(schema: Schema, written: Mapping[LabelName, Texts], *, merge: bool) -> Schema:
    """The schema with the texts of some labels; labels of what is no longer there are forgotten. [MW-6], [H-8]

    `merge`: a label keeps its texts in languages that are not written. An empty text is none. The last part of the name
    of an option without a number is its place in the list, as `#0`.

    Raises:
        LanguageNotValid: a text in a language that nobody switched on.
        InvalidArgument: a label without a text in the base language.
    """
    found = dict(schema.translations)
    for asked, texts in written.items():
        for language in texts:
            must_be_provisioned(schema, language)
        name = _exact(schema, asked)
        kept = {one: text for one, text in found.pop(name, NO_TEXTS).items() if merge or one not in schema.languages}
        left = {one: text for one, text in sorted((kept | dict(texts)).items()) if text}
        if left and text_of(schema, name) == "":
            raise InvalidArgument(f"A label needs a text in the base language {BASE_LANGUAGE}.")
        if left:
            found[name] = left
    found = {name: texts for name, texts in sorted(found.items()) if text_of(schema, name) is not None}
    return schema if found == schema.translations else structs.replace(schema, translations=found)


def text_of(schema: Schema, name: LabelName) -> str | None:
    """What a label says in the base language; None where there is no such label."""
    match name:
        case "table", table, member:
            found = schema.tables.get(table)
            return None if found is None or member not in _OF_TABLE else _OF_TABLE[member](found)
        case "column", table, column, member:
            of = _column(schema, table, column)
            return None if of is None or member not in _OF_COLUMN else _OF_COLUMN[member](of)
        case "key", table, key, "DisplayName":
            keys = schema.tables[table].keys if table in schema.tables else ()
            return next((one.label for one in keys if one.name == key), None)
        case "relationship", schema_name, "menu":
            named = (one for one in schema.relationships if one.schema_name == schema_name)
            return next((one.menu.label or "" for one in named), None)
        case "choice", choice, "DisplayName" if choice in schema.choices:
            return schema.choices[choice].label
        case "choice", choice, "Description" if choice in schema.choices:
            return schema.choices[choice].description
        case "choice", *owner, value:
            return _options(schema, owner).get(value)
        case _:
            return None


def list_of(table: str, column: ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn | YesNoColumn) -> LabelName:
    """What the labels of a column's options belong to: the column, or the global list it uses."""
    if isinstance(column, ChoiceColumn | ChoicesColumn) and column.global_choice and column.choice_name is not None:
        return ("choice", column.choice_name)
    return ("choice", table, column.name)


def _exact(schema: Schema, name: LabelName) -> LabelName:
    """The name under which a label is kept: that of a global list, and the number of an option."""
    if name[0] != "choice":
        return name
    *owner, value = name
    if len(owner) == 3 and isinstance(column := _column(schema, owner[1], owner[2]), ChoiceColumn | ChoicesColumn):
        owner = list(list_of(owner[1], column))
    if value.startswith("#"):
        values = list(_options(schema, owner[1:]))
        value = values[int(value[1:])] if values else value
    return (*owner, value)


def _column(schema: Schema, table: str, name: str) -> Column | None:
    found = schema.tables.get(table)
    return None if found is None else found.columns.get(name)


def _options(schema: Schema, owner: Sequence[str]) -> dict[str, str]:
    """Value → label of a list, in its order."""
    options: Sequence[Option] = ()
    match owner:
        case [choice]:
            options = schema.choices[choice].options if choice in schema.choices else ()
        case [table, name]:
            column = _column(schema, table, name)
            if isinstance(column, YesNoColumn):
                return {"1": column.true_label, "0": column.false_label}
            if isinstance(column, ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn):
                options = column.options if list_of(table, column) == ("choice", table, name) else ()
        case _:
            pass
    return {str(option.value): option.label for option in options}


# --- reading in one language ------------------------------------------------------------------------------------------


def in_language(schema: Schema, language: int) -> Schema:
    """The schema whose options are called as people of that language read them, the same where nothing differs. [J-5]

    Made once, and kept with the schema.
    """
    if language not in schema.languages or not schema.translations:
        return schema
    key = (__name__, language)
    found = schema.remembered.get(key)
    if not isinstance(found, Schema):
        found = schema.remembered[key] = _in_language(schema, language)
    return found


def _in_language(schema: Schema, language: int) -> Schema:
    texts = {name: found[language] for name, found in schema.translations.items() if language in found}
    changed = {}
    for table in schema.tables.values():
        columns = {name: _translated(table.name, column, texts) for name, column in table.columns.items()}
        if any(column is not table.columns[name] for name, column in columns.items()):
            changed[table.name] = structs.replace(table, columns=columns)
    return structs.replace(schema, tables={**schema.tables, **changed}) if changed else schema


def _translated(table: str, column: Column, texts: Mapping[LabelName, str]) -> Column:
    if isinstance(column, YesNoColumn):
        owner = list_of(table, column)
        true, false = texts.get((*owner, "1")), texts.get((*owner, "0"))
        if true is None and false is None:
            return column
        return structs.replace(column, true_label=true or column.true_label, false_label=false or column.false_label)
    if isinstance(column, ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn):
        owner = list_of(table, column)
        found = {option.value: texts.get((*owner, str(option.value))) for option in column.options}
        if any(found.values()):
            options = [structs.replace(one, label=found[one.value] or one.label) for one in column.options]
            return structs.replace(column, options=tuple(options))
    return column
