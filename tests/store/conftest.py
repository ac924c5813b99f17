"""One suite for every kind of store: each test that asks for `store` or `place` runs once per kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.store.tables import SCHEMA
from verselet.store.engine import Store, open_store

DURABLE = ["file", pytest.param("postgresql", marks=pytest.mark.postgresql)]


class Place:
    """Where rows are kept; several stores can be open there, one after the other or at once."""

    def __init__(self, kind: str, url: str | None, directory: Path | None) -> None:
        self.kind = kind
        self.url = url
        self.directory = directory
        self._opened: list[Store] = []

    def open(self) -> Store:
        """Open the store once more."""
        store = open_store(self.url, directory=self.directory)
        self._opened.append(store)
        return store

    def close_all(self) -> None:
        """Close whatever was opened."""
        for store in self._opened:
            store.close()


def _place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    kind = cast("str", request.param)
    server: PostgresqlServer | None = None
    url = None
    if kind == "postgresql":
        server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
        url = server.fresh()
    place = Place(kind, url, tmp_path / "data" if kind == "file" else None)
    yield place
    place.close_all()
    if server and url:
        server.give_back(url)


place = pytest.fixture(params=["memory", *DURABLE], name="place")(_place)
durable = pytest.fixture(params=DURABLE, name="durable")(_place)


@pytest.fixture
def store(place: Place) -> Store:
    """An open store with the small schema, of every kind in turn."""
    opened = place.open()
    opened.prepare_schema(SCHEMA)
    return opened


@pytest.fixture
def durable_store(durable: Place) -> Store:
    """An open store with the small schema whose rows outlive it."""
    opened = durable.open()
    opened.prepare_schema(SCHEMA)
    return opened
