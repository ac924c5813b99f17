"""Keep files of rows: upload, replace, read, remove.

In:        messages.files
Out:       bytes in the store; the row holds the id of the file and its name
Not here:  HTTP (web.files), thumbnails (operations.rules.images)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, cast

from verselet.clock import wire_form
from verselet.errors import BadRequest, InvalidArgument, RowDoesNotExist
from verselet.errors.content import FileTooLarge
from verselet.messages.access import AccessRights
from verselet.messages.files import (
    BeginUpload,
    ChunkUploaded,
    CommitBlocks,
    DeleteFile,
    FileContent,
    FileFound,
    FilePlace,
    FileStored,
    NoFileFound,
    RemoveFile,
    RetrieveFile,
    RetrieveFileContent,
    StoreFile,
    UploadBegun,
    UploadBlock,
    UploadChunk,
)
from verselet.messages.request import Precondition, Response, RowKey, Update
from verselet.metadata.columns import FileColumn, ImageColumn
from verselet.metadata.companions import file_name, image_id
from verselet.metadata.tables import Table
from verselet.operations.finding import must_find_id
from verselet.operations.rights import READ, WRITE, must_reach
from verselet.operations.rules.thumbnails import mime_type_of
from verselet.operations.secured_columns import unreadable
from verselet.pipeline.execution import Execution
from verselet.store.files import (
    PART_BYTES,
    StoredFile,
    begin_file,
    block_sizes,
    find_file,
    finish_file,
    forget_file,
    forget_unfinished,
    order_blocks,
    parts_of,
    read_at,
    write_at,
    write_block,
)
from verselet.values import Row, Value

UPLOAD_DAYS: Final = 1
"""How long an upload may take; what is left of older ones is removed."""

OCTETS: Final = "application/octet-stream"


class _Place:
    """A column of a row that is there."""

    def __init__(self, run: Execution, place: FilePlace, right: AccessRights = WRITE) -> None:
        self.table: Table = run.schema.tables[place.table]
        column = self.table.columns.get(place.column)
        if not isinstance(column, FileColumn | ImageColumn):
            raise BadRequest(f"'{place.column}' of '{place.table}' is no file or image column.")
        self.column: FileColumn | ImageColumn = column
        self.row_id = must_find_id(run, self.table, place.key)
        must_reach(run, self.table, (self.row_id,), right)

    def must_fit(self, size_bytes: int) -> None:
        """The column takes that many bytes. [FL-7]"""
        if size_bytes > self.column.max_size_kb * 1024:
            raise FileTooLarge(self.column.name, self.column.max_size_kb)

    def write(self, run: Execution, values: dict[str, Value], when: Precondition) -> None:
        """Change the row."""
        run.send(Update(Row(self.table.name, self.row_id, values), RowKey(self.row_id), when))


def store_file(run: Execution) -> FileStored:
    """Put a whole file into a column. [FL-1], [FL-8]

    Raises:
        FileTooLarge: [FL-7]
    """
    request = cast(StoreFile, run.request)
    place = _Place(run, request.place)
    place.must_fit(len(request.content))
    if isinstance(place.column, ImageColumn):
        return _put_image(run, place, request.content, request.when)
    file = StoredFile(
        id=run.ids.new_random_id(),
        table=place.table.name,
        column=place.column.name,
        row_id=place.row_id,
        name=request.name,
        mime_type=request.mime_type or OCTETS,
        size_bytes=len(request.content),
    )
    begin_file(run.session, file, run.clock.now_on_wire())
    write_at(run.session, file.id, 0, request.content)
    _put(run, place, file, request.when)
    return FileStored(file.id, len(request.content))


def remove_file(run: Execution) -> Response:
    """Empty the column. [FL-5], [IM-6]"""
    request = cast(RemoveFile, run.request)
    place = _Place(run, request.place)
    _put(run, place, None, request.when)
    return Response()


def delete_file(run: Execution) -> Response:
    """Empty the column that holds a file. [FL-6]

    Raises:
        RowDoesNotExist: there is no such file.
    """
    request = cast(DeleteFile, run.request)
    file = find_file(run.session, request.file_id.lower(), to_change=True)
    if file is None or file.size_bytes is None:
        raise RowDoesNotExist("fileattachment", request.file_id)
    place = _Place(run, FilePlace(file.table, RowKey(file.row_id), file.column))
    _put(run, place, None, Precondition())
    return Response()


def begin_upload(run: Execution) -> UploadBegun:
    """Make room for a file that comes in parts. [FL-2], [FL-6]"""
    request = cast(BeginUpload, run.request)
    place = _Place(run, request.place)
    forget_unfinished(run.session, wire_form(run.clock.now() - timedelta(days=UPLOAD_DAYS)))
    file = StoredFile(
        id=run.ids.new_random_id(),
        table=place.table.name,
        column=place.column.name,
        row_id=place.row_id,
        name=request.name,
        mime_type=OCTETS,
    )
    begin_file(run.session, file, run.clock.now_on_wire())
    return UploadBegun(file.id)


def upload_chunk(run: Execution) -> ChunkUploaded:
    """Take a part of a file at its place; the last one that is missing makes it whole. [FL-2]"""
    request = cast(UploadChunk, run.request)
    file = _uploading(run, request.token)
    if file.size_bytes is not None:
        if request.content:
            raise InvalidArgument("The upload session is over: the file is whole.")
        # A file that is a multiple of the chunk size is followed by an empty chunk. [DW-11]
        return ChunkUploaded(is_whole=True)
    place = _Place(run, FilePlace(file.table, RowKey(file.row_id), file.column))
    place.must_fit(request.total)
    if not 0 <= request.start <= request.start + len(request.content) <= request.total:
        raise InvalidArgument("The range of the chunk does not lie within the file.")
    write_at(run.session, file.id, request.start, request.content)
    if not _is_whole(parts_of(run.session, file.id), request.total):
        return ChunkUploaded(is_whole=False)
    _finish(run, place, file, request.total)
    return ChunkUploaded(is_whole=True)


def upload_block(run: Execution) -> Response:
    """Take a block of a file. [FL-6]"""
    request = cast(UploadBlock, run.request)
    file = _uploading(run, request.token)
    if file.size_bytes is not None:
        raise InvalidArgument("The upload session is over: the file is whole.")
    if not request.block or not request.content:
        raise InvalidArgument("A block needs an id and data.")
    if len(request.content) > PART_BYTES:
        raise InvalidArgument(f"A block holds {PART_BYTES} bytes at most.")
    write_block(run.session, file.id, request.block, request.content)
    return Response()


def commit_blocks(run: Execution) -> FileStored:
    """Put the blocks in their order: the file is whole. [FL-6]"""
    request = cast(CommitBlocks, run.request)
    file = _uploading(run, request.token)
    sizes = block_sizes(run.session, file.id)
    unknown = [block for block in request.blocks if block not in sizes]
    if unknown or len(set(request.blocks)) != len(request.blocks) or file.size_bytes is not None:
        raise InvalidArgument("The block list must name blocks that were uploaded, each of them once.")
    place = _Place(run, FilePlace(file.table, RowKey(file.row_id), file.column))
    starts: list[tuple[str, int]] = []
    total = 0
    for block in request.blocks:
        starts.append((block, total))
        total += sizes[block]
    place.must_fit(total)
    order_blocks(run.session, file.id, starts)
    named = StoredFile(
        id=file.id,
        table=file.table,
        column=file.column,
        row_id=file.row_id,
        name=request.name or file.name,
        mime_type=request.mime_type or OCTETS,
    )
    return _finish(run, place, named, total)


def retrieve_file(run: Execution) -> FileFound | NoFileFound:
    """What is in the column. [FL-3], [IM-2]"""
    request = cast(RetrieveFile, run.request)
    place = _Place(run, request.place, READ)
    if unreadable(run, place.table, place.row_id, (place.column.name,)):
        # As where nothing is stored. [SEC-103]
        return NoFileFound()
    if isinstance(place.column, FileColumn):
        return _found(run, _held(run, place, place.column.name))
    if request.full:
        return _found(run, _held(run, place, image_id(place.column.name)) if place.column.full_image else None)
    present = run.read_values(place.table.name, place.row_id, (place.column.name,))
    thumbnail = None if present is None else present[place.column.name]
    if not isinstance(thumbnail, bytes):
        return NoFileFound()
    mime_type = mime_type_of(thumbnail)
    name = f"{place.column.name}.{mime_type.partition('/')[2]}"
    return FileFound("", name, mime_type, len(thumbnail), thumbnail)


def retrieve_file_content(run: Execution) -> FileContent:
    """Some bytes of a file. [FL-3], [FL-6]

    Raises:
        RowDoesNotExist: the file is gone.
    """
    request = cast(RetrieveFileContent, run.request)
    file = find_file(run.session, request.file_id, to_change=False)
    if file is None or file.size_bytes is None:
        raise RowDoesNotExist("fileattachment", request.file_id)
    table = run.schema.tables[file.table]
    must_reach(run, table, (file.row_id,), READ)
    if unreadable(run, table, file.row_id, (file.column,)):
        raise RowDoesNotExist("fileattachment", request.file_id)
    return FileContent(read_at(run.session, file.id, request.start, request.length))


def _found(run: Execution, file_id: str | None) -> FileFound | NoFileFound:
    file = None if file_id is None else find_file(run.session, file_id, to_change=False)
    if file is None or file.size_bytes is None:
        return NoFileFound()
    return FileFound(file.id, file.name, file.mime_type, file.size_bytes)


def _held(run: Execution, place: _Place, column: str) -> str | None:
    """The id of a file that stands in a column of the row."""
    if column not in place.table.columns:
        return None
    present = run.read_values(place.table.name, place.row_id, (column,))
    found = None if present is None else present[column]
    return found if isinstance(found, str) else None


def _uploading(run: Execution, token: str) -> StoredFile:
    """The file behind a token, others kept from it.

    Raises:
        InvalidArgument: nobody began such an upload, or too long ago.
    """
    file = find_file(run.session, token.lower(), to_change=True)
    if file is None:
        raise InvalidArgument("The upload session is unknown or has expired. Begin the upload anew.")
    return file


def _is_whole(parts: Sequence[tuple[int, int]], total: int) -> bool:
    """The parts lie side by side from the beginning to the end."""
    end = 0
    for start, size in parts:
        if start != end:
            return False
        end += size
    return end == total


def _finish(run: Execution, place: _Place, file: StoredFile, total: int) -> FileStored:
    if isinstance(place.column, ImageColumn):
        content = read_at(run.session, file.id, 0, total)
        forget_file(run.session, file.id)
        return _put_image(run, place, content, Precondition())
    finish_file(run.session, file.id, file.name, file.mime_type, total)
    _put(run, place, file, Precondition())
    return FileStored(file.id, total)


def _put(run: Execution, place: _Place, file: StoredFile | None, when: Precondition) -> None:
    """The row holds this file now, and the one before is gone. [FL-8]"""
    if isinstance(place.column, ImageColumn):
        place.write(run, {place.column.name: None}, when)
        return
    old = _held(run, place, place.column.name)
    values: dict[str, Value] = {place.column.name: None if file is None else file.id}
    if file_name(place.column.name) in place.table.columns:
        values[file_name(place.column.name)] = None if file is None else file.name
    place.write(run, values, when)
    if old is not None:
        forget_file(run.session, old)


def _put_image(run: Execution, place: _Place, content: bytes, when: Precondition) -> FileStored:
    place.write(run, {place.column.name: content}, when)
    return FileStored(_held(run, place, image_id(place.column.name)) or "", len(content))
