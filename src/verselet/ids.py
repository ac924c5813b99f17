"""Make ids: of rows, of requests; by chance or by seed.

In:        nothing, or a number that fixes the sequence
Out:       `Ids`; `name_id`, `numbered_id` and `named_chance`, which depend on a name only
Not here:  row versions (store.session)
"""

from __future__ import annotations

import hashlib
import random
import re
import time
from itertools import count

GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")
"""The 8-4-4-4-12 form, either letter case. [T-1]"""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

_NAMES = bytes.fromhex("6f0e2c4b7d5a5c1e9b7a3f2d8c41e6a5")
"""The namespace of `name_id`; another one would give every definition another id."""


def name_id(*parts: str) -> str:
    """The id of something that is known by its name: the same names give the same id, always (version 5). [MD-3]"""
    digest = hashlib.sha1(_NAMES + "\x1f".join(parts).encode(), usedforsecurity=False).digest()
    text = f"{(int.from_bytes(digest[:16], 'big') & ~(0xF << 76 | 3 << 62)) | 5 << 76 | 2 << 62:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Ids:
    """One organization's source of ids.

    Row ids are time-ordered (version 7), so that inserts stay at the end of the primary key's index
    (performance.md §6). With a seed the sequence is fixed: same start, same ids.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._chance = random.Random(seed)  # noqa: S311  ids are names, not secrets
        self._seeded = seed is not None
        self._ticks = count(1_700_000_000_000)

    def new_row_id(self) -> str:
        """An id for a new row, lower case, later than the one before."""
        millis = next(self._ticks) if self._seeded else time.time_ns() // 1_000_000
        bits = self._chance.getrandbits(74)
        text = f"{millis << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & ((1 << 62) - 1):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def new_row_ids(self, count: int) -> list[str]:
        """Ids for so many new rows, each later than the one before: they differ in their last digits only."""
        if count < 2:
            return [self.new_row_id() for _ in range(count)]
        beginning, number = self.new_row_id()[:24], self._chance.getrandbits(47)
        return [f"{beginning}{last:012x}" for last in range(number, number + count)]

    def new_text(self, length: int) -> str:
        """So many capital letters and digits by chance, for the names of rows. [JOB-67]"""
        return "".join(self._chance.choices(_LETTERS, k=length))

    def new_random_id(self) -> str:
        """An id without order: for requests, batches, tokens of no weight."""
        text = self._chance.getrandbits(128).to_bytes(16, "big").hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def numbered_id(number: int, name: str) -> str:
    """The id that belongs to a name, sorted by number: rows that come in an order are stored and listed in it."""
    return f"{number & 0xFFFF_FFFF:08x}{name_id(name)[8:]}"


def named_chance(name: str) -> float:
    """A number from 0 to below 1 that belongs to a name: chance that comes out the same every time."""
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:13], 16) / 2**52
