"""Read the filters of a search.

In:        filters as searches write them: conditions of OData, after the name of a table or without
Out:       conditions by table, with columns by the names that questions have for them
Not here:  whether the columns exist (query.resolve)

`account:revenue gt 5, contact:(statecode eq 0)` says something about each table, `createdon gt 2026-01-01` about all.
Lookups go by their logical names, and ids may stand in quotes, as in an index that holds texts only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.ids import GUID
from verselet.metadata.columns import IdColumn, LookupColumn
from verselet.metadata.tables import Table
from verselet.query.odata.filter import parse_filter
from verselet.query.outputs import property_name
from verselet.query.tree import And, Comparison, Condition, Lambda, Literal, Not, Operand, Or, Path, TextMatch

ACTIVITIES: Final = "activities"
"""Stands for all tables of activities."""

_PIECE: Final = re.compile(r"""((?:'(?:[^']|'')*'|[^'(),])+)|([(),])|'""")
_SCOPE: Final = re.compile(r"\s*(\w+)\s*:(?!//)")
_LOCAL_TIME: Final = re.compile(r"('(?:[^']|'')*')|(\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?![\d:.Z+-])")


class Filter(msgspec.Struct, frozen=True):
    """A condition, for one table, for all activities, or for every table."""

    condition: Condition
    table: str | None = None

    def is_about(self, table: Table) -> bool:
        """Rows of the table must fulfil it."""
        return self.table is None or self.table == table.name or (self.table == ACTIVITIES and table.is_activity)


def parse_filters(text: str) -> tuple[Filter, ...]:
    """The filters of a text.

    Raises:
        QueryRefused: a condition that cannot be understood. [E-7]
        InvalidArgument: parentheses or quotes without their other part.
    """
    found = []
    for part in _parts(text):
        scope = _SCOPE.match(part)
        condition = part[scope.end() :] if scope else part
        found.append(Filter(parse_filter(_LOCAL_TIME.sub(_in_utc, condition).strip()), scope[1] if scope else None))
    return tuple(found)


def for_table(condition: Condition, table: Table) -> Condition:
    """The condition with the names that questions have for the columns of the table."""
    match condition:
        case And(items=items):
            return And(tuple([for_table(item, table) for item in items]))
        case Or(items=items):
            return Or(tuple([for_table(item, table) for item in items]))
        case Not(item=item):
            return Not(for_table(item, table))
        case Comparison(left=left, right=right):
            left, right = _named(left, table), _named(right, table)
            return structs.replace(condition, left=_as_id(left, right, table), right=_as_id(right, left, table))
        case TextMatch(left=left, right=right):
            return structs.replace(condition, left=_named(left, table), right=_named(right, table))
        case _:
            return condition


def columns_of(condition: Condition) -> Iterator[str]:
    """The columns it compares."""
    match condition:
        case And(items=items) | Or(items=items):
            for item in items:
                yield from columns_of(item)
        case Not(item=item):
            yield from columns_of(item)
        case Comparison(left=left, right=right) | TextMatch(left=left, right=right):
            yield from [side.names[0] for side in (left, right) if isinstance(side, Path) and len(side.names) == 1]
        case Lambda():
            raise InvalidArgument("The filter of a search asks for columns of the row only.")
        case _:
            return


def _parts(text: str) -> Iterator[str]:
    """The text cut at the commas outside of quotes and parentheses."""
    depth, start, at = 0, 0, 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None or (found[1] is None and found[2] is None):
            raise InvalidArgument(f"The filter has a quote that nothing closes, at position {at}.")
        if found[2] == ",":
            if depth == 0:
                yield text[start:at]
                start = at + 1
        elif found[2] is not None:
            depth += 1 if found[2] == "(" else -1
        at = found.end()
    yield text[start:]


def _in_utc(found: re.Match[str]) -> str:
    """Points in time without a zone are in UTC."""
    return found[1] or f"{found[2]}Z"


def _named(operand: Operand, table: Table) -> Operand:
    if not isinstance(operand, Path) or len(operand.names) != 1:
        return operand
    column = table.columns.get(operand.names[0])
    return operand if column is None else structs.replace(operand, names=(property_name(column),))


def _as_id(operand: Operand, other: Operand, table: Table) -> Operand:
    """An id in quotes, where the other side holds ids, is an id."""
    if not isinstance(operand, Literal) or operand.kind != "text" or not isinstance(other, Path):
        return operand
    name = other.names[0]
    column = table.columns.get(name.removeprefix("_").removesuffix("_value"), table.columns.get(name))
    if isinstance(column, LookupColumn | IdColumn) and GUID.match(operand.text):
        return structs.replace(operand, kind="guid")
    return operand
