"""Write the properties of a table's type.

In:        columns
Out:       `edm_type`, `properties`
Not here:  navigation properties (web.csdl.navigation), annotations (web.csdl.annotations)
"""

from __future__ import annotations

from typing import assert_never

from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
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
from verselet.query.outputs import is_property, property_name
from verselet.web.csdl.annotations import of_column
from verselet.web.csdl.xml import element


def edm_type(column: Column) -> str | None:  # noqa: C901  one line per column type
    """The EDM type of a column's property, None for a column without property. [spec §7, T-1 to T-20]"""
    match column:
        case IdColumn() | LookupColumn() | FileColumn():
            return "Edm.Guid"
        case TextColumn() | MemoColumn() | ChoicesColumn() | TableNameColumn():
            return "Edm.String"
        case IntegerColumn() | ChoiceColumn() | StateColumn() | StatusColumn():
            return "Edm.Int32"
        case BigIntColumn():
            return "Edm.Int64"
        case DecimalColumn() | MoneyColumn():
            return "Edm.Decimal"
        case FloatColumn():
            return "Edm.Double"
        case DateTimeColumn():
            return "Edm.Date" if column.behavior == "date_only" else "Edm.DateTimeOffset"
        case YesNoColumn():
            return "Edm.Boolean"
        case ImageColumn():
            return "Edm.Binary"
        case ManagedPropertyColumn():
            return "mscrm.BooleanManagedProperty"
        case PartyListColumn() | VirtualColumn():
            return None
        case _:
            assert_never(column)


def properties(table: Table, required: frozenset[str], inherited: frozenset[str], *, annotations: bool) -> str:
    """The `Property` elements of a table. [M-4], [M-9]

    Args:
        table: whose columns.
        required: columns that are never null: the key, and what a navigation property that is never null refers with.
        inherited: properties the base type declares; they must not be declared again.
        annotations: say more about each. [M-8]
    """
    written = []
    for column in table.columns.values():
        name = property_name(column)
        if is_property(column) and name not in inherited:
            inner = of_column(column) if annotations else ""
            written.append(_property(column, name, nullable=column.name not in required, inner=inner))
    return "".join(written)


def _property(column: Column, name: str, *, nullable: bool, inner: str) -> str:
    edm = edm_type(column)
    return element(
        "Property",
        (
            ("Name", name),
            ("Type", edm),
            ("Nullable", None if nullable else "false"),
            ("Scale", _scale(column)),
            ("Unicode", "false" if edm == "Edm.String" else None),
        ),
        inner,
    )


def _scale(column: Column) -> str | None:
    """Without it a decimal number would have no digits behind the point."""
    return str(column.precision) if isinstance(column, DecimalColumn | MoneyColumn) else None
