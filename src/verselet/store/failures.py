"""Name what can go wrong between the server and its database.

    VerseletError
    └── StoreFailure            a statement or a transaction did not happen
        ├── UniqueViolation     a row with these values is there already; names the index
        ├── ValueNotTaken       a value is none that its column can hold
        ├── StatementStopped    the statement ran too long, or somebody cancelled it
        ├── StatementTooLarge   the database takes no statement of so many parts
        ├── TakesLong           a thread in a hurry gave up reading; nothing is wrong
        ├── StoreBusy           another writer or a deadlock was in the way for too long
        ├── LayoutChanged       a table or column of the statement is not there, or not any more
        ├── StoreFull           there is no room for the data
        ├── StoreDamaged        what is stored cannot be read
        └── StoreLost           the connection to the database is gone

In:        the facts of a failure
Out:       exceptions that store.session, store.sqlite and store.postgresql raise instead of the drivers'
Not here:  what a client is told (operations), what stops the start (store.refusals)
"""

from __future__ import annotations

from verselet.errors import VerseletError


class StoreFailure(VerseletError):
    """A statement or a transaction did not happen; nothing of it is stored."""


class UniqueViolation(StoreFailure):
    """A row with these values is there already. [E-14]

    `index_name` is what `sql.columns.primary_key_name`, `key_index_name` or `pair_index_name` give for `table`.
    """

    def __init__(self, index_name: str, table: str) -> None:
        super().__init__(f"A row with these values is there already: {index_name} of {table}.")
        self.index_name = index_name
        self.table = table


class ValueNotTaken(StoreFailure):
    """A value is none that its column can hold; checked ones never are."""


class StatementStopped(StoreFailure):
    """The statement ran too long, or somebody cancelled it."""


class StatementTooLarge(StoreFailure):
    """The database takes no statement of so many parts, or so deep."""


class TakesLong(StoreFailure):
    """A thread that has others to serve gave up reading; one with time of its own may begin again."""

    def __init__(self) -> None:
        super().__init__("The reading takes longer than this thread can stay with it.")


class StoreBusy(StoreFailure):
    """Another writer was in the way for too long, or two waited for each other; trying again may work."""


class LayoutChanged(StoreFailure):
    """The statement names a table or a column that is not there: it just went, or never was."""


class StoreFull(StoreFailure):
    """There is no room for the data; `reason` is what the machine says."""

    def __init__(self, reason: str = "no space left on device") -> None:
        super().__init__(f"There is no room left for the data on the disk of the database: {reason}.")


class StoreDamaged(StoreFailure):
    """What is stored cannot be read: the file is damaged, or the device fails."""


class StoreLost(StoreFailure):
    """The connection to the database is gone; the next use opens a new one."""
