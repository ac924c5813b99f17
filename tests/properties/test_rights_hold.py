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
from tests.scenarios.stores import STORES

WORLDS = {"sqlite": range(1, 6), "postgresql": range(101, 102)}
QUESTIONS = 150


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[tuple[str, Proof]]:
    """Two organizations of a kind: one that is asked, and one that holds only what the asker may see."""
    if request.param != "postgresql":
        with proof() as running:
            yield "sqlite", running
        return
    server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
    urls = server.fresh(), server.fresh()
    with proof(*urls) as running:
        yield "postgresql", running
    for url in urls:
        server.give_back(url)


def test_everybody_sees_and_may_do_what_the_model_says(store: tuple[str, Proof]) -> None:
    """Lists in three languages, single rows, writes; roles, teams, units, shares, managers, acting for others.

    [SEC-22] to [SEC-25], [SEC-40] to [SEC-47], [SEC-85] to [SEC-89], [SEC-92]
    """
    name, running = store
    before = running.examples
    for seed in WORLDS[name]:
        running.prove(seed, QUESTIONS)
    assert 1000 < running.examples - before
