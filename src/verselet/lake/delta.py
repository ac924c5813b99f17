"""Keep rows in one Delta table per table, in a directory that any Delta reader can open.

In:        the directory; rows in batches; what is wanted of them
Out:       `Lake`; `Snapshot`, what it held of a table at one moment
Not here:  what a cell means for its column (operations.retention.cells), how a wish is written (lake.scan)

A batch is written in one commit per table. Whoever is interrupted takes the batch out again, or leaves it whole. What
was written is on the disk, because its rows may be deleted right after it.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from verselet.lake.failures import must_be_installed, telling
from verselet.lake.lasting import lasting
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

KEPT: Final = "kept"
"""What the engine calls the table that is asked."""


class Snapshot:
    """What the lake holds of one table at one moment, whatever is written afterwards."""

    def __init__(self, found: DeltaTable) -> None:
        self._found = found
        self.version: int = found.version()
        self.columns = frozenset([field.name for field in found.schema().fields])

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

        with telling("read"):
            batches: Any = iter(QueryBuilder().register(KEPT, self._found).execute(text))
        while True:
            with telling("read"):
                batch = next(batches, None)
            if batch is None:
                return
            yield {name: batch.column(name).to_pylist() for name in batch.column_names}


class Lake:
    """The retained rows of one organization. Its methods may be called from any thread; one writes at a time."""

    def __init__(self, directory: Path | None, *, is_safe: bool = True) -> None:
        """Keep rows in the directory, made when the first row comes; None keeps them as long as the process.

        `is_safe`: they last as long as the active rows.
        """
        self.is_safe = is_safe
        self._directory = directory
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
        with self._writing, lasting(Path(self._place(table))):
            write_deltalake(self._place(table), Table.from_pydict(arrays), mode="append", schema_mode="merge")

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
        with self._writing, lasting(Path(self._place(table))):
            found = self._open(table)
            if found is not None:
                found.delete(text_of(test))

    def look(self, table: str) -> Snapshot | None:
        """What is here of a table; None while nothing is."""
        found = self._open(table)
        return None if found is None else Snapshot(found)

    def tables(self) -> dict[str, int]:
        """Table → how many rows of it are here; in the order of the names."""
        place = self._directory or (Path(self._passing.name) if self._passing else None)
        if place is None or not place.is_dir():
            return {}
        names = sorted(found.name for found in place.iterdir() if found.is_dir())
        return {name: self._count(name) for name in names}

    def close(self) -> None:
        """Forget what was kept for the time of the process."""
        if self._passing is not None:
            self._passing.cleanup()
            self._passing = None

    def _count(self, table: str) -> int:
        found = self.look(table)
        return 0 if found is None else found.count()

    def _open(self, table: str) -> DeltaTable | None:
        if self._directory is None and self._passing is None:
            return None
        place = self._place(table)
        if not (Path(place) / "_delta_log").exists():
            return None
        with telling("read"):
            from deltalake import DeltaTable

            return DeltaTable(place) if DeltaTable.is_deltatable(place) else None

    def _place(self, table: str) -> str:
        if self._directory is None and self._passing is None:
            self._passing = tempfile.TemporaryDirectory(prefix="verselet-lake-")
        if self._directory is not None:
            return str(self._directory / table)
        assert self._passing is not None
        return str(Path(self._passing.name) / table)
