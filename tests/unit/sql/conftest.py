"""Both databases, empty, for SQL that needs no tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresqlServer
from verselet.store.engine import Store, open_store


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "sqlite":
        store = open_store(None)
        yield store
        store.close()
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    url = server.fresh()
    store = open_store(url)
    yield store
    store.close()
    server.give_back(url)
