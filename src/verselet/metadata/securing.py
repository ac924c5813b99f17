"""Say which columns can be secured, and refuse to secure the others.

In:        a table and one of its columns
Out:       `Securable`: for which of create, read and update it can be
Not here:  what a secured column does (security), who may see it (column security profiles)
"""

from __future__ import annotations

import msgspec

from verselet.errors import ColumnNotSecurable, KeyColumnSecured
from verselet.metadata.columns import (
    Column,
    IdColumn,
    ManagedPropertyColumn,
    PartyListColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    VirtualColumn,
)
from verselet.metadata.tables import Table

_NEVER = (
    IdColumn | ManagedPropertyColumn | PartyListColumn | StateColumn | StatusColumn | TableNameColumn | VirtualColumn
)
"""Column types that identify and describe a row, or hold no value of their own."""

_OF_THE_SYSTEM = frozenset(
    {
        "createdon",
        "createdby",
        "createdonbehalfby",
        "modifiedon",
        "modifiedby",
        "modifiedonbehalfby",
        "overriddencreatedon",
        "importsequencenumber",
        "timezoneruleversionnumber",
        "utcconversiontimezonecode",
        "versionnumber",
        "organizationid",
        "ownerid",
        "owningbusinessunit",
        "owningteam",
        "owninguser",
    }
)
"""Columns the server fills and decides by: whoever sees the row sees them. [SEC-100]"""


class Securable(msgspec.Struct, frozen=True):
    """For which operations a column can be secured."""

    create: bool
    read: bool
    update: bool


NOT_SECURABLE = Securable(create=False, read=False, update=False)


def securable(column: Column) -> Securable:
    """For which operations a column can be secured: those it is valid for. [SEC-100]"""
    if isinstance(column, _NEVER) or column.name in _OF_THE_SYSTEM or column.attribute_of is not None:
        return NOT_SECURABLE
    return Securable(create=column.create, read=column.read, update=column.update)


def check_securing(table: Table, column: Column) -> None:
    """Refuse a secured column that cannot be one. [SEC-100]

    Raises:
        ColumnNotSecurable: columns of that kind cannot be secured.
        KeyColumnSecured: it belongs to an alternate key, by which rows can be found.
    """
    if not column.is_secured:
        return
    if securable(column) == NOT_SECURABLE:
        raise ColumnNotSecurable(column.name, table.name)
    for key in table.keys:
        if column.name in key.columns:
            raise KeyColumnSecured(column.name, key.name)
