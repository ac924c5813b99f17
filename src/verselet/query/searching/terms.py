"""What is searched for.

In:        made by query.searching.simple and query.searching.lucene
Out:       frozen nodes
Not here:  which texts have it (query.searching.matching)
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from verselet.query.searching.words import texts_of


class Words(msgspec.Struct, frozen=True, tag=True):
    """Words that follow each other in one column; of a `prefix` the last one is only begun.

    `slop`: so many other words may stand between them, in any order.
    """

    words: tuple[str, ...]
    prefix: bool = False
    slop: int = 0
    boost: float = 1.0


class Ending(msgspec.Struct, frozen=True, tag=True):
    """Words that end so."""

    text: str
    boost: float = 1.0


class Fuzzy(msgspec.Struct, frozen=True, tag=True):
    """Words that become this one by at most so many edits; of a `prefix`, words that begin so."""

    word: str
    edits: int
    prefix: bool = False
    boost: float = 1.0


class Everything(msgspec.Struct, frozen=True, tag=True):
    """Every row."""


class Joined(msgspec.Struct, frozen=True, tag=True):
    """All of `must`; where there is none, one of `should`. What else of `should` is found makes a better result."""

    must: tuple[Term, ...] = ()
    should: tuple[Term, ...] = ()


class Without(msgspec.Struct, frozen=True, tag=True):
    """Rows that do not have the item."""

    item: Term


Leaf: TypeAlias = Words | Ending | Fuzzy | Everything
Term: TypeAlias = Leaf | Joined | Without

NOTHING: Final = Joined()
"""What a search without any word finds."""


def words_term(text: str, *, prefix: bool = False, slop: int = 0, boost: float = 1.0) -> Term | None:
    """The words of a piece of a search as a term; None where it has none."""
    words = texts_of(text)
    return Words(words, prefix, slop, boost) if words else None


def leaves_of(term: Term) -> tuple[Leaf, ...]:
    """The leaves that a result can have: not those it must be without."""
    match term:
        case Joined(must=must, should=should):
            return tuple([leaf for item in (*must, *should) for leaf in leaves_of(item)])
        case Without():
            return ()
        case _:
            return (term,)


def all_leaves(term: Term) -> tuple[Leaf, ...]:
    """All leaves."""
    match term:
        case Joined(must=must, should=should):
            return tuple([leaf for item in (*must, *should) for leaf in all_leaves(item)])
        case Without(item=item):
            return all_leaves(item)
        case _:
            return (term,)


def misspelled(term: Term) -> Term:
    """The term with its longer words taken as misspelled by one letter."""
    match term:
        case Joined(must=must, should=should):
            return Joined(tuple([misspelled(item) for item in must]), tuple([misspelled(item) for item in should]))
        case Words(words=(word,), prefix=prefix, boost=boost) if len(word) > SHORT:
            return Fuzzy(word, 1, prefix, boost)
        case _:
            return term


SHORT: Final = 3
"""Words up to this length are never taken as misspelled: too many others are near."""
