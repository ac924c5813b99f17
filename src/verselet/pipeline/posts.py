"""Say what is posted to a web hook, and how that went.

In:        a web hook, an event as bytes
Out:       `Post`, `Delivery`, and `Poster`: what posts
Not here:  posting (outgoing), what is in the bytes (pipeline.remote_context)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import msgspec
from typing_extensions import override

from verselet.pipeline.registry import WebHook

OWN_HEADERS: Final = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that say where a request goes and where it ends: no web hook has a say in that."""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way to a web hook. [EVT-42] `is_shortened`: parts of the body were left out. [EVT-43]"""

    hook: WebHook
    body: bytes
    organization: str
    table: str
    message: str
    correlation_id: str
    is_shortened: bool = False


class Delivery(msgspec.Struct, frozen=True):
    """How a post went: the status of the receiver, 0 where there was none, and what was wrong."""

    status: int
    reason: str = ""

    @property
    def is_taken(self) -> bool:
        """The receiver took it. [EVT-46]"""
        return 200 <= self.status < 300


class Poster(ABC):
    """Brings posts to their receivers."""

    @abstractmethod
    def post(self, post: Post) -> Delivery:
        """Post, and say how it went. [EVT-46], [EVT-47]"""


class NoPoster(Poster):
    """For an organization that nobody gave a way out of the house."""

    @override
    def post(self, post: Post) -> Delivery:
        """Nothing is posted."""
        return Delivery(0, "This organization posts nothing.")
