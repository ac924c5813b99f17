"""Say which columns come with a file, an image or a rollup.

In:        the columns of a table
Out:       the same columns with those companions that are missing
Not here:  their values (operations.files, operations.rollups)

A file's id stands in its own column and its name beside it; an image's thumbnail stands in its own column, and beside
it when it was written, the address it can be downloaded from, and its id. Nobody writes them directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import structs

from verselet.metadata.columns import (
    BigIntColumn,
    Column,
    DateTimeColumn,
    FileColumn,
    IdColumn,
    ImageColumn,
    IntegerColumn,
    TextColumn,
)

MAX_FILE_NAME = 200
"""Characters the name of a file may have."""


def with_companions(columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns, and the companions of files and images among them that are not there. [FL-4], [IM-3]"""
    found = dict(columns)
    for column in columns.values():
        for companion in companions(column):
            found.setdefault(companion.name, companion)
    return found


def in_order(columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns in the order of their schema names."""
    return dict(sorted(columns.items(), key=lambda item: item[1].schema_name.lower()))


def companions(column: Column) -> Iterator[Column]:
    """The columns that come with one column; none unless it is a file, an image or a rollup."""
    for made in _beside(column):
        yield structs.replace(
            made,
            create=False,
            update=False,
            form=False,
            custom=column.custom,
            attribute_of=column.name,
            made_here=column.made_here,
        )


def _beside(column: Column) -> Iterator[Column]:
    """What tells them from one another."""
    match column:
        case FileColumn():
            yield TextColumn(
                name=file_name(column.name),
                schema_name=f"{column.schema_name}_Name",
                label=f"{column.label} Name".strip(),
                description="The name of the file.",
                max_length=MAX_FILE_NAME,
            )
        case ImageColumn():
            yield from _image_companions(column)
        case _ if column.rollup is not None and column.source_type == "rollup":
            yield from _rollup_companions(column)
        case _:
            return


def file_name(column: str) -> str:
    """The companion with the name of the file."""
    return f"{column}_name"


def image_timestamp(column: str) -> str:
    """The companion that says when the image was written."""
    return f"{column}_timestamp"


def image_url(column: str) -> str:
    """The companion with the address the image can be downloaded from."""
    return f"{column}_url"


def image_id(column: str) -> str:
    """The companion with the id of the image."""
    return f"{column}id"


def rollup_date(column: str) -> str:
    """The companion that says when the rollup was worked out."""
    return f"{column}_date"


def rollup_state(column: str) -> str:
    """The companion that says how working it out ended."""
    return f"{column}_state"


def _rollup_companions(column: Column) -> Iterator[Column]:
    """When it was worked out last, and how that ended. [JOB-62]"""
    yield DateTimeColumn(
        name=rollup_date(column.name),
        schema_name=f"{column.schema_name}_Date",
        label=f"{column.label} (Last Updated On)".strip(),
        description="When the rollup was worked out last.",
        can_change_behavior=False,
    )
    yield IntegerColumn(
        name=rollup_state(column.name),
        schema_name=f"{column.schema_name}_State",
        label=f"{column.label} (State)".strip(),
        description="How working out the rollup ended.",
    )


def _image_companions(column: ImageColumn) -> Iterator[Column]:
    yield BigIntColumn(
        name=image_timestamp(column.name),
        schema_name=f"{column.schema_name}_Timestamp",
        description="When the image was written.",
    )
    yield TextColumn(
        name=image_url(column.name),
        schema_name=f"{column.schema_name}_URL",
        description="Where the image can be downloaded.",
        max_length=400,
        format="Url",
    )
    yield IdColumn(
        name=image_id(column.name),
        schema_name=f"{column.schema_name}Id",
        description="The id of the image.",
    )
