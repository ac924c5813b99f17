"""Measure what requests cost: `make bench`; `make bench args="--quick"` and others measure a part.

In:        the product as it is, rows made by messages
Out:       tables at the terminal, benchmarks/results.json and the page results.md (not with --quick)
Not here:  measuring one store (benchmarks.rounds), what was promised (benchmarks.goals)
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.data import SESSIONS, load
from benchmarks.figures import Figures
from benchmarks.goals import POSTGRESQL, goals_of
from benchmarks.page import HEAD, LEFT, goal_line, line_of, page_of
from benchmarks.results import (
    KEPT,
    PAGE,
    Copies,
    Crews,
    Large,
    Loaded,
    Partitions,
    Peer,
    Results,
    Stores,
    circumstances,
    keep_results,
    read_results,
)
from benchmarks.rounds import Beside, Effort, Place, asking, measure_store
from benchmarks.servers import ROOT, postgresql
from benchmarks.shapes import BULK, PLAIN, SHAPES, Call
from benchmarks.starting import measure_start
from benchmarks.traffic import Traffic, ask, measure, request_bytes
from verselet.organization import open_organization

CONSOLE = Console(width=None if sys.stdout.isatty() else 220)
IN_MEMORY, ON_DISK = "SQLite in memory", "SQLite on disk"
MEMORY_EFFORT = Effort(rounds=5, slice_s=0.25, manners=(PLAIN,))
DISK_EFFORT = Effort(rounds=5, slice_s=0.2)
POSTGRESQL_EFFORT = Effort(rounds=3, slice_s=0.2)
QUICK = Effort(rounds=2, slice_s=0.2, manners=(PLAIN,))
STARTS = 5
DURABLE_ROWS = 100_000


def main() -> None:
    """Measure what was asked for, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure what requests cost.")
    parser.add_argument("--quick", action="store_true", help="SQLite in memory only, under a minute, writes nothing")
    parser.add_argument("--no-postgresql", action="store_true", help="without the embedded PostgreSQL")
    parser.add_argument("--peer", action="store_true", help="only the comparison with a peer")
    parser.add_argument("--workers", action="store_true", help="only several processes of one server")
    parser.add_argument("--partitions", action="store_true", help="only a partition for each month on PostgreSQL")
    parser.add_argument("--copies", action="store_true", help="only copies from SQLite to PostgreSQL and back")
    parser.add_argument("--large", action="store_true", help="only the comparison with ten million events: 10 GB")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="with --large: keep the rows here, or take those here")
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="verselet-bench-") as folder:
        if asked.quick:
            _quick(Path(folder))
            return
        results = read_results()
        if asked.peer:
            results.peer = _peer(Path(folder))
        elif asked.workers:
            results.crews = _crews(Path(folder))
        elif asked.partitions:
            results.partitions = _partitions(Path(folder))
        elif asked.copies:
            results.copies = _copies(Path(folder))
        elif asked.large:
            results.large = _large(Path(folder), (asked.keep or Path(folder)).resolve())
        else:
            results.stores = _stores(Path(folder), with_postgresql=not asked.no_postgresql)
    keep_results(results)
    PAGE.write_text(page_of(results), encoding="utf-8")
    _print_goals(results)
    seconds = time.perf_counter() - began
    CONSOLE.print(f"written after {seconds:.0f} s: {PAGE.relative_to(ROOT)}, {KEPT.relative_to(ROOT)}")


def _quick(folder: Path) -> None:
    url = f"sqlite:///{folder / 'rows.db'}"
    load_rows(url, SESSIONS)
    _measure(Place(IN_MEMORY, url, in_memory=True), QUICK)


def _stores(folder: Path, *, with_postgresql: bool) -> Stores:
    """All operations, and what belongs to them."""
    began = circumstances()
    url = f"sqlite:///{folder / 'rows.db'}"
    loaded = load_rows(url, SESSIONS)
    figures: dict[str, list[Figures]] = {}
    beside: dict[str, Beside] = {}
    for place, effort in (
        (Place(IN_MEMORY, url, in_memory=True), MEMORY_EFFORT),
        (Place(ON_DISK, url), DISK_EFFORT),
    ):
        figures[place.title], beside[place.title] = _measure(place, effort)
    durable = _write_durably(Place(ON_DISK, url))
    if with_postgresql:
        with postgresql(folder / "postgresql") as other:
            load_rows(other, SESSIONS)
            figures[POSTGRESQL], beside[POSTGRESQL] = _measure(Place(POSTGRESQL, other), POSTGRESQL_EFFORT)
    return Stores(
        circumstances=began,
        loaded=loaded,
        start=measure_start(STARTS),
        figures=figures,
        beside=beside,
        durable=durable,
    )


def _peer(folder: Path) -> Peer:
    """The comparison."""
    from benchmarks.peer.compare import compare

    url = f"sqlite:///{folder / 'rows.db'}"
    load_rows(url, SESSIONS)
    with _telling() as tell:
        return compare(folder, url, tell)


def _crews(folder: Path) -> Crews:
    """Several processes, on both databases. A file belongs to one server, so each has a copy."""
    from benchmarks.workers import COUNTS, measure_crews, postmaster_of
    from benchmarks.workers import SESSIONS as FEW

    rows = folder / "rows.db"
    load_rows(f"sqlite:///{rows}", FEW)
    copies = {workers: shutil.copy(rows, folder / f"rows{workers}.db") for workers in COUNTS}
    with _telling() as tell:
        lines = measure_crews(ON_DISK, {count: f"sqlite:///{copy}" for count, copy in copies.items()}, None, tell)
    with postgresql(folder / "postgresql") as url:
        load_rows(url, FEW)
        with _telling() as tell:
            processes = postmaster_of(folder / "postgresql")
            lines += measure_crews(POSTGRESQL, dict.fromkeys(COUNTS, url), processes, tell)
    return Crews(circumstances=circumstances(), sessions=FEW, lines=lines)


def _partitions(folder: Path) -> Partitions:
    """One table, and a partition for each month."""
    from benchmarks.partitions import measure_partitions

    with postgresql(folder / "postgresql") as url, _telling() as tell:
        found = measure_partitions(url, tell)
    return Partitions(circumstances=circumstances(), found=found)


def _copies(folder: Path) -> Copies:
    """There and back."""
    from benchmarks.copies import measure_copies

    rows = folder / "rows.db"
    load_rows(f"sqlite:///{rows}", SESSIONS)
    with postgresql(folder / "postgresql") as url:
        lines = measure_copies(rows, url, folder)
    return Copies(circumstances=circumstances(), lines=lines)


def _large(folder: Path, kept: Path) -> Large:
    """The same reads on few and on many rows; the many may be kept from another time."""
    from benchmarks.large import LARGE_SESSIONS, compare_sizes

    few, many, told = folder / "small.db", kept / "large.db", kept / "large.json"
    small, large = Place(ON_DISK, f"sqlite:///{few}"), Place(ON_DISK, f"sqlite:///{many}", sessions=LARGE_SESSIONS)
    load_rows(small.url, small.sessions)
    if not told.exists():
        kept.mkdir(parents=True, exist_ok=True)
        told.write_bytes(msgspec.json.encode(load_rows(large.url, large.sessions)))
    with _telling() as tell:
        pairs = compare_sizes(small, large, tell)
    loaded = msgspec.json.decode(told.read_bytes(), type=Loaded)
    size = round(many.stat().st_size / 1024**2)
    return Large(circumstances=circumstances(), loaded=loaded, file_mib=size, pairs=pairs)


def load_rows(url: str, sessions: int) -> Loaded:
    """Make the rows of so many sessions."""
    organization = open_organization("contour", url=url)
    began = time.perf_counter()
    with CONSOLE.status("rows …") as status:
        rows = load(organization, sessions, lambda done, total: status.update(f"rows {done:,} of {total:,}"))
    loaded = Loaded(rows, round(time.perf_counter() - began, 2))
    organization.close()
    CONSOLE.print(f"{rows:,} rows in {loaded.seconds:.1f} s")
    return loaded


def _measure(place: Place, effort: Effort) -> tuple[list[Figures], Beside]:
    with _telling() as tell:
        figures, beside = measure_store(place, effort, tell)
    _print(place.title, figures)
    CONSOLE.print(f"beside a writer of {beside.rows_per_second:,.0f} rows/s: {beside}")
    return figures, beside


@contextlib.contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    with CONSOLE.status("") as status:
        yield status.update


def _write_durably(place: Place) -> Loaded:
    """So many session events over one connection, each thousand on the disk when it is answered."""
    shape = next(shape for shape in SHAPES if shape.letter == "j")
    requests = [request_bytes(call) for call in shape.calls(place.sessions)]
    with asking(place) as (loop, server):
        found = measure(loop, server.port, Traffic(requests, 1, 600, DURABLE_ROWS // BULK))
        ask(server.port, Call("POST", "/bench/forget"))
    return Loaded(len(found.latencies_ns) * BULK, round(found.seconds, 2))


def _print(title: str, figures: Sequence[Figures]) -> None:
    table = Table(title=title)
    for number, name in enumerate(HEAD):
        table.add_column(name, justify="left" if number in LEFT else "right", no_wrap=number != 1)
    for one in figures:
        table.add_row(*line_of(one, figures, by_waiting=title == POSTGRESQL))
    CONSOLE.print(table)


def _print_goals(results: Results) -> None:
    table = Table("Goal", "Bound", "Figure", "", title="Every goal")
    for goal in goals_of(results):
        table.add_row(*goal_line(goal))
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
