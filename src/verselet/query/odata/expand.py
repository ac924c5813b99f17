"""Parse `$expand` with the options inside its parentheses.

In:        the decoded text of the option
Out:       `Expand`s, nested as written
Not here:  which options a navigation allows, to-one or to-many (query.resolve)
"""

from __future__ import annotations

from msgspec.structs import replace

from verselet.errors import NotSupportedHere, QueryRefused
from verselet.query.odata.cursor import Cursor
from verselet.query.odata.filter import NAMESPACE, read_condition
from verselet.query.odata.lexer import Token, shortened, tokens_of
from verselet.query.odata.orderby import read_orderby
from verselet.query.odata.select import read_select
from verselet.query.odata.small_values import row_limit
from verselet.query.tree import Expand

MAX_ITEMS = 15
"""Items of `$expand` in one request, nested ones counted. [X-2]"""

_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$expand"})


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
        raise _too_many()
    return items


def count_items(items: tuple[Expand, ...]) -> int:
    """Items with all nested ones. [X-2]"""
    return sum(1 + count_items(item.expand) for item in items)


def _too_many() -> QueryRefused:
    return QueryRefused(f"The number of $expand items in a request exceeds the maximum limit of {MAX_ITEMS}.")


def _refuse_aliases(text: str) -> None:
    if "@" not in text:
        return
    for token in tokens_of(text):
        if token.kind == "alias":
            raise QueryRefused(
                f"The parameter alias '{shortened(token.text)}' at {token.start} cannot be used within $expand.",
                hint="Write the value itself.",
            )


def _read_items(cursor: Cursor) -> tuple[Expand, ...]:
    cursor.enter()
    items = [_read_item(cursor)]
    while cursor.take_if(","):
        if len(items) == MAX_ITEMS:
            raise _too_many()
        item = _read_item(cursor)
        if any(item.navigation == other.navigation for other in items):
            raise QueryRefused(f"The navigation property '{shortened(item.navigation)}' is expanded more than once.")
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
    item = Expand(navigation=name.text, start=start, stop=stop)
    return _with_options(cursor, item) if cursor.take_if("(") else item


def _read_reference(cursor: Cursor, name: Token) -> None:
    """`/$ref` is the only segment behind a navigation. [X-10]"""
    segment = cursor.take()
    if segment.text == "$ref":
        return
    if segment.text.startswith(NAMESPACE):
        raise NotSupportedHere(f"The type cast '{shortened(segment.text)}' in $expand")
    if segment.kind == "option":
        raise QueryRefused(
            f"'{shortened(name.text)}/{segment.text}' is not supported in $expand.", hint="Only /$ref can follow."
        )
    raise cursor.refuse(segment, "$ref; related rows of related rows are expanded by a nested $expand")


def _with_options(cursor: Cursor, item: Expand) -> Expand:
    """The item with the options up to the closing parenthesis, separated by semicolons. [X-1]"""
    given: set[str] = set()
    while True:
        token = cursor.take()
        if token.kind != "option":
            raise cursor.refuse(token, "$select, $filter, $orderby, $top or $expand")
        if token.text not in _OPTIONS:
            raise QueryRefused(f"The query option '{shortened(token.text)}' is not supported within $expand.")
        if token.text in given:
            raise QueryRefused(f"The query option '{shortened(token.text)}' is given more than once within $expand.")
        given.add(token.text)
        cursor.expect("=")
        item = _with_option(cursor, token.text, item)
        if cursor.take_if(")"):
            return item
        cursor.expect(";", "';' or ')'")
        if cursor.take_if(")"):
            return item


def _with_option(cursor: Cursor, name: str, item: Expand) -> Expand:
    match name:
        case "$select":
            return replace(item, select=read_select(cursor))
        case "$filter":
            return replace(item, filter=read_condition(cursor))
        case "$orderby":
            return replace(item, orderby=read_orderby(cursor))
        case "$top":
            return replace(item, top=row_limit(cursor.take().text))
        case _:
            return replace(item, expand=_read_items(cursor))
