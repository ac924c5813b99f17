"""Describe option sets: of columns, and global ones.

In:        choice columns and global choices
Out:       `OPTION_SET`, `BOOLEAN_OPTION_SET`, `OptionSet` and where they come from
Not here:  the columns themselves (columns)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, assert_never

import msgspec

from verselet.ids import name_id
from verselet.metadata.choices import Choice, GlobalChoice, State, StatusReason
from verselet.metadata.columns import ChoiceColumn, ChoicesColumn, StateColumn, StatusColumn, YesNoColumn
from verselet.metadata.languages import BASE_LANGUAGE, LabelName
from verselet.web.definitions.labels import label
from verselet.web.definitions.transitions import written_transitions
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import (
    GUID,
    LABEL,
    METADATA_BASE,
    NAMESPACE,
    TEXT,
    YES_NO,
    Member,
    WireType,
    always,
    switch,
    wire_type,
)

ListColumn: TypeAlias = ChoiceColumn | ChoicesColumn | StateColumn | StatusColumn
Option: TypeAlias = Choice | State | StatusReason

EMPTY: Final[Mapping[str, object]] = label({}, BASE_LANGUAGE, managed=True)
"""A label without texts: options have no description."""


class OptionSet(msgspec.Struct, frozen=True, kw_only=True):
    """A list of options as definitions show it; `names` are what its ids are made of.

    `called` is what its own labels are those of: the column it is the list of, or itself.
    """

    view: View
    wire_type: WireType
    name: str
    names: tuple[str, ...]
    called: LabelName
    kind: str
    label: str = ""
    description: str = ""
    is_global: bool = False
    is_custom: bool = False
    is_managed: bool = True
    options: tuple[Option, ...] = ()
    true_label: str = ""
    false_label: str = ""

    @property
    def metadata_id(self) -> str:
        """The same for all columns that share a global list."""
        return name_id("choice", *self.names)

    def own_label(self, text: str, what: str) -> dict[str, object]:
        """A label of the list itself. [MD-9]"""
        names = ("choice", *self.names, what)
        return self.view.label(text, *names, managed=self.is_managed, of=(*self.called, what))

    def option_label(self, text: str, value: int) -> dict[str, object]:
        """The label of an option. [MD-9]"""
        return self.view.label(text, "choice", *self.names, str(value), managed=self.is_managed)


def global_option_set(view: View, choice: GlobalChoice) -> OptionSet:
    """A list that several columns can share. [MW-11]"""
    return OptionSet(
        view=view,
        wire_type=OPTION_SET,
        name=choice.name,
        names=(choice.name,),
        called=("choice", choice.name),
        kind="Picklist",
        label=choice.label,
        description=choice.description,
        is_global=True,
        is_custom=choice.made_here,
        is_managed=not choice.made_here,
        options=choice.options,
    )


def option_set_of(view: View, table: str, column: ListColumn) -> OptionSet:
    """The list of a column: its own, or the global one it uses. [MD-5]"""
    shared = global_option_set_of(view, column)
    if shared:
        return shared[0]
    return OptionSet(
        view=view,
        wire_type=OPTION_SET,
        name=column.choice_name or f"{table}_{column.name}",
        names=(table, column.name),
        called=("column", table, column.name),
        kind=_kind(column),
        label=column.label,
        description=column.description,
        is_custom=column.custom,
        is_managed=view.is_managed(table),
        options=column.options,
    )


def global_option_set_of(view: View, column: ListColumn) -> tuple[OptionSet, ...]:
    """The global list that a column uses, if it does. [MD-5]"""
    if not isinstance(column, ChoiceColumn | ChoicesColumn) or not column.global_choice or column.choice_name is None:
        return ()
    choice = view.schema.choices.get(column.choice_name)
    if choice is None:
        choice = GlobalChoice(name=column.choice_name, label=column.label, options=column.options)
    return (global_option_set(view, choice),)


def boolean_option_set_of(view: View, table: str, column: YesNoColumn) -> OptionSet:
    """The two labels of a yes/no column. [MW-26]"""
    return OptionSet(
        view=view,
        wire_type=BOOLEAN_OPTION_SET,
        name=column.choice_name or f"{table}_{column.name}",
        names=(table, column.name),
        called=("column", table, column.name),
        kind="Boolean",
        label=column.label,
        description=column.description,
        is_custom=column.custom,
        is_managed=view.is_managed(table),
        true_label=column.true_label,
        false_label=column.false_label,
    )


def _kind(column: ListColumn) -> str:
    match column:
        case ChoiceColumn() | ChoicesColumn():
            return "Picklist"
        case StateColumn():
            return "State"
        case StatusColumn():
            return "Status"
        case _:
            assert_never(column)


def _written_option(shown: OptionSet, value: int, text: str) -> dict[str, object]:
    """What every option has. [MD-15]"""
    return {
        "Value": value,
        "Color": None,
        "IsManaged": shown.is_managed,
        "ExternalValue": "",
        "ParentValues": [],
        "MetadataId": None,
        "HasChanged": None,
        "Label": shown.option_label(text, value),
        "Description": EMPTY,
    }


def _written_options(shown: OptionSet) -> Sequence[dict[str, object]]:
    return [_typed_option(option, _written_option(shown, option.value, option.label)) for option in shown.options]


def _typed_option(option: Option, written: dict[str, object]) -> dict[str, object]:
    """States and status reasons say their type and what binds them to each other. [MD-15]"""
    match option:
        case Choice():
            return written
        case State():
            typed: dict[str, object] = {"@odata.type": f"#{NAMESPACE}.StateOptionMetadata"} | written
            return typed | {"DefaultStatus": option.default_status, "InvariantName": option.invariant_name}
        case StatusReason():
            typed = {"@odata.type": f"#{NAMESPACE}.StatusOptionMetadata"} | written
            return typed | {"State": option.state, "TransitionData": written_transitions(option)}
        case _:
            assert_never(option)


_BASE: tuple[Member[OptionSet], ...] = (
    Member("MetadataId", GUID, lambda s: s.metadata_id),
    always("HasChanged", YES_NO),
    Member("Name", TEXT, lambda s: s.name),
    Member("OptionSetType", "mscrm.OptionSetType", lambda s: s.kind),
    Member("DisplayName", LABEL, lambda s: s.own_label(s.label, "DisplayName")),
    Member("Description", LABEL, lambda s: s.own_label(s.description, "Description")),
    Member("IsGlobal", YES_NO, lambda s: s.is_global),
    Member("IsManaged", YES_NO, lambda s: s.is_managed),
    Member("IsCustomOptionSet", YES_NO, lambda s: s.is_custom),
    switch("IsCustomizable", "iscustomizable", value=True),
    always("ExternalTypeName", TEXT),
    always("IntroducedVersion", TEXT),
)

_LIST: tuple[Member[OptionSet], ...] = (
    Member("Options", "Collection(mscrm.OptionMetadata)", _written_options),
    always("ParentOptionSetName", TEXT),
)

_PAIR: tuple[Member[OptionSet], ...] = (
    Member("TrueOption", "mscrm.OptionMetadata", lambda s: _written_option(s, 1, s.true_label)),
    Member("FalseOption", "mscrm.OptionMetadata", lambda s: _written_option(s, 0, s.false_label)),
)

OPTION_SET_BASE = wire_type("OptionSetMetadataBase", METADATA_BASE, _BASE)
OPTION_SET = wire_type("OptionSetMetadata", OPTION_SET_BASE, _LIST)
BOOLEAN_OPTION_SET = wire_type("BooleanOptionSetMetadata", OPTION_SET_BASE, _PAIR)
