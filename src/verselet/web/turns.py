"""Remember which reads take long.

In:        requests that were answered, and how long it took
Out:       `LongReads`
Not here:  running them (web.app), stopping them (store.watch)

A read that is not done after a moment is given up on the event loop and begun again in a worker thread. Its shape is
remembered here, so that the next one goes there at once; one that turns out to be quick is forgotten again.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Final

LITERAL: Final = re.compile(rb"'[^']*'|%27.*?%27|[0-9][0-9a-fA-F-]*")
MAX_SHAPES: Final = 500
QUICK_S: Final = 0.005
"""Below this a read is worth no thread. (performance.md §5)"""

WEIGHT: Final = 0.5
"""How much the newest time counts in the moving average."""


class LongReads:
    """The shapes of addresses whose reading took long, with the moving average of their time in seconds."""

    def __init__(self) -> None:
        self._average_s: OrderedDict[bytes, float] = OrderedDict()

    def has(self, path: bytes, query: bytes) -> bool:
        """A read of this shape took long before."""
        # Mostly nothing is remembered: then the shape need not be known.
        return bool(self._average_s) and _shape(path, query) in self._average_s

    def note(self, path: bytes, query: bytes, spent_s: float) -> None:
        """A read of this shape took so long in a worker thread."""
        shape = _shape(path, query)
        average_s = self._average_s.pop(shape, spent_s) * (1 - WEIGHT) + spent_s * WEIGHT
        if average_s > QUICK_S:
            self._average_s[shape] = average_s
            if len(self._average_s) > MAX_SHAPES:
                self._average_s.popitem(last=False)


def _shape(path: bytes, query: bytes) -> bytes:
    """The address without its literals."""
    return LITERAL.sub(b"0", path) + b"?" + LITERAL.sub(b"0", query)
