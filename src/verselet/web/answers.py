"""Hold what goes back to a client.

In:        made by the modules of this room
Out:       `Answer`
Not here:  how bytes reach the client (web.app)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import msgspec

Header: TypeAlias = tuple[bytes, bytes]

JSON: Final[Header] = (b"content-type", b"application/json; odata.metadata=minimal")
"""The type of every JSON answer. [H-16]"""


class Answer(msgspec.Struct, frozen=True):
    """Status, body, and the headers that differ from answer to answer.

    Where the body would be large, `pieces` gives it bit by bit, `size` bytes in all; it may take time, and raise.
    """

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()
    pieces: Callable[[], Iterator[bytes]] | None = None
    size: int = 0

    @property
    def whole_body(self) -> bytes:
        """All of it at once."""
        return self.body if self.pieces is None else b"".join(self.pieces())


def json_answer(body: bytes, *headers: Header, status: int = 200) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, body, (JSON, *headers))


def text_answer(text: str) -> Answer:
    """An answer with plain text. [R-5], [CT-2]"""
    return Answer(200, text.encode(), ((b"content-type", b"text/plain"),))


NO_CONTENT: Final = Answer(204)


def json_string(text: str) -> bytes:
    """A text as JSON."""
    return msgspec.json.encode(text)
