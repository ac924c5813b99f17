"""Read columns.

In:        a JSON object as clients send it, and the column as it is where one should change
Out:       `NewColumn`, or the changed column
Not here:  which columns can be (metadata.changes.columns)

A member that is missing or null leaves the column as it is; of a new column it leaves the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from msgspec import structs

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.metadata.changes.drafts import NewColumn, NewOption
from verselet.metadata.changes.transitions import with_transitions
from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    MemoColumn,
    MoneyColumn,
    StatusColumn,
    TextColumn,
    YesNoColumn,
)
from verselet.metadata.formulas import parse_rollup
from verselet.metadata.schema import Schema
from verselet.web.definition_writes.choices import choice_of_column, read_options
from verselet.web.definition_writes.members import (
    Body,
    choose,
    fraction,
    label,
    member,
    members,
    needed,
    number,
    text,
    type_of,
    word,
    yes_no,
)
from verselet.web.definitions.transitions import read_transitions

Given: TypeAlias = dict[str, object]

TYPES: Mapping[str, type[Column]] = {
    "StringAttributeMetadata": TextColumn,
    "MemoAttributeMetadata": MemoColumn,
    "IntegerAttributeMetadata": IntegerColumn,
    "BigIntAttributeMetadata": BigIntColumn,
    "DecimalAttributeMetadata": DecimalColumn,
    "DoubleAttributeMetadata": FloatColumn,
    "MoneyAttributeMetadata": MoneyColumn,
    "DateTimeAttributeMetadata": DateTimeColumn,
    "BooleanAttributeMetadata": YesNoColumn,
    "PicklistAttributeMetadata": ChoiceColumn,
    "MultiSelectPicklistAttributeMetadata": ChoicesColumn,
    "FileAttributeMetadata": FileColumn,
    "ImageAttributeMetadata": ImageColumn,
    "LookupAttributeMetadata": LookupColumn,
}
"""Type on the wire → what it makes. [MW-20] to [MW-30]"""

_REQUIRED = {"None": "none", "Recommended": "recommended", "ApplicationRequired": "application"}
_TEXT_FORMATS = ("Text", "Email", "Url", "Phone", "TextArea", "TickerSymbol", "PhoneticGuide", "Json", "RichText")
_INTEGER_FORMATS = ("None", "Duration", "TimeZone", "Language", "Locale")
_IME_MODES = ("Auto", "Inactive", "Active", "Disabled")
_DATE_FORMATS = ("DateAndTime", "DateOnly")
_BEHAVIORS = {"UserLocal": "user_local", "DateOnly": "date_only", "TimeZoneIndependent": "time_zone_independent"}


def read_new_column(schema: Schema, body: Body) -> NewColumn:
    """The column a client wants to make. [MW-3]

    Raises:
        InvalidArgument: no such type, or a member that cannot be.
        NotSupportedHere: something the server does not do for columns yet, by name.
    """
    made = _type_named(body)
    column = made(name="", schema_name=needed(body, "SchemaName"))
    column = read_column(body, column)
    if isinstance(column, ChoiceColumn | ChoicesColumn):
        choice = choice_of_column(schema, body)
        options: tuple[NewOption, ...] = () if choice else read_options(member(body, "OptionSet"))
        return NewColumn(column, options, choice)
    return NewColumn(column)


def read_column(body: Body, column: Column) -> Column:
    """The column with what the client says of it. [MW-5]

    Raises:
        InvalidArgument, NotSupportedHere: as `read_new_column`.
    """
    given: Given = {
        "label": label(body, "DisplayName"),
        "description": label(body, "Description"),
        "required": _required(body, column),
        "is_secured": yes_no(body, "IsSecured"),
        "audit": yes_no(body, "IsAuditEnabled"),
    }
    given |= _calculation(body, column)
    if text(body, "AutoNumberFormat") and not isinstance(column, TextColumn):
        raise InvalidArgument("AutoNumberFormat is for columns of text.")
    read = READERS.get(type(column))
    if read is not None:
        given |= read(body)
    if isinstance(column, StatusColumn):
        column = with_transitions(column, _transitions(body))
    return structs.replace(column, **{name: value for name, value in given.items() if value is not None})


def _type_named(body: Body) -> type[Column]:
    name = type_of(body)
    if not name and (kind := word(body, "AttributeTypeName")) is not None:
        name = f"{kind.removesuffix('Type')}AttributeMetadata"
    if name not in TYPES:
        raise InvalidArgument(f"'{name[:80]}' is no type of columns that can be made. Possible are {', '.join(TYPES)}.")
    return TYPES[name]


def _required(body: Body, column: Column) -> str | None:
    level = word(body, "RequiredLevel")
    if level == "SystemRequired":
        if column.required != "system":
            raise InvalidArgument("SystemRequired is for columns of the system.")
        return None
    return choose(level, _REQUIRED, "RequiredLevel")


def _calculation(body: Body, column: Column) -> Given:
    """The formula or the rollup. Whether a column has one is decided when it is made. [JOB-60]"""
    sources = {0: "simple", 1: "calculated", 2: "rollup"}
    source, written = number(body, "SourceType"), text(body, "FormulaDefinition")
    if source not in {None, *sources}:
        raise NotSupportedHere(f"A column with the SourceType {source}")
    kind = column.source_type if source is None else sources[source]
    if column.name and kind != column.source_type:
        raise InvalidArgument(f"The SourceType of the column '{column.name}' cannot be changed.")
    if kind == "simple":
        if written:
            raise InvalidArgument("FormulaDefinition is for columns with the SourceType 1 or 2.")
        return {}
    if not written and not column.name:
        raise InvalidArgument("A column with the SourceType 1 or 2 needs a FormulaDefinition.")
    if not written:
        return {}
    if written.lstrip().startswith("<"):
        raise NotSupportedHere("A FormulaDefinition in XAML")
    return {"formula": written} if kind == "calculated" else {"rollup": parse_rollup(written)}


def _same(words: tuple[str, ...]) -> dict[str, str]:
    return {name: name for name in words}


def _text(body: Body) -> Given:
    written = word(body, "FormatName") or text(body, "Format")
    return {
        "max_length": number(body, "MaxLength"),
        "format": choose(written, _same(_TEXT_FORMATS), "FormatName"),
        "ime_mode": choose(text(body, "ImeMode"), _same(_IME_MODES), "ImeMode"),
    }


def _line(body: Body) -> Given:
    return {**_text(body), "auto_number_format": text(body, "AutoNumberFormat")}


def _integer(body: Body) -> Given:
    return {
        "min": number(body, "MinValue"),
        "max": number(body, "MaxValue"),
        "format": choose(text(body, "Format"), _same(_INTEGER_FORMATS), "Format"),
    }


def _fraction(body: Body) -> Given:
    return {
        "min": fraction(body, "MinValue"),
        "max": fraction(body, "MaxValue"),
        "precision": number(body, "Precision"),
    }


def _money(body: Body) -> Given:
    source = number(body, "PrecisionSource")
    if source not in {None, 0, 1, 2}:
        raise InvalidArgument("PrecisionSource must be 0, 1 or 2.")
    return {**_fraction(body), "precision_source": source}


def _date(body: Body) -> Given:
    return {
        "format": choose(text(body, "Format"), _same(_DATE_FORMATS), "Format"),
        "behavior": choose(word(body, "DateTimeBehavior"), _BEHAVIORS, "DateTimeBehavior"),
    }


def _yes_no(body: Body) -> Given:
    pair = member(body, "OptionSet")
    return {
        "default": yes_no(body, "DefaultValue"),
        "true_label": label(member(pair, "TrueOption"), "Label"),
        "false_label": label(member(pair, "FalseOption"), "Label"),
    }


def _choice(body: Body) -> Given:
    default = number(body, "DefaultFormValue")
    return {"default": None if default == -1 else default}


def _transitions(body: Body) -> dict[int, tuple[int, ...]]:
    """The transitions of those options that say something of them; an empty text or null ends them. [MSG-51]"""
    found: dict[int, tuple[int, ...]] = {}
    for option in members(member(body, "OptionSet"), "Options"):
        value = number(option, "Value")
        if value is not None and "TransitionData" in option:
            written = text(option, "TransitionData")
            found[value] = read_transitions(value, written) if written else ()
    return found


def _file(body: Body) -> Given:
    return {"max_size_kb": number(body, "MaxSizeInKB")}


def _image(body: Body) -> Given:
    return {
        "max_size_kb": number(body, "MaxSizeInKB"),
        "primary": yes_no(body, "IsPrimaryImage"),
        "full_image": yes_no(body, "CanStoreFullImage"),
    }


READERS: Mapping[type[Column], Callable[[Body], Given]] = MappingProxyType(
    {
        TextColumn: _line,
        MemoColumn: _text,
        IntegerColumn: _integer,
        DecimalColumn: _fraction,
        FloatColumn: _fraction,
        MoneyColumn: _money,
        DateTimeColumn: _date,
        YesNoColumn: _yes_no,
        ChoiceColumn: _choice,
        FileColumn: _file,
        ImageColumn: _image,
    }
)
"""Column type → how its own members are read."""
