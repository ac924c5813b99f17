"""Describe what only some types of columns have.

In:        columns of a table
Out:       `columns_of`; one wire type per column type
Not here:  what all columns have (columns), the option sets (choices)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateBehavior,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    IdColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    ManagedPropertyColumn,
    MemoColumn,
    MoneyColumn,
    PartyListColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    VirtualColumn,
    YesNoColumn,
)
from verselet.metadata.tables import Table
from verselet.web.definitions.choices import (
    BOOLEAN_OPTION_SET,
    OPTION_SET,
    OptionSet,
    boolean_option_set_of,
    global_option_set_of,
    option_set_of,
)
from verselet.web.definitions.columns import ATTRIBUTE, AnyColumn, ShownColumn, written_formula
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import (
    NUMBER,
    TEXT,
    TIME,
    YES_NO,
    Link,
    Member,
    WireType,
    always,
    managed,
    wire_type,
)

Kind: TypeAlias = tuple[WireType, str, str]
"""Wire type, classic type name, newer type name."""

DATE_BEHAVIORS: Mapping[DateBehavior, str] = {
    "user_local": "UserLocal",
    "date_only": "DateOnly",
    "time_zone_independent": "TimeZoneIndependent",
}

_DOUBLE = "Edm.Double"
_LONG = "Edm.Int64"
_IME_MODE = "mscrm.ImeMode"
_NAMES = "Collection(Edm.String)"
_LARGEST_LONG = 9_223_372_036_854_775_807
_THUMBNAIL_PIXELS = 144


def columns_of(view: View, table: Table) -> tuple[AnyColumn, ...]:
    """All columns of a table with their exact types, in the table's order. [MD-4]"""
    return tuple(
        shown_column(view, table, column, number) for number, column in enumerate(table.columns.values(), start=1)
    )


def shown_column(view: View, table: Table, column: Column, number: int) -> AnyColumn:
    """One column with its exact type. [MD-6]"""
    exact, type_code, type_name = _kind(table, column)
    return ShownColumn(
        view=view,
        table=table,
        column=column,
        wire_type=exact,
        type_code=type_code,
        type_name=type_name,
        number=number,
    )


def _kind(table: Table, column: Column) -> Kind:
    match column:
        case LookupColumn():
            return _lookup_kind(column)
        case VirtualColumn():
            # The name of a referenced row is text of its own; the label of a choice or a yes/no is worked out.
            names_a_row = isinstance(table.columns.get(column.attribute_of or ""), LookupColumn)
            return (STRING, "String", "StringType") if names_a_row else (ATTRIBUTE, "Virtual", "VirtualType")
        case _:
            return KINDS[type(column)]


def _lookup_kind(column: LookupColumn) -> Kind:
    match column.kind:
        case "lookup":
            return LOOKUP, "Lookup", "LookupType"
        case "customer":
            return LOOKUP, "Customer", "CustomerType"
        case "owner":
            return LOOKUP, "Owner", "OwnerType"
        case _:
            assert_never(column.kind)


_TEXT: tuple[Member[ShownColumn[TextColumn | VirtualColumn]], ...] = (
    Member("MaxLength", NUMBER, lambda s: s.column.max_length),
    Member("DatabaseLength", NUMBER, lambda s: s.column.max_length * 2),
    Member("Format", "mscrm.StringFormat", lambda s: _text_format(s.column)),
    Member("FormatName", "mscrm.StringFormatName", lambda s: {"Value": _text_format(s.column)}),
    Member("ImeMode", _IME_MODE, lambda s: s.column.ime_mode if isinstance(s.column, TextColumn) else "Auto"),
    Member("IsLocalizable", YES_NO, lambda s: isinstance(s.column, TextColumn) and s.column.localizable),
    always("YomiOf", TEXT),
    Member("FormulaDefinition", TEXT, written_formula),
    always("SourceTypeMask", NUMBER, value=0),
)


def _text_format(column: TextColumn | VirtualColumn) -> str:
    return column.format if isinstance(column, TextColumn) else "Text"


_MEMO: tuple[Member[ShownColumn[MemoColumn]], ...] = (
    Member("MaxLength", NUMBER, lambda s: s.column.max_length),
    Member("Format", "mscrm.StringFormat", lambda s: s.column.format),
    Member("FormatName", "mscrm.MemoFormatName", lambda s: {"Value": s.column.format}),
    Member("ImeMode", _IME_MODE, lambda s: s.column.ime_mode),
    always("IsLocalizable", YES_NO, value=False),
)

_INTEGER: tuple[Member[ShownColumn[IntegerColumn]], ...] = (
    Member("MinValue", NUMBER, lambda s: s.column.min),
    Member("MaxValue", NUMBER, lambda s: s.column.max),
    Member("Format", "mscrm.IntegerFormat", lambda s: s.column.format),
    Member("FormulaDefinition", TEXT, written_formula),
    always("SourceTypeMask", NUMBER, value=0),
)

_BIG_INT: tuple[Member[ShownColumn[BigIntColumn]], ...] = (
    always("MinValue", _LONG, value=-_LARGEST_LONG - 1),
    always("MaxValue", _LONG, value=_LARGEST_LONG),
)

_FRACTION: tuple[Member[ShownColumn[DecimalColumn | FloatColumn | MoneyColumn]], ...] = (
    Member("MinValue", _DOUBLE, lambda s: s.column.min),
    Member("MaxValue", _DOUBLE, lambda s: s.column.max),
    Member("Precision", NUMBER, lambda s: s.column.precision),
    always("ImeMode", _IME_MODE, value="Auto"),
    Member("FormulaDefinition", TEXT, written_formula),
    always("SourceTypeMask", NUMBER, value=0),
)

_MONEY: tuple[Member[ShownColumn[MoneyColumn]], ...] = (
    *_FRACTION,
    Member("PrecisionSource", NUMBER, lambda s: s.column.precision_source),
    Member("CalculationOf", TEXT, lambda s: s.column.base_of),
    Member("IsBaseCurrency", YES_NO, lambda s: s.column.base_of is not None),
)

_DATE: tuple[Member[ShownColumn[DateTimeColumn]], ...] = (
    Member("Format", "mscrm.DateTimeFormat", lambda s: s.column.format),
    Member("DateTimeBehavior", "mscrm.DateTimeBehavior", lambda s: {"Value": DATE_BEHAVIORS[s.column.behavior]}),
    Member(
        "CanChangeDateTimeBehavior",
        "mscrm.BooleanManagedProperty",
        lambda s: managed("canchangedatetimebehavior", value=s.column.can_change_behavior),
    ),
    Member("ImeMode", _IME_MODE, lambda s: s.column.ime_mode),
    Member("SourceTypeMask", NUMBER, lambda s: s.column.source_type_mask),
    always("MinSupportedValue", TIME, value="1753-01-01T00:00:00Z"),
    always("MaxSupportedValue", TIME, value="9999-12-30T23:59:59Z"),
    Member("FormulaDefinition", TEXT, written_formula),
)

_YES_NO: tuple[Member[ShownColumn[YesNoColumn]], ...] = (
    Member("DefaultValue", YES_NO, lambda s: s.column.default),
    Member("FormulaDefinition", TEXT, written_formula),
    always("SourceTypeMask", NUMBER, value=0),
)

_CHOICE: tuple[Member[ShownColumn[ChoiceColumn | ChoicesColumn]], ...] = (
    always("ParentPicklistLogicalName", TEXT),
    always("ChildPicklistLogicalNames", _NAMES, value=[]),
    Member("FormulaDefinition", TEXT, written_formula),
    always("SourceTypeMask", NUMBER, value=0),
)

_LOOKUP: tuple[Member[ShownColumn[LookupColumn | PartyListColumn]], ...] = (
    Member("Targets", _NAMES, lambda s: list(s.column.targets)),
    always("Format", "mscrm.LookupFormat", value="None"),
)

_FILE: tuple[Member[ShownColumn[FileColumn]], ...] = (Member("MaxSizeInKB", NUMBER, lambda s: s.column.max_size_kb),)

_IMAGE: tuple[Member[ShownColumn[ImageColumn]], ...] = (
    Member("IsPrimaryImage", YES_NO, lambda s: s.column.primary),
    Member("CanStoreFullImage", YES_NO, lambda s: s.column.full_image),
    always("MaxHeight", "Edm.Int16", value=_THUMBNAIL_PIXELS),
    always("MaxWidth", "Edm.Int16", value=_THUMBNAIL_PIXELS),
    Member("MaxSizeInKB", NUMBER, lambda s: s.column.max_size_kb),
)

_TABLE_NAME: tuple[Member[ShownColumn[TableNameColumn]], ...] = (
    always("IsEntityReferenceStored", YES_NO, value=False),
)

_MANAGED: tuple[Member[ShownColumn[ManagedPropertyColumn]], ...] = (
    Member("ManagedPropertyLogicalName", TEXT, lambda s: s.column.name),
    always("ValueAttributeTypeCode", "mscrm.AttributeTypeCode", value="Boolean"),
    always("ParentAttributeName", TEXT),
    always("ParentComponentType", NUMBER),
)


def _default_form_value(shown: AnyColumn) -> int | None:
    """Choices without a default say -1; states and status reasons say nothing."""
    match shown.column:
        case ChoiceColumn(default=default):
            return -1 if default is None else default
        case ChoicesColumn():
            return -1
        case _:
            return None


def _options(shown: AnyColumn) -> tuple[OptionSet, ...]:
    """No list for the column that holds a table's name: its options are the tables themselves."""
    match shown.column:
        case ChoiceColumn() | ChoicesColumn() | StateColumn() | StatusColumn():
            return (option_set_of(shown.view, shown.table.name, shown.column),)
        case _:
            return ()


def _shared_options(shown: AnyColumn) -> tuple[OptionSet, ...]:
    match shown.column:
        case ChoiceColumn() | ChoicesColumn():
            return global_option_set_of(shown.view, shown.column)
        case _:
            return ()


def _yes_no_options(shown: ShownColumn[YesNoColumn]) -> tuple[OptionSet, ...]:
    return (boolean_option_set_of(shown.view, shown.table.name, shown.column),)


_ENUM: tuple[Member[AnyColumn], ...] = (Member("DefaultFormValue", NUMBER, _default_form_value),)
_ENUM_LINKS: tuple[Link[AnyColumn], ...] = (
    Link("OptionSet", OPTION_SET, _options, many=False),
    Link("GlobalOptionSet", OPTION_SET, _shared_options, many=False),
)
_YES_NO_LINKS: tuple[Link[ShownColumn[YesNoColumn]], ...] = (
    Link("OptionSet", BOOLEAN_OPTION_SET, _yes_no_options, many=False),
    Link("GlobalOptionSet", BOOLEAN_OPTION_SET, lambda _: (), many=False),
)

ENUM = wire_type("EnumAttributeMetadata", ATTRIBUTE, _ENUM, _ENUM_LINKS)
STRING = wire_type("StringAttributeMetadata", ATTRIBUTE, _TEXT)
LOOKUP = wire_type("LookupAttributeMetadata", ATTRIBUTE, _LOOKUP)

KINDS: Mapping[type[Column], Kind] = {
    IdColumn: (wire_type("UniqueIdentifierAttributeMetadata", ATTRIBUTE), "Uniqueidentifier", "UniqueidentifierType"),
    TextColumn: (STRING, "String", "StringType"),
    MemoColumn: (wire_type("MemoAttributeMetadata", ATTRIBUTE, _MEMO), "Memo", "MemoType"),
    IntegerColumn: (wire_type("IntegerAttributeMetadata", ATTRIBUTE, _INTEGER), "Integer", "IntegerType"),
    BigIntColumn: (wire_type("BigIntAttributeMetadata", ATTRIBUTE, _BIG_INT), "BigInt", "BigIntType"),
    DecimalColumn: (wire_type("DecimalAttributeMetadata", ATTRIBUTE, _FRACTION), "Decimal", "DecimalType"),
    FloatColumn: (wire_type("DoubleAttributeMetadata", ATTRIBUTE, _FRACTION), "Double", "DoubleType"),
    MoneyColumn: (wire_type("MoneyAttributeMetadata", ATTRIBUTE, _MONEY), "Money", "MoneyType"),
    DateTimeColumn: (wire_type("DateTimeAttributeMetadata", ATTRIBUTE, _DATE), "DateTime", "DateTimeType"),
    YesNoColumn: (wire_type("BooleanAttributeMetadata", ATTRIBUTE, _YES_NO, _YES_NO_LINKS), "Boolean", "BooleanType"),
    ChoiceColumn: (wire_type("PicklistAttributeMetadata", ENUM, _CHOICE), "Picklist", "PicklistType"),
    ChoicesColumn: (
        wire_type("MultiSelectPicklistAttributeMetadata", ENUM, _CHOICE),
        "Virtual",
        "MultiSelectPicklistType",
    ),
    StateColumn: (wire_type("StateAttributeMetadata", ENUM), "State", "StateType"),
    StatusColumn: (wire_type("StatusAttributeMetadata", ENUM), "Status", "StatusType"),
    LookupColumn: (LOOKUP, "Lookup", "LookupType"),
    PartyListColumn: (LOOKUP, "PartyList", "PartyListType"),
    TableNameColumn: (wire_type("EntityNameAttributeMetadata", ENUM, _TABLE_NAME), "EntityName", "EntityNameType"),
    ImageColumn: (wire_type("ImageAttributeMetadata", ATTRIBUTE, _IMAGE), "Virtual", "ImageType"),
    FileColumn: (wire_type("FileAttributeMetadata", ATTRIBUTE, _FILE), "Virtual", "FileType"),
    ManagedPropertyColumn: (
        wire_type("ManagedPropertyAttributeMetadata", ATTRIBUTE, _MANAGED),
        "ManagedProperty",
        "ManagedPropertyType",
    ),
    VirtualColumn: (ATTRIBUTE, "Virtual", "VirtualType"),
}
"""Column type → what it is on the wire. [MD-6]"""
