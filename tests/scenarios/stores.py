"""An organization of a test's own, on each store: what it writes is committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

import pytest

from tests.postgres import PostgresqlServer
from tests.scenarios.harness import Api, new_organization
from verselet.metadata.compiled import load_schema
from verselet.store.dividing import QUEUES, divide
from verselet.store.engine import open_store

STORES = ["memory", pytest.param("postgresql", marks=pytest.mark.postgresql)]
DIVIDED_TOO = [*STORES, pytest.param("divided", marks=pytest.mark.postgresql)]
"""The third is a PostgreSQL in which all tables that grow are divided by month."""

MONTHS_FROM = datetime(2023, 9, 1, tzinfo=UTC)
"""So the months that are made at once are those of the ids of a seeded organization."""


@contextmanager
def url_of(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of an empty store of the kind that the fixture's parameter names; it is given back afterwards."""
    if request.param not in {"postgresql", "divided"}:
        yield None
        return
    server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
    url = server.fresh()
    if request.param == "divided":
        divide_all(url)
    yield url
    server.give_back(url)


def divide_all(url: str, at: datetime = MONTHS_FROM) -> None:
    """Divide all tables that may be divided; where there are none yet, make them."""
    schema = load_schema()
    store = open_store(url)
    store.prepare_schema(schema)
    store.close()
    tables = sorted(QUEUES | {name for name, one in schema.tables.items() if one.grows})
    divide(url, schema, tables, at, lambda _done, _total, _what: None)


@pytest.fixture(params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Its Web API."""
    with url_of(request) as url, Api(new_organization(url)) as opened:
        yield opened


@pytest.fixture(params=DIVIDED_TOO)
def api_of_all(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The same, and once more with divided tables."""
    with url_of(request) as url, Api(new_organization(url)) as opened:
        yield opened
