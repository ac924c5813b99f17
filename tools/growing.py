"""Write the page that says how far each way to run the server carries, with the figures that were measured last.

In:        benchmarks/results.json, the prose of tools/growing.md
Out:       the text of docs/explanation/growing.md
Not here:  measuring (benchmarks), how the figures are to be read (docs/explanation/measurements.md)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.figures import Figures
from benchmarks.goals import POSTGRESQL, shape_called
from benchmarks.results import Circumstances, Copies, Crews, Large, Stores, read_results
from benchmarks.shapes import PLAIN
from benchmarks.workers import Crew

PROSE: Final = Path(__file__).with_suffix(".md")
ASKED: Final = ("a", "c2", "e", "h", "i", "j")


def growing_page() -> str:
    """The page, with what was measured."""
    results = read_results()
    page = PROSE.read_text(encoding="utf-8")
    for mark, lines in (
        ("stores", () if results.stores is None else _stores(results.stores)),
        ("large", () if results.large is None else _large(results.large)),
        ("copies", () if results.copies is None else _copies(results.copies)),
        ("crews", () if results.crews is None else _crews(results.crews)),
    ):
        page = page.replace(f"<!-- {mark} -->", "\n".join(lines))
    return page


def _stores(stores: Stores) -> Iterator[str]:
    titles = list(stores.figures)
    rows = []
    for letter in ASKED:
        found = [_plain(stores.figures[title], letter) for title in titles]
        rows.append([shape_called(letter).what, *[_amount(one.cpu_us[16]) for one in found]])
    yield from ("CPU of the server for one request in µs, with sixteen connections:", "")
    yield from _table(("", *titles), rows)
    durable = stores.durable
    yield from ("", f"What {POSTGRESQL} spends in its own processes comes on top, and stands below.")
    yield f"A server in memory is ready after {stores.start.ready_s:.1f} s and has {stores.start.idle_mib:.0f} MiB."
    yield f"{durable.rows:,} rows, a thousand in a message, were on the disk after {durable.seconds:.1f} s."
    yield _where(stores.circumstances)


def _copies(copies: Copies) -> Iterator[str]:
    rows = [
        [one.way, f"{one.rows:,}", f"{one.seconds:.1f}", f"{one.cpu_s:.1f}", f"{one.memory_mib:.0f}"]
        for one in copies.lines
    ]
    yield from _table(("A copy", "Rows", "Seconds", "CPU s of the command", "Its memory in MiB"), rows)
    yield from ("", _where(copies.circumstances))


def _plain(figures: Sequence[Figures], letter: str) -> Figures:
    return next(one for one in figures if (one.letter, one.manner) == (letter, PLAIN.says))


def _large(large: Large) -> Iterator[str]:
    rows = [
        [
            shape_called(pair.large.letter).what,
            _amount(pair.small.cpu_us[16]),
            _amount(pair.large.cpu_us[16]),
            f"{pair.large.cpu_us[16] / pair.small.cpu_us[16]:.1f}",
        ]
        for pair in large.pairs
    ]
    many, size = f"{large.loaded.rows:,} rows", f"{large.file_mib / 1024:.1f} GiB of disk"
    yield from (f"CPU of the server in µs on the small data and among {many}, which take {size}:", "")
    yield from _table(("", "Small", "Large", "Large ÷ small"), rows)
    yield from ("", "The sorted list has fifty times as many rows to sort there.", _where(large.circumstances))


def _crews(crews: Crews) -> Iterator[str]:
    by_place: dict[tuple[str, str], list[Crew]] = {}
    for line in crews.lines:
        by_place.setdefault((line.store, line.letter), []).append(line)
    counts = sorted({line.workers for line in crews.lines})
    rows = []
    for (store, letter), lines in by_place.items():
        by_count = {line.workers: line for line in lines}
        rows.append(
            [
                f"{shape_called(letter).what}, {store}",
                *[_amount(by_count[count].cpu_us) for count in counts],
                *[_amount(by_count[count].database_cpu_us) if store == POSTGRESQL else "" for count in counts[:1]],
            ]
        )
    memory = {line.workers: line.memory_mib for line in crews.lines}
    heads = [f"{count} process{'es' if count > 1 else ''}" for count in counts]
    yield from ("CPU for one request in µs, of all the server's processes together, and of the database:", "")
    yield from _table(("", *heads, "Database"), rows)
    told = ", ".join([f"{memory[count]:.0f} MiB with {head}" for count, head in zip(counts, heads, strict=True)])
    yield from ("", f"Memory of all of them, without the database: {told}.", _where(crews.circumstances))


def _where(circumstances: Circumstances) -> str:
    busy = f"{circumstances.load:.0f} processes wanted a core"
    return f"Measured on {circumstances.date} on a machine with {circumstances.machine}, where {busy}."


def _amount(figure: float) -> str:
    return f"{figure:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' --: |' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
