"""Describe what all columns have in common.

In:        columns of a table
Out:       `ATTRIBUTE` and `ShownColumn`
Not here:  what only some types of columns have, and which column has which type (column_types)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeAlias, TypeVar

import msgspec

from verselet.ids import name_id
from verselet.metadata.auditing import is_audited
from verselet.metadata.columns import Column, Required, SourceType, TextColumn, is_property
from verselet.metadata.formulas import written_rollup
from verselet.metadata.securing import securable
from verselet.metadata.tables import Table
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import (
    GUID,
    LABEL,
    MANAGED,
    METADATA_BASE,
    NUMBER,
    TEXT,
    TIME,
    YES_NO,
    Member,
    WireType,
    always,
    managed,
    switch,
    wire_type,
)

C = TypeVar("C", bound=Column, covariant=True)  # noqa: PLC0105  one letter says it: the column

REQUIRED_LEVELS: Mapping[Required, str] = {
    "none": "None",
    "recommended": "Recommended",
    "application": "ApplicationRequired",
    "system": "SystemRequired",
}
"""How strongly a value is asked for, in words of the wire. [T-22]"""

SOURCE_TYPES: Mapping[SourceType, int] = {"simple": 0, "calculated": 1, "rollup": 2}


class ShownColumn(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """A column as definitions show it.

    `type_code` is the classic name of its type, `type_name` the newer one. [MD-6] `number` is its place in the table.
    """

    view: View
    table: Table
    column: C
    wire_type: WireType
    type_code: str
    type_name: str
    number: int

    @property
    def is_managed(self) -> bool:
        """It comes with its table, and the table with a solution."""
        return self.view.is_managed(self.table.name) and not self.column.made_here

    def label(self, text: str, what: str) -> dict[str, object]:
        """A label that belongs to this column. [MD-9]"""
        return self.view.label(text, "column", self.table.name, self.column.name, what, managed=self.is_managed)


AnyColumn: TypeAlias = ShownColumn[Column]


def _required_level(shown: AnyColumn) -> dict[str, object]:
    required = shown.column.required
    level = REQUIRED_LEVELS[required]
    return managed("canmodifyrequirementlevelsettings", value=level, can_be_changed=required != "system")


def _audit(shown: AnyColumn) -> dict[str, object]:
    return managed("canmodifyauditsettings", value=is_audited(shown.column), can_be_changed=True)


def _is_in_rows(shown: AnyColumn) -> bool:
    """Virtual companions and party lists are no properties of rows. [T-20]"""
    return is_property(shown.column)


def _auto_number_format(shown: AnyColumn) -> str | None:
    return shown.column.auto_number_format if isinstance(shown.column, TextColumn) else None


def written_formula(shown: AnyColumn) -> str | None:
    """The formula or the rollup of a column, in the language they are written in. [JOB-60]"""
    column = shown.column
    if column.source_type == "rollup" and column.rollup is not None:
        return written_rollup(column.rollup)
    return column.formula


_REQUIRED_LEVEL = "mscrm.AttributeRequiredLevelManagedProperty"

_MEMBERS: tuple[Member[AnyColumn], ...] = (
    Member("MetadataId", GUID, lambda s: name_id("column", s.table.name, s.column.name)),
    always("HasChanged", YES_NO),
    Member("LogicalName", TEXT, lambda s: s.column.name),
    Member("SchemaName", TEXT, lambda s: s.column.schema_name),
    Member("EntityLogicalName", TEXT, lambda s: s.table.name),
    Member("AttributeType", "mscrm.AttributeTypeCode", lambda s: s.type_code),
    Member("AttributeTypeName", "mscrm.AttributeTypeDisplayName", lambda s: {"Value": s.type_name}),
    Member("AttributeOf", TEXT, lambda s: s.column.attribute_of),
    Member("DisplayName", LABEL, lambda s: s.label(s.column.label, "DisplayName")),
    Member("Description", LABEL, lambda s: s.label(s.column.description, "Description")),
    Member("RequiredLevel", _REQUIRED_LEVEL, _required_level),
    Member("ColumnNumber", NUMBER, lambda s: s.number),
    Member("DeprecatedVersion", TEXT, lambda s: s.column.deprecated_since),
    Member("SourceType", NUMBER, lambda s: SOURCE_TYPES[s.column.source_type]),
    Member("IsCustomAttribute", YES_NO, lambda s: s.column.custom),
    Member("IsManaged", YES_NO, lambda s: s.is_managed),
    Member("IsPrimaryId", YES_NO, lambda s: s.column.name == s.table.primary_id),
    Member("IsPrimaryName", YES_NO, lambda s: s.column.name == s.table.primary_name),
    Member("IsLogical", YES_NO, lambda s: s.column.attribute_of is not None),
    Member("IsValidForCreate", YES_NO, lambda s: s.column.create),
    Member("IsValidForRead", YES_NO, lambda s: s.column.read),
    Member("IsValidForUpdate", YES_NO, lambda s: s.column.update),
    Member("IsValidForForm", YES_NO, lambda s: s.column.form),
    Member("IsValidForGrid", YES_NO, lambda s: s.column.form),
    Member("IsRequiredForForm", YES_NO, lambda s: s.column.required in ("application", "system")),
    Member("IsValidODataAttribute", YES_NO, _is_in_rows),
    Member("IsRetrievable", YES_NO, lambda s: s.column.read),
    Member("IsFilterable", YES_NO, _is_in_rows),
    Member("IsSearchable", YES_NO, _is_in_rows),
    Member("CanBeSecuredForCreate", YES_NO, lambda s: securable(s.column).create),
    Member("CanBeSecuredForRead", YES_NO, lambda s: securable(s.column).read),
    Member("CanBeSecuredForUpdate", YES_NO, lambda s: securable(s.column).update),
    Member("IsSecured", YES_NO, lambda s: s.column.is_secured),
    always("IsDataSourceSecret", YES_NO, value=False),
    Member("AutoNumberFormat", TEXT, _auto_number_format),
    always("ExternalName", TEXT),
    always("InheritsFrom", TEXT),
    always("IntroducedVersion", TEXT),
    always("LinkedAttributeId", GUID),
    always("CreatedOn", TIME),
    always("ModifiedOn", TIME),
    switch("CanModifyAdditionalSettings", "canmodifyadditionalsettings", value=True),
    Member("IsAuditEnabled", MANAGED, _audit),
    switch("IsCustomizable", "iscustomizable", value=True),
    switch("IsGlobalFilterEnabled", "canmodifyglobalfiltersettings", value=False),
    switch("IsRenameable", "isrenameable", value=True),
    switch("IsSortableEnabled", "canmodifyissortablesettings", value=False),
    switch("IsValidForAdvancedFind", "canmodifysearchsettings", value=True),
)

ATTRIBUTE = wire_type("AttributeMetadata", METADATA_BASE, _MEMBERS, absent=("Settings",))
"""The type of the collection `Attributes`; its own name is the type of a virtual column. [MD-4]"""
