"""Answer the actions that move files in blocks.

In:        an exchange whose body holds the parameters
Out:       an `Answer`; the messages were sent
Not here:  files as streams of bytes (web.files), what the messages do (operations.files)
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias, TypeVar, cast

import msgspec

from verselet.errors import BadRequest, MethodNotAllowed
from verselet.errors.content import NothingStored
from verselet.messages.files import (
    BeginUpload,
    CommitBlocks,
    DeleteFile,
    FileContent,
    FileFound,
    FilePlace,
    FileStored,
    NoFileFound,
    RetrieveFile,
    RetrieveFileContent,
    UploadBegun,
    UploadBlock,
)
from verselet.messages.request import RowKey
from verselet.operations.reading import read_reference
from verselet.organization import Organization
from verselet.values import Reference
from verselet.web.answers import NO_CONTENT, Answer, json_answer
from verselet.web.body import read_object
from verselet.web.exchange import Exchange

Given: TypeAlias = Mapping[str, object]
Action: TypeAlias = Callable[[Exchange, Given], Answer]
Wanted = TypeVar("Wanted")

LONGEST_BLOCK = 4 * 1024 * 1024
"""What is given out at once. [FL-6]"""


class FileActions:
    """The six actions, by name. [FL-6]"""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._actions: Mapping[str, Action] = MappingProxyType(
            {
                "InitializeFileBlocksUpload": self._begin,
                "UploadBlock": self._upload,
                "CommitFileBlocksUpload": self._commit,
                "InitializeFileBlocksDownload": self._find,
                "DownloadBlock": self._download,
                "DeleteFile": self._delete,
            }
        )

    def knows(self, name: str) -> bool:
        """The name is that of one of the actions."""
        return name in self._actions

    def answer(self, exchange: Exchange, name: str) -> Answer:
        """Call an action. [FN-4]"""
        if exchange.method != "POST":
            raise MethodNotAllowed(exchange.method, name)
        return self._actions[name](exchange, read_object(exchange.body, exchange.content_type, name))

    def _begin(self, exchange: Exchange, given: Given) -> Answer:
        message = BeginUpload(self._place(given), _given(given, "FileName", str))
        begun = cast(UploadBegun, self._organization.execute(message, exchange.caller))
        return _result(exchange, "InitializeFileBlocksUpload", FileContinuationToken=begun.token)

    def _upload(self, exchange: Exchange, given: Given) -> Answer:
        token, block = _given(given, "FileContinuationToken", str), _given(given, "BlockId", str)
        self._organization.execute(UploadBlock(token, block, _bytes(given, "BlockData")), exchange.caller)
        return NO_CONTENT

    def _commit(self, exchange: Exchange, given: Given) -> Answer:
        blocks = _given(given, "BlockList", list)
        if not all(isinstance(block, str) for block in blocks):
            raise BadRequest("The parameter 'BlockList' must be a list of block ids.")
        message = CommitBlocks(
            _given(given, "FileContinuationToken", str),
            str(given.get("FileName") or ""),
            str(given.get("MimeType") or ""),
            tuple(blocks),
        )
        done = cast(FileStored, self._organization.execute(message, exchange.caller))
        return _result(exchange, "CommitFileBlocksUpload", FileId=done.id, FileSizeInBytes=done.size_bytes)

    def _find(self, exchange: Exchange, given: Given) -> Answer:
        place = self._place(given)
        response = self._organization.execute(RetrieveFile(place, full=True), exchange.caller)
        if isinstance(response, NoFileFound):
            raise NothingStored(place.column)
        found = cast(FileFound, response)
        return _result(
            exchange,
            "InitializeFileBlocksDownload",
            FileContinuationToken=found.id,
            FileSizeInBytes=found.size_bytes,
            FileName=found.name,
            IsChunkingSupported=True,
        )

    def _download(self, exchange: Exchange, given: Given) -> Answer:
        start, length = _given(given, "Offset", int), _given(given, "BlockLength", int)
        if start < 0 or length <= 0:
            raise BadRequest("'Offset' must not be negative, and 'BlockLength' must be positive.")
        token = _given(given, "FileContinuationToken", str)
        message = RetrieveFileContent(token, start, min(length, LONGEST_BLOCK))
        found = cast(FileContent, self._organization.execute(message, exchange.caller))
        return _result(exchange, "DownloadBlock", Data=base64.b64encode(found.content).decode())

    def _delete(self, exchange: Exchange, given: Given) -> Answer:
        self._organization.execute(DeleteFile(_given(given, "FileId", str)), exchange.caller)
        return NO_CONTENT

    def _place(self, given: Given) -> FilePlace:
        """The column that `Target` and `FileAttributeName` name."""
        target = _given(given, "Target", dict)
        column = _given(given, "FileAttributeName", str)
        address = target.get("@odata.id")
        if isinstance(address, str):
            found = read_reference(self._organization.schema, address)
            key = RowKey(found.id) if isinstance(found, Reference) else RowKey(None, found.values)
            return FilePlace(found.table, key, column)
        name = str(target.get("@odata.type", "")).removeprefix("#").rpartition(".")[2]
        table = self._organization.schema.tables.get(name)
        row_id = None if table is None else target.get(table.primary_id)
        if table is None or not isinstance(row_id, str):
            raise BadRequest("The parameter 'Target' must name a row by '@odata.type' and its id, or by '@odata.id'.")
        return FilePlace(table.name, RowKey(row_id.lower()), column)


def _result(exchange: Exchange, action: str, **members: object) -> Answer:
    context = f"{exchange.api}$metadata#Microsoft.Dynamics.CRM.{action}Response"
    return json_answer(msgspec.json.encode({"@odata.context": context, **members}))


def _given(given: Given, name: str, kind: type[Wanted]) -> Wanted:
    value = given.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadRequest(f"The parameter '{name}' is missing, or of another type than {kind.__name__}.")
    return value


def _bytes(given: Given, name: str) -> bytes:
    try:
        return base64.b64decode(_given(given, name, str), validate=True)
    except ValueError:
        raise BadRequest(f"The parameter '{name}' must be base64.") from None
