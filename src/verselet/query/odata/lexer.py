"""Cut the text of one query option into tokens.

In:        the decoded text of an option, a key or an alias
Out:       `Token`s with positions; the last one has the kind `end`
Not here:  what an order of tokens means (filter, orderby, expand, keys)

The patterns of single tokens are public, because `literals` finds the same literals without parsing.
"""

from __future__ import annotations

import re
from typing import Literal as Only
from typing import TypeAlias, cast

import msgspec

from verselet.errors import QueryRefused

TokenKind: TypeAlias = Only[
    "text", "json", "guid", "datetime", "date", "number", "enum", "name", "alias", "option", "mark", "odd", "end"
]

# Possessive and atomic forms keep every pattern linear: an odd quote must not make the matcher try again and again.
QUOTED = r"'(?>[^']*(?:''[^']*)*)'"
ESCAPE = r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
DOUBLE_QUOTED = rf'"(?>[^"\\]*(?:{ESCAPE}[^"\\]*)*)"'
GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
DATETIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
LITERAL_END = r"(?![^ \t\r\n),;\]&\x00])"
"""A bare literal reaches to a delimiter or to the end; `5abc` is none."""

_TOKEN = re.compile(
    rf"""[ \t\r\n]*(?:
      (?P<text>{QUOTED})
    | (?P<guid>{GUID}){LITERAL_END}
    | (?P<datetime>{DATETIME}){LITERAL_END}
    | (?P<date>{DATE}){LITERAL_END}
    | (?P<number>{NUMBER}){LITERAL_END}
    | (?P<enum>{NAME}{QUOTED})
    | (?P<name>{NAME})
    | (?P<mark>[()\[\],/:;=*])
    | (?P<alias>@{NAME})
    | (?P<json>{DOUBLE_QUOTED})
    | (?P<option>\${NAME})
    | (?P<end>\Z)
    | (?P<odd>[0-9-][^ \t\r\n),;\]]*|[\s\S])
    )""",
    re.VERBOSE,
)

SHOWN = 500
"""Characters of the caller's text that a refusal repeats at most."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """A piece of the text as written, and where it stands in it."""

    kind: TokenKind
    text: str
    start: int
    stop: int


def tokens_of(text: str) -> list[Token]:
    """Every token of `text` in order; a piece that can begin nothing is refused. [E-7]"""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):  # pragma: no branch (the end stops it)
        kind = cast("TokenKind", match.lastgroup)  # every branch of the pattern is a named group
        start, stop = match.span(kind)
        if kind == "odd":
            raise _odd_piece(text, start, match[kind])
        tokens.append(Token(kind, match[kind], start, stop))
        if kind == "end":
            break
    return tokens


def syntax_error(text: str, position: int, found: str, expected: str) -> QueryRefused:
    """The parser's refusal: where, which piece, and what would have been right. [E-7]"""
    piece = f"'{shortened(found)}'" if found else "the end of the text"
    return QueryRefused(
        f"Syntax error at position {position} in '{shortened(text, SHOWN)}'.",
        hint=f"Found {piece}, expected {expected}.",
    )


def shortened(text: str, length: int = 60) -> str:
    """At most so much of the caller's text as a refusal should repeat."""
    return text if len(text) <= length else text[:length] + "…"


def _odd_piece(text: str, position: int, piece: str) -> QueryRefused:
    if piece in "'\"":
        return QueryRefused(
            f"There is an unterminated string literal at position {position} in '{shortened(text, SHOWN)}'.",
            hint="A quote inside single quotes is written twice; inside double quotes it is escaped as in JSON.",
        )
    if len(piece) > 1 or piece.isdigit():
        return syntax_error(text, position, piece, "a number, a GUID, a date or a date with time and zone")
    return syntax_error(text, position, piece, "a name, a literal or an operator")
