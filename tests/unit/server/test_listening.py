"""Serving makes threads share the interpreter fairly."""

from __future__ import annotations

import asyncio
import signal
import sys

from verselet.server.listen import SWITCH_S, Switch, serve


def test_threads_at_work_let_others_in_soon() -> None:
    """A long write holds up no short read for the 5 ms that are usual. (performance.md §5)"""
    before, handler = sys.getswitchinterval(), signal.getsignal(signal.SIGTERM)
    switch, seen = Switch(), []

    async def unused(*_: object) -> None:
        raise AssertionError

    try:
        asyncio.run(serve(unused, [], switch, lambda: seen.append(sys.getswitchinterval()), ()))
    finally:
        sys.setswitchinterval(before)
        signal.signal(signal.SIGTERM, handler)

    assert [SWITCH_S] == [round(found, 6) for found in seen]
