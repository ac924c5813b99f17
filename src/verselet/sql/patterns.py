"""Turn the text of a string function into a pattern of the database.

In:        the text of contains, startswith, endswith or like, with the service's wildcards
Out:       a pattern for LIKE, or, when the text uses `[…]`, for GLOB (SQLite) or a regular expression (PostgreSQL)
Not here:  the condition around it (sql.conditions)

`%` stands for any run, `_` for one character, `[a-d]` for one of them, `[^a]` for none of them; `[%]` is a plain
percent sign. A bracket that opens no class stands for itself. [F-9]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from verselet.errors import QueryRefused
from verselet.query.binding import Form
from verselet.sql.dialects import Dialect
from verselet.values import Stored, Value

TOKEN: Final = re.compile(r"\[(\^[^\]]+|[^\]^][^\]]*)\]|(.)", re.DOTALL)
MEMBER: Final = re.compile(r"(.)-(.)|(.)", re.DOTALL)
LONGEST: Final = 16_000
"""Bytes of the text; SQLite takes patterns of 50,000, and a character may become three."""


def pattern_of(form: Form, dialect: Dialect, *, classes: bool) -> Callable[[Value], Stored]:
    """The function from the text to the pattern.

    The function raises QueryRefused for a text that is too long, or a class whose range runs backwards.
    """
    if not classes:
        before, after = ("" if form in {"startswith", "like"} else "%"), ("" if form in {"endswith", "like"} else "%")
        return lambda value: before + _checked(value) + after
    if dialect.name == "sqlite":
        return lambda value: _glob(_checked(value).lower(), form)
    return lambda value: _expression(_checked(value), form)


def _checked(value: Value) -> str:
    text = str(value)
    if len(text.encode()) > LONGEST:
        raise QueryRefused(f"A text to search for may have {LONGEST} bytes at most.")
    return text


def _members(inside: str) -> list[tuple[str, str]]:
    """The ranges of a class; a single character is a range of its own.

    Raises:
        QueryRefused: a range runs backwards.
    """
    found = [(low or single, high or single) for low, high, single in MEMBER.findall(inside)]
    for low, high in found:
        if low > high:
            raise QueryRefused(f"The range '{low}-{high}' of the pattern runs backwards.")
    return found


def _glob(text: str, form: Form) -> str:
    parts = []
    for inside, char in TOKEN.findall(text):
        parts.append(_glob_char(char) if char else _glob_class(inside))
    before, after = ("" if form in {"startswith", "like"} else "*"), ("" if form in {"endswith", "like"} else "*")
    return before + "".join(parts) + after


def _glob_char(char: str) -> str:
    return {"%": "*", "_": "?"}.get(char) or _glob_literal(char)


def _glob_literal(char: str) -> str:
    return f"[{char}]" if char in "*?[" else char


def _glob_class(inside: str) -> str:
    negated = inside.startswith("^")
    members = _members(inside.removeprefix("^") if negated else inside)
    if len(members) == 1 and members[0] == ("^", "^") and not negated:
        return "^"
    # A dash is itself only in the first place, a circumflex in any but the first.
    members.sort(key=lambda member: (member != ("-", "-"), member[0] == "^"))
    shown = [low if low == high else f"{low}-{high}" for low, high in members]
    return f"[{'^' if negated else ''}{''.join(shown)}]"


def _expression(text: str, form: Form) -> str:
    parts = []
    for inside, char in TOKEN.findall(text):
        if char:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
        else:
            negated = inside.startswith("^")
            members = _members(inside.removeprefix("^") if negated else inside)
            shown = [f"{_escaped(low)}-{_escaped(high)}" for low, high in members]
            parts.append(f"[{'^' if negated else ''}{''.join(shown)}]")
    before, after = ("^" if form in {"startswith", "like"} else ""), ("$" if form in {"endswith", "like"} else "")
    return before + "".join(parts) + after


def _escaped(char: str) -> str:
    return f"\\{char}" if char in "\\[]^-" else char
