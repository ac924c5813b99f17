"""Read what labels say in other languages than the base language.

In:        JSON objects as clients send them
Out:       `Labels`: the name of each label that is written → its texts
Not here:  the texts in the base language, which stand in the definitions (the sibling modules), keeping them
           (metadata.translations)
"""

from __future__ import annotations

from typing import TypeAlias

from verselet.metadata.changes.drafts import NewColumn, NewTable, OptionList
from verselet.metadata.languages import LabelName, Texts
from verselet.web.definition_writes.members import Body, member, members, needed, others, texts_of

Labels: TypeAlias = dict[LabelName, Texts]

NAMED = ("DisplayName", "Description")


def labels_of(body: Body, owner: LabelName, *names: str) -> Labels:
    """The labels among some members of a definition; what is missing or null is not written."""
    return {(*owner, name): others(body, name) for name in names if body.get(name) is not None}


def table_labels(body: Body, table: str) -> Labels:
    """Those of a table. [MD-9]"""
    return labels_of(body, ("table", table), *NAMED, "DisplayCollectionName")


def new_table_labels(body: Body, made: NewTable) -> Labels:
    """Those of a new table and its columns. [MW-1]"""
    table = made.schema_name.lower()
    found = table_labels(body, table)
    for written, column in zip(members(body, "Attributes"), made.columns, strict=True):
        found |= new_column_labels(written, table, column)
    return found


def column_labels(body: Body, table: str, column: str) -> Labels:
    """Those of a column, and of yes and no. [MD-9]"""
    found = labels_of(body, ("column", table, column), *NAMED)
    pair, owner = member(body, "OptionSet"), ("choice", table, column)
    for value, name in (("1", "TrueOption"), ("0", "FalseOption")):
        if member(pair, name).get("Label") is not None:
            found[*owner, value] = others(member(pair, name), "Label")
    return found


def new_column_labels(body: Body, table: str, made: NewColumn) -> Labels:
    """Those of a new column and the options of its own list. [MW-3], [MW-27]"""
    column = made.column.schema_name.lower()
    found = column_labels(body, table, column)
    # What is said of a global list beside its name changes nothing of it.
    return found | (_option_labels(member(body, "OptionSet"), ("choice", table, column)) if made.options else {})


def choice_labels(body: Body, name: str) -> Labels:
    """Those of a global choice itself. [MW-11]"""
    return labels_of(body, ("choice", name), *NAMED)


def new_choice_labels(body: Body) -> Labels:
    """Those of a new global choice and its options. [MW-11]"""
    name = needed(body, "Name").lower()
    return choice_labels(body, name) | _option_labels(body, ("choice", name))


def _option_labels(option_set: Body, owner: LabelName) -> Labels:
    """Options are named by their places: their numbers may not be known yet."""
    options = members(option_set, "Options")
    return {(*owner, f"#{place}"): others(option, "Label") for place, option in enumerate(options)}


def option_labels(body: Body, of: OptionList, value: int | str) -> Labels:
    """That of one option, of the parameter `Label`. [MW-12]"""
    owner = ("choice", of.choice) if of.choice is not None else ("choice", of.table or "", of.column or "")
    return {(*owner, str(value)): others(body, "Label")} if body.get("Label") is not None else {}


def menu_labels(body: Body, relationship: str) -> Labels:
    """That of a relationship's menu. [MW-8]"""
    menu = member(body, "AssociatedMenuConfiguration")
    return {("relationship", relationship, "menu"): others(menu, "Label")} if menu.get("Label") is not None else {}


def relationship_labels(body: Body, lookup: Body) -> Labels:
    """Those of a new one-to-many relationship and its lookup. [MW-8]

    The lookup may be there already, for another table: it loses no text then. [MW-13]
    """
    table, column = needed(body, "ReferencingEntity").lower(), needed(lookup, "SchemaName").lower()
    of_lookup = {name: texts for name, texts in column_labels(lookup, table, column).items() if texts}
    return menu_labels(body, needed(body, "SchemaName")) | of_lookup


def without_silent_labels(body: Body) -> Body:
    """The definition without labels that say nothing: where labels are merged, those stay as they are. [H-8]"""
    return {name: value for name, value in body.items() if not (_is_label(value) and not texts_of(body, name))}


def _is_label(value: object) -> bool:
    return isinstance(value, dict) and "LocalizedLabels" in value
