"""Say what a transaction can do.

In:        statements in the store's dialect, and their values
Out:       `Session`, `Kind`, and the failures its methods raise
Not here:  opening a store (store.engine), the SQL (sql.select, sql.write)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol, TypeAlias

from verselet.sql.dialects import Dialect
from verselet.store.failures import (
    StatementStopped,
    StatementTooLarge,
    StoreBusy,
    StoreDamaged,
    StoreFailure,
    StoreFull,
    StoreLost,
    TakesLong,
    UniqueViolation,
    ValueNotTaken,
)
from verselet.values import Stored

__all__ = [
    "Kind",
    "Session",
    "StatementStopped",
    "StatementTooLarge",
    "StoreBusy",
    "StoreDamaged",
    "StoreFailure",
    "StoreFull",
    "StoreLost",
    "TakesLong",
    "UniqueViolation",
    "ValueNotTaken",
]

Kind: TypeAlias = Literal["schema", "rights", "steps"]
"""What every process remembers of the rows: the definitions, whoever may do what, the steps that are registered."""


class Session(Protocol):
    """A transaction that is open. It belongs to the thread that opened it."""

    @property
    def dialect(self) -> Dialect:
        """The dialect statements must be written in."""

    @property
    def row_count(self) -> int:
        """How many rows the last insert, update or delete touched."""

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows.

        Raises:
            UniqueViolation: a row with these values is there already. [E-14]
            StoreFailure: the other classes of store.failures.
        """

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> int:
        """Run one statement that returns nothing, once for each of `rows`, the fastest way the driver has.

        Returns:
            How many rows all of that touched.
        """

    def stream(self, text: str, at_once: int) -> Iterator[Sequence[tuple[Stored, ...]]]:
        """The rows of one reading statement without values, so many at a time: no more of them are in memory."""

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Stored]]) -> None:
        """Put any number of rows into a table, the fastest way the database has.

        Raises:
            ValueNotTaken: the database takes one of the values for none of its column.
        """

    def run_script(self, text: str) -> None:
        """Run statements that take no values and return no rows, separated by `;`. A `%` stands for itself."""

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it fails; the transaction goes on."""

    def next_versions(self, count: int = 1) -> int:
        """Take `count` numbers in a row, larger than all taken before in the organization. [ET-7]

        Returns:
            The first of them.
        """

    def outdate(self, *kinds: Kind) -> None:
        """What anybody remembers of these is out of date as soon as the transaction is committed."""

    def remembers(self, kind: Kind) -> int | None:
        """The number of what may be remembered of what this session sees; None once the transaction changed it."""
