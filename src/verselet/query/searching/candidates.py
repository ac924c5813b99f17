"""Say in a query which rows can have a term.

In:        a term, the columns that are searched
Out:       a condition that all rows with the term fulfil, and some others; None where any row can
Not here:  which of them have it (query.searching.matching)

Columns are asked for pieces of the words. Both databases find letters of the Latin alphabet in either case; other
letters are left out of the pieces, or asked for in both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, assert_never

from verselet.query.searching.terms import Ending, Everything, Fuzzy, Joined, Term, Without, Words
from verselet.query.tree import And, Condition, Literal, Or, Path, TextMatch

_LATIN: Final = re.compile(r"[a-z0-9]+")

MOST: Final = 300
"""So many comparisons a condition may have; beyond that it says less. A query may have 500. [F-15]"""


def candidates(term: Term, columns: Sequence[str]) -> Condition | None:
    """The condition; columns by the names that questions have for them."""
    match term:
        case Words(words=words):
            # The longest word says most.
            return _anywhere(_pieces(max(words, key=len)), columns)
        case Ending(text=text):
            return _anywhere(_pieces(text), columns)
        case Fuzzy(word=word, edits=edits):
            return _anywhere(_fragments(word, edits), columns)
        case Everything() | Without():
            return None
        case Joined(must=must, should=should):
            return _all(must, columns) if must else _any(should, columns)
        case _:
            assert_never(term)


def _all(items: Sequence[Term], columns: Sequence[str]) -> Condition | None:
    found: list[Condition] = []
    room = MOST
    for item in items:
        condition = candidates(item, columns)
        if condition is not None and (size := _size(condition)) <= room:
            room -= size
            found.append(condition)
    return And(tuple(found)) if found else None


def _any(items: Sequence[Term], columns: Sequence[str]) -> Condition | None:
    found = [candidates(item, columns) for item in items]
    known = tuple([condition for condition in found if condition is not None])
    if len(known) < len(found) or sum(map(_size, known)) > MOST:
        return None
    return Or(known)


def _size(condition: Condition) -> int:
    return sum(map(_size, condition.items)) if isinstance(condition, And | Or) else 1


def _pieces(word: str) -> list[str]:
    latin = _LATIN.findall(word)
    return [max(latin, key=len)] if latin else list(dict.fromkeys((word, word.upper(), word.capitalize())))


def _fragments(word: str, edits: int) -> list[str]:
    """Parts of the word of which one stays whole: two swapped letters can spoil two parts. None for short words."""
    count = 2 * edits + 1
    if len(word) < count or _LATIN.fullmatch(word) is None:
        return []
    size, longer = divmod(len(word), count)
    found, at = [], 0
    for number in range(count):
        length = size + (number < longer)
        found.append(word[at : at + length])
        at += length
    return list(dict.fromkeys(found))


def _anywhere(pieces: Sequence[str], columns: Sequence[str]) -> Condition | None:
    if not pieces:
        return None
    matches = [
        TextMatch("contains", Path((column,), 0, 0), Literal("text", piece, 0, 0))
        for column in columns
        for piece in pieces
    ]
    return Or(tuple(matches)) if len(matches) <= MOST else None
