"""List the actions on files that `$metadata` declares.

In:        nothing
Out:       `FILE_OPERATIONS`, `FILE_RESPONSES`
Not here:  running them (web.file_actions), other operations (operations)
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.web.csdl.operations import RowOperation

_COLUMN = (("Target", "mscrm.crmbaseentity"), ("FileAttributeName", "Edm.String"))
_TOKEN = (("FileContinuationToken", "Edm.String"),)
_NAMED = (("FileName", "Edm.String"),)
_SIZED = (("FileSizeInBytes", "Edm.Int64"),)


def _action(name: str, parameters: tuple[tuple[str, str], ...], *, answers: bool = True) -> RowOperation:
    return RowOperation("Action", name, f"mscrm.{name}Response" if answers else None, parameters)


FILE_OPERATIONS: tuple[RowOperation, ...] = (
    _action(
        "CommitFileBlocksUpload",
        (*_NAMED, ("MimeType", "Edm.String"), ("BlockList", "Collection(Edm.String)"), *_TOKEN),
    ),
    _action("DeleteFile", (("FileId", "Edm.Guid"),), answers=False),
    _action("DownloadBlock", (("Offset", "Edm.Int64"), ("BlockLength", "Edm.Int64"), *_TOKEN)),
    _action("InitializeFileBlocksDownload", _COLUMN),
    _action("InitializeFileBlocksUpload", (*_COLUMN, *_NAMED)),
    _action("UploadBlock", (("BlockId", "Edm.String"), ("BlockData", "Edm.Binary"), *_TOKEN), answers=False),
)
"""[FL-6]"""

FILE_RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "CommitFileBlocksUploadResponse": (("FileId", "Edm.Guid"), *_SIZED),
    "DownloadBlockResponse": (("Data", "Edm.Binary"),),
    "InitializeFileBlocksDownloadResponse": (*_TOKEN, *_SIZED, *_NAMED, ("IsChunkingSupported", "Edm.Boolean")),
    "InitializeFileBlocksUploadResponse": _TOKEN,
}
"""Complex type of an answer → its properties. [FN-5]"""
