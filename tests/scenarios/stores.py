"""An organization of a test's own, on each store: what it writes is committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from tests.scenarios.harness import Api, new_organization

STORES = ["memory", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Its Web API."""
    url = cast("str", request.getfixturevalue("postgresql_url")) if request.param == "postgresql" else None
    organization = new_organization(url)
    opened = Api(organization)
    yield opened
    opened.web.close()
    organization.close()
