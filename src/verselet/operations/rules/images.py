"""Write images as their thumbnails, with what goes along.

In:        a row whose image columns hold images as they were given
Out:       the same row with thumbnails and companions; the images themselves in the store where they are kept
Not here:  pixels (operations.rules.thumbnails), files (operations.files)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from verselet.errors.content import FileTooLarge, NotThePrimaryImage
from verselet.metadata.columns import FileColumn, ImageColumn
from verselet.metadata.companions import image_id, image_timestamp, image_url
from verselet.metadata.tables import Table
from verselet.operations.rules.thumbnails import Thumbnail, thumbnail_of
from verselet.pipeline.execution import Execution
from verselet.store.files import StoredFile, begin_file, forget_file, write_at
from verselet.values import Row, Value

BEGINNING_OF_TICKS: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Timestamps of images count tenths of microseconds from here."""


@lru_cache(maxsize=1024)
def image_columns(table: Table) -> tuple[ImageColumn, ...]:
    """The image columns of a table."""
    return tuple([column for column in table.columns.values() if isinstance(column, ImageColumn)])


@lru_cache(maxsize=1024)
def holds_files(table: Table) -> bool:
    """Rows of the table can have content outside of the row."""
    return any(isinstance(column, FileColumn | ImageColumn) for column in table.columns.values())


def settle_images(run: Execution, table: Table, row: Row, *, is_new: bool) -> None:
    """Put thumbnails and companions in the place of given images; null removes all of it. [IM-1] to [IM-6]

    Raises:
        NotThePrimaryImage: a new row with another image than the primary one. [IM-4]
        FileTooLarge, ImageRefused: [FL-7], [IM-4]
    """
    for column in image_columns(table):
        if column.name not in row.values:
            continue
        given = row.values[column.name]
        if given and is_new and table.primary_image not in {None, column.name}:
            raise NotThePrimaryImage(column.name)
        if column.full_image and not is_new:
            _forget_full(run, table, row, column)
        if isinstance(given, bytes) and given:
            _write(run, table, row, column, given)
        else:
            row.values[column.name] = None
            _set_companions(table, row, column, (None, None, None))


def _write(run: Execution, table: Table, row: Row, column: ImageColumn, given: bytes) -> None:
    if len(given) > column.max_size_kb * 1024:
        raise FileTooLarge(column.name, column.max_size_kb)
    found = thumbnail_of(column.name, given)
    new_id = run.ids.new_random_id()
    ticks = (run.clock.now() - BEGINNING_OF_TICKS) // timedelta(microseconds=1) * 10
    url = f"/Image/download.aspx?Entity={table.name}&Attribute={column.name}&Id={row.id}&Timestamp={ticks}"
    row.values[column.name] = found.content
    _set_companions(table, row, column, (new_id, ticks, url))
    if column.full_image:
        _keep_full(run, table, row, column, (new_id, found, given))


def _keep_full(
    run: Execution, table: Table, row: Row, column: ImageColumn, written: tuple[str, Thumbnail, bytes]
) -> None:
    new_id, thumbnail, content = written
    file = StoredFile(
        id=new_id,
        table=table.name,
        column=column.name,
        row_id=row.id or "",
        name=f"{column.name}.{thumbnail.mime_type.partition('/')[2]}",
        mime_type=thumbnail.mime_type,
        size_bytes=len(content),
    )
    begin_file(run.session, file, run.clock.now_on_wire())
    write_at(run.session, new_id, 0, content)


def _forget_full(run: Execution, table: Table, row: Row, column: ImageColumn) -> None:
    name = image_id(column.name)
    present = run.read_values(table.name, row.id or "", (name,))
    if present is not None and isinstance(present[name], str):
        forget_file(run.session, str(present[name]))


def _set_companions(table: Table, row: Row, column: ImageColumn, values: tuple[Value, Value, Value]) -> None:
    names = (image_id(column.name), image_timestamp(column.name), image_url(column.name))
    for name, value in zip(names, values, strict=True):
        if name in table.columns:
            row.values[name] = value
