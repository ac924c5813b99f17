"""The manual as something to run: its blocks, its curl lines, and a server for them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from tests.places import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PLAIN_URL = "http://127.0.0.1:8765"
TLS_URL = "https://127.0.0.1:8766"
"""The addresses that the manual speaks of."""

STOP_TIMEOUT_S = 60


class Running(msgspec.Struct, frozen=True):
    """A server that answers: its addresses, and the authority to trust."""

    plain_url: str
    tls_url: str
    authority: Path

    def here(self, text: str) -> str:
        """The text with the addresses of this server in place of the manual's."""
        return text.replace(PLAIN_URL, self.plain_url).replace(TLS_URL, self.tls_url)


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block for found, block in BLOCK.findall(text) if found == language]


def commands(page: str) -> list[str]:
    """The lines a reader types on a page, continued lines joined."""
    text = "\n".join(blocks(page, "console")).replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


@contextmanager
def running_server(*flags: str) -> Iterator[Running]:
    """A server of its own, from its greeting to its end."""
    arguments = [sys.executable, "-m", "verselet", "serve", "--port", "0", "--tls", *flags]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield _greeted(process)
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)
        assert process.stdout is not None
        process.stdout.close()


def _greeted(process: subprocess.Popen[str]) -> Running:
    assert process.stdout is not None
    greeting: list[str] = []
    for line in process.stdout:
        greeting.append(line)
        if line.startswith("ready "):
            break
    text = "".join(greeting)
    tls_url = re.search(r"https://\S+?(?=/api/)", text)
    authority = re.search(r"CA file +(.+)", text)
    assert tls_url is not None, text
    assert authority is not None, text
    return Running(greeting[-1].split()[1], tls_url[0], Path(authority[1].strip()))


def curl(line: str, files: dict[str, str]) -> httpx.Response:
    """Send what a curl line would send; `files` are what `@name` stands for."""
    words = iter(shlex.split(line)[1:])
    headers: dict[str, str] = {}
    data: list[str] = []
    address, as_query = "", False
    for word in words:
        match word:
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d" | "--data" | "--data-urlencode":
                data.append(next(words))
            case "-G":
                as_query = True
            case "-i":
                pass
            case _:
                address = word
    if as_query:
        return httpx.get(address, headers=headers, params=dict(part.split("=", 1) for part in data))
    if data:
        body = files[data[0].removeprefix("@")] if data[0].startswith("@") else data[0]
        return httpx.post(address, headers=headers, content=body)
    return httpx.get(address, headers=headers)
