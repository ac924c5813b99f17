"""One organization on each store for the scenarios of a module; each one takes back what it wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.harness import Api, new_organization, undone
from tests.scenarios.stores import STORES, url_of


@pytest.fixture(scope="module", params=STORES)
def stored_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The Web API of an organization in memory, and of one in PostgreSQL."""
    with url_of(request) as url, Api(new_organization(url)) as opened:
        yield opened


@pytest.fixture
def api(stored_api: Api) -> Iterator[Api]:
    """The same, for one test that may write."""
    with undone(stored_api.organization):
        yield stored_api
