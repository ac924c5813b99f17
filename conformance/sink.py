"""Take in what the server posts to webhooks.

In:        POST requests of the server under test; planned statuses
Out:       what was posted to each name, in order
Not here:  what the posts must hold (scenarios)
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import msgspec
from typing_extensions import override

from conformance.cases import Json


class Post(msgspec.Struct, frozen=True):
    """One post: header names in lower case, the address's options, the body as a document."""

    headers: dict[str, str]
    query: dict[str, str]
    json: Json


class Sink:
    """Listens on loopback; the first segment of an address is the name of a box."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._lock = threading.Lock()
        self._posts: dict[str, list[Post]] = {}
        self._plans: dict[str, list[int]] = {}
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self.address = f"http://{host}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def plan(self, name: str, statuses: list[int]) -> None:
        """Empty a box and decide what it answers; the last status repeats."""
        with self._lock:
            self._posts[name], self._plans[name] = [], list(statuses)

    def posts(self, name: str) -> list[Post]:
        """What has been posted to a box."""
        with self._lock:
            return list(self._posts.get(name, ()))

    def take(self, name: str, post: Post) -> int:
        """Keep a post; the status to answer."""
        with self._lock:
            box = self._posts.setdefault(name, [])
            plan = self._plans.get(name) or [200]
            box.append(post)
            return plan[min(len(box), len(plan)) - 1]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Hands every POST to the sink."""

        def do_POST(self) -> None:
            """Take a post in."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                document = json.loads(body)
            except ValueError:
                document = None
            address = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            name = address.path.strip("/").split("/")[0]
            self.send_response(sink.take(name, Post(headers, dict(parse_qsl(address.query)), document)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
