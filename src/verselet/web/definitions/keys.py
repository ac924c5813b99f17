"""Describe alternate keys.

In:        keys of a table
Out:       `ENTITY_KEY` and its subject
Not here:  finding rows by a key (operations)
"""

from __future__ import annotations

import msgspec

from verselet.ids import name_id
from verselet.metadata.tables import Key, Table
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import (
    GUID,
    LABEL,
    METADATA_BASE,
    TEXT,
    YES_NO,
    Member,
    WireType,
    always,
    switch,
    wire_type,
)


class ShownKey(msgspec.Struct, frozen=True):
    """An alternate key as definitions show it. [MD-18]"""

    view: View
    table: Table
    key: Key

    @property
    def wire_type(self) -> WireType:
        """Always the same."""
        return ENTITY_KEY


def keys_of(view: View, table: Table) -> tuple[ShownKey, ...]:
    """The alternate keys of a table. [MD-10]"""
    return tuple(ShownKey(view, table, key) for key in table.keys)


def _is_managed(shown: ShownKey) -> bool:
    return shown.view.is_managed(shown.table.name) and not shown.key.made_here


def _display_name(shown: ShownKey) -> dict[str, object]:
    names = ("key", shown.table.name, shown.key.name, "DisplayName")
    return shown.view.label(shown.key.label, *names, managed=_is_managed(shown))


_MEMBERS: tuple[Member[ShownKey], ...] = (
    Member("MetadataId", GUID, lambda s: name_id("key", s.table.name, s.key.name)),
    always("HasChanged", YES_NO),
    Member("LogicalName", TEXT, lambda s: s.key.name),
    Member("SchemaName", TEXT, lambda s: s.key.schema_name),
    Member("EntityLogicalName", TEXT, lambda s: s.table.name),
    Member("DisplayName", LABEL, _display_name),
    Member("KeyAttributes", "Collection(Edm.String)", lambda s: list(s.key.columns)),
    # The index of a key is made with the key, so it is never seen in another status.
    always("EntityKeyIndexStatus", "mscrm.EntityKeyIndexStatus", value="Active"),
    Member("IsManaged", YES_NO, _is_managed),
    switch("IsCustomizable", "iscustomizable", value=True),
    always("IsSynchronous", YES_NO, value=True),
    always("IsExportKey", YES_NO, value=False),
    always("IsSecondaryKey", YES_NO, value=False),
    always("IntroducedVersion", TEXT),
)

ENTITY_KEY = wire_type("EntityKeyMetadata", METADATA_BASE, _MEMBERS, absent=("AsyncJob",))
