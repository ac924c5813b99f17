"""Parse `$orderby`.

In:        the decoded text of the option
Out:       `Ordering`s from left to right
Not here:  whether a column can be sorted by (query.resolve)
"""

from __future__ import annotations

from verselet.query.odata.cursor import Cursor
from verselet.query.odata.operands import read_alias, read_path
from verselet.query.tree import Alias, Ordering, Path


def parse_orderby(text: str, offset: int = 0) -> tuple[Ordering, ...]:
    """The orderings of an `$orderby`; ascending unless it says `desc`. [O-1], [O-2], [Q-7]"""
    cursor = Cursor(text, offset)
    orderings = read_orderby(cursor)
    cursor.expect_end("',' or the end of $orderby")
    return orderings


def read_orderby(cursor: Cursor) -> tuple[Ordering, ...]:
    """As `parse_orderby`, up to the first token that belongs to no item. [O-1]"""
    orderings = [_read_ordering(cursor)]
    while cursor.take_if(","):
        orderings.append(_read_ordering(cursor))
    return tuple(orderings)


def _read_ordering(cursor: Cursor) -> Ordering:
    token = cursor.peek()
    by: Path | Alias
    if token.kind == "alias":
        by = read_alias(cursor)
    elif token.kind == "name":
        by = read_path(cursor, ())
    else:
        raise cursor.refuse(token, "a column or a parameter alias")
    descending = cursor.take_if("desc")
    if not descending:
        cursor.take_if("asc")
    return Ordering(by, descending)
