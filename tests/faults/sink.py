"""Take the posts of a web hook on loopback, and remember which rows they were about."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Set as AbstractSet
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override

SETTLES_S = 120.0
"""So long nothing may come while some events are still missing: on PostgreSQL the claims of the dead run out first."""

COMPARED_AFTER = 1_000
"""After so many more posts it is looked whether all have come."""


class Sink:
    """`operations` counts how often each operation was told of."""

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()
        self._rows: dict[str, set[str]] = {"Create": set(), "Delete": set()}
        self._changed = threading.Condition()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                content = self.rfile.read(length)
                if len(content) < length:
                    return  # the server died while it posted
                sink._take(json.loads(content))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            @override
            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    return  # the server died before it was answered

            @override
            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def told_of(self, message: str) -> set[str]:
        """The rows that such a message was told about."""
        with self._changed:
            return set(self._rows[message])

    def wait_for(self, message: str, ids: AbstractSet[str]) -> set[str]:
        """The rows nobody told about, once nothing has come for as long as that."""
        with self._changed:
            while untold := ids - self._rows[message]:
                # To compare all of them takes its time, and who tells of them waits meanwhile.
                told, enough = len(self.operations), min(len(untold), COMPARED_AFTER)
                self._changed.wait_for(partial(self._has_heard, told + enough), SETTLES_S)
                if len(self.operations) == told:
                    return set(untold)
            return set()

    def _has_heard(self, number: int) -> bool:
        return len(self.operations) >= number

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _take(self, body: dict[str, str]) -> None:
        with self._changed:
            self.operations[body["OperationId"]] += 1
            self._rows[body["MessageName"]].add(body["PrimaryEntityId"])
            self._changed.notify_all()
