"""Two servers on one organization, as processes of their own on ports of their own, and when they must agree."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from tests.scenarios.harness import Answer
from tests.scenarios.server_process import TOKEN, Server

Found = TypeVar("Found")

AGREE_WITHIN_S = 1.0
"""Whoever asks later than that after a change sees it, whichever process he asks."""

FEWEST_QUESTIONS = 50
"""A machine that is so busy that these take longer gives its processes as much longer to agree."""

API = "/api/data/v9.2/"
MEMBER = [sys.executable, str(Path(__file__).with_name("member.py")), "org"]
"""One of several processes of a server, on the rows in `org`."""

FORM = {"content-type": "application/x-www-form-urlencoded"}


def agree(ask: Callable[[], Found], expected: Found) -> None:
    """What was asked no sooner than a second after now is answered so; what was asked before may be."""
    changed = time.monotonic()
    for asked in itertools.count():
        began = time.monotonic()
        found = ask()
        if found == expected:
            return
        assert began - changed < AGREE_WITHIN_S or asked < FEWEST_QUESTIONS, f"{found!r} instead of {expected!r}"


class Client:
    """A client of one of the servers; the administrator unless `headers` say otherwise."""

    def __init__(self, server: Server, headers: Mapping[str, str] = TOKEN) -> None:
        self.server = server
        self._headers = dict(headers)

    @property
    def port(self) -> int:
        """Where it asks."""
        return self.server.port

    def acting(self, token: str) -> Client:
        """The same server, asked with another token."""
        return Client(self.server, {"Authorization": f"Bearer {token}"})

    def send(self, method: str, target: str, body: object = None, **headers: str) -> Answer:
        """One request; a target without a slash is relative to the API's address. Headers with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        path = target if target.startswith("/") else f"{API}{target}"
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        kind = {} if body is None or isinstance(body, bytes) else {"content-type": "application/json"}
        return self.server.ask(method, path.replace(" ", "%20"), {**self._headers, **kind, **given}, content)

    def done(self, method: str, target: str, body: object = None, **headers: str) -> Answer:
        """One request that must not be refused."""
        answer = self.send(method, target, body, **headers)
        assert answer.status < 300, (answer.status, answer.body)
        return answer

    def get(self, target: str, **headers: str) -> Any:
        """What an address answers, decoded."""
        return self.done("GET", target, **headers).json

    def make(self, set_name: str, **values: object) -> str:
        """The id of a new row. Binds are written as `name__bind`."""
        body = {name.replace("__bind", "@odata.bind"): value for name, value in values.items()}
        return self.done("POST", set_name, body).headers["odata-entityid"].rpartition("(")[2].removesuffix(")")

    def status(self, target: str) -> int:
        """Whether an address answers."""
        return self.send("GET", target).status

    def follow(self, link: str) -> Any:
        """What a link of the other server leads to here."""
        parts = urlsplit(link)
        return self.get(f"{parts.path}?{parts.query}")

    def form(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        """What a page's form or the token endpoint answers."""
        body = urlencode(form).encode()
        return self.server.ask("POST", path, {**FORM, **headers}, body)


class Pair(msgspec.Struct, frozen=True):
    """Two servers on the same rows."""

    a: Client
    b: Client
