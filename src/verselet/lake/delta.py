"""Keep rows in one Delta table per table, where any Delta reader can open it.

In:        the place; rows in batches; what is wanted of them
Out:       `Lake`; `Snapshot`, what it held of a table at one moment
Not here:  what a cell means for its column (operations.retention.cells), how a wish is written (lake.scan),
           where the tables lie (lake.places)

A batch is written in one commit per table. Whoever is interrupted takes the batch out again, or leaves it whole. What
was written lasts, because its rows may be deleted right after it.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from verselet.lake.batches import batches_of
from verselet.lake.compacting import KEPT_HOURS, MANY, compacted, small_files
from verselet.lake.failures import must_be_installed, telling
from verselet.lake.places import Folder, Place
from verselet.lake.scan import Cell, Every, Holds, OneOf, Scan, Test, text_of

if TYPE_CHECKING:
    from deltalake import DeltaTable

Form: TypeAlias = Literal["string", "int64", "float64", "bool", "binary"]

LakeRow: TypeAlias = Mapping[str, Cell]

ID: Final = "@id"
BATCH: Final = "@batch"
RETAINED: Final = "@retained"
"""Columns of every Delta table beside those of the rows: no column of a table is called so."""

AT_ONCE: Final = 500
"""So many ids stand in one condition."""

TRIES: Final = 20
"""So often a commit is begun that others are quicker than."""

KEPT: Final = "kept"
"""What the engine calls the table that is asked."""


class Snapshot:
    """What the lake holds of one table at one moment, whatever is written afterwards."""

    def __init__(self, found: DeltaTable, place: Place, table: str) -> None:
        self._found = found
        self._place, self._table = place, table
        self.version: int = found.version()
        self.columns = frozenset([field.name for field in found.schema().fields])

    def is_newest(self) -> bool:
        """Nothing was written since: the table has not reached the next version."""
        return not self._place.has_version(self._table, self.version + 1)

    def read(self, scan: Scan) -> Iterator[dict[str, list[Cell]]]:
        """The rows that are wanted, some at a time, as their columns."""
        yield from self._run(scan.text_from(KEPT))

    def count(self) -> int:
        """How many rows there are."""
        return int(self._found.count())

    def repeated(self) -> list[str]:
        """The ids of rows that are there more than once."""
        key = f'"{ID}"'
        text = f"SELECT {key} FROM {KEPT} GROUP BY {key} HAVING count(*) > 1"
        return [str(cell) for batch in self._run(text) for cell in batch[ID]]

    def _run(self, text: str) -> Iterator[dict[str, list[Cell]]]:
        from deltalake import QueryBuilder

        with telling("read", self._place.reason):
            batches: Any = batches_of(QueryBuilder().register(KEPT, self._found).execute(text))
        while True:
            with telling("read", self._place.reason):
                batch = next(batches, None)
            if batch is None:
                return
            yield {name: batch.column(name).to_pylist() for name in batch.column_names}


class Lake:
    """The retained rows of one organization. Its methods may be called from any thread; one writes at a time."""

    def __init__(self, place: Place | Path | None, *, is_safe: bool = True) -> None:
        """Keep rows in the place, which is made when the first row comes; None keeps them as long as the process.

        `is_safe`: they last as long as the active rows.
        """
        self.is_safe = is_safe
        self._place = Folder(place) if isinstance(place, Path) else place
        self._writing = threading.Lock()
        self._passing: tempfile.TemporaryDirectory[str] | None = None

    def write(self, table: str, batch: str, at: str, rows: Sequence[LakeRow], forms: Mapping[str, Form]) -> None:
        """Add rows of a table in one commit; columns the table did not have are added. `forms` are of all columns.

        Raises:
            NotSupportedHere, Unavailable: the lake cannot be written, as for all methods that write or read it.
        """
        must_be_installed()
        from arro3.core import Array, DataType, Table
        from deltalake import write_deltalake

        noted: LakeRow = {BATCH: batch, RETAINED: at}
        types = {
            name: getattr(DataType, form)() for name, form in {**forms, BATCH: "string", RETAINED: "string"}.items()
        }
        arrays: dict[str, Any] = {
            name: Array([{**row, **noted}.get(name) for row in rows], type=form) for name, form in types.items()
        }
        rows_as_columns = Table.from_pydict(arrays)

        place = self._made()
        address, options = place.table(table), dict(place.options)

        def append() -> None:
            write_deltalake(address, rows_as_columns, mode="append", schema_mode="merge", storage_options=options)

        self._commit(table, append)

    def take_out(self, table: str, batch: str, ids: Iterable[str] | None = None) -> None:
        """Remove rows of a batch: those with the ids, or all."""
        of_batch = Holds(BATCH, "=", batch)
        if ids is None:
            self.remove(table, of_batch)
            return
        listed = sorted(ids)
        for start in range(0, len(listed), AT_ONCE):
            self.remove(table, Every((of_batch, OneOf(ID, tuple(listed[start : start + AT_ONCE])))))

    def remove(self, table: str, test: Test) -> None:
        """Remove the rows that pass a test."""
        if self._open(table) is None:
            return

        def delete() -> None:
            found = self._open(table)
            if found is not None:
                found.delete(text_of(test))

        self._commit(table, delete)

    def compact(self, at_least: int = MANY, kept_hours: int = KEPT_HOURS) -> dict[str, tuple[int, int]]:
        """Make few large files of many small ones; table → how many there were, and are, where there were so many."""
        done: dict[str, tuple[int, int]] = {}

        def merge(name: str) -> None:
            found = self._open(name)
            if found is not None:
                done[name] = compacted(found, kept_hours)

        for name in [] if self._place is None else self._place.tables():
            found = self._open(name)
            if found is not None and small_files(found) >= at_least:
                self._commit(name, partial(merge, name))
        return done

    def look(self, table: str) -> Snapshot | None:
        """What is here of a table; None while nothing is."""
        found = self._open(table)
        return None if found is None else Snapshot(found, self._made(), table)

    def tables(self) -> dict[str, int]:
        """Table → how many rows of it are here; in the order of the names."""
        return {} if self._place is None else {name: self._count(name) for name in self._place.tables()}

    def versions(self) -> dict[str, int]:
        """Table → the version it has reached."""
        names = [] if self._place is None else self._place.tables()
        return {name: found.version for name in names if (found := self.look(name)) is not None}

    def close(self) -> None:
        """Forget what was kept for the time of the process."""
        if self._passing is not None:
            self._passing.cleanup()
            self._passing = self._place = None

    def _commit(self, table: str, write: Callable[[], None]) -> None:
        """Write; where another process was quicker, what failed is begun again on what that one left."""
        from deltalake.exceptions import CommitFailedError

        place = self._made()
        with self._writing, place.lasting(table):
            for left in reversed(range(TRIES)):
                try:
                    write()
                except CommitFailedError:
                    if not left:
                        raise
                else:
                    return

    def _count(self, table: str) -> int:
        found = self.look(table)
        return 0 if found is None else found.count()

    def _open(self, table: str) -> DeltaTable | None:
        place = self._place
        if place is None or not place.may_have(table):
            return None
        with telling("read", place.reason):
            from deltalake import DeltaTable
            from deltalake.exceptions import TableNotFoundError

            # Asking whether there is one would hold up every other thread until a storage far away has answered.
            try:
                return DeltaTable(place.table(table), storage_options=dict(place.options))
            except TableNotFoundError:
                return None

    def _made(self) -> Place:
        """The place; a passing one is made at the first need."""
        if self._place is None:
            self._passing = tempfile.TemporaryDirectory(prefix="verselet-lake-")
            self._place = Folder(Path(self._passing.name))
        return self._place
