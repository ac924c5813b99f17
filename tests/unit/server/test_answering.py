"""An answer leaves in one piece where it can, and is the same byte for byte."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from verselet.server.answering import JOINED_BYTES, AnswerCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

JSON = (b"content-type", b"application/json")
DATE = (b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")
LONG = b"x" * JOINED_BYTES


class Written:
    """A connection that notes each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        """One call."""
        self.writes.append(data)

    def writelines(self, several: Iterable[bytes]) -> None:
        """One call for several pieces."""
        self.writes.append(b"".join(several))

    def close(self) -> None:
        """The end."""
        self.writes.append(b"closed")

    def is_closing(self) -> bool:
        """Not yet."""
        return False


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    """A head."""
    return {"type": "http.response.start", "status": status, "headers": [JSON, *headers]}


def length(number: int) -> tuple[bytes, bytes]:
    """The header that tells it."""
    return (b"content-length", str(number).encode())


def body(piece: bytes, *, more: bool = False) -> dict[str, Any]:
    """A piece of the body."""
    return {"type": "http.response.body", "body": piece, "more_body": more}


def sent(
    kind: type[RequestResponseCycle], *messages: dict[str, Any], method: str = "GET", ends: bool = False
) -> tuple[list[bytes], int]:
    """What reaches the connection, and how many answers are complete; `ends`: the server does behind the head."""

    async def send() -> tuple[list[bytes], int]:
        connection, completed = Written(), []
        transport = cast(asyncio.Transport, connection)
        cycle = RequestResponseCycle(
            scope=cast(Any, {"type": "http", "method": method}),
            transport=transport,
            flow=FlowControl(transport),
            logger=logging.getLogger(),
            access_logger=logging.getLogger(),
            access_log=False,
            default_headers=[DATE],
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=lambda: completed.append(1),
        )
        cycle.__class__ = kind
        for message in messages:
            await cycle.send(cast("ASGISendEvent", message))
            cycle.keep_alive = cycle.keep_alive and not ends
        return connection.writes, len(completed)

    return asyncio.run(send())


ANSWERS = (
    (start(200, length(2)), body(b"{}")),
    (start(200, length(JOINED_BYTES)), body(LONG)),
    (start(204), body(b"")),
    (start(304), body(b"")),
    (start(200, length(0)), body(b"")),
    (start(200, length(3)), body(b"a", more=True), body(b"b", more=True), body(b"c")),
    (start(200), body(b"a", more=True), body(b"b")),
    (start(400, (b"connection", b"close"), length(2)), body(b"{}")),
    (start(200, (b"transfer-encoding", b"chunked")), body(b"{}")),
)


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_the_same_as_one_of_uvicorn(answer: tuple[dict[str, Any], ...], method: str, ends: bool) -> None:
    """What is quicker says nothing else: the same bytes, complete when that one is, and closed when that one is."""
    expected, completed = sent(RequestResponseCycle, *answer, method=method, ends=ends)

    found, ended = sent(AnswerCycle, *answer, method=method, ends=ends)

    assert (b"".join(expected), completed) == (b"".join(found), ended)


@pytest.mark.parametrize("piece", [b"{}", LONG])
def test_a_head_goes_with_its_body(piece: bytes) -> None:
    """One call of the machine instead of two, however long the body is. (performance.md §2)"""
    (whole,), _ = sent(AnswerCycle, start(200, length(len(piece))), body(piece))

    assert whole.startswith(b"HTTP/1.1 200 OK\r\n")
    assert whole.endswith(b"\r\n\r\n" + piece)


def test_a_head_without_a_body_goes_as_well() -> None:
    """The body of 204 is empty."""
    (whole,), _ = sent(AnswerCycle, start(204), body(b""))

    assert whole.startswith(b"HTTP/1.1 204 No Content\r\n")


def test_further_pieces_go_as_they_come() -> None:
    """Nothing waits for the end of a long answer."""
    pieces, _ = sent(AnswerCycle, start(200, length(3)), body(b"a", more=True), body(b"b", more=True), body(b"c"))

    assert [b"a", b"b", b"c"] == [piece[-1:] for piece in pieces]


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"a\x00b"])
def test_a_header_that_would_begin_another_one_is_refused(value: bytes) -> None:
    """Nobody writes lines of their own into an answer."""
    with pytest.raises(RuntimeError, match="Invalid HTTP header value"):
        sent(AnswerCycle, start(200, (b"etag", value), length(2)), body(b"{}"))


@pytest.mark.parametrize("piece", [b"", b"abc"])
def test_a_body_of_another_length_is_a_fault(piece: bytes) -> None:
    """The rest would be taken for the next answer."""
    with pytest.raises(RuntimeError, match="length"):
        sent(AnswerCycle, start(200, length(2)), body(piece))


def test_an_answer_that_breaks_off_before_its_body_says_nothing() -> None:
    """A head alone would be half an answer."""
    assert ([], 0) == sent(AnswerCycle, start(200, length(2)))
