"""The simple syntax of a search. [DW-15]"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verselet.query.searching.simple import parse_simple
from verselet.query.searching.terms import NOTHING, Everything, Joined, Term, Without, Words


def word(text: str, *, prefix: bool = False) -> Words:
    """One word."""
    return Words((text,), prefix)


CASES: list[tuple[str, Term]] = [
    ("hotel", word("hotel")),
    ("Hotel wifi", Joined(should=(word("hotel"), word("wifi")))),
    ("hotel+(wifi | luxury)", Joined(must=(word("hotel"), Joined(should=(word("wifi"), word("luxury")))))),
    ("a b+c", Joined(must=(Joined(should=(word("a"), word("b"))), word("c")))),
    ("wifi -luxury", Joined(should=(word("wifi"), Without(word("luxury"))))),
    ("--wifi", word("wifi")),
    ("Alp*", word("alp", prefix=True)),
    ("*", Everything()),
    ('"Airport hotel"', Words(("airport", "hotel"))),
    ('"never closed', Words(("never", "closed"))),
    ("co-op", Words(("co", "op"))),
    ("maria@contoso.com", Words(("maria", "contoso", "com"))),
    (r"\+1\(800\)555\-1234", Words(("1", "800", "555", "1234"))),
    (r"alp\*", word("alp")),
    ("((hotel", word("hotel")),
    ("hotel)) wifi", Joined(should=(word("hotel"), word("wifi")))),
    ("+ | - ()", NOTHING),
    ('""', NOTHING),
    ("寿司", Words(("寿", "司"))),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_search_means_what_the_documentation_says(text: str, expected: Term) -> None:
    """Operators from left to right; what makes no sense is passed over."""
    assert expected == parse_simple(text, every_word=False)


def test_words_without_an_operator_can_all_be_needed() -> None:
    """`searchmode` all: also what is excluded is excluded then."""
    assert Joined(must=(word("wifi"), Without(word("luxury")))) == parse_simple("wifi -luxury", every_word=True)


@given(st.text(max_size=100), st.booleans())
def test_every_text_is_a_search(text: str, every_word: bool) -> None:
    """People type anything; nothing is refused."""
    parse_simple(text, every_word=every_word)
