"""Say in our words what PostgreSQL says in its own.

In:        errors of psycopg
Out:       store.failures
Not here:  the failures themselves (store.failures)
"""

from __future__ import annotations

from psycopg import Error, errors

from verselet.store.failures import (
    LayoutChanged,
    StatementStopped,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreLost,
    UniqueViolation,
)


def failure_of(error: Error) -> Exception:
    """The failure to raise; an error that can only be a fault of ours is returned as it is."""
    match error:
        case errors.UniqueViolation():
            return UniqueViolation(error.diag.constraint_name or "", error.diag.table_name or "")
        case errors.UndefinedTable() | errors.UndefinedColumn():
            return LayoutChanged(f"The database has no such table or column: {error.diag.message_primary}.")
        case errors.FeatureNotSupported() if "cached plan" in (error.diag.message_primary or ""):
            return LayoutChanged("A column of the statement has another type by now.")
        case errors.QueryCanceled():
            return StatementStopped("The statement was stopped.")
        case errors.DeadlockDetected() | errors.SerializationFailure() | errors.LockNotAvailable():
            return StoreBusy("Another transaction was in the way.")
        case errors.DiskFull():
            return StoreFull()
        case errors.OutOfMemory():
            return StoreBusy("The database is out of memory.")
        case errors.DataCorrupted() | errors.IndexCorrupted() | errors.IoError():
            return StoreDamaged(f"The database cannot be read or written: {error.diag.message_primary}.")
        case errors.AdminShutdown() | errors.CrashShutdown() | errors.CannotConnectNow():
            return StoreLost("The database is shutting down.")
        case _:
            return error
