"""Write the answers of a batch as one multipart body.

In:        the answers of the parts, in order
Out:       bytes, exact to the letter: clients cut them with string functions
Not here:  running the parts (web.batch.run)
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, TypeAlias

import msgspec

from verselet.web.answers import Answer

SPELLINGS: Final = {
    b"odata-entityid": b"OData-EntityId",
    b"odata-version": b"OData-Version",
    b"etag": b"ETag",
    b"req_id": b"REQ_ID",
}
"""Names that clients search for letter by letter; others get capitals after each dash. [CC-52]"""

HEAD: Final = b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"


class MemberAnswer(msgspec.Struct, frozen=True):
    """The answer to one request, with the Content-ID its request had."""

    answer: Answer
    content_id: str | None = None


class ChangeSetAnswer(msgspec.Struct, frozen=True):
    """The answers of a change set that succeeded. [B-7]"""

    members: tuple[MemberAnswer, ...]


PartAnswer: TypeAlias = MemberAnswer | ChangeSetAnswer


def write_batch(parts: Sequence[PartAnswer], boundary: str, new_id: Sequence[str], request_id: str) -> bytes:
    """The body; it begins at its first byte with the boundary. [B-6], [B-17], [CC-51] to [CC-55]

    `new_id` gives one id per change set.
    """
    lines: list[bytes] = []
    ids = iter(new_id)
    for part in parts:
        lines.append(f"--{boundary}\r\n".encode())
        if isinstance(part, MemberAnswer):
            lines.append(_member(part, request_id))
            continue
        inner = f"changesetresponse_{next(ids)}"
        lines.append(f"Content-Type: multipart/mixed; boundary={inner}\r\n\r\n".encode())
        for member in part.members:
            lines += [f"--{inner}\r\n".encode(), _member(member, request_id)]
        lines.append(f"--{inner}--\r\n".encode())
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def _member(member: MemberAnswer, request_id: str) -> bytes:
    answer = member.answer
    head = [HEAD]
    if member.content_id is not None:
        head.append(f"Content-ID: {member.content_id}\r\n".encode())
    head.append(f"\r\nHTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n".encode())
    for name, value in answer.headers:
        if name == b"content-type" and value.startswith(b"application/json"):
            value = b"application/json; odata.metadata=minimal; odata.streaming=true"  # noqa: PLW2901  [H-16]
        head.append(_spelled(name) + b": " + value + b"\r\n")
    head.append(b"OData-Version: 4.0\r\nREQ_ID: " + request_id.encode() + b"\r\n\r\n")
    return b"".join(head) + answer.whole_body + b"\r\n"


def _spelled(name: bytes) -> bytes:
    return SPELLINGS.get(name) or name.title()
