"""`$orderby` becomes orderings. [O-1]"""

from __future__ import annotations

import pytest

from tests.unit.query.odata.trees import path, placeless
from verselet.errors import QueryRefused
from verselet.query.odata.orderby import parse_orderby
from verselet.query.tree import Alias, Ordering, Path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name", (Ordering(path("name"), descending=False),)),
        ("name asc", (Ordering(path("name"), descending=False),)),
        (
            "a desc, b/c ,d asc",
            (
                Ordering(path("a"), descending=True),
                Ordering(path("b", "c"), descending=False),
                Ordering(path("d"), descending=False),
            ),
        ),
        ("@p4 desc", (Ordering(Alias("p4", 0, 0), descending=True),)),
        ("desc desc", (Ordering(path("desc"), descending=True),)),
    ],
)
def test_columns_are_sorted_from_left_to_right(text: str, expected: tuple[Ordering, ...]) -> None:
    """Ascending is the default; related columns and aliases may stand there. [O-1], [O-2], [Q-7]"""
    assert expected == placeless(parse_orderby(text))


def test_places_count_from_the_offset() -> None:
    """A refusal of the resolver points at the name. [E-7]"""
    assert (Ordering(Path(("a", "b"), 11, 14), descending=False),) == parse_orderby(" a/b", 10)


@pytest.mark.parametrize("text", ["", "a,", "a DESC", "a desc asc", "5", "'a'", "a eq 1", "a/", "*", "a desc b"])
def test_anything_else_is_refused(text: str) -> None:
    """Directions are lower case; literals sort nothing. [CS-2], [E-7]"""
    with pytest.raises(QueryRefused, match="Syntax error at position"):
        parse_orderby(text)


def test_a_function_is_no_sort_key() -> None:
    """Nothing can be called in `$orderby`. [F-1]"""
    with pytest.raises(QueryRefused, match="unknown function with name 'tolower'"):
        parse_orderby("tolower(name)")
