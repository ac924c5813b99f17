"""Read retained rows with the statements that active rows are read with.

In:        a table, what the lake holds of it, the runs in progress
Out:       `RowsAway`: ids and batches that do not count; `read_into`: the rows that are asked for, in a database
Not here:  who may read them (organization.retained), what is read of them (operations.retention.narrowing)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

import msgspec

from verselet.errors import FetchRefused
from verselet.lake import BATCH, ID, RETAINED, Cell, Scan, Snapshot
from verselet.lake.scan import Every, Not, OneOf, Test
from verselet.metadata.tables import Table
from verselet.operations.asking import compared, rows_that
from verselet.pipeline.execution import Execution
from verselet.sql.columns import stored_columns
from verselet.sql.dialects import SQLITE
from verselet.store.codecs import operand
from verselet.store.kept import KeptRows
from verselet.values import Stored, Value

OPERATIONS: Final = "retentionoperation"

MOST_BYTES: Final = 256 * 1024 * 1024
"""A question that has to read more of the lake into memory is refused."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is; kept in the paging cookie of its row. [RET-22]

    `last` is the id of the last root that is done. `batch` is on its way to the lake, with rows of `tables`; it is
    retained at the moment when its rows are deleted and it is named here no longer. `undone` are batches that were
    taken back: what lies in the lake of them does not count; while there are `tables`, it is still to be taken out.
    """

    last: str | None = None
    batch: str | None = None
    tables: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


class RowsAway(msgspec.Struct, frozen=True):
    """Rows that lie in the lake and are not retained: those of `batches`, which are on their way, [RET-3], [RET-45]
    and those that a later row replaced, which has the same id. `replaced` are ids and batches.
    """

    batches: tuple[str, ...] = ()
    replaced: frozenset[tuple[str, str]] = frozenset()


def progress_of(text: object) -> Progress:
    """What the paging cookie of a run says."""
    return msgspec.json.decode(text, type=Progress) if isinstance(text, str) and text else Progress()


def unfinished(run: Execution) -> tuple[str, ...]:
    """The batches on their way to the lake, and those that were taken back. [RET-3], [RET-45]"""
    operations = run.schema.tables[OPERATIONS]
    named = compared(operations, "pagingcookie", None, "ne")
    found: set[str | None] = set()
    for row in rows_that(run, operations, ("pagingcookie",), (named,)):
        progress = progress_of(row.values["pagingcookie"])
        found |= {progress.batch, *progress.undone}
    return tuple(sorted([batch for batch in found if batch is not None]))


def rows_away(snapshot: Snapshot, batches: tuple[str, ...]) -> RowsAway:
    """What of the snapshot does not count. An id that was used again may have been retained twice. [RET-45]"""
    repeated = snapshot.repeated()
    if not repeated:
        return RowsAway(batches)
    latest: dict[str, tuple[str, str]] = {}
    places: set[tuple[str, str]] = set()
    scan = Scan(columns=(ID, RETAINED, BATCH), test=Every((_finished(batches), OneOf(ID, tuple(repeated)))))
    for cells in snapshot.read(scan):
        for row_id, at, batch in zip(cells[ID], cells[RETAINED], cells[BATCH], strict=True):
            place, when = (str(row_id), str(batch)), (str(at), str(batch))
            places.add(place)
            latest[place[0]] = max(latest.get(place[0], when), when)
    return RowsAway(batches, frozenset([place for place in places if latest[place[0]][1] != place[1]]))


def read_into(kept: KeptRows, snapshot: Snapshot | None, scan: Scan, away: RowsAway) -> None:
    """Read what a scan gives; a row that is there already is replaced by the one with the cells of this scan.

    Raises:
        FetchRefused: there is too much.
    """
    if snapshot is None:
        return
    ways = _ways(kept.table)
    asked = Scan(
        columns=(*scan.columns, ID, BATCH),
        test=Every((_finished(away.batches), scan.test)),
        order=scan.order,
        most=scan.most,
    )
    for cells in snapshot.read(asked):
        columns = [_stored(cells[name], ways.get(name)) for name in scan.columns]
        kept.add(scan.columns, list(_counting(zip(*columns, strict=True), cells, away.replaced)))
        if kept.size_bytes > MOST_BYTES:
            raise FetchRefused(
                f"The question would read more than {MOST_BYTES} bytes of retained rows. Ask for fewer columns, or for "
                "fewer rows by conditions on numbers, dates, choices, lookups or the beginning of texts."
            )


def _finished(batches: tuple[str, ...]) -> Test:
    return Not(OneOf(BATCH, batches))


def _counting(
    rows: Iterator[tuple[Stored, ...]], cells: Mapping[str, list[Cell]], replaced: frozenset[tuple[str, str]]
) -> Iterator[tuple[Stored, ...]]:
    """The rows without those that a later one replaced."""
    if not replaced:
        yield from rows
        return
    for row, row_id, batch in zip(rows, cells[ID], cells[BATCH], strict=True):
        if (str(row_id), str(batch)) not in replaced:
            yield row


def _ways(table: Table) -> dict[str, Callable[[Cell], Stored]]:
    """Cell → what turns it into the stored value; the others are stored as they are."""
    found: dict[str, Callable[[Cell], Stored]] = {}
    for column in table.columns.values():
        for part in stored_columns(table, column):
            if part.kind == "decimal":
                scaled = operand(table, column, SQLITE)
                found[part.name] = partial(_scaled, scaled)
    return found


def _scaled(convert: Callable[[Value], Stored], cell: Cell) -> Stored:
    return convert(Decimal(str(cell)))


def _stored(cells: list[Cell], way: Callable[[Cell], Stored] | None) -> Sequence[Stored]:
    return cells if way is None else [None if cell is None else way(cell) for cell in cells]
