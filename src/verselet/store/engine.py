"""Open the store a URL or a directory means.

In:        a URL, a data directory, or neither
Out:       `Store`, `open_store`
Not here:  SQLite (store.sqlite), PostgreSQL (store.postgresql), transactions (store.session)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from verselet.metadata.schema import Schema
from verselet.settings import FILE_NAME
from verselet.sql.dialects import Dialect
from verselet.store.gathering import Group
from verselet.store.generations import Generations
from verselet.store.refusals import is_no_directory, not_writable, unknown_url
from verselet.store.session import Session
from verselet.values import Stored


class Store(Protocol):
    """The rows of one organization. Its methods may be called from any thread."""

    @property
    def dialect(self) -> Dialect:
        """The dialect statements must be written in."""

    def begin(self, schema: int | None = None, *, versions: int = 0) -> AbstractContextManager[Session]:
        """A write transaction: committed at the end, undone by any exception.

        Inside another transaction of the same thread it is a savepoint of that one.

        Args:
            schema: the generation of the schema the writer goes by; None where definitions do not matter.
            versions: so many numbers will be wanted at least; where asking is dear, they come with the beginning.

        Raises:
            StoreBusy: other writers were in the way for too long.
            LayoutChanged: another process has put a later schema in force. Nothing has begun then.
        """

    def read(self) -> AbstractContextManager[Session]:
        """Several reading statements that see one state; nothing may be written until it ends.

        Inside a transaction of the same thread they see what it wrote.
        """

    def fetch(self, text: str, values: Sequence[Stored], /) -> list[tuple[Stored, ...]]:
        """Run one reading statement without the ceremony of a transaction: the fast way.

        Inside a transaction of the same thread it sees what that one wrote.
        """

    def prepare_schema(self, schema: Schema, progress: Callable[[str], None] = ...) -> Schema:
        """Create or upgrade everything `schema` needs, in one transaction.

        Returns the schema with the definitions that were made or changed in this store.
        `progress` is told in a sentence what takes long.

        Raises:
            OperatorError: the data has a newer format, or contradicts the schema.
        """

    def generations(self, *, certain: bool = False) -> Generations:
        """How often was changed what processes remember, as far as this one knows at little cost.

        That may be a moment old; `certain` asks.
        """

    def newest_schema(self) -> Schema:
        """The schema that is in force now, whichever process put it there."""

    def follow(self) -> None:
        """Hear of what other processes change from here on, where that needs somebody who listens."""

    def is_taken(self, *, writing: bool) -> bool:
        """Another thread is at work, and a reading or writing one would have to wait for it."""

    def hurry(self, *, on: bool) -> None:
        """The calling thread has others to serve: until told otherwise it gives up what it reads after a moment.

        It may write nothing meanwhile. Only one thread of a store can be in a hurry. A fetch or a read that it gives
        up raises `TakesLong`; where the database is another process nobody hurries.
        """

    @property
    def is_hurried(self) -> bool:
        """The calling thread has others to serve."""

    def gather(self, *, on: bool, waited_s: float = 0) -> None:
        """The calling thread is at work for one of several requests: what it writes may wait for what others write.

        The request has waited for so long already, and waits for other writers so much less.

        Until told otherwise its transactions stay open when they are done, and later ones become parts of them.
        It sees everything so far, so each of its answers must wait for the end of the `group` that is open then.
        """

    @property
    def gathers(self) -> bool:
        """Whether it is worth it to gather: nothing stays open otherwise."""

    @property
    def group(self) -> Group | None:
        """What the calling thread left open between two requests.

        Whoever is added to its `then` is told how it ends.
        """

    def settle(self) -> None:
        """Commit what the calling thread left open, if anything.

        Raises:
            StoreFailure: that failed. All of it is undone, and those who wait for it are told.
        """

    def stop(self) -> None:
        """Stop the statements that run now: the server is about to end and waits for nobody."""

    def close(self) -> None:
        """Give everything back to the machine; the store cannot be used afterwards."""


STATEMENT_LIMIT_S = 120.0
"""How long a statement may run unless a setting says otherwise. [LM-4]"""


def open_store(
    url: str | None,
    *,
    directory: Path | None = None,
    statement_limit_s: float = STATEMENT_LIMIT_S,
    is_shared: bool = False,
) -> Store:
    """Open a store; what it needs but does not find it creates.

    Args:
        url: `sqlite:///path` or `postgresql://…`; `sqlite://` is memory, as is None without a directory.
        directory: where a durable SQLite database is kept, if there is no URL.
        statement_limit_s: how long a statement may run before it is stopped; 0 for ever.
        is_shared: other processes of this server write there too.

    Raises:
        OperatorError: the store cannot be opened; says why and what to do.
    """
    if url is None:
        return _open_sqlite(None if directory is None else _usable(directory) / FILE_NAME, statement_limit_s, is_shared)
    if url in {"sqlite://", "sqlite:///:memory:"}:
        return _open_sqlite(None, statement_limit_s, is_shared)
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return _open_sqlite(_usable(path.parent) / path.name, statement_limit_s, is_shared)
    if url.startswith(("postgresql://", "postgres://")):
        # psycopg takes 60 ms to import; whoever stores rows in SQLite does not pay for it.
        from verselet.store.postgresql import PostgresqlStore

        return PostgresqlStore(url, statement_limit_s)
    raise unknown_url(url)


def _open_sqlite(path: Path | None, statement_limit_s: float, is_shared: bool) -> Store:
    from verselet.store.sqlite import SqliteStore

    return SqliteStore(path, statement_limit_s, is_shared=is_shared)


def _usable(directory: Path) -> Path:
    """The directory, made if need be.

    Raises:
        OperatorError: it is a file, or cannot be made.
    """
    if directory.exists() and not directory.is_dir():
        raise is_no_directory(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(directory, error.strerror or str(error)) from error
    return directory
