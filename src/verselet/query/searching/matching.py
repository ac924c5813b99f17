"""Find out which texts have a term, where, and how well.

In:        a term, documents
Out:       the documents that have it, with scores and places
Not here:  reading rows (operations.searching)

The score is our own: how rare a word is among the documents, times how much of the column it is, twice for the primary
name; a word that is only begun counts less. It orders the results of one search and means nothing beside those of
another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, assert_never

import msgspec

from verselet.query.searching.distances import begins_near, is_near
from verselet.query.searching.terms import (
    Ending,
    Everything,
    Fuzzy,
    Joined,
    Leaf,
    Term,
    Without,
    Words,
    all_leaves,
    leaves_of,
)
from verselet.query.searching.words import Word, words_of

Span: TypeAlias = tuple[int, int]
"""Where a found word begins and ends in its text."""

PRIMARY: Final = 2.0
"""How much more the primary name counts than other columns."""

BEGUN: Final = 0.5
"""How much less counts what is only near."""

LONGEST_SHOWN: Final = 400
AROUND: Final = 100
"""So many characters of a text are shown with marks, so many of them before the first."""

USUAL_LENGTH: Final = 8
"""So many words are an ordinary column."""


class Document(msgspec.Struct, frozen=True, eq=False):
    """The texts of one row by the names of their columns; `primary` is the column that names the row."""

    texts: Mapping[str, str]
    primary: str | None = None


class Found(msgspec.Struct, frozen=True, eq=False):
    """A document that has the term: its number, how well, and where, by column."""

    number: int
    score: float
    spans: Mapping[str, tuple[Span, ...]]


_Places: TypeAlias = dict[Leaf, dict[str, list[Span]]]


def find(term: Term, documents: Sequence[Document]) -> list[Found]:
    """The documents that have the term, in their order."""
    leaves = tuple(dict.fromkeys(all_leaves(term)))
    places: list[tuple[_Places, dict[str, int]]] = [_places(leaves, document) for document in documents]
    rarity = {leaf: _rarity(len(documents), sum(leaf in found for found, _ in places)) for leaf in leaves}
    wanted = tuple(dict.fromkeys(leaves_of(term)))
    results = []
    for number, (found, lengths) in enumerate(places):
        if _has(term, found):
            shown = {leaf: found[leaf] for leaf in wanted if leaf in found}
            score = sum(
                _score(leaf, at, lengths, documents[number].primary, rarity[leaf]) for leaf, at in shown.items()
            )
            results.append(Found(number, round(score, 6), _spans(shown)))
    return results


def occurrences(leaf: Leaf, words: Sequence[Word]) -> list[Span]:
    """Where one column has the leaf."""
    match leaf:
        case Words(words=wanted, prefix=prefix, slop=slop):
            return _near_each_other(wanted, slop, words) if slop else _in_order(wanted, words, prefix=prefix)
        case Ending(text=text):
            return [(word.start, word.stop) for word in words if word.text.endswith(text)]
        case Fuzzy(word=wanted_word, edits=edits, prefix=prefix):
            near = begins_near if prefix else is_near
            return [(word.start, word.stop) for word in words if near(wanted_word, word.text, edits)]
        case Everything():
            return []
        case _:
            assert_never(leaf)


def _places(leaves: tuple[Leaf, ...], document: Document) -> tuple[_Places, dict[str, int]]:
    """Where the document has which leaf, and how many words its columns have."""
    words = {name: words_of(text) for name, text in document.texts.items()}
    found: _Places = {}
    for leaf in leaves:
        at = {name: spans for name, inside in words.items() if (spans := occurrences(leaf, inside))}
        if at or isinstance(leaf, Everything):
            found[leaf] = at
    return found, {name: len(inside) for name, inside in words.items()}


def _in_order(wanted: tuple[str, ...], words: Sequence[Word], *, prefix: bool) -> list[Span]:
    found = []
    size = len(wanted)
    exact = size - 1 if prefix else size
    for at in range(len(words) - size + 1):
        if any(words[at + i].text != wanted[i] for i in range(exact)):
            continue
        last = words[at + size - 1]
        if not prefix or last.text.startswith(wanted[-1]):
            # Of a word that is only begun, what was typed is shown as found.
            stop = last.start + len(wanted[-1]) if prefix else last.stop
            found.append((words[at].start, stop))
    return found


def _near_each_other(wanted: tuple[str, ...], slop: int, words: Sequence[Word]) -> list[Span]:
    found: dict[Span, None] = {}
    for at in range(len(words)):
        window = words[at : at + len(wanted) + slop]
        texts = [word.text for word in window]
        if all(texts.count(text) >= wanted.count(text) for text in wanted):
            found.update(dict.fromkeys((word.start, word.stop) for word in window if word.text in wanted))
    return list(found)


def _has(term: Term, found: _Places) -> bool:
    match term:
        case Joined(must=must, should=should):
            if must:
                return all(_has(item, found) for item in must)
            return any(_has(item, found) for item in should)
        case Without(item=item):
            return not _has(item, found)
        case _:
            return term in found


def _rarity(documents: int, having: int) -> float:
    return 1 + math.log((documents + 1) / (having + 1))


def _score(
    leaf: Leaf, at: Mapping[str, Sequence[Span]], lengths: Mapping[str, int], primary: str | None, rarity: float
) -> float:
    if isinstance(leaf, Everything):
        return 1.0
    exact = isinstance(leaf, Words) and not leaf.prefix
    weight = leaf.boost * rarity * (1 if exact else BEGUN)
    total = 0.0
    for name, spans in at.items():
        often = len(spans) / (len(spans) + 0.25 + lengths[name] / USUAL_LENGTH)
        total += often * (PRIMARY if name == primary else 1)
    return weight * total


def _spans(shown: Mapping[Leaf, Mapping[str, Sequence[Span]]]) -> dict[str, tuple[Span, ...]]:
    """All found places of a column in order, those that overlap made one."""
    gathered: dict[str, list[Span]] = {}
    for at in shown.values():
        for name, spans in at.items():
            gathered.setdefault(name, []).extend(spans)
    return {name: _merged(sorted(spans)) for name, spans in gathered.items()}


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, stop in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return tuple(found)


def shown(text: str, spans: Sequence[Span]) -> str:
    """The text with marks; of a long one the part around what was found first."""
    if len(text) <= LONGEST_SHOWN:
        return highlighted(text, spans)
    start = max(spans[0][0] - AROUND, 0)
    stop = start + LONGEST_SHOWN
    return highlighted(text[start:stop], [(a - start, min(b, stop) - start) for a, b in spans if a < stop])


def highlighted(text: str, spans: Sequence[Span]) -> str:
    """The text with marks around what was found."""
    parts = []
    at = 0
    for start, stop in spans:
        parts += [text[at:start], "{crmhit}", text[start:stop], "{/crmhit}"]
        at = stop
    return "".join([*parts, text[at:]])
