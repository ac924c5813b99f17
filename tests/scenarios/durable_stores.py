"""An organization of a test's own with a table to change, on each store that outlives its process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.scenarios.definitions import Place, with_box
from tests.scenarios.harness import Api

STORES = ["file", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A durable place for an organization."""
    if request.param == "file":
        yield Place(directory=tmp_path / "data")
        return
    server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
    url = server.fresh()
    yield Place(url=url)
    server.give_back(url)


@pytest.fixture
def api(place: Place) -> Iterator[Api]:
    """An organization with the table `new_box`."""
    with place.opened() as opened:
        yield with_box(opened)
