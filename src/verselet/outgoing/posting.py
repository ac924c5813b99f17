"""Post events to web hooks over HTTP.

In:        posts
Out:       whether the receiver took them; otherwise why not
Not here:  where they may go (outgoing.addresses), when they are made (pipeline.firing, jobs)

Redirects are not followed; only the status of an answer is looked at. [EVT-46]
"""

from __future__ import annotations

import http.client
import time
from typing import Final
from urllib.parse import urlencode

from typing_extensions import override

from verselet.outgoing.addresses import Destination, LookUp, NoDestination, destination_of, look_up
from verselet.outgoing.connection import CheckedConnection, ElapsedS
from verselet.pipeline.posts import OWN_HEADERS, Delivery, Post, Poster

TIMEOUT_S: Final = 60.0
"""How long a receiver may take, for everything. [EVT-46]"""

TRIED_AGAIN: Final = frozenset({502, 503, 504})
"""Statuses after which a post is made once more. [EVT-47]"""


class HttpPoster(Poster):
    """Posts over HTTP. `allows_private`: also to addresses of this machine and of private networks, and any port."""

    def __init__(
        self,
        *,
        allows_private: bool,
        timeout_s: float = TIMEOUT_S,
        look_up: LookUp = look_up,
        elapsed_s: ElapsedS = time.monotonic,
    ) -> None:
        self._allows_private = allows_private
        self._timeout_s = timeout_s
        self._look_up = look_up
        self._elapsed_s = elapsed_s

    @override
    def post(self, post: Post) -> Delivery:
        """Post once, and once more after a status that says so. [EVT-47]"""
        first = self._post(post)
        return self._post(post) if first.status in TRIED_AGAIN else first

    def _post(self, post: Post) -> Delivery:
        try:
            there = destination_of(post.hook.url, allows_private=self._allows_private, look_up=self._look_up)
        except NoDestination as refusal:
            return Delivery(0, f"The receiver cannot be reached: {refusal}.")
        try:
            status = self._send(there, post)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Delivery(0, f"The receiver '{there.host}' did not answer: {type(error).__name__}: {error}")
        return Delivery(status, "" if 200 <= status < 300 else f"The receiver '{there.host}' answered {status}.")

    def _send(self, there: Destination, post: Post) -> int:
        """The status of the answer."""
        query = "&".join([part for part in (there.query, urlencode(post.hook.query)) if part])
        target = there.path + (f"?{query}" if query else "")
        connection = CheckedConnection(there, self._elapsed_s, self._elapsed_s() + self._timeout_s)
        try:
            connection.request("POST", target, post.body, headers_of(post))
            return connection.getresponse().status
        finally:
            connection.close()


def headers_of(post: Post) -> dict[str, str]:
    """The headers, those of the web hook among them. [EVT-40], [EVT-42], [EVT-43]"""
    found = {
        "Content-Type": "application/json",
        **{name: text for name, text in post.hook.headers if name.lower() not in OWN_HEADERS},
        "x-ms-dynamics-organization": post.organization,
        "x-ms-dynamics-entity-name": post.table or "none",
        "x-ms-dynamics-request-name": post.message,
        "x-ms-correlation-request-id": post.correlation_id,
    }
    if post.is_shortened:
        found["x-ms-dynamics-msg-size-exceeded"] = "true"
    return found
