"""How answers reach the client: packed where it can unpack them, large files piece by piece."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping

import pytest
from starlette.types import Message

from tests.scenarios.harness import Api
from tests.scenarios.stores import api_of_all as api
from tests.scenarios.test_files import LARGE, put

__all__ = ["api"]

TOKEN = "Bearer dev-admin"


def talk(api: Api, target: str, headers: Mapping[str, str] | None = None) -> tuple[dict[str, str], list[bytes]]:
    """One GET; the headers and the pieces of the answer."""
    path, _, query = target.partition("?")
    given = {"host": "127.0.0.1:8765", "authorization": TOKEN, **(headers or {})}
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "GET",
        "path": f"/api/data/v9.2/{path}",
        "raw_path": f"/api/data/v9.2/{path}".encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(api.web(scope, receive, send))
    assert 200 == sent[0]["status"]
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}, [part["body"] for part in sent[1:]]


@pytest.mark.parametrize("target", ["savedqueries?$select=name&$top=50", "savedqueries", "$metadata"])
def test_a_long_answer_is_packed_for_who_can_unpack_it(api: Api, target: str) -> None:
    """Short, long enough for a thread of its own, and kept packed. [CC-6]"""
    plain, (body,) = talk(api, target)
    headers, (small,) = talk(api, target, {"accept-encoding": "gzip, deflate"})

    assert "content-encoding" not in plain
    assert ("gzip", "Accept-Encoding", str(len(small))) == tuple(
        headers[name] for name in ("content-encoding", "vary", "content-length")
    )
    assert body == gzip.decompress(small)
    assert len(small) < len(body) / 2


def test_a_short_answer_is_not_packed(api: Api) -> None:
    """[CC-6]"""
    assert "content-encoding" not in talk(api, "WhoAmI", {"accept-encoding": "gzip"})[0]


def test_a_large_file_is_sent_piece_by_piece(api: Api) -> None:
    """It is never held as a whole, and its length is told beforehand. [FL-3]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row, LARGE, "large.bin")
    headers, pieces = talk(api, f"new_gizmos({row})/new_file/$value", {"accept-encoding": "gzip"})

    assert (LARGE, str(len(LARGE))) == (b"".join(pieces), headers["content-length"])
    assert 1024 * 1024 == max(map(len, pieces))
    assert "content-encoding" not in headers


def test_a_large_file_comes_in_a_batch_too(api: Api) -> None:
    """As one part. [B-1]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row, LARGE, "large.bin")
    batch = (
        "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"GET /api/data/v9.2/new_gizmos({row})/new_file/$value HTTP/1.1\r\n\r\n\r\n--b--\r\n"
    )
    answer = api.send("POST", "$batch", batch.encode(), headers={"content-type": "multipart/mixed; boundary=b"})

    assert 200 == answer.status
    assert LARGE in answer.body
