"""An organization of a test's own, on each store: what it writes is committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.scenarios.harness import Api, new_organization

STORES = ["memory", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@contextmanager
def url_of(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of an empty store of the kind that the fixture's parameter names; it is given back afterwards."""
    if request.param != "postgresql":
        yield None
        return
    server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
    url = server.fresh()
    yield url
    server.give_back(url)


@pytest.fixture(params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Its Web API."""
    with url_of(request) as url, Api(new_organization(url)) as opened:
        yield opened
