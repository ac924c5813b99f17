"""Refusals about changes that are followed, files and images.

In:        the facts of a refusal
Out:       exceptions with code, status and message
Not here:  the tree of all refusals (errors)
"""

from __future__ import annotations

from verselet.errors.missing import NotFound
from verselet.errors.requests import BadRequest


class ChangesNotTracked(BadRequest):
    """Changes are asked for of a table whose changes nobody keeps. [DT-1]"""

    code = 0x80044351

    def __init__(self, table: str) -> None:
        super().__init__(f"Change tracking is not enabled for the entity '{table}'.")


class TokenExpired(BadRequest):
    """A delta token from before the time for which deleted rows are remembered. [DT-6]"""

    code = 0x80044352

    def __init__(self) -> None:
        super().__init__(
            "Version stamp associated with the client has expired. Please perform a full sync.",
            hint="Ask without $deltatoken, with Prefer: odata.track-changes.",
        )


class FileTooLarge(BadRequest):
    """A file or image above the size its column takes. [FL-7]"""

    code = 0x80044A02

    def __init__(self, column: str, max_size_kb: int) -> None:
        super().__init__(f"The file for '{column}' is larger than the maximum of {max_size_kb} KB.")


class NothingStored(NotFound):
    """The content of a file column that holds no file. [FL-7]"""

    def __init__(self, column: str) -> None:
        super().__init__(f"No file attachment found for attribute: {column}.")


class ImageRefused(BadRequest):
    """Bytes that are no image, or an image nobody should have to decode. [IM-4]"""

    code = 0x80072553

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"The image for '{column}' cannot be stored: {why}.")


class NotThePrimaryImage(BadRequest):
    """A new row is given an image other than its table's primary one. [IM-4]"""

    code = 0x80090487

    def __init__(self, column: str) -> None:
        super().__init__(f"Only the primary image can be set when a row is created; '{column}' is not it.")
