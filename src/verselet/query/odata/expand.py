"""Parse `$expand` with the options inside its parentheses.

In:        the decoded text of the option
Out:       `Expand`s, nested as written
Not here:  which options a navigation allows, to-one or to-many (query.resolve)
"""

from __future__ import annotations

import msgspec

from verselet.errors import NotSupportedHere, QueryRefused
from verselet.query.odata.cursor import Cursor
from verselet.query.odata.filter import NAMESPACE, read_condition
from verselet.query.odata.lexer import Token, tokens_of
from verselet.query.odata.orderby import read_orderby
from verselet.query.odata.select import read_select
from verselet.query.odata.small_values import row_limit
from verselet.query.tree import Condition, Expand, Ordering

MAX_ITEMS = 15
"""Items of `$expand` in one request, nested ones counted. [X-2]"""

_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$expand"})


class _Inner(msgspec.Struct, kw_only=True):
    """The options of one item while they are read."""

    select: tuple[str, ...] | None = None
    filter: Condition | None = None
    orderby: tuple[Ordering, ...] = ()
    top: int | None = None
    expand: tuple[Expand, ...] = ()
    given: tuple[str, ...] = ()


def parse_expand(text: str, offset: int = 0) -> tuple[Expand, ...]:
    """The items of an `$expand`. [X-1], [X-4]

    Raises:
        QueryRefused: bad syntax; more than 15 items [X-2]; an alias [X-15]; an option that does not exist here [X-4].
    """
    _refuse_aliases(text)
    cursor = Cursor(text, offset)
    items = _read_items(cursor)
    cursor.expect_end("',' or the end of $expand")
    if count_items(items) > MAX_ITEMS:
        raise QueryRefused(f"The number of $expand items in a request exceeds the maximum limit of {MAX_ITEMS}.")
    return items


def count_items(items: tuple[Expand, ...]) -> int:
    """Items with all nested ones. [X-2]"""
    return sum(1 + count_items(item.expand) for item in items)


def _refuse_aliases(text: str) -> None:
    if "@" not in text:
        return
    for token in tokens_of(text):
        if token.kind == "alias":
            raise QueryRefused(
                f"The parameter alias '{token.text}' at position {token.start} cannot be used within $expand.",
                hint="Write the value itself.",
            )


def _read_items(cursor: Cursor) -> tuple[Expand, ...]:
    cursor.enter()
    items = [_read_item(cursor)]
    while cursor.take_if(","):
        item = _read_item(cursor)
        if any(item.navigation == other.navigation for other in items):
            raise QueryRefused(f"The navigation property '{item.navigation}' is expanded more than once.")
        items.append(item)
    cursor.leave()
    return tuple(items)


def _read_item(cursor: Cursor) -> Expand:
    if cursor.peek().text == "*":
        raise QueryRefused("$expand=* is not supported.", hint="Name the navigation properties.")
    name = cursor.expect_name("a navigation property")
    start, stop = name.start + cursor.offset, name.stop + cursor.offset
    if cursor.take_if("/"):
        _read_reference(cursor, name)
        return Expand(navigation=name.text, start=start, stop=stop, reference=True)
    if not cursor.take_if("("):
        return Expand(navigation=name.text, start=start, stop=stop)
    inner = _read_options(cursor)
    return Expand(
        navigation=name.text,
        start=start,
        stop=stop,
        select=inner.select,
        filter=inner.filter,
        orderby=inner.orderby,
        top=inner.top,
        expand=inner.expand,
    )


def _read_reference(cursor: Cursor, name: Token) -> None:
    """`/$ref` is the only segment behind a navigation. [X-10]"""
    segment = cursor.take()
    if segment.text == "$ref":
        return
    if segment.text.startswith(NAMESPACE):
        raise NotSupportedHere(f"The type cast '{segment.text}' in $expand")
    if segment.kind == "option":
        raise QueryRefused(f"'{name.text}/{segment.text}' is not supported in $expand.", hint="Only /$ref can follow.")
    raise cursor.refuse(segment, "$ref; related rows of related rows are expanded by a nested $expand")


def _read_options(cursor: Cursor) -> _Inner:
    """The options up to the closing parenthesis, separated by semicolons. [X-1]"""
    inner = _Inner()
    while True:
        token = cursor.take()
        if token.kind != "option":
            raise cursor.refuse(token, "$select, $filter, $orderby, $top or $expand")
        if token.text not in _OPTIONS:
            raise QueryRefused(f"The query option '{token.text}' is not supported within $expand.")
        if token.text in inner.given:
            raise QueryRefused(f"The query option '{token.text}' is given more than once within $expand.")
        inner.given = (*inner.given, token.text)
        cursor.expect("=")
        _read_option(cursor, token.text, inner)
        if cursor.take_if(")"):
            return inner
        cursor.expect(";", "';' or ')'")
        if cursor.take_if(")"):
            return inner


def _read_option(cursor: Cursor, name: str, inner: _Inner) -> None:
    match name:
        case "$select":
            inner.select = read_select(cursor)
        case "$filter":
            inner.filter = read_condition(cursor)
        case "$orderby":
            inner.orderby = read_orderby(cursor)
        case "$top":
            inner.top = row_limit(cursor.take().text)
        case _:
            inner.expand = _read_items(cursor)
