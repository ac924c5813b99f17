"""SQLite and PostgreSQL give the same answers. [architecture.md §5, 9]"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.postgres import PostgresqlServer
from tests.properties.gizmo_questions import CONDITIONS, ORDERS, SELECTS, address, filled, literals_for, stock
from tests.scenarios.harness import API, Api, new_organization

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def both(postgresql: PostgresqlServer) -> Iterator[tuple[Api, Api]]:
    """The same rows in both."""
    url = postgresql.fresh()
    with Api(new_organization()) as memory, Api(new_organization(url)) as stored:
        stock(memory)
        stock(stored)
        yield memory, stored
    postgresql.give_back(url)


def answers(api: Api, target: str, size: int) -> list[tuple[int, Any]]:
    """Status and body of every page, without the numbers of versions and what depends on them."""
    found = []
    prefer = f'odata.include-annotations="*",odata.maxpagesize={size}'
    while True:
        answer = api.get(target, prefer=prefer)
        body = json.loads(answer.body)
        link = body.pop("@odata.nextLink", None)
        for row in body.get("value", ()):
            row.pop("@odata.etag")
        found.append((answer.status, body))
        if link is None:
            return found
        assert len(found) < 50
        target = link.removeprefix(API)


@settings(max_examples=100)
@given(st.data())
def test_a_random_question_has_one_answer(both: tuple[Api, Api], data: st.DataObject) -> None:
    """Rows, order, formatted values, pages, refusals. [F-1] to [F-13], [O-1] to [O-6], [PG-7], [J-5], [J-7]"""
    shape = data.draw(CONDITIONS)
    target = address(filled(shape, data.draw(literals_for(shape))), data.draw(ORDERS), data.draw(SELECTS))
    size = data.draw(st.sampled_from([3, 11, 100]))
    first, second = (answers(api, target, size) for api in both)
    assert first == second


@pytest.mark.parametrize("target", ["new_gizmos", "new_parts", "accounts", "contacts", "organizations", "systemusers"])
def test_whole_rows_are_the_same(both: tuple[Api, Api], target: str) -> None:
    """Every column of every row, with every annotation, in pages of every size. [PG-7]"""
    without = {"versionnumber", "versionnumber@OData.Community.Display.V1.FormattedValue"}
    found = []
    for api in both:
        pages = answers(api, target, 7)
        rows = [{n: v for n, v in row.items() if n not in without} for _, page in pages for row in page["value"]]
        found.append(rows)
    assert found[0] == found[1]
    assert found[0]
