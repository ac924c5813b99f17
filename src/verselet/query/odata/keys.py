"""Take apart the path of an address: segments, and the keys in their parentheses.

In:        the decoded path behind the version, and the text in a segment's parentheses
Out:       `Segment`s and `KeyText`
Not here:  what a segment names (web.address), which columns form a key (metadata.schema)
"""

from __future__ import annotations

import re

import msgspec

from verselet.errors import QueryRefused
from verselet.ids import GUID
from verselet.query.odata.cursor import Cursor
from verselet.query.odata.lexer import DOUBLE_QUOTED, QUOTED, shortened
from verselet.query.odata.operands import literal_from
from verselet.query.tree import Literal

_KEY_KINDS = frozenset({"text", "number", "guid", "date", "datetime", "yesno", "enum"})
_PIECE = re.compile(rf"{QUOTED}|{DOUBLE_QUOTED}|[/()'\"]|[^/()'\"]+")


class KeyText(msgspec.Struct, frozen=True):
    """A key as written: an id in lower case, or names with values. [U-9], [K-1]"""

    id: str | None
    values: tuple[tuple[str, Literal], ...] = ()


class Segment(msgspec.Struct, frozen=True):
    """One step of a path. `arguments` is the text in its parentheses, None where it has none. [U-4]"""

    name: str
    arguments: str | None = None


def parse_key(text: str) -> KeyText:
    """What stands in the parentheses behind a set. [U-9], [K-1], [K-2]

    Raises:
        QueryRefused: nothing, a malformed GUID, anything that is neither an id nor names with values.
    """
    if GUID.match(text):
        # Nearly all keys; nothing else can start like that and end like that.
        return KeyText(text.lower())
    try:
        return _read_key(Cursor(text))
    except QueryRefused as refusal:
        raise QueryRefused(
            f"Bad Request - Error in query syntax. {refusal.message}",
            hint=refusal.hint or "A key is a GUID without quotes and braces, or name='value'.",
        ) from refusal


def split_segments(path: str) -> tuple[Segment, ...]:
    """The segments of a decoded path; slashes inside quotes and parentheses divide nothing. [U-4]

    A slash at the beginning or at the end adds no segment. [U-3]

    Raises:
        QueryRefused: an empty segment, parentheses or quotes left open, or text behind a closing parenthesis.
    """
    trimmed = path.strip("/")
    if not trimmed:
        return ()
    pieces = trimmed.split("/") if "'" not in trimmed and '"' not in trimmed else _pieces(trimmed)
    return tuple(_segment(piece, path) for piece in pieces)


def _read_key(cursor: Cursor) -> KeyText:
    first = cursor.peek()
    if first.kind == "guid":
        cursor.take()
        cursor.expect_end("the end of the key")
        return KeyText(first.text.lower())
    values: dict[str, Literal] = {}
    while True:
        name = cursor.expect_name("a GUID, or the name of a key column")
        cursor.expect("=")
        token = cursor.peek()
        value = literal_from(cursor, token)
        if value is None or value.kind not in _KEY_KINDS:
            raise cursor.refuse(token, "the value of a key column")
        if name.text in values:
            raise cursor.refuse(name, "each key column once")
        cursor.take()
        values[name.text] = value
        if not cursor.take_if(","):
            cursor.expect_end("',' or the end of the key")
            return KeyText(None, tuple(values.items()))


def _pieces(path: str) -> list[str]:
    """The path cut at the slashes outside of quotes and parentheses."""
    pieces = []
    depth = start = 0
    for match in _PIECE.finditer(path):
        piece = match.group()
        if piece == "/" and depth == 0:
            pieces.append(path[start : match.start()])
            start = match.end()
            continue
        if piece in "'\"":
            raise _bad_path(path, "a quote is left open")
        depth += (piece == "(") - (piece == ")")
    return [*pieces, path[start:]]


def _segment(piece: str, path: str) -> Segment:
    name, opened, rest = piece.partition("(")
    if not name:
        raise _bad_path(path, "a segment has no name")
    if not opened:
        if ")" in name:
            raise _bad_path(path, "a parenthesis is closed that was not opened")
        return Segment(name)
    inside = rest[:-1]
    if rest[-1:] != ")" or not _balanced(inside):
        raise _bad_path(path, "a segment ends with the parenthesis that closes its arguments")
    return Segment(name, inside)


def _balanced(text: str) -> bool:
    """Every parenthesis outside of quotes has its partner."""
    if "(" not in text and ")" not in text:
        return True
    depth = 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        depth += (piece == "(") - (piece == ")")
        if depth < 0:
            return False
    return depth == 0


def _bad_path(path: str, reason: str) -> QueryRefused:
    return QueryRefused("Bad Request - Error in query syntax.", hint=f"In '{shortened(path)}' {reason}.")
