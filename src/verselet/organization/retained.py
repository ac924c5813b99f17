"""Give the rows that a question is asked of: the active ones, or the retained ones of one table.

In:        an organization, a prepared question, its caller and values
Out:       `AskedRows`: where they are
Not here:  what is read of the lake for a question (operations.retention)

Which rows count is said by the lake and the tables together, so both are asked about one moment: if the lake was
written to while the tables were asked, both are asked again.

A question reads those cells of those rows that it may need. What it read is held for the next one that needs the same,
such as that for the next page, as long as nothing changes in the lake.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

from verselet.errors import Unavailable
from verselet.lake import ID, Scan, Snapshot
from verselet.lake.scan import OneOf
from verselet.messages.request import WhoAmI
from verselet.metadata.tables import Table
from verselet.operations.reads import Reads
from verselet.operations.retention.narrowing import Wanted, must_stand_alone, scan_of
from verselet.operations.retention.reading import RowsAway, read_into, rows_away, unfinished
from verselet.operations.rights import READ, must_reach_all
from verselet.operations.tabular_reads import PreparedTable
from verselet.organization.house import Organization
from verselet.query.plan import FIRST_LITERAL, ColumnOf
from verselet.security.caller import Caller
from verselet.store.failures import TakesLong
from verselet.store.kept import KeptRows
from verselet.values import Stored

MOST_LOOKS: Final = 20
"""So often the lake is looked at that somebody writes to meanwhile."""

MOST_HELD: Final = 64 * 1024 * 1024
"""So many bytes of retained rows are held for the next question."""


class _Held:
    """Retained rows that were read; of some, whose ids are known, every cell that the question shows."""

    def __init__(self, rows: KeptRows) -> None:
        self.rows = rows
        self.whole: set[str] = set()


class _Asked(msgspec.Struct, frozen=True, eq=False):
    """A question about retained rows, and where its answer is."""

    read: PreparedTable
    values: Sequence[Stored]
    table: Table
    snapshot: Snapshot | None
    away: RowsAway

    def scan(self, *texts: str, most: int | None = None) -> Scan:
        """What statements need of the lake."""
        # Where a later row replaced others, the first rows of the lake are not the first ones that count.
        wanted = Wanted(texts, None if self.away.replaced else most)
        present = frozenset[str]() if self.snapshot is None else self.snapshot.columns
        return scan_of(self.read.asked.plan, self.table, self.values, present, wanted)

    @property
    def is_by_id(self) -> bool:
        """The last value of its order is the row's id."""
        plan = self.read.asked.plan
        return plan.paged_by_values and plan.order[-1].by == ColumnOf(plan.source, self.table.primary_id)

    def ids(self, rows: KeptRows, page: range) -> list[str]:
        """The ids of the rows of a page."""
        statement = self.read.statements.ends
        values = self.values[: FIRST_LITERAL + len(self.read.places)]
        found = rows.fetch(statement.text, statement.bind([*values, 0, len(page), page.start]))
        return [str(row[-1]) for row in found]


class AskedRows:
    """The rows of one organization, for questions."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._held: OrderedDict[tuple[object, ...], _Held] = OrderedDict()
        self._away: dict[str, tuple[tuple[object, ...], RowsAway]] = {}

    def reading(
        self, read: PreparedTable, caller: Caller, values: Sequence[Stored], page: range | None = None
    ) -> Reads:
        """Where the rows of a question are: in the store, or in what the lake holds of its table. [RET-40]

        `page`: which rows of the order are shown; None where rows are only counted.

        Raises:
            PrivilegeMissing: retained rows, and the caller does not read all rows of the table. [RET-42]
            FetchRefused and its kin: retained rows, and too much of them, or of other tables too. [RET-41]
        """
        if not read.asked.plan.from_lake:
            return self._organization.store
        asked = self._asked(read, caller, values)
        found, ends = read.statements.rows.text, read.statements.ends.text
        shown = asked.scan(found, ends, most=None if page is None else page.stop)
        if shown.most is not None:
            return self._held_rows(asked, shown).rows
        # What decides about rows and their order is read of all; what is shown beside, of those of the page.
        deciding = asked.scan(ends)
        if not asked.is_by_id or set(shown.columns) <= set(deciding.columns):
            return self._held_rows(asked, shown).rows
        held = self._held_rows(asked, deciding, shown.columns)
        ids = [] if page is None else [row_id for row_id in asked.ids(held.rows, page) if row_id not in held.whole]
        if ids:
            read_into(held.rows, asked.snapshot, Scan(columns=shown.columns, test=OneOf(ID, tuple(ids))), asked.away)
            held.whole.update(ids)
        return held.rows

    def _asked(self, read: PreparedTable, caller: Caller, values: Sequence[Stored]) -> _Asked:
        organization = self._organization
        if organization.store.is_hurried:
            # Files are read, perhaps from far away.
            raise TakesLong
        table = organization.schema.tables[read.asked.plan.table]
        for _ in range(MOST_LOOKS):
            snapshot = organization.lake.look(table.name)
            with organization.store.read() as session:
                run = organization.opened(WhoAmI(), session, caller)
                must_reach_all(run, table, READ)
                # What the caller may read is said first: the filter of those who may not speaks of other rows too.
                must_stand_alone(read.asked.plan)
                batches = unfinished(run)
            # What the tables say of the lake is said of what it holds at that moment.
            if self._is_newest(table.name, snapshot):
                return _Asked(read, values, table, snapshot, self._rows_away(table.name, snapshot, batches))
        raise Unavailable("The lake changes faster than it can be read. Try again in a moment.")

    def _is_newest(self, name: str, snapshot: Snapshot | None) -> bool:
        """Nothing has come to the lake, nor gone, since it was looked at."""
        return self._organization.lake.look(name) is None if snapshot is None else snapshot.is_newest()

    def _held_rows(self, asked: _Asked, scan: Scan, shown: tuple[str, ...] = ()) -> _Held:
        """What a scan gives; held from the last time, if nothing came or went. `shown` are cells that come later."""
        version = -1 if asked.snapshot is None else asked.snapshot.version
        key = (self._organization.schema.generation, asked.table.name, version, asked.away.batches, scan, shown)
        held = self._held.get(key)
        if held is None:
            held = _Held(KeptRows(asked.table))
            read_into(held.rows, asked.snapshot, scan, asked.away)
            self._held[key] = held
        self._make_room()
        return held

    def _rows_away(self, name: str, snapshot: Snapshot | None, batches: tuple[str, ...]) -> RowsAway:
        """What does not count, found once for each version."""
        if snapshot is None:
            return RowsAway(batches)
        key = (snapshot.version, batches)
        known = self._away.get(name)
        if known is None or known[0] != key:
            known = self._away[name] = (key, rows_away(snapshot, batches))
        return known[1]

    def _make_room(self) -> None:
        """Forget what was asked for longest ago, until the rest is not too much."""
        for old in list(self._held):
            if sum(held.rows.size_bytes for held in list(self._held.values())) <= MOST_HELD:
                break
            self._held.pop(old, None)
