"""Read the format of an automatic number, and write numbers in it.

In:        a format such as `PRJ-{SEQNUM:5}`; a number, a time, a source of chance
Out:       `NumberFormat`, and the text of one number
Not here:  where numbers come from (store.numbers), which rows get one (operations.rules.autonumbers)

The words of a time are those of .NET's custom formats, which clients write: `yyyyMMdd`, `HH:mm`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias, assert_never

import msgspec

from verselet.errors import InvalidArgument, NotSupportedHere

MOST_CHANCE = 6
"""Characters one piece of chance can have. [JOB-67]"""

MOST_DIGITS = 18
"""Digits a number may be filled up to: more than the counter can reach."""

FIRST_NUMBER = 1000
"""The number the first row gets, unless somebody set another. [JOB-67]"""

_PLACEHOLDER = re.compile(r"\{(SEQNUM|RANDSTRING|DATETIMEUTC):([^{}]*)\}")
_TIME_WORD = re.compile(r"'([^']*)'|([a-zA-Z])\2*|[^a-zA-Z']")


class Words(msgspec.Struct, frozen=True, tag=True):
    """Text that stands for itself."""

    text: str


class Counted(msgspec.Struct, frozen=True, tag=True):
    """The number, filled up with zeros to that many digits and never cut. `{SEQNUM:5}`"""

    digits: int


class Chance(msgspec.Struct, frozen=True, tag=True):
    """So many letters and digits by chance. `{RANDSTRING:4}`"""

    length: int


class Moment(msgspec.Struct, frozen=True, tag=True):
    """The time the row is made, in UTC, in the words of the format. `{DATETIMEUTC:yyyyMMdd}`"""

    words: tuple[str, ...]


Piece: TypeAlias = Words | Counted | Chance | Moment
NumberFormat: TypeAlias = tuple[Piece, ...]


@lru_cache(maxsize=1024)
def parse_number_format(text: str) -> NumberFormat:
    """The pieces of a format, in order. [JOB-67]

    Raises:
        InvalidArgument: braces that are no placeholder, or a size outside its bounds.
        NotSupportedHere: a word of a time that is not known here.
    """
    pieces: list[Piece] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        pieces += _words(text, text[at : found.start()])
        pieces.append(_placeholder(text, found[1], found[2]))
        at = found.end()
    pieces += _words(text, text[at:])
    if not any(isinstance(piece, Counted | Chance) for piece in pieces):
        raise _wrong(text, "it needs {SEQNUM:n} or {RANDSTRING:n}, so that rows get different texts")
    return tuple(pieces)


def written_number(form: NumberFormat, number: int, at: datetime, chance: Callable[[int], str]) -> str:
    """The text of one number. `at` is in UTC; `chance` gives so many characters."""
    return "".join([_written(piece, number, at, chance) for piece in form])


def is_counted(form: NumberFormat) -> bool:
    """The format takes a number; one of chance alone does not."""
    return any(isinstance(piece, Counted) for piece in form)


def _written(piece: Piece, number: int, at: datetime, chance: Callable[[int], str]) -> str:
    match piece:
        case Words(text):
            return text
        case Counted(digits):
            return f"{number:0{digits}}"
        case Chance(length):
            return chance(length)
        case Moment(words):
            return "".join([TIME_WORDS[word](at) if word in TIME_WORDS else word[1:] for word in words])
        case _:
            assert_never(piece)


def _words(whole: str, text: str) -> list[Piece]:
    if "{" in text or "}" in text:
        raise _wrong(whole, "placeholders are {SEQNUM:n}, {RANDSTRING:n} and {DATETIMEUTC:format}")
    return [Words(text)] if text else []


def _placeholder(whole: str, name: str, size: str) -> Piece:
    match name:
        case "SEQNUM":
            return Counted(_size(whole, name, size, MOST_DIGITS))
        case "RANDSTRING":
            return Chance(_size(whole, name, size, MOST_CHANCE))
        case _:
            return Moment(_time_words(whole, size))


def _size(whole: str, name: str, size: str, most: int) -> int:
    if not (size.isascii() and size.isdigit() and 1 <= int(size) <= most):
        raise _wrong(whole, f"the size of {name} is a number from 1 to {most}")
    return int(size)


def _time_words(whole: str, text: str) -> tuple[str, ...]:
    """The words of a time; what stands for itself begins with an apostrophe."""
    if not text or text.count("'") % 2:
        raise _wrong(whole, "DATETIMEUTC needs a format such as yyyyMMdd")
    words = []
    for found in _TIME_WORD.finditer(text):
        word = found[0]
        if found[2] and word not in TIME_WORDS:
            raise NotSupportedHere(f"The word '{word[:20]}' in DATETIMEUTC")
        words.append(word if found[2] else f"'{found[1] or ''}" if word.startswith("'") else f"'{word}")
    return tuple(words)


def _wrong(text: str, why: str) -> InvalidArgument:
    return InvalidArgument(f"The AutoNumberFormat '{text[:200]}' cannot be used: {why}.")


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

TIME_WORDS: Mapping[str, Callable[[datetime], str]] = MappingProxyType(
    {
        "yyyy": lambda at: f"{at.year:04}",
        "yy": lambda at: f"{at.year % 100:02}",
        "MMMM": lambda at: _MONTHS[at.month - 1],
        "MMM": lambda at: _MONTHS[at.month - 1][:3],
        "MM": lambda at: f"{at.month:02}",
        "M": lambda at: str(at.month),
        "dddd": lambda at: _DAYS[at.weekday()],
        "ddd": lambda at: _DAYS[at.weekday()][:3],
        "dd": lambda at: f"{at.day:02}",
        "d": lambda at: str(at.day),
        "HH": lambda at: f"{at.hour:02}",
        "H": lambda at: str(at.hour),
        "hh": lambda at: f"{at.hour % 12 or 12:02}",
        "h": lambda at: str(at.hour % 12 or 12),
        "mm": lambda at: f"{at.minute:02}",
        "m": lambda at: str(at.minute),
        "ss": lambda at: f"{at.second:02}",
        "s": lambda at: str(at.second),
        "fff": lambda at: f"{at.microsecond // 1000:03}",
        "tt": lambda at: "AM" if at.hour < 12 else "PM",
    }
)
"""Word of a time → how it is written, in English."""
