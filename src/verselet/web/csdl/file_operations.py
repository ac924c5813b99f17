"""List the actions on files that `$metadata` declares.

In:        nothing
Out:       `FILE_OPERATIONS`, `FILE_RESPONSES`
Not here:  running them (web.file_actions), other operations (operations)
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.web.csdl.operations import RowOperation, action

_COLUMN = (("Target", "mscrm.crmbaseentity"), ("FileAttributeName", "Edm.String"))
_TOKEN = (("FileContinuationToken", "Edm.String"),)
_NAMED = (("FileName", "Edm.String"),)
_SIZED = (("FileSizeInBytes", "Edm.Int64"),)


FILE_OPERATIONS: tuple[RowOperation, ...] = (
    action(
        "CommitFileBlocksUpload",
        (*_NAMED, ("MimeType", "Edm.String"), ("BlockList", "Collection(Edm.String)"), *_TOKEN),
        answers=True,
    ),
    action("DeleteFile", (("FileId", "Edm.Guid"),)),
    action("DownloadBlock", (("Offset", "Edm.Int64"), ("BlockLength", "Edm.Int64"), *_TOKEN), answers=True),
    action("InitializeFileBlocksDownload", _COLUMN, answers=True),
    action("InitializeFileBlocksUpload", (*_COLUMN, *_NAMED), answers=True),
    action("UploadBlock", (("BlockId", "Edm.String"), ("BlockData", "Edm.Binary"), *_TOKEN)),
)
"""[FL-6]"""

FILE_RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "CommitFileBlocksUploadResponse": (("FileId", "Edm.Guid"), *_SIZED),
    "DownloadBlockResponse": (("Data", "Edm.Binary"),),
    "InitializeFileBlocksDownloadResponse": (*_TOKEN, *_SIZED, *_NAMED, ("IsChunkingSupported", "Edm.Boolean")),
    "InitializeFileBlocksUploadResponse": _TOKEN,
}
"""Complex type of an answer → its properties. [FN-5]"""
