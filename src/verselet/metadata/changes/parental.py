"""Hold tables to one parent whose rows their rows follow.

In:        a schema and a relationship that is new or cascades otherwise than before
Out:       nothing, or the refusal
Not here:  what cascades do (operations.rules)
"""

from __future__ import annotations

from verselet.errors import InvalidArgument, SeveralParents
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship


def check_parental(schema: Schema, wanted: Relationship) -> None:
    """A table follows one parent at most; the tables that one lookup leads to count as one. [SEC-72]

    Raises:
        SeveralParents: it follows another table already.
        InvalidArgument: a table would follow itself, or a system table a custom one.
    """
    if not wanted.cascades.is_parental:
        return
    child, parent = wanted.referencing_table, wanted.referenced_table
    if child == parent:
        raise InvalidArgument(f"The table '{child}' cannot be parental to itself.")
    if schema.tables[parent].custom and not schema.tables[child].custom:
        raise InvalidArgument(f"The custom table '{parent}' cannot be the parent of the system table '{child}'.")
    for other in schema.relationships:
        is_other = other.referencing_column != wanted.referencing_column
        if other.referencing_table == child and is_other and other.cascades.is_parental:
            raise SeveralParents(child, other.referenced_table, parent)
