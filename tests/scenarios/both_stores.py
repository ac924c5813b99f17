"""One organization on each store for the scenarios of a module; each one takes back what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.scenarios.harness import Api, new_organization, undone
from tests.scenarios.stores import STORES


@pytest.fixture(scope="module", params=STORES)
def stored_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The Web API of an organization in memory, and of one in PostgreSQL."""
    url = None
    if request.param == "postgresql":
        url = cast("PostgresqlServer", request.getfixturevalue("postgresql")).fresh()
    organization = new_organization(url)
    opened = Api(organization)
    yield opened
    opened.web.close()
    organization.close()


@pytest.fixture
def api(stored_api: Api) -> Iterator[Api]:
    """The same, for one test that may write."""
    with undone(stored_api.organization):
        yield stored_api
