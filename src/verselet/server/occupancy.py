"""Keep a second server away from rows that lie in a file.

In:        settings, the address of the server
Out:       `occupy`
Not here:  whose turn it is to write (store.turnstile)

Two servers on one file would each take it for theirs: jobs of the other one for left behind, news for seldom. Commands
beside a server, such as a backup, take turns with it instead. The lock goes with the process that holds it, however
that ends. It is the one that looks after the others, where there are several: it knows nothing of rows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from verselet.errors import OperatorError
from verselet.settings import Settings, database_file

LONGEST: Final = 1_000
"""Nobody's address is longer."""


def occupy(settings: Settings, server: str) -> Callable[[], None]:
    """Nobody else serves the rows until the place is given back, by what this returns.

    Raises:
        OperatorError: another server has them, and which.
    """
    database = database_file(settings.database, settings.data)
    if database is None or sys.platform == "win32":
        return _nothing
    from fcntl import LOCK_EX, LOCK_NB, flock

    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(f"{database}-server", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        # What keeps us from writing beside the database keeps the store from it, which says so at once.
        return _nothing
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        holder = os.read(file, LONGEST).decode(errors="replace").strip()
        os.close(file)
        raise _served(database.parent, holder) from None
    # The lock holds without a name in it; that there is no room is for the store to say, which needs more of it.
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.write(file, f"{server} (process {os.getpid()})\n".encode())
    return lambda: os.close(file)


def _served(place: Path, holder: str) -> OperatorError:
    return OperatorError(
        "VS2012",
        f"the data in {place} is served already",
        f"by {holder or 'another process'}",
        "stop that server, give one server several processes with --workers, or name another place for the data",
    )


def _nothing() -> None:
    """Rows that nobody else can reach, or several servers may."""
