"""Two organizations with the same rows, for every question of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.postgres import PostgresqlServer
from tests.queries.both import Both
from tests.scenarios.harness import Api, new_organization


@pytest.fixture(scope="session")
def both(postgresql: PostgresqlServer) -> Iterator[Both]:
    """The Web APIs of an organization in memory and of one in PostgreSQL, filled alike."""
    with ExitStack() as opened:
        url = postgresql.fresh()
        opened.callback(postgresql.give_back, url)
        apis = []
        for place in (None, url):
            organization = new_organization(place)
            opened.callback(organization.close)
            api = Api(organization)
            opened.callback(api.web.close)
            apis.append(api)
        found = Both(*apis)
        found.fill()
        yield found
