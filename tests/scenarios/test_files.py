"""Files of rows: up, down, in parts, in blocks, and gone. [FL-1] to [FL-8]"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest

from tests.scenarios.harness import API, NOBODY, Answer, Api
from tests.scenarios.stores import api
from verselet.web.bodies import MAX_BODY

__all__ = ["api"]

BYTES = {"content_type": "application/octet-stream"}
TEXT = "Hällo file\n".encode()
LARGE = bytes(range(251)) * 20_000  # five million bytes: more than a part


def put(api: Api, row: str, content: bytes = TEXT, name: str = "notes.txt", **headers: str) -> Answer:
    """Upload a whole file."""
    return api.patch(f"new_gizmos({row})/new_file", content, x_ms_file_name=name, **BYTES, **headers)


def read(api: Api, row: str) -> dict[str, Any]:
    """What the row says of its file."""
    found = api.read(f"new_gizmos({row})?$select=new_file,new_file_name")
    return {name: found[name] for name in ("new_file", "new_file_name")}


def stored(api: Api) -> int:
    """How many files there are in the store, whatever rows say."""
    ((number,),) = api.organization.store.fetch("SELECT count(*) FROM verselet_file", ())
    ((parts,),) = api.organization.store.fetch("SELECT count(DISTINCT file_id) FROM verselet_file_part", ())
    assert number == parts
    return int(str(number))


def test_a_file_comes_back_as_it_was_sent(api: Api) -> None:
    """With its name and size. [FL-1], [FL-3]"""
    row = api.make("new_gizmos", new_name="a")
    assert (204, b"") == (put(api, row).status, put(api, row).body)
    answer = api.get(f"new_gizmos({row})/new_file/$value")

    assert (200, TEXT) == (answer.status, answer.body)
    assert ("notes.txt", str(len(TEXT)), 'attachment; filename="notes.txt"', "application/octet-stream") == tuple(
        answer.headers[name] for name in ("x-ms-file-name", "x-ms-file-size", "content-disposition", "mimetype")
    )


def test_the_row_shows_id_and_name_and_that_it_was_changed(api: Api) -> None:
    """The id is null, and so is the name, until there is a file. [FL-4], [T-17]"""
    row = api.make("new_gizmos", new_name="a")
    before = api.get(f"new_gizmos({row})").headers["etag"]
    assert {"new_file": None, "new_file_name": None} == read(api, row)
    put(api, row)
    found = read(api, row)

    assert ("notes.txt", 36) == (found["new_file_name"], len(found["new_file"]))
    assert before != api.get(f"new_gizmos({row})").headers["etag"]
    assert found["new_file"] == api.read(f"new_gizmos({row})/new_file")["value"]


@pytest.mark.parametrize(
    ("asked", "content", "told"),
    [
        ("bytes=6-9", TEXT[6:10], "bytes 6-9/12"),
        ("bytes=6-", TEXT[6:], "bytes 6-11/12"),
        ("bytes=-4", TEXT[-4:], "bytes 8-11/12"),
        ("bytes=0-99", TEXT, "bytes 0-11/12"),
    ],
)
def test_a_range_gives_a_part(api: Api, asked: str, content: bytes, told: str) -> None:
    """[FL-3]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row)
    answer = api.get(f"new_gizmos({row})/new_file/$value", range=asked)

    assert (206, content, told) == (answer.status, answer.body, answer.headers["content-range"])


def test_a_range_outside_of_the_file_is_refused(api: Api) -> None:
    """But not the empty one right behind it, which clients ask for that read in chunks. [DW-12]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row)

    assert 416 == api.get(f"new_gizmos({row})/new_file/$value", range="bytes=13-20").status
    assert (206, b"") == (
        (behind := api.get(f"new_gizmos({row})/new_file/$value", range="bytes=12-20")).status,
        behind.body,
    )


def test_the_content_comes_as_json_too(api: Api) -> None:
    """Where the full size or a range of the property itself is asked for. [DW-12]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row)
    answer = api.get(f"new_gizmos({row})/new_file?size=full", range="bytes=0-4")

    assert (206, TEXT[:5], "12") == (
        answer.status,
        b64decode(answer.json["value"]),
        answer.headers["x-ms-file-size"],
    )
    assert f"{API}new_gizmos({row})/new_file?size=full" == answer.headers["location"]


def test_a_new_upload_replaces_the_file_and_its_id(api: Api) -> None:
    """Nothing is left of the old one. [FL-8]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row)
    before = read(api, row)["new_file"]
    put(api, row, b"second version", "b.bin", if_match="*")

    assert (b"second version", "b.bin") == (
        api.get(f"new_gizmos({row})/new_file/$value").body,
        read(api, row)["new_file_name"],
    )
    assert before != read(api, row)["new_file"]
    assert 1 == stored(api)


@pytest.mark.parametrize("how", ["the property", "the row"])
def test_a_file_goes(api: Api, how: str) -> None:
    """With the property, or with its row. [FL-5], [D-3]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row)
    if how == "the property":
        assert 204 == api.delete(f"new_gizmos({row})/new_file").status
        assert {"new_file": None, "new_file_name": None} == read(api, row)
    else:
        assert 204 == api.delete(f"new_gizmos({row})").status
    assert 0 == stored(api)


def test_an_empty_column_has_no_content(api: Api) -> None:
    """[FL-7]"""
    row = api.make("new_gizmos", new_name="a")

    assert 404 == api.get(f"new_gizmos({row})/new_file/$value").status
    assert 404 == api.get(f"new_gizmos({NOBODY})/new_file/$value").status


def test_a_large_file_is_kept_in_parts(api: Api) -> None:
    """And read piece by piece. [FL-1]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row, LARGE, "large.bin")
    exchange = api.get(f"new_gizmos({row})/new_file/$value", range="bytes=4194300-4194310")

    assert LARGE[4194300:4194311] == exchange.body
    assert LARGE == api.get(f"new_gizmos({row})/new_file/$value").body


def test_a_file_above_the_size_of_its_column_is_refused(api: Api) -> None:
    """Whole, in chunks and in blocks; nothing is kept. [FL-7]"""
    row = api.make("new_gizmos", new_name="a")
    too_large = bytes(8192 * 1024 + 1)
    location = begin(api, row, "a.bin")
    answers = (put(api, row, too_large), chunk(api, location, 0, b"x", len(too_large)))

    assert [(400, "0x80044a02")] * 2 == [(answer.status, answer.code) for answer in answers]
    assert {"new_file": None, "new_file_name": None} == read(api, row)
    assert len(too_large) < MAX_BODY


def test_an_upload_under_an_old_version_is_refused(api: Api) -> None:
    """[ET-3], [E-15]"""
    row = api.make("new_gizmos", new_name="a")
    put(api, row)

    assert 412 == put(api, row, b"other", if_match='W/"1"').status
    assert TEXT == api.get(f"new_gizmos({row})/new_file/$value").body
    assert 1 == stored(api)


@pytest.mark.parametrize("name", ["\u00e9t\u00e9 \u65e5\u672c.txt", 'a"b.txt', "a b;c.txt"])
def test_a_name_of_any_letters_travels_in_the_query(api: Api, name: str) -> None:
    """And comes back in headers as they can carry it. [FL-1]"""
    row = api.make("new_gizmos", new_name="a")
    api.patch(f"new_gizmos({row})/new_file?x-ms-file-name={quote(name)}", TEXT, **BYTES)
    told = api.get(f"new_gizmos({row})/new_file/$value").headers["x-ms-file-name"]

    assert (name, name) == (read(api, row)["new_file_name"], unquote(told))
    assert told.isascii()


def test_an_upload_needs_a_name_and_bytes(api: Api) -> None:
    """[FL-1]"""
    row = api.make("new_gizmos", new_name="a")

    assert 400 == api.patch(f"new_gizmos({row})/new_file", TEXT, **BYTES).status
    assert 400 == api.patch(f"new_gizmos({row})/new_file", {"value": "x"}, x_ms_file_name="a.txt").status


@pytest.mark.parametrize(("given", "status"), [("not-a-guid", 400), (NOBODY, 204)])
def test_a_file_is_not_written_with_the_row(api: Api, given: str, status: int) -> None:
    """What was read may come back, and is left out. [FL-4], [T-21]"""
    assert status == api.post("new_gizmos", {"new_name": "a", "new_file": given, "new_file_name": "x"}).status
    found = api.get("new_gizmos?$select=new_file,new_file_name").json["value"]
    assert [] == [row for row in found if row["new_file"] is not None or row["new_file_name"] is not None]


# --- in chunks --------------------------------------------------------------------------------------------------------


def begin(api: Api, row: str, name: str) -> str:
    """Where the chunks go, relative to the API's address."""
    target = f"new_gizmos({row})/new_file?x-ms-file-name={name}"
    answer = api.send("PATCH", target, headers={"x-ms-transfer-mode": "chunked", "content-type": ""})
    assert (200, b"", "4194304", "bytes") == (
        answer.status,
        answer.body,
        answer.headers["x-ms-chunk-size"],
        answer.headers["accept-ranges"],
    )
    assert "odata-entityid" not in answer.headers
    assert answer.headers["location"].startswith(API)
    return answer.headers["location"].removeprefix(API)


def chunk(api: Api, location: str, start: int, content: bytes, total: int) -> Answer:
    """Send one chunk, as DynamicsWebApi does: the transfer mode is repeated. [DW-11]"""
    told = f"bytes {start}-{start + len(content) - 1}/{total}" if start or content else f"bytes 0-0/{total}"
    headers = {"content-range": told, "x-ms-transfer-mode": "chunked", "x-ms-file-name": "c.bin"}
    return api.send("PATCH", location, content, headers={**headers, "content-type": "application/octet-stream"})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_chunks_make_a_file_when_the_last_one_came(api: Api, order: tuple[int, ...]) -> None:
    """In whatever order they come. [FL-2]"""
    row = api.make("new_gizmos", new_name="a")
    location = begin(api, row, "big.bin")
    content = LARGE[:3000]
    statuses = [chunk(api, location, n * 1000, content[n * 1000 : n * 1000 + 1000], 3000).status for n in order]

    assert [206, 206, 204] == statuses
    assert (content, "big.bin") == (
        api.get(f"new_gizmos({row})/new_file/$value").body,
        read(api, row)["new_file_name"],
    )


def test_a_chunk_that_is_sent_again_replaces_itself(api: Api) -> None:
    """As after a lost connection. [FL-2]"""
    row = api.make("new_gizmos", new_name="a")
    location = begin(api, row, "big.bin")
    for _ in range(2):
        assert 206 == chunk(api, location, 0, b"abc", 6).status
    assert 204 == chunk(api, location, 3, b"def", 6).status
    assert b"abcdef" == api.get(f"new_gizmos({row})/new_file/$value").body


def test_an_empty_chunk_after_the_last_one_is_no_fault(api: Api) -> None:
    """DynamicsWebApi sends it where the size is a multiple of its chunks. [DW-11]"""
    row = api.make("new_gizmos", new_name="a")
    location = begin(api, row, "big.bin")

    assert [206, 204, 204] == [
        chunk(api, location, at, part, 4).status for at, part in ((0, b"ab"), (2, b"cd"), (4, b""))
    ]
    assert b"abcd" == api.get(f"new_gizmos({row})/new_file/$value").body


@pytest.mark.parametrize("told", ["", "bytes */4", "bytes 0-9/4", "bytes 2-1/4", "bytes 0-1/1", "items 0-1/4"])
def test_a_chunk_must_say_where_it_belongs(api: Api, told: str) -> None:
    """[FL-2]"""
    row = api.make("new_gizmos", new_name="a")
    location = begin(api, row, "big.bin")
    headers = {"content-range": told, "content-type": "application/octet-stream"}

    assert 400 == api.send("PATCH", location, b"ab", headers=headers).status


def test_an_unknown_session_is_refused(api: Api) -> None:
    """[FL-2]"""
    row = api.make("new_gizmos", new_name="a")

    assert 400 == chunk(api, f"new_gizmos({row})/new_file?sessiontoken={NOBODY}", 0, b"ab", 2).status


def test_what_is_left_of_old_uploads_goes(api: Api) -> None:
    """When the next one begins, a day later. [FL-2]"""
    row = api.make("new_gizmos", new_name="a")
    chunk(api, begin(api, row, "left.bin"), 0, b"ab", 4)
    assert 1 == stored(api)
    api.organization.clock.advance(timedelta(days=1, seconds=1))
    chunk(api, begin(api, row, "next.bin"), 0, b"ab", 4)
    assert 1 == stored(api)


# --- in blocks --------------------------------------------------------------------------------------------------------


def target(row: str) -> dict[str, Any]:
    """The row as parameter of an action."""
    return {
        "Target": {"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo", "new_gizmoid": row},
        "FileAttributeName": "new_file",
    }


def block(api: Api, token: str, name: str, content: bytes) -> int:
    """Upload a block."""
    body = {"BlockId": name, "BlockData": b64encode(content).decode(), "FileContinuationToken": token}
    return api.post("UploadBlock", body).status


def test_the_list_of_blocks_gives_their_order(api: Api) -> None:
    """Up, down and away by messages. [FL-6]"""
    row = api.make("new_gizmos", new_name="a")
    token = api.post("InitializeFileBlocksUpload", {**target(row), "FileName": "b.bin"}).json["FileContinuationToken"]
    assert [204, 204, 204] == [
        block(api, token, name, content)
        for name, content in (("YmJi", b"second"), ("YWFh", b"first "), ("eHg=", b"no"))
    ]
    committed = {"FileName": "b.bin", "MimeType": "text/plain", "BlockList": ["YWFh", "YmJi"]}
    done = api.post("CommitFileBlocksUpload", {**committed, "FileContinuationToken": token}).json
    assert (12, read(api, row)["new_file"]) == (done["FileSizeInBytes"], done["FileId"])
    assert f"{API}$metadata#Microsoft.Dynamics.CRM.CommitFileBlocksUploadResponse" == done["@odata.context"]

    found = api.post("InitializeFileBlocksDownload", target(row)).json
    assert (12, "b.bin", True) == (found["FileSizeInBytes"], found["FileName"], found["IsChunkingSupported"])
    asked = {"Offset": 6, "BlockLength": 4, "FileContinuationToken": found["FileContinuationToken"]}
    assert b"seco" == b64decode(api.post("DownloadBlock", asked).json["Data"])
    assert "text/plain" == api.get(f"new_gizmos({row})/new_file/$value").headers["mimetype"]

    assert 204 == api.post("DeleteFile", {"FileId": done["FileId"]}).status
    assert ({"new_file": None, "new_file_name": None}, 0) == (read(api, row), stored(api))
    assert 404 == api.post("DeleteFile", {"FileId": done["FileId"]}).status


@pytest.mark.parametrize("blocks", [["YWFh", "none"], ["YWFh", "YWFh"], "YWFh", [1]])
def test_a_list_that_names_other_blocks_is_refused(api: Api, blocks: object) -> None:
    """[FL-6]"""
    row = api.make("new_gizmos", new_name="a")
    token = api.post("InitializeFileBlocksUpload", {**target(row), "FileName": "b.bin"}).json["FileContinuationToken"]
    block(api, token, "YWFh", b"abc")
    answer = api.post("CommitFileBlocksUpload", {"BlockList": blocks, "FileContinuationToken": token})

    assert (400, {"new_file": None, "new_file_name": None}) == (answer.status, read(api, row))


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("InitializeFileBlocksUpload", {"FileAttributeName": "new_file", "FileName": "a"}),
        ("InitializeFileBlocksUpload", {**target(NOBODY), "FileAttributeName": "new_name", "FileName": "a"}),
        ("UploadBlock", {"BlockId": "YQ==", "BlockData": "?", "FileContinuationToken": NOBODY}),
        ("UploadBlock", {"BlockId": "YQ==", "BlockData": "YQ==", "FileContinuationToken": NOBODY}),
        ("DownloadBlock", {"Offset": -1, "BlockLength": 4, "FileContinuationToken": NOBODY}),
        ("DownloadBlock", {"Offset": True, "BlockLength": 4, "FileContinuationToken": NOBODY}),
    ],
)
def test_a_wrong_parameter_is_refused(api: Api, action: str, body: dict[str, Any]) -> None:
    """By name. [FN-8]"""
    assert 400 == api.post(action, body).status


def test_an_action_is_called_with_post(api: Api) -> None:
    """[FN-4]"""
    assert 405 == api.get("DownloadBlock").status
