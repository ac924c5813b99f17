"""Parse `$apply`.

In:        the decoded text of the option
Out:       `Apply`, with names as written
Not here:  whether names exist (query.apply)
"""

from __future__ import annotations

import msgspec

from verselet.errors import QueryRefused
from verselet.query.odata.cursor import Cursor
from verselet.query.odata.filter import read_condition
from verselet.query.odata.lexer import Token, shortened
from verselet.query.odata.operands import read_path
from verselet.query.tree import Condition, Path

EXPECTED = "'filter', 'groupby' or 'aggregate'"


class AggregateItem(msgspec.Struct, frozen=True):
    """One aggregate. No `path` stands for `$count`, whose method is `count`. [A-2]"""

    method: str
    path: Path | None
    alias: str


class Apply(msgspec.Struct, frozen=True, kw_only=True):
    """The transformations: filters first, then grouping, then aggregates. `keys` is None without `groupby`. [A-1]"""

    filters: tuple[Condition, ...]
    keys: tuple[Path, ...] | None
    aggregates: tuple[AggregateItem, ...]


def parse_apply(text: str, offset: int = 0) -> Apply:
    """The transformations an `$apply` states.

    Args:
        text: the decoded text of the option.
        offset: where it begins in the whole query text.

    Raises:
        QueryRefused: with the position, the piece and what was expected. [A-12]
    """
    cursor = Cursor(text, offset)
    filters: list[Condition] = []
    while _opens(cursor, "filter"):
        filters.append(read_condition(cursor))
        _close(cursor)
        if not cursor.take_if("/"):
            raise QueryRefused("filter in $apply must be followed by groupby or aggregate.", hint="Use $filter alone.")
    keys: tuple[Path, ...] | None = None
    aggregates: tuple[AggregateItem, ...] = ()
    if _opens(cursor, "groupby"):
        keys = _read_keys(cursor)
        if cursor.take_if(","):
            if not _opens(cursor, "aggregate"):
                raise cursor.refuse(cursor.peek(), "'aggregate'")
            aggregates = _read_aggregates(cursor)
        _close(cursor)
    elif _opens(cursor, "aggregate"):
        aggregates = _read_aggregates(cursor)
    else:
        raise cursor.refuse(cursor.peek(), EXPECTED)
    cursor.expect_end("the end of $apply")
    return Apply(filters=tuple(filters), keys=keys, aggregates=aggregates)


def _opens(cursor: Cursor, name: str) -> bool:
    if cursor.peek().text != name or cursor.peek_after().text != "(":
        return False
    cursor.take()
    cursor.take()
    cursor.enter()
    return True


def _close(cursor: Cursor) -> None:
    cursor.expect(")")
    cursor.leave()


def _read_keys(cursor: Cursor) -> tuple[Path, ...]:
    cursor.expect("(")
    keys = [read_path(cursor, ())]
    while cursor.take_if(","):
        keys.append(read_path(cursor, ()))
    cursor.expect(")", "',' or ')'")
    return tuple(keys)


def _read_aggregates(cursor: Cursor) -> tuple[AggregateItem, ...]:
    items = [_read_aggregate(cursor)]
    while cursor.take_if(","):
        items.append(_read_aggregate(cursor))
    _close(cursor)
    return tuple(items)


def _read_aggregate(cursor: Cursor) -> AggregateItem:
    if cursor.take_if("$count"):
        return AggregateItem("count", None, _read_alias(cursor))
    path = read_path(cursor, ())
    cursor.expect("with")
    method = cursor.expect_name("a method such as 'sum'")
    return AggregateItem(method.text, path, _read_alias(cursor))


def _read_alias(cursor: Cursor) -> str:
    cursor.expect("as", "'as' and the name of the result: every aggregate needs one")
    token: Token = cursor.expect_name("the name of the result")
    if "." in token.text or len(token.text) > 128:
        raise QueryRefused(f"'{shortened(token.text)}' cannot be the name of a result.")
    return token.text
