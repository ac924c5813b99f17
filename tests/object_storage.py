"""Object storage on loopback, for tests of lakes that lie in it: a process of its own, as storage is."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from verselet.lake import Bucket

ACCESS: dict[str, str] = {
    "AWS_ACCESS_KEY_ID": "verselet",
    "AWS_SECRET_ACCESS_KEY": "a-secret-nobody-may-read",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


class ObjectStorage:
    """Storage that runs; `options` open it."""

    def __init__(self, endpoint: str, process: subprocess.Popen[str]) -> None:
        self.options = {**ACCESS, "AWS_ENDPOINT_URL": endpoint}
        self._process = process
        self._numbers = count()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Inside, it takes what it is sent and does not answer."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def new_lake(self) -> Bucket:
        """An empty lake in a bucket of its own."""
        from verselet.lake import Bucket

        name = f"lake-{next(self._numbers)}"
        asked = urllib.request.Request(f"{self.options['AWS_ENDPOINT_URL']}/{name}", method="PUT")
        with urllib.request.urlopen(asked):
            pass
        return Bucket(f"s3://{name}/retained/rows", self.options)


@pytest.fixture(scope="session")
def object_storage() -> Iterator[ObjectStorage]:
    """One for all tests of a run."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.object_storage"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield ObjectStorage(f"http://127.0.0.1:{int(process.stdout.readline())}", process)
        process.stdin.close()


@pytest.fixture
def bucket(object_storage: ObjectStorage) -> Bucket:
    """An empty lake in object storage."""
    return object_storage.new_lake()


def _serve() -> None:
    """Say the port, and answer until nobody listens any more."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    sys.stdout.write(f"{server.get_host_and_port()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
