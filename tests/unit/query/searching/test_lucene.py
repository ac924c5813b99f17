"""The full syntax of a search. [DW-15]"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.query.searching.lucene import parse_lucene
from verselet.query.searching.terms import NOTHING, Ending, Everything, Fuzzy, Joined, Term, Without, Words

A, B, C = Words(("a",)), Words(("b",)), Words(("c",))

CASES: list[tuple[str, Term]] = [
    ("a b", Joined(should=(A, B))),
    ("a AND b", Joined(must=(A, B))),
    ("a && b", Joined(must=(A, B))),
    ("a OR b", Joined(should=(A, B))),
    ("a || b", Joined(should=(A, B))),
    ("a AND b OR c", Joined(must=(A, B), should=(C,))),
    ("+a b", Joined(must=(A,), should=(B,))),
    ("+a b -c", Joined(must=(A, Without(C)), should=(B,))),
    ("a -b", Joined(should=(A, Without(B)))),
    ("a AND NOT b", Joined(must=(A, Without(B)))),
    ("a && !b", Joined(must=(A, Without(B)))),
    ("a AND \u2013b", Joined(must=(A, Without(B)))),
    ("NOT a", Without(A)),
    ("(a OR b) AND c", Joined(must=(Joined(should=(A, B)), C))),
    ("ANDY", Words(("andy",))),
    ("Uniersty~", Fuzzy("uniersty", 2)),
    ("Blue~1", Fuzzy("blue", 1)),
    ("Blue~7", Fuzzy("blue", 2)),
    ("Rock^2 electronic", Joined(should=(Words(("rock",), boost=2.0), Words(("electronic",))))),
    ('"airport hotel"~5', Words(("airport", "hotel"), slop=5)),
    ('"airport hotel"^1.5', Words(("airport", "hotel"), boost=1.5)),
    ("/.*pine/", Ending("pine")),
    ("alp*", Words(("alp",), prefix=True)),
    ("*", Everything()),
    (r"foo\~", Words(("foo",))),
    ("()", NOTHING),
    ("", NOTHING),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_search_means_what_the_documentation_says(text: str, expected: Term) -> None:
    """An and makes both sides needed; what is excluded is excluded from what is needed."""
    assert expected == parse_lucene(text, every_word=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b", Joined(must=(A, B))), ("a OR b", Joined(should=(A, B))), ("a b OR c", Joined(must=(A,), should=(B, C)))],
)
def test_words_without_an_operator_can_all_be_needed(text: str, expected: Term) -> None:
    """`searchmode` all: then it is the or that must be said."""
    assert expected == parse_lucene(text, every_word=True)


@pytest.mark.parametrize("text", ["a AND", "(a", "a)", '"a', "a NOT", "a^", "^2", "~", "/a", "co-op~", "a :"])
def test_what_is_not_finished_is_refused(text: str) -> None:
    """A quote, parenthesis, slash or operator without its other part."""
    with pytest.raises(InvalidArgument):
        parse_lucene(text, every_word=False)


@pytest.mark.parametrize("text", ["name:foo", "[a TO b]", "{a TO b}", "/[mh]otel/", "/pine/", "te?t", "te*t", "*pine"])
def test_what_only_lucene_has_is_refused_by_name(text: str) -> None:
    """Columns, ranges, regular expressions, wildcards inside a word: never ignored."""
    with pytest.raises(NotSupportedHere):
        parse_lucene(text, every_word=False)


@given(st.text(alphabet=' abAND OR+-!&|()"~^*/\\[:\u2013.2', max_size=100), st.booleans())
def test_every_text_is_a_search_or_refused(text: str, every_word: bool) -> None:
    """Nothing else comes of it."""
    with suppress(InvalidArgument, NotSupportedHere):
        parse_lucene(text, every_word=every_word)
