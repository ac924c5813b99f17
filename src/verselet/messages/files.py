"""What is done with files and images of rows.

In:        made by web.files and web.file_actions
Out:       frozen messages, as those of messages.request
Not here:  images inside a row's own columns: those are written with the row (messages.request)
"""

from __future__ import annotations

import msgspec

from verselet.messages.request import Precondition, ReadingRequest, Request, Response, RowKey


class FilePlace(msgspec.Struct, frozen=True):
    """The column of a row that holds a file."""

    table: str
    key: RowKey
    column: str


class StoreFile(Request, frozen=True, tag=True):
    """Put a whole file into a column, in place of the one that is there. [FL-1], [FL-8]"""

    place: FilePlace
    name: str
    mime_type: str
    content: bytes
    when: Precondition = Precondition()


class RemoveFile(Request, frozen=True, tag=True):
    """Empty the column. [FL-5]"""

    place: FilePlace
    when: Precondition = Precondition()


class DeleteFile(Request, frozen=True, tag=True):
    """Empty the column that holds the file with that id. [FL-6]"""

    file_id: str


class BeginUpload(Request, frozen=True, tag=True):
    """Begin to upload a file in parts. [FL-2], [FL-6]"""

    place: FilePlace
    name: str


class UploadBegun(Response, frozen=True):
    """What names the upload from now on."""

    token: str


class UploadChunk(Request, frozen=True, tag=True):
    """The bytes from `start` on of a file of `total` bytes. [FL-2]"""

    token: str
    start: int
    total: int
    content: bytes


class ChunkUploaded(Response, frozen=True):
    """Whether the file is whole now."""

    is_whole: bool


class UploadBlock(Request, frozen=True, tag=True):
    """A block of a file, in any order. [FL-6]"""

    token: str
    block: str
    content: bytes


class CommitBlocks(Request, frozen=True, tag=True):
    """The order of the blocks: the file is whole. [FL-6]"""

    token: str
    name: str
    mime_type: str
    blocks: tuple[str, ...]


class FileStored(Response, frozen=True):
    """The new file."""

    id: str
    size_bytes: int


class RetrieveFile(ReadingRequest, frozen=True, tag=True):
    """What is in the column. `full` asks for the image itself instead of its thumbnail. [FL-3], [IM-2]"""

    place: FilePlace
    full: bool = False


class FileFound(Response, frozen=True):
    """The file's facts. `content` is there where all of it lies in the row; else it is asked for by the id."""

    id: str
    name: str
    mime_type: str
    size_bytes: int
    content: bytes | None = None


class NoFileFound(Response, frozen=True):
    """The column is empty, or the full image was not kept."""


class RetrieveFileContent(ReadingRequest, frozen=True, tag=True):
    """Some bytes of a file. [FL-3], [FL-6]"""

    file_id: str
    start: int
    length: int


class FileContent(Response, frozen=True):
    """As many as there are."""

    content: bytes
