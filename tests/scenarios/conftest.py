"""One organization for all scenarios of a run; each one takes back what it wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.harness import Api, new_organization, undone


@pytest.fixture(scope="session")
def shared_api() -> Iterator[Api]:
    """The Web API of an organization in memory."""
    with Api(new_organization()) as api:
        yield api


@pytest.fixture
def api(shared_api: Api) -> Iterator[Api]:
    """The same, for one test that may write."""
    with undone(shared_api.organization):
        yield shared_api


@pytest.fixture
def own_api() -> Iterator[Api]:
    """An organization of its own, for a test that moves its clock or changes definitions."""
    with Api(new_organization()) as made:
        yield made
