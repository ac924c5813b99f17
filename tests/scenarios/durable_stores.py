"""An organization with a table to change, on each store: of a test's own and durable, or one for a module's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.definition_bodies import BOX
from tests.scenarios.definitions import Place, with_box
from tests.scenarios.harness import Api
from tests.scenarios.stores import STORES, url_of

DURABLE = ["file", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=DURABLE)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A durable place for an organization."""
    if request.param == "file":
        yield Place(directory=tmp_path / "data")
        return
    with url_of(request) as url:
        yield Place(url=url)


@pytest.fixture
def api(place: Place) -> Iterator[Api]:
    """An organization with the table `new_box`."""
    with place.opened() as opened:
        yield with_box(opened)


@pytest.fixture(scope="module", params=STORES)
def shared_box(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization with the table `new_box` for tests that make what they are about under names of their own."""
    with url_of(request) as url, Place(url=url).opened() as opened:
        yield with_box(opened)


@pytest.fixture
def box(shared_box: Api) -> Iterator[Api]:
    """The same for one test, which may give `new_box` columns and keys: they are taken away again."""
    yield shared_box
    table = shared_box.organization.schema.tables["new_box"]
    for made in table.keys:
        shared_box.delete(f"{BOX}/Keys(LogicalName='{made.name}')")
    for column in table.columns.values():
        if column.made_here and column.name != "new_name":
            shared_box.delete(f"{BOX}/Attributes(LogicalName='{column.name}')")
