"""Give the rows that a question is asked of: the active ones, or the retained ones of one table.

In:        an organization, a prepared question, its caller and values
Out:       `AskedRows`: what fetches them
Not here:  what is read of the lake for a question (operations.retention)

A question reads those cells of those rows that it may need. What it read is held for the next one that needs the same,
such as that for the next page, as long as nothing changes in the lake.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from verselet.lake import Snapshot
from verselet.messages.request import WhoAmI
from verselet.operations.retention.narrowing import Wanted, must_stand_alone, scan_of
from verselet.operations.retention.reading import RowsAway, kept_rows, rows_away, unfinished
from verselet.operations.rights import READ, must_reach_all
from verselet.operations.tabular_reads import PreparedTable
from verselet.organization.house import Organization
from verselet.security.caller import Caller
from verselet.store.failures import TakesLong
from verselet.store.kept import KeptRows
from verselet.values import Stored

Fetch: TypeAlias = Callable[[str, Sequence[Stored]], list[tuple[Stored, ...]]]
"""Runs one reading statement."""

MOST_HELD: Final = 64 * 1024 * 1024
"""So many bytes of retained rows are held for the next question."""


class _Held(msgspec.Struct, frozen=True, eq=False):
    """Retained rows that were read, and how many bytes they take."""

    rows: KeptRows
    size: int


class AskedRows:
    """The rows of one organization, for questions."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._held: OrderedDict[tuple[object, ...], _Held] = OrderedDict()
        self._away: dict[str, tuple[tuple[object, ...], RowsAway]] = {}

    def fetching(self, read: PreparedTable, caller: Caller, values: Sequence[Stored], most: int | None = None) -> Fetch:
        """What fetches the rows of a question: from the store, or from what the lake holds of its table. [RET-40]

        `most`: no more than so many rows of the order are needed.

        Raises:
            PrivilegeMissing: retained rows, and the caller does not read all rows of the table. [RET-42]
            FetchRefused and its kin: retained rows, and too much of them, or of other tables too. [RET-41]
        """
        if not read.asked.plan.from_lake:
            return self._organization.store.fetch
        return self._retained(read, caller, values, most).fetch

    def _retained(self, read: PreparedTable, caller: Caller, values: Sequence[Stored], most: int | None) -> KeptRows:
        organization, asked = self._organization, read.asked.plan
        if organization.store.is_hurried:
            # Files are read, perhaps from far away.
            raise TakesLong
        table = organization.schema.tables[asked.table]
        # Rows that are on their way may be in the lake before the tables say so; so the lake is looked at first.
        snapshot = organization.lake.look(table.name)
        with organization.store.read() as session:
            run = organization.opened(WhoAmI(), session, caller)
            must_reach_all(run, table, READ)
            # What the caller may read is said first: the filter of those who may not speaks of other rows too.
            must_stand_alone(asked)
            batches = unfinished(run)
        away = self._rows_away(table.name, snapshot, batches)
        texts = (read.statements.rows.text, read.statements.ends.text, read.statements.count.text)
        # Where a later row replaced others, the first rows of the lake are not the first ones that count.
        wanted = Wanted(texts, None if away.replaced else most)
        present = frozenset() if snapshot is None else snapshot.columns
        scan = scan_of(asked, table, values, present, wanted)
        version = -1 if snapshot is None else snapshot.version
        key = (organization.schema.generation, table.name, version, batches, scan)
        held = self._held.get(key)
        if held is None:
            held = _Held(*kept_rows(table, snapshot, scan, away))
            self._hold(key, held)
        return held.rows

    def _rows_away(self, name: str, snapshot: Snapshot | None, batches: tuple[str, ...]) -> RowsAway:
        """What does not count, found once for each version."""
        if snapshot is None:
            return RowsAway(batches)
        key = (snapshot.version, batches)
        known = self._away.get(name)
        if known is None or known[0] != key:
            known = self._away[name] = (key, rows_away(snapshot, batches))
        return known[1]

    def _hold(self, key: tuple[object, ...], held: _Held) -> None:
        """Hold what was read, in the place of what was asked for longest ago."""
        if held.size > MOST_HELD:
            return
        self._held[key] = held
        for old in list(self._held):
            if sum(other.size for other in list(self._held.values())) <= MOST_HELD:
                break
            self._held.pop(old, None)
