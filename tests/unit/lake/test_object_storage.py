"""A lake in object storage that is not what it should be: who asks is told in time, in words, and without secrets."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from tests.object_storage import ACCESS, ObjectStorage
from verselet.errors import Unavailable
from verselet.lake import ID, Bucket, Lake, Scan, place_of
from verselet.lake.failures import reason_of_storage
from verselet.settings import STORAGE

ROWS = [{ID: "1"}, {ID: "2"}]
AT = "2026-01-01T00:00:00Z"
KINDS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "SlowDown")


def attempts(lake: Lake) -> list[str]:
    """What is said when somebody reads, writes, removes and lists."""
    told = []
    for attempt in (
        lambda: lake.look("account"),
        lambda: lake.write("account", "batch", AT, ROWS, {ID: "string"}),
        lambda: lake.take_out("account", "batch"),
        lake.tables,
    ):
        with pytest.raises(Unavailable) as refused:
            attempt()
        told.append(refused.value.message)
    return told


def test_a_lake_is_the_same_wherever_it_lies(bucket: Bucket) -> None:
    """What is written is there for the next one who opens it, and what is taken out is not. [RET-1], [RET-2]"""
    Lake(bucket).write("account", "one", AT, ROWS, {ID: "string"})
    Lake(bucket).write("contact", "one", AT, ROWS, {ID: "string"})
    lake = Lake(bucket)
    lake.take_out("account", "one", ["1"])
    assert {"account": 1, "contact": 2} == lake.tables()
    assert {"account": 1, "contact": 0} == lake.versions()


def test_a_snapshot_knows_whether_it_is_the_newest(bucket: Bucket) -> None:
    """Until somebody writes. [RET-45]"""
    lake = Lake(bucket)
    lake.write("account", "one", AT, ROWS, {ID: "string"})
    snapshot = lake.look("account")
    assert snapshot is not None
    assert snapshot.is_newest()
    lake.take_out("account", "one", ["1"])
    assert not snapshot.is_newest()
    assert 2 == snapshot.count()


def test_of_two_who_write_at_once_none_is_lost(object_storage: ObjectStorage) -> None:
    """Two processes have a lake of their own each: the storage lets one of two commits be the next. [RET-2]"""
    place = object_storage.new_lake()
    threads = [
        threading.Thread(target=Lake(place).write, args=("account", name, AT, ROWS, {ID: "string"}))
        for name in ("one", "two", "three", "four")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {"account": 8} == Lake(place).tables()


def test_a_bucket_that_is_not_there_is_named(object_storage: ObjectStorage) -> None:
    """Nothing is made in its place."""
    lake = Lake(Bucket("s3://nobody-made-it/x", object_storage.options))
    for told in attempts(lake):
        assert told.endswith("the bucket does not exist (NoSuchBucket).")


def test_a_file_that_is_gone_is_missed_when_it_is_read(bucket: Bucket) -> None:
    """After the table was opened, too."""
    lake = Lake(bucket)
    lake.write("account", "one", AT, ROWS, {ID: "string"})
    snapshot = lake.look("account")
    assert snapshot is not None
    with bucket._asking() as (storage, store):
        (gone,) = [found["path"] for found in storage.list(store).collect() if found["path"].endswith(".parquet")]
        storage.delete(store, gone)
    with pytest.raises(Unavailable) as refused:
        list(snapshot.read(Scan(columns=(ID,))))
    assert "The lake cannot be read: a file is missing (NoSuchKey)." == refused.value.message


class _Refusing(BaseHTTPRequestHandler):
    """Storage that refuses, and repeats what it was asked with."""

    def _refuse(self) -> None:
        code = self.path.split("/")[1].split("?")[0]
        said = KINDS[int(code[-1])]
        text = f"<Error><Code>{said}</Code><StringToSign>{ACCESS['AWS_SECRET_ACCESS_KEY']}</StringToSign></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_GET = do_PUT = do_POST = do_HEAD = _refuse  # noqa: N815  the library calls them so

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Quietly."""


@pytest.fixture
def refusing() -> Iterator[str]:
    """The endpoint of storage that refuses."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (0, "the storage refuses the credentials (InvalidAccessKeyId)."),
        (1, "the storage refuses the credentials (SignatureDoesNotMatch)."),
        (2, "the storage does not do what it was asked (SlowDown)."),
    ],
)
def test_refused_credentials_are_not_repeated(refusing: str, kind: int, said: str) -> None:
    """Whatever the storage says of them."""
    lake = Lake(Bucket(f"s3://refused{kind}/x", {**ACCESS, "AWS_ENDPOINT_URL": refusing}))
    for told in attempts(lake):
        assert told.endswith(said)
        assert all(secret not in told for secret in (ACCESS["AWS_SECRET_ACCESS_KEY"], "StringToSign"))


def test_every_variable_is_understood(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """By both libraries that open the storage."""
    for name in STORAGE:
        monkeypatch.setenv(name, bucket.options.get(name, "a-token"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false")
    place = place_of(str(bucket))
    assert {*STORAGE} == place.options.keys() & {*STORAGE}
    lake = Lake(place)
    lake.write("account", "one", AT, ROWS, {ID: "string"})
    assert {"account": 2} == lake.tables()


def test_credentials_are_not_shown_with_the_place(bucket: Bucket) -> None:
    """Neither where it is printed, nor where it is examined."""
    for shown in (str(bucket), repr(bucket), repr(Lake(bucket)), f"{bucket}"):
        assert ACCESS["AWS_SECRET_ACCESS_KEY"] not in shown


@pytest.fixture
def silent() -> Iterator[str]:
    """The endpoint of storage that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextlib.contextmanager
def heartbeat() -> Iterator[list[int]]:
    """Somebody else at work meanwhile, who notes each step."""
    over, beats = threading.Event(), list[int]()

    def beat() -> None:
        while not over.wait(0.01):
            beats.append(1)

    heart = threading.Thread(target=beat)
    heart.start()
    try:
        yield beats
    finally:
        over.set()
        heart.join()


def test_storage_that_does_not_answer_is_not_waited_for_long(silent: str) -> None:
    """Nor does anybody else wait meanwhile."""
    lake = Lake(Bucket("s3://silent/x", {**ACCESS, "AWS_ENDPOINT_URL": silent}, timeout_s=0.3))
    with heartbeat() as beats:
        for told in attempts(lake):
            before = len(beats)
            assert told.endswith("the storage does not answer.")
            assert before
    assert len(beats) > 20


def test_storage_that_falls_silent_while_rows_are_read_holds_nobody_else_up(object_storage: ObjectStorage) -> None:
    """Who reads them is told in time."""
    lake = Lake(Bucket(str(object_storage.new_lake()), object_storage.options, timeout_s=3))
    lake.write("account", "one", AT, ROWS, {ID: "string"})
    snapshot = lake.look("account")
    assert snapshot is not None
    with heartbeat() as beats, object_storage.stopped(), pytest.raises(Unavailable) as refused:
        list(snapshot.read(Scan(columns=(ID,))))
    assert "The lake cannot be read: the storage does not answer." == refused.value.message
    assert len(beats) > 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Generic S3 error: Error performing PUT http://169.254.169.254/latest: 403 Forbidden",
            "there are no credentials for the storage",
        ),
        (
            "Generic S3 error\n HTTP error\n builder error\n URL scheme is not allowed",
            "its endpoint has no TLS, and AWS_ALLOW_HTTP is not true",
        ),
        (
            "Object at location a/b not found: Error performing HEAD: 404 Not Found:",
            "the bucket or a file in it is missing (404)",
        ),
        ("Generic S3 error: something else with a-secret", "the storage failed"),
        ("Parquet error: Invalid Parquet file.", "Parquet error: Invalid Parquet file"),
    ],
)
def test_what_storage_says_is_put_in_our_words(text: str, said: str) -> None:
    """[RET-22]"""
    assert said == reason_of_storage(text)
