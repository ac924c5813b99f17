"""Say in our words what PostgreSQL says in its own.

In:        errors of psycopg
Out:       store.failures
Not here:  the failures themselves (store.failures)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from psycopg import Error, errors

from verselet.sql.columns import primary_key_name
from verselet.store.division import AHEAD, whole_name
from verselet.store.failures import (
    LayoutChanged,
    StatementStopped,
    StatementTooLarge,
    StoreBusy,
    StoreDamaged,
    StoreFailure,
    StoreFull,
    StoreLost,
    UniqueViolation,
)

_SAID: Final[Sequence[tuple[tuple[type[Error], ...], type[StoreFailure], str]]] = (
    ((errors.UndefinedTable, errors.UndefinedColumn), LayoutChanged, "The database has no such table or column: {}."),
    (
        (errors.ProgramLimitExceeded, errors.StatementTooComplex, errors.TooManyColumns),
        StatementTooLarge,
        "The database takes no statement of so many parts: {}.",
    ),
    ((errors.QueryCanceled,), StatementStopped, "The statement was stopped."),
    (
        (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable),
        StoreBusy,
        "Another transaction was in the way.",
    ),
    ((errors.OutOfMemory,), StoreBusy, "The database is out of memory."),
    (
        (errors.DataCorrupted, errors.IndexCorrupted, errors.IoError),
        StoreDamaged,
        "The database cannot be read or written: {}.",
    ),
    (
        (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow),
        StoreLost,
        "The database is shutting down.",
    ),
)
"""What is said of errors, with what the database says of them."""


def failure_of(error: Error) -> Exception:
    """The failure to raise; an error that can only be a fault of ours is returned as it is."""
    said = error.diag.message_primary or ""
    if isinstance(error, errors.UniqueViolation):
        return _violation(error.diag.constraint_name or "", error.diag.table_name or "")
    if isinstance(error, errors.CheckViolation) and error.diag.constraint_name == AHEAD:
        return StoreBusy("The table is being divided.")
    if isinstance(error, errors.FeatureNotSupported) and "cached plan" in said:
        return LayoutChanged("A column of the statement has another type by now.")
    if isinstance(error, errors.DiskFull):
        return StoreFull()
    for kinds, failure, text in _SAID:
        if isinstance(error, kinds):
            return failure(text.format(said))
    return error


def _violation(index: str, table: str) -> UniqueViolation:
    """In a divided table only the id is unique; the database names the part that has it."""
    whole = whole_name(table) if index == f"{table}_pkey" else None
    return UniqueViolation(index, table) if whole is None else UniqueViolation(primary_key_name(whole), whole)
