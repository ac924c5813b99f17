"""Say what a client is told when the store fails.

In:        a failure of the store
Out:       a `ServiceError`
Not here:  failures that a message explains itself, as a violated key (operations.create)
"""

from __future__ import annotations

import logging
from typing import Final

from verselet.errors import DiskFull, QueryRefused, ServiceError, TookTooLong, Unavailable, Unexpected, VerseletError
from verselet.store.failures import (
    LayoutChanged,
    StatementStopped,
    StatementTooLarge,
    StoreBusy,
    StoreFull,
    StoreLost,
    TakesLong,
)

__all__ = ["LayoutChanged", "TakesLong", "TookTooLong", "Unavailable", "service_error"]

LOG: Final = logging.getLogger("verselet.store")


def service_error(error: VerseletError) -> ServiceError:
    """The refusal a client may see."""
    match error:
        case ServiceError():
            return error
        case StoreFull():
            LOG.warning("%s", error)
            return DiskFull(str(error))
        case StoreBusy() | StoreLost():
            LOG.warning("%s", error)
            return Unavailable(str(error))
        case StatementStopped():
            return TookTooLong("The query ran into its time limit. Ask for less, or filter by an indexed column.")
        case StatementTooLarge():
            LOG.warning("%s", error)
            return QueryRefused("The query has too many parts for the database. Ask for less at once.")
        case _:
            LOG.error("unexpected failure", exc_info=error)
            return Unexpected()
