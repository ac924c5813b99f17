"""Say what somebody wants to add to the schema, before everything derived is known.

In:        made by whoever reads a definition (web.definition_writes)
Out:       frozen structs
Not here:  what follows from them (the sibling modules)
"""

from __future__ import annotations

import msgspec

from verselet.metadata.columns import Column
from verselet.metadata.tables import Cascades, Menu, Ownership


class NewOption(msgspec.Struct, frozen=True):
    """An option; without a value it gets the next one of its publisher. [MW-12]"""

    label: str
    value: int | None = None


class NewColumn(msgspec.Struct, frozen=True):
    """A column. The options of a choice stand beside it, or `choice` names the global list it uses. [MW-27]"""

    column: Column
    options: tuple[NewOption, ...] = ()
    choice: str | None = None


class NewTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table and its first columns; `primary_name` is the schema name of the one that names a row. [MW-1]"""

    schema_name: str
    label: str
    label_plural: str
    primary_name: str
    columns: tuple[NewColumn, ...]
    description: str = ""
    ownership: Ownership = "user"
    set_name: str | None = None
    is_activity: bool = False
    has_activities: bool = False
    has_notes: bool = False
    change_tracking: bool = False
    audit: bool = False
    searched: bool = False
    enforces_transitions: bool = False


class TableFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of a table; None leaves it as it is. [MW-5]"""

    label: str | None = None
    label_plural: str | None = None
    description: str | None = None
    change_tracking: bool | None = None
    audit: bool | None = None
    retention: bool | None = None
    searched: bool | None = None
    enforces_transitions: bool | None = None
    has_notes: bool | None = None
    has_activities: bool | None = None


class NewRelationship(msgspec.Struct, frozen=True, kw_only=True):
    """A one-to-many relationship; navigation names that are None are derived. [MW-8]"""

    schema_name: str
    referenced_table: str
    referencing_table: str
    cascades: Cascades = Cascades()
    menu: Menu = Menu(behavior="UseCollectionName")
    hierarchical: bool = False
    referencing_navigation: str | None = None
    referenced_navigation: str | None = None


class NewManyToMany(msgspec.Struct, frozen=True, kw_only=True):
    """A many-to-many relationship; what is None is derived. [MW-9]"""

    schema_name: str
    table1: str
    table2: str
    intersect_table: str | None = None
    navigation1: str | None = None
    navigation2: str | None = None


class NewKey(msgspec.Struct, frozen=True):
    """An alternate key. [MW-10]"""

    schema_name: str
    columns: tuple[str, ...]
    label: str = ""


class OptionList(msgspec.Struct, frozen=True):
    """Which list of options is meant: that of a column, or a global one. [MW-12]"""

    table: str | None = None
    column: str | None = None
    choice: str | None = None
