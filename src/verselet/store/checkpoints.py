"""Write the log of a SQLite file back into the file while nobody waits for it.

In:        how long the log is after each commit
Out:       `Checkpoints`, one per file
Not here:  transactions (store.sqlite), the settings of connections (store.sqlite_connection)

SQLite itself does it within the commit that makes the log too long: one request would pay for thousands of others, and
on the event loop all would wait. (performance.md §7)
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from verselet.store.sqlite_connection import connect

PAGES: Final = 4_000
"""From 16 MB on the log is written back, and again for every 16 MB more."""

MOST_PAGES: Final = 16_000
"""From 64 MB on writers wait for a moment, so that the log can begin anew; while others write it only grows."""

BUSY_MS: Final = 20
"""How long writers wait for that at most; a reader that takes longer puts it off."""


class Checkpoints:
    """A thread that writes the log back whenever a commit has made it too long."""

    def __init__(self, path: Path, pages: int = PAGES, most_pages: int = MOST_PAGES) -> None:
        self._path = path
        self._pages = pages
        self._most_pages = most_pages
        self._due = pages
        self._connection: apsw.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="verselet-checkpoint")

    def note(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        """Take notice of a commit, after which the log has so many pages; what SQLite calls then."""
        if pages >= self._due:
            self._due = pages + self._pages
            # Whoever still writes while the process ends leaves the log for the next start.
            with suppress(RuntimeError):
                self._thread.submit(self._write_back)
        elif pages < self._pages:
            # It has begun anew.
            self._due = self._pages
        return apsw.SQLITE_OK

    def close(self) -> None:
        """Finish what is at work."""
        self._thread.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()

    def _write_back(self) -> None:
        # What fails now, because a reader is in the way, say, is tried again when the log has grown.
        with suppress(apsw.Error):
            if self._connection is None:
                self._connection = connect(self._path, read_only=False)
                self._connection.set_busy_timeout(BUSY_MS)
            pages, _ = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            if pages >= self._most_pages:
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
