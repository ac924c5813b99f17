"""Which answers are packed, and for whom."""

from __future__ import annotations

import gzip

import pytest

from verselet.web.answers import Answer, json_answer
from verselet.web.compression import WORTH_BYTES, is_worth_packing, packed, takes_gzip


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("GZip", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("deflate, gzip; q=0.000", False),
        ("x-gzip-like", False),
        ("brgzip", False),
    ],
)
def test_the_client_says_whether_it_can_unpack(accepted: str, expected: bool) -> None:
    """A weight of nought is a no. [CC-6]"""
    assert expected == takes_gzip(accepted)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json_answer(b"x" * WORTH_BYTES), True),
        (json_answer(b"x" * (WORTH_BYTES - 1)), False),
        (Answer(200, b"x" * 9999, ((b"content-type", b"application/octet-stream"),)), False),
        (Answer(200, b"x" * 9999, ((b"content-type", b"image/png"),)), False),
        (json_answer(b"x" * 9999, (b"content-encoding", b"gzip")), False),
        (Answer(204), False),
    ],
)
def test_only_long_texts_are_packed(answer: Answer, expected: bool) -> None:
    """A short one fits into a packet; content of files is left as it is. [CC-6]"""
    assert expected == is_worth_packing(answer)


def test_a_packed_answer_is_the_same_text() -> None:
    """And says that it depends on what the client accepts. [CC-6]"""
    answer = packed(json_answer(b'{"value":[]}' * 200, (b"etag", b'W/"1"')))

    assert b'{"value":[]}' * 200 == gzip.decompress(answer.body)
    assert {(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding"), (b"etag", b'W/"1"')} <= set(answer.headers)
