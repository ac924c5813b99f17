"""Say what is known of a table while it is put together.

In:        a table file and the solution it belongs to
Out:       `Draft`, and the kind of table the file describes
Not here:  putting tables together (metadata.assembly), finding relationships (metadata.relationships)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from verselet.metadata.columns import Column
from verselet.metadata.files import ColumnFile, SolutionFile, TableFile
from verselet.metadata.schema import PARENT_OF_ACTIVITIES
from verselet.metadata.system import Kind


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A table, its file, and its columns once they are known. `written` holds what the file says of columns."""

    kind: Kind
    file: TableFile
    path: Path
    solution: SolutionFile
    written: Mapping[str, ColumnFile]
    columns: Mapping[str, Column] = {}


def kind_of(name: str, file: TableFile, solution: SolutionFile) -> Kind:
    """The kind of table a file describes."""
    return Kind(
        name=name,
        schema_name=file.schema_name or name,
        label=file.label,
        ownership=file.ownership,
        primary_id=file.primary_id or ("activityid" if file.activity else f"{name}id"),
        is_activity=file.activity and name != PARENT_OF_ACTIVITIES,
        is_intersect=file.intersect,
        custom=name.startswith(solution.custom_prefixes or ("\0",)),
        sentence_case=solution.standard_labels == "sentence",
    )


def set_name(name: str, file: TableFile) -> str:
    """The entity set of a table."""
    return file.set_name or f"{name}s"
