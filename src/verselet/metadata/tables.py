"""Say what a table is: its names, columns, keys and relationships.

In:        facts from table files (metadata.files)
Out:       frozen structs
Not here:  look-ups over all tables (metadata.schema), the standard columns (metadata.system)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from typing_extensions import override

from verselet.metadata.columns import Column

MADE_HERE = "Active"
"""The solution of tables that were made in this organization."""

Ownership: TypeAlias = Literal["user", "business", "organization", "none"]
Cascade: TypeAlias = Literal["NoCascade", "Cascade", "Active", "UserOwned", "RemoveLink", "Restrict"]


class Cascades(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to the referencing rows when the referenced row is assigned, deleted, …"""

    assign: Cascade = "NoCascade"
    delete: Cascade = "RemoveLink"
    merge: Cascade = "NoCascade"
    reparent: Cascade = "NoCascade"
    rollupview: Cascade = "NoCascade"
    share: Cascade = "NoCascade"
    unshare: Cascade = "NoCascade"
    archive: Cascade = "NoCascade"

    @property
    def is_parental(self) -> bool:
        """The referencing rows go the way of the referenced one, in one respect at least. [SEC-71], [SEC-72]"""
        following = {self.assign, self.share, self.unshare, self.reparent}
        return self.delete == "Cascade" or following != {"NoCascade"}


class Menu(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the associated rows are listed in a form's menu (`AssociatedMenuConfiguration`)."""

    behavior: str = "DoNotDisplay"
    group: str = "Details"
    label: str | None = None
    order: int | None = None


class Relationship(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One-to-many: the referencing column of many rows points to one referenced row. [MD-11]

    A lookup with several targets has one relationship per target, all on the same column.
    `referencing_navigation` is single-valued and sits on the referencing table; `referenced_navigation` is the
    collection on the referenced table. Both are exact in letter case. [CS-1]
    `made_here`: somebody added it to this organization, so it can be deleted again. [MW-7]
    """

    schema_name: str
    referencing_table: str
    referencing_column: str
    referencing_navigation: str
    referenced_table: str
    referenced_column: str
    referenced_navigation: str
    cascades: Cascades = Cascades()
    menu: Menu = Menu()
    customizable: bool = True
    hierarchical: bool = False
    custom: bool = False
    made_here: bool = False


class ManyToMany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many-to-many through an intersect table. [MD-12]"""

    schema_name: str
    table1: str
    table2: str
    intersect_table: str
    column1: str
    column2: str
    navigation1: str
    navigation2: str
    custom: bool = False
    made_here: bool = False

    def way_back(self, navigation: str) -> str:
        """The navigation from the rows it leads to; both sides may call it the same."""
        return self.navigation2 if navigation == self.navigation1 else self.navigation1


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alternate key: columns that together name one row. [K-1]"""

    name: str
    schema_name: str
    label: str = ""
    columns: tuple[str, ...]
    made_here: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One table with all its columns, standard ones included.

    `name` is the logical name, `set_name` the entity set in URLs. `solution` is the built-in solution (or `Active`
    for tables made at run time). `columns` maps logical names to columns, in schema-name order.
    `messages` can be sent for the table, `events` can only be subscribed to.
    `enforces_transitions`: a row changes its state only along the transitions of its status reason. [MSG-51]
    `searched`: a search that names no tables looks at its rows too.
    `grows`: its rows come with the work that is done, and never end; those of other tables fit on any machine.
    `dict=True` lets other rooms remember what they compiled for this very table object.
    """

    name: str
    schema_name: str
    set_name: str
    label: str
    label_plural: str
    description: str = ""
    ownership: Ownership = "user"
    table_type: str = "Standard"
    primary_id: str
    primary_name: str | None = None
    primary_image: str | None = None
    object_type_code: int | None = None
    is_activity: bool = False
    is_intersect: bool = False
    collection_schema_name: str = ""
    logical_collection_name: str = ""
    change_tracking: bool = False
    recycle_bin: bool = False
    audit: bool = False
    retention: bool = False
    searched: bool = False
    grows: bool = False
    enforces_transitions: bool = False
    custom: bool = False
    solution: str = ""
    messages: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    columns: dict[str, Column]
    keys: tuple[Key, ...] = ()

    @override
    def __hash__(self) -> int:
        """Tables of one schema are compared by identity of name within that schema."""
        return hash(self.name)

    @property
    def is_tracked(self) -> bool:
        """Clients can follow the changes of the table: its rows are found by what changed since a version. [DT-1]"""
        return self.change_tracking and "versionnumber" in self.columns
