"""Which texts have a term, where, and how well. [DW-15]"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verselet.query.searching.candidates import MOST, candidates
from verselet.query.searching.distances import begins_near, is_near
from verselet.query.searching.lucene import parse_lucene
from verselet.query.searching.matching import LONGEST_SHOWN, Document, find, highlighted, shown
from verselet.query.searching.simple import parse_simple
from verselet.query.searching.terms import Ending, Everything, Fuzzy, Joined, Term, Without, Words, misspelled
from verselet.query.tree import And, Condition, Literal, Or, TextMatch

HOTELS = [
    Document({"name": "Airport Hotel", "city": "London"}, "name"),
    Document({"name": "Grand Hotel", "city": "Airport City"}, "name"),
    Document({"name": "Motel by the airport", "city": "Hotel Street"}, "name"),
    Document({"name": "University Inn", "note": "no wifi"}, "name"),
]


def found(text: str, *, every_word: bool = False, full: bool = False) -> list[int]:
    """The numbers of the hotels that a search finds, the best first."""
    term = (parse_lucene if full else parse_simple)(text, every_word=every_word)
    return [item.number for item in sorted(find(term, HOTELS), key=lambda item: -item.score)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("london", [0]),
        ("LONDON", [0]),
        ("lond", []),
        ("lond*", [0]),
        ('"airport hotel"', [0]),
        ('"hotel airport"', []),
        ("hotel+grand", [1]),
        ("wifi -hotel", [3]),
        ("nothing", []),
    ],
)
def test_a_simple_search_finds_words(text: str, expected: list[int]) -> None:
    """Whole words in either case, in any column; a phrase in one."""
    assert expected == found(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uniersty~", [3]),
        ("motel~1", [2, 0, 1]),
        ("/.*tel/", [2, 0, 1]),
        ('"motel airport"~2', [2]),
        ('"motel airport"~1', []),
        ("inn^5 london", [3, 0]),
        ("inn london^5", [0, 3]),
    ],
)
def test_a_full_search_finds_more(text: str, expected: list[int]) -> None:
    """Misspelled words, endings, words near each other; a boost moves a result up."""
    assert set(expected) == set(found(text, full=True))
    assert expected[:1] == found(text, full=True)[:1]


def test_the_name_and_rare_words_count_more() -> None:
    """The score is our own, and says this much."""
    assert 0 == found("hotel london")[0]
    assert 1 == found("grand hotel")[0]
    assert [0, 1] == [item.number for item in find(parse_simple("airport", every_word=False), HOTELS[:2])]
    assert 0 == found('"airport"')[0]


def test_all_columns_together_have_all_words() -> None:
    """Two words may stand in two columns."""
    assert [1] == found("grand city", every_word=True)


def test_what_was_found_is_marked_in_its_own_letters() -> None:
    """Of a word that is only begun, as much as was typed; places that overlap are one."""
    (result,) = find(parse_simple('lond* london "Airport Hotel" hotel', every_word=True), HOTELS)
    texts = {name: highlighted(HOTELS[0].texts[name], spans) for name, spans in result.spans.items()}

    assert {"city": "{crmhit}London{/crmhit}", "name": "{crmhit}Airport Hotel{/crmhit}"} == texts


def test_of_a_long_text_a_part_is_shown() -> None:
    """From a little before what was found first; a mark at the edge is cut with the text."""
    text = "a" * 500 + " found " + "b" * 292 + " other" + " more"
    part = shown(text, [(501, 506), (800, 805), (806, 810)])

    assert LONGEST_SHOWN == len(part.replace("{crmhit}", "").replace("{/crmhit}", ""))
    assert part.startswith("a" * 99 + " {crmhit}found{/crmhit} b")
    assert part.endswith("b {crmhit}o{/crmhit}")
    assert "{crmhit}b{/crmhit}" == shown("b", [(0, 1)])


def test_what_is_excluded_is_never_marked() -> None:
    """It is not there."""
    results = find(parse_simple("wifi | -hotel", every_word=False), HOTELS)

    assert [{"note": ((3, 7),)}] == [dict(item.spans) for item in results]


def test_everything_finds_everything_alike() -> None:
    """A star alone is for those who want facets or an order."""
    assert [1.0] * 4 == [item.score for item in find(Everything(), HOTELS)]


@pytest.mark.parametrize(
    ("word", "other", "edits", "near"),
    [
        ("blue", "glue", 1, True),
        ("blue", "blues", 1, True),
        ("blue", "bule", 1, True),
        ("blue", "green", 2, False),
        ("uniersty", "university", 2, True),
        ("uniersty", "university", 1, False),
        ("a", "abcd", 2, False),
    ],
)
def test_words_are_near_by_edits(word: str, other: str, edits: int, near: bool) -> None:
    """A letter more, less, changed, or two swapped."""
    assert near == is_near(word, other, edits)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 2))
def test_nearness_goes_both_ways(word: str, other: str, edits: int) -> None:
    """An edit can be undone."""
    assert is_near(word, other, edits) == is_near(other, word, edits)
    assert not is_near(word, other, edits) or begins_near(word, other + "xyz", edits) or not word


def test_longer_words_are_taken_as_misspelled() -> None:
    """Short ones have too many neighbours, phrases are meant as they are."""
    term = Joined(must=(Words(("contso",)), Words(("ltd",))), should=(Words(("a", "b")), Without(Words(("contso",)))))
    expected = Joined(
        must=(Fuzzy("contso", 1), Words(("ltd",))), should=(Words(("a", "b")), Without(Words(("contso",))))
    )

    assert expected == misspelled(term)


# --- candidates -------------------------------------------------------------------------------------------------------


def fulfils(document: Document, condition: Condition | None) -> bool:
    """What the database would say: letters of the Latin alphabet in either case, others as they are."""
    match condition:
        case None:
            return True
        case And(items=items):
            return all(fulfils(document, item) for item in items)
        case Or(items=items):
            return any(fulfils(document, item) for item in items)
        case TextMatch(right=Literal(text=text)):
            (name,) = condition.left.names  # type: ignore[union-attr]  # a path, as it was made
            return _latin_lower(text) in _latin_lower(document.texts.get(name, ""))
        case _:
            raise AssertionError(condition)


def _latin_lower(text: str) -> str:
    return "".join([sign.lower() if sign.isascii() else sign for sign in text])


WORD = st.text("abcÉé1", min_size=1, max_size=7).map(str.lower)
LEAF = st.one_of(
    st.lists(WORD, min_size=1, max_size=3).map(lambda words: Words(tuple(words))),
    WORD.map(lambda word: Words((word,), prefix=True)),
    st.lists(WORD, min_size=2, max_size=2).map(lambda words: Words(tuple(words), slop=2)),
    WORD.map(Ending),
    st.builds(Fuzzy, WORD, st.integers(0, 2), st.booleans()),
    st.just(Everything()),
)
TERM = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Joined(must=tuple(items))),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Joined(should=tuple(items))),
        inner.map(Without),
    ),
    max_leaves=6,
)
TEXT = st.text("abcÉé1 -AB", max_size=20)


@given(TERM, st.lists(st.fixed_dictionaries({"one": TEXT, "two": TEXT}), min_size=1, max_size=4))
def test_no_row_is_missed_by_what_the_database_is_asked(term: Term, texts: list[dict[str, str]]) -> None:
    """All rows with the term are candidates."""
    documents = [Document(item) for item in texts]
    condition = candidates(term, ["one", "two"])

    for item in find(term, documents):
        assert fulfils(documents[item.number], condition)


def test_a_long_search_asks_the_database_less() -> None:
    """A query may have 500 conditions. [F-15]"""
    columns = [f"column{number}" for number in range(40)]
    words = tuple(Words((f"word{number}",)) for number in range(20))
    needed = candidates(Joined(must=words), columns)

    assert isinstance(needed, And)
    assert MOST // 40 == len(needed.items)
    assert candidates(Joined(should=words), columns) is None
    assert candidates(words[0], [f"column{number}" for number in range(MOST + 1)]) is None
