"""An answer leaves in one piece where it can, and is the same byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

from verselet.server.answering import JOINED_BYTES, AnswerTransport

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


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


def written(*pieces: bytes, closes: bool = False) -> list[bytes]:
    """What reaches the connection."""
    connection = Written()
    answer = AnswerTransport(cast(asyncio.Transport, connection))
    for piece in pieces:
        answer.write(piece)
    if closes:
        answer.close()
    return connection.writes


def test_a_head_goes_with_its_body() -> None:
    """One call of the machine instead of two. (performance.md §2)"""
    assert [HEAD + b"{}"] == written(HEAD, b"{}")


def test_a_head_without_a_body_goes_as_well() -> None:
    """The body of 204 is empty."""
    assert [HEAD] == written(HEAD, b"")


def test_a_long_body_is_handed_over_beside_its_head() -> None:
    """Copying it would cost more than a call."""
    body = b"x" * JOINED_BYTES

    assert [HEAD + body] == written(HEAD, body)


def test_further_pieces_go_as_they_come() -> None:
    """Nothing waits for the end of a long answer."""
    assert [HEAD + b"a", b"b", b"c"] == written(HEAD, b"a", b"b", b"c")


def test_permission_to_send_a_body_goes_at_once() -> None:
    """The client waits for it."""
    assert [CONTINUE, HEAD + b"{}"] == written(CONTINUE, HEAD, b"{}")


def test_an_answer_that_breaks_off_shows_how_far_it_came() -> None:
    """Its head, and then the end of the connection."""
    assert [HEAD, b"closed"] == written(HEAD, closes=True)
    assert [HEAD + b"{}", b"closed"] == written(HEAD, b"{}", closes=True)
