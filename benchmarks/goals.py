"""Say what was promised, and whether it is kept.

In:        results
Out:       `goals_of`: every goal with its figure, met or missed
Not here:  measuring, and how a line of the page looks (benchmarks.page)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from benchmarks.figures import Figures
from benchmarks.results import Large, Results, Stores
from benchmarks.shapes import BASIC_DEPTH, PLAIN, SHAPES, Shape

POSTGRESQL = "PostgreSQL"
OF_ITS_LIMIT, OF_THE_ADMINISTRATOR, OF_THE_MEDIAN, OF_THE_SMALL = 2.0, 2.0, 8.0, 1.5
DURABLE_S, READY_S, IDLE_MIB, HELP_S = 15.0, 1.0, 150.0, 0.2
GROWTH_MIB = 8.0
"""What a request may need more on a table fifty times as long: the noise of the allocator, not the table."""


class Goal(msgspec.Struct, frozen=True):
    """What was promised, the bound, and the figures: all of them must keep to it."""

    what: str
    at_most: float
    figures: tuple[tuple[str, float], ...]
    unit: str = "×"

    @property
    def is_met(self) -> bool:
        """Every figure keeps to the bound."""
        return all(figure <= self.at_most for _, figure in self.figures)


def goals_of(results: Results) -> list[Goal]:
    """The goals of everything that was measured."""
    goals: list[Goal] = []
    if results.stores is not None:
        goals += [*_goals_of_operations(results.stores), *_goals_of_stores(results.stores)]
    if results.large is not None:
        goals += _goals_of_large(results.large)
    return goals


def _goals_of_operations(stores: Stores) -> Iterator[Goal]:
    plain = {
        title: {found.letter: found for found in figures if found.manner == PLAIN.says}
        for title, figures in stores.figures.items()
        if title != POSTGRESQL
    }
    for shape in SHAPES:
        # What is kept may be of a time when some operation was not measured yet.
        found = {title: lines[shape.letter] for title, lines in plain.items() if shape.letter in lines}
        if not found:
            continue
        name = f"{shape.letter}: {shape.what}"
        yield Goal(f"{name}, CPU against its limit", shape.at_most, _each(found, lambda one: one.ratio))
        if shape.goal_us is not None:
            cpu = tuple((title, max(one.cpu_us.values())) for title, one in found.items())
            yield Goal(f"{name}, CPU at 1 and 16 connections", shape.goal_us, cpu, "µs")


def _goals_of_stores(stores: Stores) -> Iterator[Goal]:
    if POSTGRESQL in stores.figures:
        plain = [found for found in stores.figures[POSTGRESQL] if found.manner == PLAIN.says]
        worst = max(plain, key=lambda found: found.waiting_ratio)
        yield Goal(
            "all operations on PostgreSQL, time against their limit, the worst",
            OF_ITS_LIMIT,
            ((f"{POSTGRESQL}, {worst.letter}", worst.waiting_ratio),),
        )
    yield Goal(
        "Basic depth against administrator, CPU at 16 connections, the worst",
        OF_THE_ADMINISTRATOR,
        tuple([(f"{title}, {letter}", ratio) for title, (letter, ratio) in _worst_depths(stores).items()]),
    )
    yield Goal(
        "reads while somebody writes in bulk, 16 connections, p99 against p50",
        OF_THE_MEDIAN,
        tuple([(title, one.p99_ms / one.p50_ms) for title, one in stores.beside.items()]),
    )
    yield Goal("100,000 session events by CreateMultiple, durable", DURABLE_S, (("", stores.durable.seconds),), "s")
    yield Goal("k: from the command to ready, in memory", READY_S, (("", stores.start.ready_s),), "s")
    yield Goal("k: memory of an idle server", IDLE_MIB, (("", stores.start.idle_mib),), "MiB")
    yield Goal("k: `verselet --help`", HELP_S, (("", stores.start.help_s),), "s")


def _goals_of_large(large: Large) -> Iterator[Goal]:
    for pair in large.pairs:
        shape = shape_of(pair.large)
        if shape.letter in {"a", "b"}:
            ratio = pair.large.cpu_us[16] / pair.small.cpu_us[16]
            what = f"{shape.letter}: {shape.what}, CPU among ten million against the small data"
            yield Goal(what, OF_THE_SMALL, (("", ratio),))
    growth = [(pair.large.letter, pair.large.memory_mib - pair.small.memory_mib) for pair in large.pairs]
    worst = max(growth, key=lambda one: one[1])
    yield Goal("memory a request needs more among ten million, the worst", GROWTH_MIB, (worst,), "MiB")


def _worst_depths(stores: Stores) -> dict[str, tuple[str, float]]:
    """Store → the operation that costs a user at Basic depth most, as a multiple of the administrator's."""
    return {
        title: max(
            [(one.letter, against_administrator(one, figures)) for one in figures if one.manner == BASIC_DEPTH.says],
            key=lambda found: found[1],
        )
        for title, figures in stores.figures.items()
        if any(one.manner == BASIC_DEPTH.says for one in figures)
    }


def against_administrator(found: Figures, all_figures: Sequence[Figures]) -> float:
    """CPU at 16 connections as a multiple of what the same costs the administrator without annotations."""
    plain = next(one for one in all_figures if one.letter == found.letter and one.manner == PLAIN.says)
    return found.cpu_us[16] / plain.cpu_us[16]


def shape_of(found: Figures) -> Shape:
    """The operation that was measured."""
    return shape_called(found.letter)


def shape_called(letter: str) -> Shape:
    """The operation with that letter."""
    return next(shape for shape in SHAPES if shape.letter == letter)


def _each(found: dict[str, Figures], read: Callable[[Figures], float]) -> tuple[tuple[str, float], ...]:
    return tuple([(title, read(one)) for title, one in found.items()])
