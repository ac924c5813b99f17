"""Answer requests for the content of file and image columns.

In:        an exchange, a table, a key, a column
Out:       an `Answer`: the content, a part of it, or nothing
Not here:  the same by messages with blocks (web.file_actions), where content is kept (operations.files)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final, cast
from urllib.parse import quote

from verselet.errors import BodyRefused, InvalidArgument, MethodNotAllowed, NotSupportedHere
from verselet.errors.content import NothingStored
from verselet.messages.files import (
    BeginUpload,
    ChunkUploaded,
    FileContent,
    FileFound,
    FilePlace,
    NoFileFound,
    RemoveFile,
    RetrieveFile,
    RetrieveFileContent,
    StoreFile,
    UploadBegun,
    UploadChunk,
)
from verselet.messages.request import Precondition, RowKey
from verselet.metadata.columns import FileColumn, ImageColumn
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.web.answers import JSON, NO_CONTENT, Answer, Header, json_string
from verselet.web.exchange import Exchange

CHUNK_BYTES: Final = 4 * 1024 * 1024
"""What clients are told to send and get at once. [FL-2]"""

AT_ONCE_BYTES: Final = 1024 * 1024
"""A larger file is read piece by piece while it is sent."""

RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})\Z")
OCTETS: Final = "application/octet-stream"


class Piece:
    """The bytes from `start` to before `stop` of a file; `status` says whether they are all of it."""

    def __init__(self, found: FileFound, start: int, stop: int, status: int) -> None:
        self.found = found
        self.start = start
        self.stop = stop
        self.status = status


class FileContents:
    """Files and images of one organization's rows."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def answer(
        self, exchange: Exchange, table: Table, key: RowKey, column: FileColumn | ImageColumn, *, raw: bool
    ) -> Answer:
        """GET, PATCH, PUT or DELETE of the content. [FL-1] to [FL-8], [IM-1] to [IM-6]"""
        place = FilePlace(table.name, key, column.name)
        match exchange.method:
            case "GET":
                return self._download(exchange, place, column, raw=raw)
            case "PATCH" | "PUT" if not raw:
                return self._upload(exchange, place, column)
            case "DELETE" if not raw:
                self._organization.execute(RemoveFile(place, _when(exchange)), exchange.caller)
                return NO_CONTENT
            case _:
                raise MethodNotAllowed(exchange.method, column.name)

    # --- in -----------------------------------------------------------------------------------------------------------

    def _upload(self, exchange: Exchange, place: FilePlace, column: FileColumn | ImageColumn) -> Answer:
        # Some clients repeat the transfer mode with every chunk, so the token decides. [DW-11]
        token = exchange.options.value("sessiontoken")
        if token is not None:
            return self._upload_chunk(exchange, token)
        name = exchange.options.value("x-ms-file-name") or exchange.headers.get("x-ms-file-name", "")
        if not name and isinstance(column, FileColumn):
            raise InvalidArgument("The name of the file is missing: send it as the header x-ms-file-name.")
        if exchange.headers.get("x-ms-transfer-mode", "").lower() == "chunked":
            return self._begin_chunks(exchange, place, name)
        kind = exchange.content_type.partition(";")[0].strip().lower()
        if kind == "application/json":
            table = self._organization.schema.tables[place.table]
            raise BodyRefused(table.set_name, f"The content of '{column.name}' is sent as {OCTETS}.")
        message = StoreFile(place, name, OCTETS, exchange.body, _when(exchange))
        self._organization.execute(message, exchange.caller)
        return NO_CONTENT

    def _begin_chunks(self, exchange: Exchange, place: FilePlace, name: str) -> Answer:
        """No entity id here: clients would follow that instead of the location. [FL-2], [DW-11]"""
        begun = cast(UploadBegun, self._organization.execute(BeginUpload(place, name), exchange.caller))
        location = f"{exchange.api}{quote(exchange.path, safe='/()=,-')}?sessiontoken={begun.token}"
        headers: tuple[Header, ...] = (
            (b"location", location.encode()),
            (b"x-ms-chunk-size", str(CHUNK_BYTES).encode()),
            (b"accept-ranges", b"bytes"),
        )
        return Answer(200, b"", headers)

    def _upload_chunk(self, exchange: Exchange, token: str) -> Answer:
        found = CONTENT_RANGE.match(exchange.headers.get("content-range", "").strip())
        if found is None:
            raise InvalidArgument("A chunk needs the header Content-Range: bytes FIRST-LAST/TOTAL.")
        start, last, total = map(int, found.groups())
        if last + 1 - start != len(exchange.body):
            raise InvalidArgument("The chunk is not as long as its Content-Range says.")
        message = UploadChunk(token, start, total, exchange.body)
        done = cast(ChunkUploaded, self._organization.execute(message, exchange.caller))
        return NO_CONTENT if done.is_whole else Answer(206, b"", ((b"accept-ranges", b"bytes"),))

    # --- out ----------------------------------------------------------------------------------------------------------

    def _download(self, exchange: Exchange, place: FilePlace, column: FileColumn | ImageColumn, *, raw: bool) -> Answer:
        full = exchange.options.value("size") == "full"
        response = self._organization.execute(RetrieveFile(place, full), exchange.caller)
        if isinstance(response, NoFileFound):
            # An empty file is missing; an image that is not there is no value. [FL-7], [IM-2]
            if isinstance(column, FileColumn):
                raise NothingStored(column.name)
            return NO_CONTENT
        found = cast(FileFound, response)
        piece = _asked(found, exchange.headers.get("range", ""))
        if piece is None:
            return Answer(416, b"", ((b"content-range", f"bytes */{found.size_bytes}".encode()),))
        return self._raw(exchange, piece) if raw else self._json(exchange, piece)

    def _raw(self, exchange: Exchange, piece: Piece) -> Answer:
        """The bytes as they are. [FL-3]"""
        headers = ((b"content-type", _header_text(piece.found.mime_type)), *_about(exchange, piece))
        if piece.found.content is None and piece.stop - piece.start > AT_ONCE_BYTES:
            return Answer(
                piece.status, b"", headers, pieces=lambda: self._pieces(exchange, piece), size=piece.stop - piece.start
            )
        return Answer(piece.status, self._read(exchange, piece), headers)

    def _json(self, exchange: Exchange, piece: Piece) -> Answer:
        """The bytes as base64, for clients that read JSON only. [DW-12]"""
        if piece.stop - piece.start > 32 * CHUNK_BYTES:
            raise NotSupportedHere(f"More than {32 * CHUNK_BYTES} bytes as JSON; ask for a range, or for $value;")
        content = base64.b64encode(self._read(exchange, piece))
        context = json_string(f"{exchange.api}$metadata#{exchange.path}")
        body = b'{"@odata.context":%b,"value":"%b"}' % (context, content)
        return Answer(piece.status, body, (JSON, *_about(exchange, piece)))

    def _read(self, exchange: Exchange, piece: Piece) -> bytes:
        if piece.found.content is not None:
            return piece.found.content[piece.start : piece.stop]
        return b"".join(self._pieces(exchange, piece))

    def _pieces(self, exchange: Exchange, piece: Piece) -> Iterator[bytes]:
        """The content bit by bit, so that a large file is never held as a whole."""
        for start in range(piece.start, piece.stop, AT_ONCE_BYTES):
            length = min(AT_ONCE_BYTES, piece.stop - start)
            message = RetrieveFileContent(piece.found.id, start, length)
            content = cast(FileContent, self._organization.execute(message, exchange.caller)).content
            if len(content) != length:
                raise NothingStored(piece.found.name)
            yield content


def _when(exchange: Exchange) -> Precondition:
    """What the row's version must be; that the row must not exist makes no sense here. [PS-24]"""
    return Precondition(version=exchange.precondition.version, exists=True)


def _asked(found: FileFound, header: str) -> Piece | None:
    """What a Range asks for; None where it lies outside of the file. A range we cannot read asks for everything."""
    size = found.size_bytes
    match = RANGE.match(header.strip())
    if match is None or match[1] == match[2] == "":
        return Piece(found, 0, size, 200)
    if match[1] == "":
        return Piece(found, max(size - int(match[2]), 0), size, 206)
    start = int(match[1])
    stop = size if match[2] == "" else min(int(match[2]) + 1, size)
    # Clients that read a file chunk by chunk ask once more where its size is a multiple of theirs. [DW-12]
    return None if start > size else Piece(found, start, max(start, stop), 206)


def _about(exchange: Exchange, piece: Piece) -> tuple[Header, ...]:
    """Name, size, and place within the whole. [FL-3]"""
    found = piece.found
    name = _header_text(found.name)
    headers: list[Header] = [
        (b"x-ms-file-name", name),
        (b"x-ms-file-size", str(found.size_bytes).encode()),
        (b"content-disposition", b'attachment; filename="%b"' % name),
        (b"mimetype", _header_text(found.mime_type)),
        (b"accept-ranges", b"bytes"),
    ]
    if piece.status == 206:
        last = max(piece.stop - 1, piece.start)
        headers.append((b"content-range", f"bytes {piece.start}-{last}/{found.size_bytes}".encode()))
        headers.append((b"x-ms-chunk-size", str(CHUNK_BYTES).encode()))
        query = f"?{exchange.raw_query}" if exchange.raw_query else ""
        location = f"{exchange.api}{quote(exchange.path, safe='/()=,-$')}{query}"
        headers.append((b"location", location.encode("latin-1", "replace")))
    return tuple(headers)


def _header_text(text: str) -> bytes:
    """A text as a header can carry it: percent-encoded where a character might not survive, or might end the line."""
    return quote(text, safe=" !#$&'()+,-./:;=@[]^_`{}~").encode()
