"""Say which tables a message names as those it writes.

In:        a message
Out:       names of tables; None where the message does not tell
Not here:  what it does to them (operations)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from verselet.messages import request as rows
from verselet.messages.request import Request


def tables_written(request: Request) -> tuple[str, ...] | None:
    """The tables whose rows the message is about, as far as plain messages about rows say it."""
    tell = _TABLES.get(type(request))
    return None if tell is None else tell(request)


def _of_target(request: Any) -> tuple[str, ...]:
    return (request.target.table,)


def _of_many(request: Any) -> tuple[str, ...]:
    return (request.table,)


def _of_pair(request: Any) -> tuple[str, ...]:
    return (request.table,) if request.other_table is None else (request.table, request.other_table)


_TABLES: Final[Mapping[type[Request], Callable[[Any], tuple[str, ...]]]] = MappingProxyType(
    {
        rows.Create: _of_target,
        rows.Update: _of_target,
        rows.Upsert: _of_target,
        rows.CreateMultiple: _of_many,
        rows.UpdateMultiple: _of_many,
        rows.UpsertMultiple: _of_many,
        rows.Delete: _of_many,
        rows.Associate: _of_pair,
        rows.Disassociate: _of_pair,
        # The commonest question of the server itself; it writes nothing.
        rows.RetrieveMultiple: lambda _: (),
    }
)
