"""Run `verselet serve` as a person does: as a process of its own, on a free port of loopback."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

from tests.scenarios.harness import Answer

START_LIMIT_S = 120
STOP_LIMIT_S = 60
TOKEN = {"Authorization": "Bearer dev-admin"}


class Server:
    """A running server: its process, what it printed before it was ready, its addresses, and what it complained of."""

    def __init__(self, process: subprocess.Popen[str], printed: list[str], complaints: IO[str]) -> None:
        self.process = process
        self.printed = printed
        self._complaints = complaints
        self.base_url = printed[-1].removeprefix("ready ").strip()
        self.port = int(self.base_url.rpartition(":")[2])

    @property
    def tls_port(self) -> int:
        """The port of the line with https."""
        found = re.search(r"https://127\.0\.0\.1:(\d+)/", "".join(self.printed))
        assert found is not None
        return int(found.group(1))

    @property
    def authority(self) -> Path:
        """The CA file the banner names."""
        found = re.search(r"CA file  (.+)\n", "".join(self.printed))
        assert found is not None
        return Path(found.group(1))

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=STOP_LIMIT_S)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            found = connection.getresponse()
            told = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, told, found.read())
        finally:
            connection.close()

    @property
    def complaints(self) -> str:
        """What it has written to standard error until now."""
        self._complaints.seek(0)
        return self._complaints.read()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_LIMIT_S)


def command(*arguments: str) -> list[str]:
    """The command line of this very environment."""
    return [sys.executable, "-m", "verselet", *arguments]


def environment() -> dict[str, str]:
    """The machine's, without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VERSELET_")}


def running(folder: Path, *flags: str) -> contextlib.AbstractContextManager[Server]:
    """`verselet serve --port 0` with further flags, in that folder; ended in any case."""
    return started(folder, command("serve", "--port", "0", *flags))


@contextlib.contextmanager
def started(folder: Path, words: list[str]) -> Iterator[Server]:
    """A command that serves, until it says that it is ready; ended in any case."""
    with (
        # Not a pipe: nobody reads what a server has to say while it is tried, and a full pipe would make it wait.
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(
            words,
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        # Whatever goes wrong, reading ends: the process does not outlive the limit.
        limit = threading.Timer(START_LIMIT_S, process.kill)
        limit.start()
        try:
            assert process.stdout is not None
            printed: list[str] = []
            for line in process.stdout:
                printed.append(line)
                if line.startswith("ready "):
                    break
            complaints.seek(0)
            assert printed, complaints.read()
            assert printed[-1].startswith("ready "), printed
            limit.cancel()
            yield Server(process, printed, complaints)
        finally:
            limit.cancel()
            if process.poll() is None:
                process.kill()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=START_LIMIT_S,
        check=False,
    )
