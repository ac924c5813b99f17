"""Show how far something long has come.

In:        done, total, what
Out:       a bar at a terminal; elsewhere a line every five seconds; nothing at all for the first second
Not here:  what takes the time (seeding, organization)
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

QUIET_S = 1.0
LINE_EVERY_S = 5.0


class Progress:
    """Called with done, total and what, as often as the caller likes."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._last_line = self._began
        self._at_terminal = sys.stderr.isatty()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        """Begin to count the first second."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self.close()

    def __call__(self, done: int, total: int, what: str) -> None:
        """`done` of `total` (0 where nobody knows) of `what` are finished."""
        now = time.perf_counter()
        if now - self._began < QUIET_S:
            return
        if self._at_terminal:
            self._show(done, total, what)
        elif now - self._last_line >= LINE_EVERY_S:
            self._last_line = now
            of_total = f" of {total}" if total else ""
            rate = done / (now - self._began)
            click.echo(f"{what}: {done}{of_total}, {rate:.0f} per second", err=True)

    def note(self, what: str) -> None:
        """A step without a number has begun."""
        if time.perf_counter() - self._began >= QUIET_S:
            click.echo(what, err=True)

    def close(self) -> None:
        """Show nothing more."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, done: int, total: int, what: str) -> None:
        if self._bar is None:
            self._bar = _make_bar()
            self._task = self._bar.add_task(what, total=total or None)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=total or None, description=what)


def _make_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True)
