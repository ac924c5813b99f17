"""Both databases, empty, for SQL that needs no tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.scenarios.stores import url_of
from verselet.store.engine import Store, open_store


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of each kind."""
    with url_of(request) as url, contextlib.closing(open_store(url)) as store:
        yield store
