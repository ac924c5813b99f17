"""Write and read the token that says where the next page starts.

In:        the order of a query and the values of the last row, or a token a client sent back
Out:       the token, or the condition "after that row"
Not here:  how many rows a page has (web.prefer), the link around the token (web.shape)

The token has the service's outer form; inside stand the values of the order columns, then the key. [PG-5]
It is found by values, not by counting, so a page deep in a long list costs what the first one costs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from verselet.errors import QueryRefused
from verselet.ids import GUID
from verselet.metadata.columns import Column, IdColumn, LookupColumn, TextColumn
from verselet.query import plan
from verselet.query.binding import Binding
from verselet.query.scope import Scope
from verselet.query.typing_literals import listed_value_of
from verselet.values import Reference, Value

MAX_TOKEN: Final = 20_000
LONGEST_WHOLE: Final = 20_000
"""Characters of an encoded token; an address has 32,768 for everything. [U-11]"""
OUTER = re.compile(r'<cookie pagenumber="(\d{1,9})" pagingcookie="([^"]*)" istracking="False" ?/>/?\Z')
INNER = re.compile(r'<cookie page="\d{1,9}">((?:<[\w.]+ [^<>]*/>)*)</cookie>\Z')
ESCAPES: Final = tuple([(f"%{ord(sign):02X}", sign) for sign in '<>"= /{}:'])
ITEM = re.compile(r'<[\w.]+ (?:last="([^"]*)" first="[^"]*"|lastnull="1"[^<>]*|last="([^"]*)" firstnull="1") />')
TOKEN: Final = -100
"""The place of a token's first value, as a literal's place in the query text; the next one is at −101, and so on."""

ROWS: Final = "rows"
"""What the rows of the pages before are called in a token."""
COUNTED = re.compile(rf'<{ROWS} last="(\d{{1,9}})" first="\d{{1,9}}" />')
EMPTY = re.compile(r'<cookie page="\d{1,9}"></cookie>\Z')
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ENTITY = re.compile(r"&(?:lt|gt|quot|apos|amp|#(\d{1,4}));")
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


def page_number(token: str) -> int:
    """The number of the page a token leads to.

    Raises:
        QueryRefused: no token of ours. [PG-9]
    """
    return int(outer_parts(token)[0])


def write_token(page: int, order: tuple[plan.OrderBy, ...], first: Sequence[Value], last: Sequence[Value]) -> str:
    """The token for page number `page`, which starts after the row with the order values `last`.

    `first` are those of the first row of the page before, which the service writes too. Where the values are too long
    for an address the token holds the key alone.
    """
    token = write_named_token(page, [item.by.column for item in order], first, last)
    if len(quote(token, safe="")) <= LONGEST_WHOLE or not _is_plain(order) or not GUID.match(str(last[-1])):
        return token
    return write_named_token(page, [order[-1].by.column], first[-1:], last[-1:])


def _is_plain(order: tuple[plan.OrderBy, ...]) -> bool:
    """All order columns are the table's own, so that a row's key tells its place."""
    return len(order) > 1 and all(isinstance(item.by, plan.ColumnOf) and item.by.source == 0 for item in order)


def _after_row(text: str, order: tuple[plan.OrderBy, ...], scope: Scope) -> plan.Condition:
    """The condition that a row comes after the one with that key, whose values are looked up. [PG-7]"""
    key = order[-1].by
    if key != plan.ColumnOf(scope.source, scope.table.primary_id):
        raise QueryRefused("The paging cookie does not fit the order of the query.")
    bound = _bind(order[-1], text, scope, TOKEN)
    other = next(scope.gathered.sources)
    same: list[plan.Condition] = [plan.Compare("eq", plan.ColumnOf(other, key.column), bound)]
    choices: list[plan.Condition] = []
    for item in order:
        mine, theirs = item.by, plan.ColumnOf(other, item.by.column)
        # Null comes first ascending and last descending. [O-5]
        from_null, to_null = (mine, theirs) if item.descending else (theirs, mine)
        crossing = plan.All((plan.IsNull(from_null), plan.Negate(plan.IsNull(to_null))))
        later = plan.Either((plan.Compare("lt" if item.descending else "gt", mine, theirs), crossing))
        choices.append(plan.All((*same, later)))
        both_null = plan.All((plan.IsNull(mine), plan.IsNull(theirs)))
        same.append(plan.Either((plan.Compare("eq", mine, theirs), both_null)))
    return plan.Exists(scope.table.name, other, (), plan.Either(tuple(choices)))


def write_counted_token(
    page: int, before: int, names: Sequence[str], first: Sequence[Value], last: Sequence[Value]
) -> str:
    """The same with the number of rows on the pages before, so that the page is found with another size too. [CC-26]"""
    return write_named_token(page, [ROWS, *names], [before, *first], [before, *last])


def read_counted_token(token: str) -> tuple[int | None, str | None]:
    """How many rows the pages before had, and the order values of their last one as an inner part; None for neither.

    Raises:
        QueryRefused: no token of ours. [PG-9]
    """
    inner = unquote(outer_parts(token)[1])
    counted = COUNTED.search(inner)
    if counted is None:
        return None, inner
    others = inner.replace(counted[0], "", 1)
    return int(counted[1]), None if EMPTY.match(others) else others


def write_named_token(page: int, names: Sequence[str], first: Sequence[Value], last: Sequence[Value]) -> str:
    """The same for order columns that are given by their names."""
    inner = write_inner(page, names, first, last)
    return f'<cookie pagenumber="{page}" pagingcookie="{quote(inner, safe="")}" istracking="False" />'


def write_inner(page: int, names: Sequence[str], first: Sequence[Value], last: Sequence[Value]) -> str:
    """The inner part: the order values of the page before page number `page`."""
    items = "".join([_item(name, *ends) for name, *ends in zip(names, first, last, strict=True)])
    return f'<cookie page="{page - 1}">{items}</cookie>'


def after(token: str, order: tuple[plan.OrderBy, ...], scope: Scope) -> plan.Condition:
    """The condition that a row comes after the one in the token.

    Raises:
        QueryRefused: the token is damaged, or was made for another order. [PG-9]
    """
    values = token_values(token)
    if len(values) == 1 and values[0] is not None and _is_plain(order):
        return _after_row(values[0], order, scope)
    if len(values) != len(order):
        raise QueryRefused("The paging cookie does not fit the order of the query.")
    bounds = [
        None if text is None else _bind(item, text, scope, TOKEN - place)
        for place, (item, text) in enumerate(zip(order, values, strict=True))
    ]
    return later_rows(order, bounds)


def token_values(token: str) -> tuple[str | None, ...]:
    """The order values in a token, as texts.

    Raises:
        QueryRefused: the token is damaged. [PG-9]
    """
    inner = outer_parts(token)[1]
    values = read_inner(quickly_decoded(inner) or unquote(inner))
    if values is None:
        raise QueryRefused("The paging cookie is malformed.", hint="Follow @odata.nextLink as it was given.")
    return tuple(values)


def quickly_decoded(text: str) -> str | None:
    """The decoded text where only signs are encoded that our tokens are full of: in a tenth of the usual time."""
    for encoded, sign in ESCAPES:
        text = text.replace(encoded, sign)
    # The percent sign comes last: what it makes is not looked at again.
    return text.replace("%25", "%") if text.count("%") == text.count("%25") else None


def token_value(column: Column, text: str) -> Value:
    """A text of a token as a value of its column.

    Raises:
        QueryRefused: it is none.
    """
    if text[:1] == "{" and text[-1:] == "}" and isinstance(column, IdColumn | LookupColumn):
        text = text[1:-1]
    return listed_value_of(column, text)


def later_rows(order: Sequence[plan.OrderBy], bounds: Sequence[plan.Bound | None]) -> plan.Condition:
    """The condition that a row comes after the one with these order values; None stands for null."""
    same: list[plan.Condition] = []
    choices: list[plan.Condition] = []
    for item, bound in zip(order, bounds, strict=True):
        later = _later(item, bound)
        if later is not None:
            choices.append(plan.All((*same, later)))
        same.append(plan.IsNull(item.by) if bound is None else plan.Compare("eq", item.by, bound))
    return plan.Either(tuple(choices)) if choices else plan.Never()


def _later(item: plan.OrderBy, bound: plan.Bound | None) -> plan.Condition | None:
    # Null comes first ascending and last descending. [O-5]
    if item.descending:
        if bound is None:
            return None
        return plan.Either((plan.Compare("lt", item.by, bound), plan.IsNull(item.by)))
    if bound is None:
        return plan.Negate(plan.IsNull(item.by))
    return plan.Compare("gt", item.by, bound)


def _bind(item: plan.OrderBy, text: str, scope: Scope, place: int) -> plan.Bound:
    column = _column_of(item, scope)
    return scope.gathered.bind(Binding(column=column, value=token_value(column, text), start=place))


def _column_of(item: plan.OrderBy, scope: Scope) -> Column:
    if isinstance(item.by, plan.NameOf):
        return TextColumn(name=item.by.column, schema_name=item.by.column)
    table = scope.table
    for join in scope.joins:
        if join.source == item.by.source:
            table = scope.schema.tables[join.table]
    return table.columns[item.by.column]


def _item(name: str, first: Value, last: Value) -> str:
    begins = 'firstnull="1"' if first is None else f'first="{_escaped(first)}"'
    ends = 'lastnull="1"' if last is None else f'last="{_escaped(last)}"'
    return f"<{name} {ends} {begins} />"


def _escaped(value: Value) -> str:
    """The value as the service writes it: GUIDs in upper case and braces, yes and no in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value.id if isinstance(value, Reference) else str(value)
    if GUID.match(text):
        text = f"{{{text.upper()}}}"
    # Clients put the cookie of FetchXML into an attribute, where a line break would become a blank. [FX-32]
    return CONTROL.sub(lambda found: f"&#{ord(found[0])};", escape(text, {'"': "&quot;"}))


def outer_parts(token: str) -> tuple[str, str]:
    """The page number and the inner part, percent-encoded.

    Raises:
        QueryRefused: no token of ours. [PG-9]
    """
    found = OUTER.match(token) if len(token) <= MAX_TOKEN else None
    if found is None:
        raise QueryRefused("The paging cookie is malformed.", hint="Follow @odata.nextLink as it was given.")
    return found[1], found[2]


def read_inner(text: str) -> list[str | None] | None:
    """The order values in an inner part, None for a text that is none."""
    found = INNER.match(text)
    items = [] if found is None else list(ITEM.finditer(found[1]))
    if found is None or "".join([item[0] for item in items]) != found[1]:
        return None
    return [_plain(item) for item in items]


def _plain(item: re.Match[str]) -> str | None:
    text = item[1] if item[1] is not None else item[2]
    if text is None:
        return None
    return ENTITY.sub(lambda entity: ENTITIES.get(entity[0]) or chr(int(entity[1]) or 32), text)
