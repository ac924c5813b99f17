"""Say which of the things that processes remember a message may make out of date.

In:        a message
Out:       `outdated_by`
Not here:  remembering them (operations.standings, operations.step_book), telling others (store.generations)
"""

from __future__ import annotations

from typing import Final

from verselet.messages import (
    access,
    auditing,
    bulk_delete,
    custom,
    duplicates,
    files,
    jobs,
    numbers,
    retention,
    rollups,
    states,
    tracking,
)
from verselet.messages.request import READING, Request
from verselet.messages.written import tables_written
from verselet.operations.standings import SECURITY_TABLES
from verselet.operations.step_rows import STEP_TABLES
from verselet.store.session import Kind

WATCHED: Final = SECURITY_TABLES | STEP_TABLES
"""Tables whose rows decide about what comes after."""

_OTHERWISE: Final = frozenset(
    module.__name__
    for module in (
        access, auditing, bulk_delete, custom, duplicates, files, jobs, numbers, retention, rollups, states, tracking,
    )
)  # fmt: skip
"""Messages of these modules do not say which tables they write, but change nobody's standing."""


def outdated_by(request: Request) -> tuple[Kind, ...]:
    """What is out of date once the message is committed. A change of definitions says so itself."""
    tables = tables_written(request)
    if tables is None:
        is_harmless = isinstance(request, READING) or type(request).__module__ in _OTHERWISE
        return () if is_harmless else ("rights",)
    if WATCHED.isdisjoint(tables):
        return ()
    found: list[Kind] = []
    if not SECURITY_TABLES.isdisjoint(tables):
        found.append("rights")
    if not STEP_TABLES.isdisjoint(tables):
        found.append("steps")
    return tuple(found)
