"""Read literals, paths, aliases and value lists.

In:        a `Cursor` at the beginning of an operand
Out:       the nodes `Literal`, `Path`, `Alias` and `ValueList` of query.tree
Not here:  conditions and calls (filter); whether a value is a real date or number (where it is bound)
"""

from __future__ import annotations

import json
from typing import Literal as Only

from verselet.errors import QueryRefused
from verselet.query.odata.cursor import Cursor
from verselet.query.odata.lexer import Token, shortened, syntax_error
from verselet.query.tree import Alias, Literal, Operand, Path, ValueList

OPERAND = "a column, a literal or a parameter alias"
_LIST_VALUES = frozenset({"text", "json", "number", "guid", "date", "datetime"})


def parse_alias(text: str, offset: int = 0) -> Literal | Path | ValueList:
    """What an alias stands for: a literal, a property or a value list. [Q-7]"""
    cursor = Cursor(text, offset)
    value: Operand | ValueList = read_value_list(cursor) if cursor.peek().text == "[" else read_operand(cursor)
    cursor.expect_end("the end of the alias")
    if isinstance(value, Alias):
        raise syntax_error(text, value.start - offset, f"@{value.name}", "a literal or a property name")
    return value


def read_operand(cursor: Cursor, variables: tuple[str, ...] = ()) -> Operand:
    """A literal, an alias or a path. A call is no operand here. [F-19]"""
    token = cursor.peek()
    if token.kind == "alias":
        return read_alias(cursor)
    literal = literal_from(cursor, token)
    if literal is not None:
        cursor.take()
        cursor.count_node()
        return literal
    if token.kind != "name":
        raise cursor.refuse(token, OPERAND)
    return read_path(cursor, variables)


def read_alias(cursor: Cursor) -> Alias:
    """`@name`. [Q-7]"""
    token = cursor.take()
    cursor.count_node()
    return Alias(token.text[1:], token.start + cursor.offset, token.stop + cursor.offset)


def literal_from(cursor: Cursor, token: Token) -> Literal | None:
    """The literal that the next token is, or None. [F-4]

    The words `true`, `false` and `null` are literals unless a path goes on behind them.
    """
    start, stop = token.start + cursor.offset, token.stop + cursor.offset
    match token.kind:
        case "text":
            return Literal("text", unquoted(token.text), start, stop)
        case "number" | "guid" | "date" | "datetime":
            return Literal(token.kind, token.text, start, stop)
        case "enum":
            return _enum(cursor, token)
        case "name":
            return _word(cursor, token)
        case _:
            return None


def unquoted(piece: str) -> str:
    """The value of a string literal as written, in single quotes or as a JSON string. [F-4], [QF-3]"""
    inner = piece[1:-1]
    if piece[0] == "'":
        return inner.replace("''", "'") if "'" in inner else inner
    if "\\" not in inner:
        return inner
    value: str = json.loads(piece, strict=False)  # the pattern of the token lets no other escapes in
    return value.encode("utf-8", "replace").decode()  # half a character, as in "\ud800", is no text


def read_path(cursor: Cursor, variables: tuple[str, ...]) -> Path:
    """Names joined by slashes; inside a lambda the first one is a range variable. [F-10], [L-7]"""
    names = [cursor.expect_name(OPERAND)]
    while cursor.take_if("/"):
        names.append(cursor.expect_name("a navigation or column name"))
    if cursor.peek().text == "(":
        raise unknown_function(names[-1])
    return path_of(cursor, names, variables)


def path_of(cursor: Cursor, names: list[Token], variables: tuple[str, ...]) -> Path:
    """The path that the name tokens form. [F-10]

    Raises:
        QueryRefused: inside a lambda, a path that starts with no range variable. [L-7]
    """
    cursor.count_node()
    start, stop = names[0].start + cursor.offset, names[-1].stop + cursor.offset
    texts = tuple(token.text for token in names)
    if not variables:
        return Path(texts, start, stop)
    if texts[0] not in variables or len(texts) == 1:
        known = " or ".join(f"'{variable}/'" for variable in variables[:5])
        raise cursor.refuse(names[0], f"a name that begins with the range variable: {known}")
    return Path(texts[1:], start, stop, texts[0])


def unknown_function(name: Token) -> QueryRefused:
    """A call of something that cannot be called. [F-1], [QF-31]"""
    return QueryRefused(
        f"An unknown function with name '{shortened(name.text)}' was found. This may also be a function import or "
        "a key lookup on a navigation property, which is not allowed.",
        hint=f"At position {name.start}: only contains, startswith, endswith and the functions of "
        "Microsoft.Dynamics.CRM can be used in $filter.",
    )


def read_value_list(cursor: Cursor) -> ValueList:
    """`["a","b"]`: strings in either kind of quotes, numbers and ids, all as text. [QF-3]"""
    start = cursor.expect("[").start
    values = [_list_value(cursor)]
    while cursor.take_if(","):
        values.append(_list_value(cursor))
    stop = cursor.expect("]", "',' or ']'").stop
    return ValueList(tuple(values), start + cursor.offset, stop + cursor.offset)


def _list_value(cursor: Cursor) -> Literal:
    token = cursor.peek()
    if token.kind not in _LIST_VALUES:
        raise cursor.refuse(token, "a quoted value")
    cursor.take()
    cursor.count_node()
    text = unquoted(token.text) if token.kind in ("text", "json") else token.text
    return Literal("text", text, token.start + cursor.offset, token.stop + cursor.offset)


def _enum(cursor: Cursor, token: Token) -> Literal:
    type_name, _, quoted = token.text.partition("'")
    if "." not in type_name:
        # `guid'…'` and `datetime'…'` belong to older versions of the protocol, `eq'x'` lacks its blank.
        raise cursor.refuse(token, f"{OPERAND}; the name before the quote is not the full name of an enum type")
    text = unquoted("'" + quoted)
    return Literal("enum", text, token.start + cursor.offset, token.stop + cursor.offset, type_name)


def _word(cursor: Cursor, token: Token) -> Literal | None:
    text = token.text
    if text != "null" and text.lower() not in ("true", "false"):
        return None
    if cursor.peek_after().text in ("/", "("):
        return None
    kind: Only["null", "yesno"] = "null" if text == "null" else "yesno"
    # Letter case of true and false does not matter. [CS-2]
    return Literal(kind, text.lower(), token.start + cursor.offset, token.stop + cursor.offset)
