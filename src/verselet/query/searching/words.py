"""Take a text apart into words.

In:        a text of a column, or a piece of a search
Out:       its words in small letters, each with its place
Not here:  what is searched for (query.searching.terms)

A word is a run of letters and digits; signs of scripts that put no space between words are words of their own. Accents
count, and no word is cut down to its stem.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_SINGLE: Final = "\u3040-\u309f\u3400-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")


class Word(msgspec.Struct, frozen=True):
    """A word and its place in the text."""

    text: str
    start: int
    stop: int


def words_of(text: str) -> list[Word]:
    """The words in order."""
    return [Word(found[0].lower(), found.start(), found.end()) for found in _WORD.finditer(text)]


def texts_of(text: str) -> tuple[str, ...]:
    """The words alone."""
    return tuple([found.lower() for found in _WORD.findall(text)])
