"""Two servers for the tests of a module, on each store that several processes can reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.processes.pairs import MEMBER, Client, Pair
from tests.scenarios.server_process import run, running, started
from tests.sign_in_world import FIXTURE

DURABLE = ["file", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="module", params=DURABLE)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """On a file two processes of one server, on PostgreSQL two servers; people are there already."""
    folder = tmp_path_factory.mktemp("pair")
    (folder / "people.json").write_text(json.dumps(FIXTURE), encoding="utf-8")
    if request.param == "file":
        seeded = run(folder, "seed", "people.json", "--data", "org")
        assert 0 == seeded.returncode, seeded.stderr
        with started(folder, MEMBER) as first, started(folder, MEMBER) as second:
            yield Pair(Client(first), Client(second))
            assert [0, 0] == [first.stop(), second.stop()]
        return
    server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
    url = server.fresh()
    place = ["--database", url]
    with running(folder, *place, "--seed", "people.json") as first, running(folder, *place) as second:
        yield Pair(Client(first), Client(second))
        assert [0, 0] == [first.stop(), second.stop()]
    server.give_back(url)
