"""Results counted by their values. [DW-15]"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from verselet.errors import InvalidArgument
from verselet.query.searching.facets import Plain, buckets, parse_facet


def at(text: str) -> datetime:
    """A point in time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def counted(facet: str, values: list[Plain]) -> list[tuple[Plain | None, int]]:
    """Values and how many have them."""
    return [(bucket.value, bucket.count) for bucket in buckets(parse_facet(facet), values)]


LETTERS: list[Plain] = ["b", "a", "b", "c", "c", "c"]


@pytest.mark.parametrize(
    ("facet", "expected"),
    [
        ("name", [("c", 3), ("b", 2), ("a", 1)]),
        ("name,count:2", [("c", 3), ("b", 2)]),
        ("name,sort:-count", [("a", 1), ("b", 2), ("c", 3)]),
        ("name, sort:value", [("a", 1), ("b", 2), ("c", 3)]),
        ("name,sort:-value,count:1", [("c", 3)]),
    ],
)
def test_values_are_counted_and_sorted(facet: str, expected: list[tuple[Plain, int]]) -> None:
    """The most frequent first, ten of them, unless said otherwise."""
    assert expected == counted(facet, LETTERS)


def test_ranges_are_told_even_where_they_are_empty() -> None:
    """The lower bound belongs to a range, the upper one does not."""
    found = buckets(parse_facet("revenue,values:10|20"), [Decimal(9), Decimal(10), Decimal(25)])

    expected = [(None, Decimal(10), 1), (Decimal(10), Decimal(20), 1), (Decimal(20), None, 1)]
    assert expected == [(bucket.low, bucket.high, bucket.count) for bucket in found]
    assert all(bucket.is_range for bucket in found)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("minute", "2026-08-19T23:42:00"),
        ("hour", "2026-08-19T23:00:00"),
        ("day", "2026-08-19T00:00:00"),
        ("week", "2026-08-16T00:00:00"),
        ("month", "2026-08-01T00:00:00"),
        ("quarter", "2026-07-01T00:00:00"),
        ("year", "2026-01-01T00:00:00"),
        ("day,timeoffset:+01:00", "2026-08-19T23:00:00"),
        ("day,timeoffset:-0030", "2026-08-19T00:30:00"),
    ],
)
def test_dates_are_counted_by_parts_of_the_calendar(interval: str, expected: str) -> None:
    """Weeks begin on Sunday; an offset moves the bounds."""
    assert [(at(expected), 1)] == counted(f"createdon,interval:{interval}", [at("2026-08-19T23:42:17")])


def test_numbers_are_counted_by_intervals() -> None:
    """Also below zero."""
    values: list[Plain] = [Decimal("-1"), Decimal("4.5"), Decimal(5), Decimal(9)]
    assert [(Decimal(-5), 1), (Decimal(0), 1), (Decimal(5), 2)] == counted("revenue,interval:5", values)


@pytest.mark.parametrize(
    ("text", "table", "column"),
    [
        ("account:primarycontactid", "account", "primarycontactid"),
        ("account.primarycontactid", "account", "primarycontactid"),
        ("@search.entityname", None, "@search.entityname"),
        ("entityname", None, "entityname"),
    ],
)
def test_a_facet_can_be_about_one_table(text: str, table: str | None, column: str) -> None:
    """With a colon or a point."""
    found = parse_facet(text)
    assert (text, table, column) == (found.name, found.table, found.column)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name,often:1",
        "name,count:x",
        "name,count:1,count:2",
        "name,count",
        "name,sort:up",
        "name,count:1,values:1",
        "name,values:1,interval:1",
        "name,values:x",
        "name,values:NaN",
        "name,values:1e99999",
        "name,timeoffset:+01",
        "name,interval:day,timeoffset:1",
    ],
)
def test_what_is_no_facet_is_refused(text: str) -> None:
    """Counts go with sorts; ranges and intervals stand alone."""
    with pytest.raises(InvalidArgument):
        parse_facet(text)


@pytest.mark.parametrize(
    ("facet", "value"),
    [
        ("name,interval:day", "text"),
        ("name,interval:day", Decimal(1)),
        ("name,interval:5", at("2026-01-01T00:00:00")),
        ("name,interval:0", Decimal(1)),
        (f"name,interval:{'1' * 5_000}", Decimal(1)),
        ("name,values:5", at("2026-01-01T00:00:00")),
        ("name,values:5", True),
    ],
)
def test_bounds_of_another_kind_are_refused(facet: str, value: Plain) -> None:
    """Nobody can tell whether a text lies in a month."""
    with pytest.raises(InvalidArgument):
        buckets(parse_facet(facet), [value])


def test_the_first_days_of_time_have_no_month_before_them() -> None:
    """What cannot be moved by the offset stays where it is."""
    first = datetime.min.replace(tzinfo=UTC)
    assert [(first, 1)] == counted("createdon,interval:day,timeoffset:-01:00", [first])
