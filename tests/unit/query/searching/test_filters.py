"""Filters of a search. [DW-15]"""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.errors import InvalidArgument, QueryRefused
from verselet.query.odata.filter import parse_filter
from verselet.query.searching.filters import columns_of, for_table, parse_filters
from verselet.query.tree import Comparison, Literal, Path


def test_each_table_has_its_own_filter() -> None:
    """Commas outside of quotes and parentheses stand between them."""
    text = "account: name eq 'a,b' , contact:(firstname eq 'x' or contains(lastname,'y')), createdon gt 2026-01-01"
    found = parse_filters(text)

    assert ["account", "contact", None] == [item.table for item in found]
    assert [["name"], ["firstname", "lastname"], ["createdon"]] == [list(columns_of(item.condition)) for item in found]


def test_a_filter_can_be_about_all_activities() -> None:
    """As the service's documentation does it."""
    (found,) = parse_filters("activities:subject eq 'Call'")
    tables = schema_with_gizmos().tables

    assert [True, False] == [found.is_about(tables["task"]), found.is_about(tables["account"])]


def test_points_in_time_without_a_zone_are_in_utc() -> None:
    """Filters are written so; texts that look like it stay texts."""
    (found,) = parse_filters("modifiedon ge 2020-04-27T00:00:00 and name eq '2020-04-27T00:00:00'")

    texts = [item.right.text for item in found.condition.items]  # type: ignore[union-attr]  # an and of comparisons
    assert ["2020-04-27T00:00:00Z", "2020-04-27T00:00:00"] == texts


def test_lookups_go_by_their_logical_names() -> None:
    """And their ids may stand in quotes, as in an index of texts."""
    account = schema_with_gizmos().tables["account"]
    row = "4ead0000-0000-4000-8000-000000000001"
    found = for_table(parse_filter(f"not (ownerid eq '{row}') or name eq 'x' and revenue gt 5"), account)

    assert ["_ownerid_value", "name", "revenue"] == list(columns_of(found))
    (only,) = [for_table(parse_filter(f"ownerid eq '{row}'"), account)]
    assert isinstance(only, Comparison)
    assert Path(("_ownerid_value",), 0, 7) == only.left
    assert isinstance(only.right, Literal)
    assert "guid" == only.right.kind


@pytest.mark.parametrize("text", ["name eq 'x", "accounts/any(a:a/name eq 'x')"])
def test_what_is_no_filter_of_a_search_is_refused(text: str) -> None:
    """Quotes without an end, collections."""
    with pytest.raises(InvalidArgument):
        [list(columns_of(item.condition)) for item in parse_filters(text)]


@pytest.mark.parametrize("text", ["account:", "(name eq 'x'", "name eq", "search.in(name, 'x')"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    """With the position, as anywhere. [E-7]"""
    with pytest.raises(QueryRefused):
        parse_filters(text)
