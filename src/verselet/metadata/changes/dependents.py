"""Refuse to lose what formulas and rollups look at.

In:        a schema, what should go
Out:       nothing, or a refusal that names who looks at it
Not here:  whether a formula fits its table (metadata.formulas), taking things away (the sibling modules)
"""

from __future__ import annotations

from collections.abc import Iterator

from verselet.errors import ColumnInRollup, DefinitionInUse
from verselet.metadata.columns import Column
from verselet.metadata.formulas import inputs_of_formula, inputs_of_rollup
from verselet.metadata.schema import Schema


def check_no_calculation(schema: Schema, table_name: str, name: str) -> None:
    """Refuse to lose a column that a formula or a rollup looks at.

    Raises:
        DefinitionInUse: a calculated column of the table looks at it.
        ColumnInRollup: a rollup of another table does. [JOB-66]
    """
    for column in schema.tables[table_name].columns.values():
        if name in inputs_of_formula(column):
            raise DefinitionInUse("column", name, f"the calculated column '{column.name}'")
    carried = {found.schema_name for found in schema.by_column.get((table_name, name), ())}
    along = {found.schema_name for found in schema.relationships if found.referencing_table == table_name}
    for _, column in _rollups(schema):
        assert column.rollup is not None
        reached = column.rollup.relationship
        if reached in carried or (reached in along and name in inputs_of_rollup(column.rollup)):
            raise ColumnInRollup(name, column.name)


def check_no_rollup(schema: Schema, relationships: frozenset[str], gone_table: str = "") -> None:
    """Refuse to lose relationships along which a rollup adds up; those of a table that goes go along.

    Raises:
        DefinitionInUse: one does.
    """
    for table_name, column in _rollups(schema):
        if column.rollup is not None and column.rollup.relationship in relationships and table_name != gone_table:
            user = f"the rollup column '{column.name}' of '{table_name}'"
            raise DefinitionInUse("relationship", column.rollup.relationship, user)


def _rollups(schema: Schema) -> Iterator[tuple[str, Column]]:
    for table in schema.tables.values():
        for column in table.columns.values():
            if column.rollup is not None:
                yield table.name, column
