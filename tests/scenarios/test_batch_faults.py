"""A fault of the server in one part of a batch."""

from __future__ import annotations

from tests.scenarios.harness import API, Api
from verselet.web.answers import NO_CONTENT, Answer
from verselet.web.batch.run import Batches
from verselet.web.exchange import Exchange

PARTS = (
    b"--b\r\nContent-Type: application/http\r\n\r\nGET first HTTP/1.1\r\n\r\n\r\n"
    b"--b\r\nContent-Type: application/http\r\n\r\nGET broken HTTP/1.1\r\n\r\n\r\n"
    b"--b\r\nContent-Type: application/http\r\n\r\nGET last HTTP/1.1\r\n\r\n\r\n--b--\r\n"
)


def answered(exchange: Exchange) -> Answer:
    """Every path but one has an answer."""
    if exchange.path == "broken":
        raise RuntimeError
    return NO_CONTENT


def test_a_fault_in_one_part_is_that_parts_answer(api: Api) -> None:
    """The parts before it are done and say so; with continue-on-error the parts after it run. [B-10], [E-19]"""
    headers = {"content-type": "multipart/mixed; boundary=b", "prefer": "odata.continue-on-error"}
    exchange = Exchange("POST", API, "$batch", "", headers)
    exchange.body = PARTS
    answer = Batches(api.organization, answered).answer(exchange)
    lines = [line for line in answer.body.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    expected = [b"HTTP/1.1 204 No Content", b"HTTP/1.1 500 Internal Server Error", b"HTTP/1.1 204 No Content"]
    assert (200, expected) == (answer.status, lines)
