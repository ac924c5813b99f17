"""Say which columns an activity inherits.

In:        the kind of an activity, its standard columns, the columns of the table all activities derive from
Out:       the columns the activity starts with
Not here:  other kinds of tables (metadata.system), columns a file or a message adds (metadata.assembly, changes)
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from verselet.metadata.columns import Column
from verselet.metadata.schema import PARENT_OF_ACTIVITIES
from verselet.metadata.system import Kind


def activity_columns(kind: Kind, standard: Mapping[str, Column], parent: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of a concrete activity: those of all activities, with an id and states of its own. [C-18]"""
    inherited = {name: _own_choice(column, kind) for name, column in parent.items()}
    own = {name: standard[name] for name in (kind.primary_id, "statecode", "statuscode") if name in standard}
    own[kind.primary_id] = structs.replace(own[kind.primary_id], schema_name="ActivityId")
    brought = {name: standard[name] for name in ("importsequencenumber", "overriddencreatedon")}
    return brought | inherited | own


def _own_choice(column: Column, kind: Kind) -> Column:
    """An inherited column with a local list has a list of its own table."""
    inherited_name = f"{PARENT_OF_ACTIVITIES}_{column.name}"
    if getattr(column, "choice_name", None) == inherited_name:
        return structs.replace(column, choice_name=f"{kind.name}_{column.name}")
    return column
