"""See whether requests have become dearer than in the kept results: `make bench-check`.

In:        benchmarks/results.json, the product as it is
Out:       a table at the terminal; exit code 1 where a ratio is more than a fifth above the kept one
Not here:  measuring (benchmarks.rounds), keeping results (benchmarks.run)

What is compared is the multiple of the limit, which hardly depends on the machine: CPU of a request against the
statements and the echo of the same run, reads on disk, writes in memory, where no disk has a say. What seems dearer is
measured again, twice if need be, and the best of its figures counts: noise makes things look dearer, never cheaper for
long.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.data import SESSIONS
from benchmarks.figures import Figures, figures_of
from benchmarks.results import read_results
from benchmarks.rounds import Place, asking, measure_round, prepare
from benchmarks.run import IN_MEMORY, ON_DISK, load_rows
from benchmarks.shapes import BASIC_DEPTH, PLAIN, SHAPES, Manner, Shape

TOLERANCE = 1.2
ROUNDS, SLICE_S, TRIES = 3, 0.2, 3
CONSOLE = Console(width=None if sys.stdout.isatty() else 120)

Pairs = list[tuple[Shape, Manner]]
Name = tuple[str, str, str]
"""The title of a store, the letter of an operation and the words of a manner."""

WANTED: dict[str, Pairs] = {
    ON_DISK: [(shape, manner) for shape in SHAPES if not shape.writes for manner in (PLAIN, BASIC_DEPTH)],
    IN_MEMORY: [(shape, PLAIN) for shape in SHAPES if shape.writes],
}


def main() -> None:
    """Measure, compare, say so, end with 1 where something became dearer."""
    stores = read_results().stores
    if stores is None:
        sys.exit("There are no kept results to compare with: run `make bench` first.")
    kept = {(title, one.letter, one.manner): one.ratio for title, figures in stores.figures.items() for one in figures}
    found: dict[Name, float] = {}
    with tempfile.TemporaryDirectory(prefix="verselet-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'rows.db'}"
        load_rows(url, SESSIONS)
        for title, pairs in WANTED.items():
            _compare(Place(title, url, in_memory=title == IN_MEMORY), pairs, kept, found)
    _print(found, kept)
    dearer = [" ".join(name) for name in found if _is_dearer(name, found, kept)]
    if dearer:
        sys.exit(f"More than a fifth dearer than in benchmarks/results.json: {'; '.join(dearer)}.")


def _compare(place: Place, pairs: Pairs, kept: dict[Name, float], found: dict[Name, float]) -> None:
    """Measure, and what is dearer again."""
    for _ in range(TRIES):
        for one in _measured(place, pairs):
            name = place.title, one.letter, one.manner
            found[name] = min(one.ratio, found.get(name, one.ratio))
        pairs = [pair for pair in pairs if _is_dearer((place.title, pair[0].letter, pair[1].says), found, kept)]
        if not pairs:
            return


def _measured(place: Place, pairs: Pairs) -> list[Figures]:
    with asking(place) as (loop, server):
        measured = prepare(server, place.sessions, pairs)
        with CONSOLE.status("") as status:
            for number in range(ROUNDS):
                for one in measured:
                    status.update(f"round {number + 1} of {ROUNDS}: {one.shape.what}, {one.manner.says}")
                    measure_round(loop, server, one, place, SLICE_S)
    return [figures_of(one) for one in measured]


def _is_dearer(name: Name, found: dict[Name, float], kept: dict[Name, float]) -> bool:
    """What was not measured before cannot be dearer."""
    return name in kept and found[name] > kept[name] * TOLERANCE


def _print(found: dict[Name, float], kept: dict[Name, float]) -> None:
    table = Table("", "", "As", "Kept", "Now", "", title="Multiples of the limit")
    for name, ratio in found.items():
        before = f"{kept[name]:.2f}" if name in kept else "new"
        table.add_row(*name, before, f"{ratio:.2f}", "dearer" if _is_dearer(name, found, kept) else "")
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
