"""Make answers shorter for clients that can unpack them.

In:        an `Answer`, what the client accepts
Out:       the same answer, packed with gzip
Not here:  when and in which thread (web.app)
"""

from __future__ import annotations

import gzip
import re
from typing import Final

import msgspec

from verselet.web.answers import Answer, Header

WORTH_BYTES: Final = 1024
"""A shorter answer fits into one packet anyway."""

PACKABLE: Final = (b"application/json", b"application/xml", b"text/plain", b"multipart/mixed")
"""Files and images are left alone: most of them are packed already, and their ranges count bytes."""

PACKED: Final[tuple[Header, ...]] = ((b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding"))
GZIP: Final = re.compile(r"(?:\A|,)\s*(?:gzip|\*)\s*(?:;\s*q=([\d.]+)\s*)?(?=,|\Z)", re.IGNORECASE)


def takes_gzip(accepted: str) -> bool:
    """The value of `Accept-Encoding` lets an answer be packed. [CC-6]"""
    found = GZIP.search(accepted)
    return found is not None and (found[1] is None or found[1].strip("0.") != "")


def is_worth_packing(answer: Answer) -> bool:
    """The answer is text, long enough, and not packed yet."""
    if len(answer.body) < WORTH_BYTES:
        return False
    for name, value in answer.headers:
        if name == b"content-encoding":
            return False
        if name == b"content-type" and not value.startswith(PACKABLE):
            return False
    return True


def packed(answer: Answer) -> Answer:
    """The answer in the quickest packing there is: the network is short where this is used."""
    return msgspec.structs.replace(answer, body=pack(answer.body, 1), headers=(*answer.headers, *PACKED))


def pack(body: bytes, level: int) -> bytes:
    """Packed, without a time in it, so that the same text gives the same bytes."""
    return gzip.compress(body, level, mtime=0)
