"""Find the literals in a query text without parsing it, so that a repeated question can be answered from a ready plan.

In:        a text made by options.decode_query
Out:       its shape (the text with a placeholder for each literal) and where the literals stand
Not here:  parsing (filter), what a literal means to a column (where it is bound)

The law: if one of two texts of the same shape can be parsed, the other parses to the same question apart from the
literals. For that everything that decides more than a value stays in the shape: names, operators, `null`, `true`,
`false`, enum members, the column name given to a query function, `$top`, and all options in which no literal can stand.
"""

from __future__ import annotations

import re
from typing import Literal as Only
from typing import TypeAlias

import msgspec

from verselet.query.odata.lexer import DATE, DATETIME, ESCAPE, GUID, LITERAL_END, NUMBER
from verselet.query.odata.operands import unquoted

SpanKind: TypeAlias = Only["text", "guid", "datetime", "date", "number"]

_KINDS: tuple[SpanKind, ...] = ("text", "guid", "datetime", "date", "number")
_PLACEHOLDERS = ("\x01", "\x02", "\x03", "\x04", "\x05")
"""By the order of `_KINDS`; characters that options.decode_query lets into no text."""

_COLUMN_BY_ALIAS = len(_KINDS) + 1


def _literals(separator: str) -> re.Pattern[str]:
    """The one pattern: it begins with a class of characters, so that the matcher skips all others at full speed.

    The groups are the kinds in order, then `PropertyName=@…`. A match without a group is text that stays as it is.
    No quoted text reaches over a separator, so that a quote left open spoils no other option.
    """
    single = rf"'(?>[^'{separator}]*(?:''[^'{separator}]*)*)'"
    double = rf'"(?>[^"\\{separator}]*(?:{ESCAPE}[^"\\{separator}]*)*)"'
    plain = r"(?!\$filter=|\$expand=|\$apply=|@)"
    return re.compile(
        rf"""[ \t\r\n(,\[=:;'"{separator}](?:
          (?<=[ \t\r\n(,\[=:])(?:
              ({single}|{double})
            | ({GUID}){LITERAL_END}
            | ({DATETIME}){LITERAL_END}
            | ({DATE}){LITERAL_END}
            | ({NUMBER}){LITERAL_END}
            | PropertyName[ \t\r\n]*=[ \t\r\n]*(?:{single}|(@))
          )
        | (?<=[ \t\r\n(;])\$top[ \t\r\n]*=[^{separator};)]*
        | (?<={separator}){plain}[^{separator}]*(?:{separator}{plain}[^{separator}]*)*
        | (?<=')[^'{separator}]*'
        | (?<=['"])[^{separator}]*
        )""",
        re.VERBOSE,
    )


_BY_AMPERSAND = _literals("&")
_BY_SEPARATOR = _literals(r"\x00")


class Span(msgspec.Struct, frozen=True, gc=False):
    """Where a literal stands in the text, quotes included, and its kind."""

    start: int
    stop: int
    kind: SpanKind


def shape_of(text: str) -> tuple[str, tuple[Span, ...]]:
    """The shape of a query text, and its literals from left to right. [performance.md §3]

    Args:
        text: as options.decode_query makes it.

    Returns:
        A key that differs where two texts ask different questions, and the spans `value_at` reads the values from.
        A text in which an alias names the column of a query function is its own shape, without literals.
    """
    if text[:1] == "\x00":
        return _cut(_BY_SEPARATOR, text, 0)
    return _cut(_BY_AMPERSAND, "&" + text, 1)


def value_at(text: str, span: Span) -> str:
    """The text of the literal, without quotes: what a parsed `Literal` has as `text`."""
    piece = text[span.start : span.stop]
    return unquoted(piece) if span.kind == "text" else piece


def _cut(pattern: re.Pattern[str], text: str, shift: int) -> tuple[str, tuple[Span, ...]]:
    spans: list[Span] = []
    pieces: list[str] = []
    end = shift
    for match in pattern.finditer(text):
        group = match.lastindex
        if group is None:
            continue
        if group == _COLUMN_BY_ALIAS:
            return text[shift:], ()
        start, stop = match.span(group)
        spans.append(Span(start - shift, stop - shift, _KINDS[group - 1]))
        pieces.append(text[end:start])
        pieces.append(_PLACEHOLDERS[group - 1])
        end = stop
    pieces.append(text[end:])
    return "".join(pieces), tuple(spans)
