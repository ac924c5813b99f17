"""Prepare a row from another one.

In:        a row, the table of the row to come
Out:       an unsaved row: the columns both tables have, and the lookup between them
Not here:  creating it (operations.create)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from verselet.errors import InvalidArgument
from verselet.messages.lifecycle import FieldType, InitializeFrom, UnsavedRow
from verselet.metadata.columns import (
    Column,
    FileColumn,
    IdColumn,
    ImageColumn,
    LookupColumn,
    StateColumn,
    StatusColumn,
    is_property,
)
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship, Table
from verselet.operations.finding import named_row
from verselet.operations.rights import READ, must_reach
from verselet.operations.secured_columns import unreadable
from verselet.pipeline.execution import Execution
from verselet.values import Reference, Row, Value

OWN: Final = frozenset(
    {
        "createdby", "createdon", "createdonbehalfby", "importsequencenumber", "modifiedby", "modifiedon",
        "modifiedonbehalfby", "overriddencreatedon", "ownerid", "owningbusinessunit", "owningteam", "owninguser",
        "timezoneruleversionnumber", "utcconversiontimezonecode", "versionnumber",
    }
)  # fmt: skip
"""Columns that say something of one row only."""

VALID: Final[Mapping[FieldType, str]] = MappingProxyType(
    {"ValidForCreate": "create", "ValidForUpdate": "update", "ValidForRead": "read"}
)


def initialize_from(run: Execution) -> UnsavedRow:
    """The columns both tables have under one name and type, and the lookup to the source. [FN-19]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: there is no such source.
        InvalidArgument: no such table, or none that points to the source's.
    """
    request = cast(InitializeFrom, run.request)
    source, source_id = named_row(run, request.source)
    must_reach(run, source, (source_id,), READ)
    target = run.schema.tables.get(request.target_table)
    if target is None:
        raise InvalidArgument(f"There is no table '{request.target_table[:80]}'.")
    relationship = mapping_relationship(run.schema, source, target)
    if relationship is None:
        raise InvalidArgument(f"No relationship leads from '{target.name}' to '{source.name}': there is no mapping.")
    copied = tuple([name for name in target.columns if _is_copied(source, target, name)])
    values = run.read_values(source.name, source_id, copied) or {}
    # What the caller may not read is as if it were empty. [SEC-103]
    for name in unreadable(run, source, source_id, copied):
        values[name] = None
    found: dict[str, Value] = {name: value for name, value in values.items() if value is not None}
    found[relationship.referencing_column] = Reference(source.name, source_id)
    chosen = {name: value for name, value in found.items() if _is_wanted(target.columns[name], request.columns)}
    return UnsavedRow(Row(target.name, None, chosen))


def mapping_relationship(schema: Schema, source: Table, target: Table) -> Relationship | None:
    """The relationship a new row comes about by: the closest one whose lookup can be written.

    A parental one comes first, then one that forms a hierarchy, then the first by name.
    """
    found = [
        relationship
        for relationship in schema.to_many[source.name].values()
        if relationship.referencing_table == target.name
        and relationship.referencing_column not in OWN
        and target.columns[relationship.referencing_column].create
    ]
    return min(found, key=_distance, default=None)


def _distance(relationship: Relationship) -> tuple[bool, bool, str]:
    return relationship.cascades.reparent != "Cascade", not relationship.hierarchical, relationship.schema_name


def _is_copied(source: Table, target: Table, name: str) -> bool:
    """Both tables have the column, and it says something of what both rows are about."""
    here, there = source.columns.get(name), target.columns[name]
    if here is None or type(here) is not type(there) or name in OWN or name == target.primary_name:
        return False
    if isinstance(there, StateColumn | StatusColumn | IdColumn | FileColumn | ImageColumn):
        return False
    if (
        isinstance(there, LookupColumn)
        and isinstance(here, LookupColumn)
        and not set(here.targets) <= set(there.targets)
    ):
        return False
    return is_property(here) and is_property(there) and here.calculated is None and there.create


def _is_wanted(column: Column, wanted: FieldType) -> bool:
    return wanted == "All" or bool(getattr(column, VALID[wanted]))
