"""Write the properties of a table's type.

In:        columns
Out:       `properties`
Not here:  their EDM types (query.typing_literals), navigation properties, annotations (web.csdl)
"""

from __future__ import annotations

from verselet.metadata.columns import Column, DecimalColumn, MoneyColumn, is_property
from verselet.metadata.tables import Table
from verselet.query.outputs import property_name
from verselet.query.typing_literals import edm_type
from verselet.web.csdl.annotations import of_column
from verselet.web.csdl.xml import element


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
