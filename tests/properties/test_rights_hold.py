"""Everybody sees, and may do, exactly what the words of the specification say. [security.md §5]

The model is slow and plain; it decides row by row. `python -m tests.properties.rights_proof` goes on for as
long as wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.properties.rights_proof import Proof, proof

WORLDS = {
    ("memory", "chosen"): range(1, 5),
    ("memory", "from reach"): range(11, 13),
    ("memory", "from the table"): range(21, 22),
    ("postgresql", "chosen"): range(101, 102),
    ("postgresql", "from reach"): range(111, 112),
}
QUESTIONS = 150


RUNS = [
    pytest.param(run, id=" ".join(run), marks=pytest.mark.postgresql if run[0] == "postgresql" else ())
    for run in WORLDS
]


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest) -> Iterator[tuple[tuple[str, str], Proof]]:
    """Two organizations of a kind: one that is asked, and one that holds only what the asker may see."""
    kind, way = key = cast("tuple[str, str]", request.param)
    if kind != "postgresql":
        with proof(way=way) as running:
            yield key, running
        return
    server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
    urls = server.fresh(), server.fresh()
    with proof(*urls, way=way) as running:
        yield key, running
    for url in urls:
        server.give_back(url)


def test_everybody_sees_and_may_do_what_the_model_says(run: tuple[tuple[str, str], Proof]) -> None:
    """Lists in three languages, single rows, writes; roles, teams, units, shares, managers, acting for others.

    Whatever way lists go to their rows. [SEC-22] to [SEC-25], [SEC-40] to [SEC-47], [SEC-85] to [SEC-89], [SEC-92]
    """
    key, running = run
    before = running.examples
    for seed in WORLDS[key]:
        running.prove(seed, QUESTIONS)
    assert 500 < running.examples - before
