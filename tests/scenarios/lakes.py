"""An organization whose accounts can be retained, with its lake in a folder or in object storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from deltalake import DeltaTable

from tests.scenarios.harness import Api, new_organization
from tests.scenarios.stores import STORES
from verselet.lake import Bucket, Folder, Lake, Place
from verselet.metadata.changes.drafts import TableFacts
from verselet.metadata.changes.tables import update_table
from verselet.metadata.compiled import load_schema

PLACES = [
    pytest.param(("memory", "folder"), id="memory"),
    pytest.param(("memory", "bucket"), id="bucket"),
    pytest.param(("postgresql", "folder"), id="postgresql", marks=pytest.mark.postgresql),
]
"""Where the active rows are, and where the retained ones."""


def open_lake(request: pytest.FixtureRequest, store: str, place: Place) -> Iterator[Api]:
    """The Web API of an organization with that lake."""
    url = cast("str", request.getfixturevalue("postgresql_url")) if store == "postgresql" else None
    schema = update_table(load_schema(), "account", TableFacts(retention=True))
    with Api(new_organization(url, schema)) as opened:
        opened.organization.lake = Lake(place)
        yield opened


@pytest.fixture(params=PLACES)
def lake_place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Place]:
    """On which store an organization is, and where its lake lies."""
    store, kind = request.param
    if kind == "bucket":
        return store, cast("Bucket", request.getfixturevalue("bucket"))
    return store, Folder(tmp_path / "lake")


@pytest.fixture
def api(request: pytest.FixtureRequest, lake_place: tuple[str, Place]) -> Iterator[Api]:
    """An organization whose accounts can be retained, with its lake in each sort of place."""
    yield from open_lake(request, *lake_place)


@pytest.fixture(params=STORES)
def api_beside_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Api]:
    """An organization whose accounts can be retained, with its lake in a folder."""
    yield from open_lake(request, request.param, Folder(tmp_path / "lake"))


def stock_reader(place: Place, table: str) -> DeltaTable:
    """What any reader of Delta tables sees of one."""
    return DeltaTable(place.table(table), storage_options=dict(place.options))
