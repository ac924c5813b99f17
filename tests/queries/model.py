"""Answer questions about rows in plain Python: what the stores must say, written a second time and simply.

Rows are the members that the Web API shows of whole rows. [FX-2] to [FX-45], [O-5]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from functools import cmp_to_key
from typing import Any

from verselet.metadata.columns import (
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FloatColumn,
    IdColumn,
    LookupColumn,
    MemoColumn,
    MoneyColumn,
    StateColumn,
    TableNameColumn,
    TextColumn,
    YesNoColumn,
)
from verselet.metadata.schema import Schema
from verselet.query.fetchxml.tree import Attribute, Body, Condition, Fetch, Filter, Link

Row = Mapping[str, Any]
"""Column → value, None where there is none."""

Met = dict[str, Row | None]
"""Alias → the row that was met there; the table that is asked has the alias ``."""

ROOT = ""


class Model:
    """The rows of some tables, and the time in the zone of who asks. [QF-32]"""

    def __init__(self, schema: Schema, rows: Mapping[str, Sequence[Row]], now: str, zone: tzinfo = UTC) -> None:
        self.schema = schema
        self.rows = rows
        self.now = datetime.fromisoformat(now).astimezone(zone)
        self.zone = zone
        self.names = {
            row[self.schema.tables[table].primary_id]: row.get(self.schema.tables[table].primary_name or "")
            for table, members in rows.items()
            for row in members
        }

    def answer(self, fetch: Fetch) -> list[dict[str, Any]]:
        """The rows of the answer, without members that have no value."""
        tables = {ROOT: fetch.table, **dict(_aliases(fetch.body.links))}
        found = [
            met
            for row in self.rows[fetch.table]
            for met in self._joined({ROOT: row}, fetch.body.links, ROOT, tables)
            if self._passes(fetch.body, met, ROOT, tables)
        ]
        if fetch.aggregate or fetch.distinct:
            answer = self._grouped(fetch, found, tables)
        else:
            answer = self._plain(fetch, found, tables)
        return answer if fetch.top is None else answer[: fetch.top]

    # --- links --------------------------------------------------------------------------------------------------------

    def _joined(self, met: Met, links: Sequence[Link], outer: str, tables: Mapping[str, str]) -> Iterator[Met]:
        if not links:
            yield met
            return
        link, *others = links
        if link.kind in {"exists", "in"}:
            yield from self._joined(met, others, outer, tables)
            return
        alias = link.alias or ""
        matches = [row for row in self._linked(link, met[outer]) if self._satisfies(link, row, met, tables)]
        if link.kind == "matchfirstrowusingcrossapply":
            matches = sorted(matches, key=lambda row: str(row[self._key(link.table)]))[:1]
        nothing: list[Row | None] = [None] if link.kind == "outer" else []
        for row in [*matches] or nothing:
            for inner in self._joined({**met, alias: row}, link.body.links, alias, tables):
                yield from self._joined(inner, others, outer, tables)

    def _linked(self, link: Link, around: Row | None) -> list[Row]:
        value = None if around is None else around.get(link.outer or "")
        return [] if value is None else [row for row in self.rows[link.table] if row.get(link.inner or "") == value]

    def _satisfies(self, link: Link, row: Row, met: Met, tables: Mapping[str, str]) -> bool:
        alias = link.alias or ""
        return self._passes(link.body, {**met, alias: row}, alias, {**tables, alias: link.table})

    def _passes(self, body: Body, met: Met, at: str, tables: Mapping[str, str]) -> bool:
        tests = [link for link in body.links if link.kind in {"exists", "in"}]
        return all(self._filter(item, met, at, tables) for item in body.filters) and all(
            self._test(link, met, at, tables) for link in tests
        )

    def _test(self, link: Link, met: Met, at: str, tables: Mapping[str, str]) -> bool:
        alias = link.alias or ""
        inside = {**tables, alias: link.table, **dict(_aliases(link.body.links))}
        linked = self._linked(link, met[at])
        some = any(
            self._passes(link.body, inner, alias, inside)
            for row in linked
            for inner in self._joined({**met, alias: row}, link.body.links, alias, inside)
        )
        match link.kind:
            case "not any":
                return not some
            case "all":
                return bool(linked) and not some
            case _:
                return some

    def _key(self, table: str) -> str:
        return self.schema.tables[table].primary_id

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _filter(self, item: Filter, met: Met, at: str, tables: Mapping[str, str]) -> bool:
        found = []
        for part in item.items:
            match part:
                case Condition():
                    found.append(self._condition(part, met, at, tables))
                case Filter():
                    found.append(self._filter(part, met, at, tables))
                case Link():
                    found.append(self._test(part, met, at, tables))
        return any(found) if item.kind == "or" and found else all(found)

    def _condition(self, item: Condition, met: Met, at: str, tables: Mapping[str, str]) -> bool:
        alias = at if item.link is None else item.link
        row, column = met[alias], self.schema.tables[tables[alias]].columns[item.attribute]
        value = None if row is None else row.get(item.attribute)
        if item.operator in {"null", "not-null"}:
            return (value is None) == (item.operator == "null")
        if item.operator == "not-contain-values":
            return value is None or not set(str(value).split(",")) & set(item.values)
        if value is None:
            return False
        if item.other is not None:
            other = None if row is None else row.get(item.other)
            return other is not None and bool(COMPARISONS[item.operator](_comparable(value), _comparable(other)))
        if item.operator in PATTERNS:
            before, behind, wanted = PATTERNS[item.operator]
            return (_pattern(before + item.values[0] + behind).fullmatch(str(value)) is not None) == wanted
        if isinstance(column, DateTimeColumn) and item.operator in {*DATED, *COUNTED}:
            return self._dated(item, str(value), plain=column.behavior == "date_only")
        return _compared(item, value, column)

    def _dated(self, item: Condition, value: str, *, plain: bool) -> bool:
        if item.operator in COUNTED:
            low, high, inclusive = COUNTED[item.operator](self.now, int(item.values[0]))
        else:
            low, high, inclusive = DATED[item.operator](self.now, *item.values)
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=self.zone) if plain else at.astimezone(self.zone)
        if low == "quarter":
            return bool((at.month + 2) // 3 == high)
        if plain:
            low, high = (None if end is None else end.replace(hour=0, minute=0, second=0) for end in (low, high))
        return bool(low is None or at >= low) and bool(high is None or (at <= high if inclusive else at < high))

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _plain(self, fetch: Fetch, found: list[Met], tables: Mapping[str, str]) -> list[dict[str, Any]]:
        ties = [(ROOT, self._key(fetch.table)), *self._multiplied(fetch.body.links)]
        keys = [
            (self._sort_value(order.attribute or "", order.link or ROOT, tables, raw=fetch.raw_order), order.descending)
            for order in fetch.body.orders
        ]
        keys += [(self._stored(alias, name), False) for alias, name in ties]
        found = _sorted(found, keys)
        shown = _shown(fetch, tables, self.schema)
        shown[self._key(fetch.table)] = (ROOT, Attribute(name=self._key(fetch.table)))
        return [_without_nothing({name: _value(met, at, item) for name, (at, item) in shown.items()}) for met in found]

    def _multiplied(self, links: Sequence[Link]) -> list[tuple[str, str]]:
        found = []
        for link in links:
            if link.kind in {"inner", "outer"} and link.inner != self._key(link.table):
                found.append((link.alias or "", self._key(link.table)))
            found += self._multiplied(link.body.links)
        return found

    def _sort_value(self, name: str, alias: str, tables: Mapping[str, str], *, raw: bool) -> Callable[[Met], Any]:
        column = self.schema.tables[tables[alias]].columns[name]
        stored = self._stored(alias, name)
        if isinstance(column, LookupColumn):
            return lambda met: _comparable(self.names.get(stored(met)))
        if isinstance(column, ChoiceColumn | StateColumn) and not raw:
            labels = {option.value: option.label.lower() for option in column.options}
            return lambda met: labels.get(stored(met))
        return stored

    def _stored(self, alias: str, name: str) -> Callable[[Met], Any]:
        return lambda met: _comparable((met[alias] or {}).get(name))

    # --- groups -------------------------------------------------------------------------------------------------------

    def _grouped(self, fetch: Fetch, found: list[Met], tables: Mapping[str, str]) -> list[dict[str, Any]]:
        shown = _shown(fetch, tables, self.schema)
        keys = {name: place for name, place in shown.items() if place[1].aggregate is None}
        groups: dict[tuple[Any, ...], list[Met]] = {}
        for met in found:
            parts = tuple([_comparable(self._key_value(met, at, item)) for at, item in keys.values()])
            groups.setdefault(parts, []).append(met)
        if not keys:
            groups = {(): found}
        made = [(members, self._group(members, shown, tables)) for members in groups.values()]
        sort = self._group_sort(fetch, keys, tables)
        return [_without_nothing(answer) for _, answer in _sorted(made, sort)]

    def _group(
        self, members: list[Met], shown: Mapping[str, tuple[str, Attribute]], tables: Mapping[str, str]
    ) -> dict[str, Any]:
        answer = {}
        for name, (at, item) in shown.items():
            column = self.schema.tables[tables[at]].columns[item.name]
            if item.aggregate is not None:
                answer[name] = _aggregate(item, [(met[at] or {}).get(item.name) for met in members], column)
            else:
                values = [self._key_value(met, at, item) for met in members]
                # Texts that differ in letter case only are one group; the first in binary order stands for it.
                answer[name] = min(values) if isinstance(values[0], str) else values[0]
        return answer

    def _key_value(self, met: Met, at: str, item: Attribute) -> Any:
        value = _value(met, at, item)
        if value is None or item.date_grouping is None:
            return value
        if len(value) > 10 and item.user_time:
            value = datetime.fromisoformat(value).astimezone(self.zone).isoformat()
        return DATE_PARTS[item.date_grouping](value)

    def _group_sort(
        self, fetch: Fetch, keys: Mapping[str, tuple[str, Attribute]], tables: Mapping[str, str]
    ) -> list[tuple[Callable[[Any], Any], bool]]:
        found: list[tuple[Callable[[Any], Any], bool]] = []
        for order in fetch.body.orders:
            name = order.alias or _property(order.attribute or "", self.schema.tables[fetch.table].columns)
            place = keys.get(name)
            if place is None or place[1].date_grouping is not None:
                found.append((lambda made, name=name: _comparable(made[1][name]), order.descending))  # type: ignore[misc]
            else:
                by = self._sort_value(place[1].name, place[0], tables, raw=fetch.raw_order)
                found.append((lambda made, by=by: by(made[0][0]), order.descending))  # type: ignore[misc]
        for at, item in keys.values():
            found.append((lambda made, at=at, item=item: _comparable(self._key_value(made[0][0], at, item)), False))  # type: ignore[misc]
        return found


# --- names and values ------------------------------------------------------------------------------------------------


def _aliases(links: Sequence[Link]) -> Iterator[tuple[str, str]]:
    for link in links:
        yield link.alias or "", link.table
        yield from _aliases(link.body.links)


def _property(name: str, columns: Mapping[str, Column]) -> str:
    return f"_{name}_value" if isinstance(columns[name], LookupColumn) else name


def _shown(fetch: Fetch, tables: Mapping[str, str], schema: Schema) -> dict[str, tuple[str, Attribute]]:
    """Name in the answer → the place and the column behind it."""
    columns = schema.tables[fetch.table].columns
    found = {item.alias or _property(item.name, columns): (ROOT, item) for item in fetch.body.attributes}
    for link in _all_links(fetch.body.links):
        found |= {item.alias or f"{link.alias}.{item.name}": (link.alias or "", item) for item in link.body.attributes}
    return found


def _all_links(links: Sequence[Link]) -> Iterator[Link]:
    for link in links:
        yield link
        yield from _all_links(link.body.links)


def _value(met: Met, at: str, item: Attribute) -> Any:
    return (met[at] or {}).get(item.name)


def _without_nothing(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if value is not None}


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _sorted(found: list[Any], keys: Sequence[tuple[Callable[[Any], Any], bool]]) -> list[Any]:
    """Sorted by several keys; nothing comes first ascending and last descending. [O-5]"""

    def compare(left: Any, right: Any) -> int:
        for key, descending in keys:
            first, second = key(left), key(right)
            if first == second:
                continue
            less = second is not None and (first is None or first < second)
            return (1 if less else -1) if descending else (-1 if less else 1)
        return 0

    return sorted(found, key=cmp_to_key(compare))


# --- comparisons -----------------------------------------------------------------------------------------------------

COMPARISONS: Mapping[str, Callable[[Any, Any], object]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}
PATTERNS = {
    "like": ("", "", True),
    "not-like": ("", "", False),
    "begins-with": ("", "%", True),
    "not-begin-with": ("", "%", False),
    "ends-with": ("%", "", True),
    "not-end-with": ("%", "", False),
}
CLASS = re.compile(r"\[(\^?)([^\]]+)\]|(.)", re.DOTALL)


def _pattern(text: str) -> re.Pattern[str]:
    """`%`, `_`, `[…]` and `[^…]` as a regular expression. [F-9]"""
    parts = []
    for negated, inside, char in CLASS.findall(text):
        if char:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
        else:
            ranges = re.sub(r"([\\\[\]^])", r"\\\1", inside)
            parts.append(f"[{negated}{ranges}]")
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _read(text: str, column: Column) -> Any:
    match column:
        case TextColumn() | IdColumn() | LookupColumn() | ChoicesColumn() | MemoColumn() | TableNameColumn():
            return text.lower()
        case DateTimeColumn(behavior="date_only"):
            return text[:10]
        case DateTimeColumn():
            at = datetime.fromisoformat(text)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
            return at.strftime("%Y-%m-%dt%H:%M:%Sz")
        case YesNoColumn():
            return text in {"1", "true"}
        case FloatColumn():
            return float(text)
        case _:
            return Decimal(text)


def _compared(item: Condition, value: Any, column: Column) -> bool:
    value = float(value) if isinstance(column, FloatColumn) else _comparable(value)
    values = [_read(text, column) for text in item.values]
    match item.operator:
        case "contain-values":
            return bool(set(str(value).split(",")) & set(item.values))
        case "in" | "not-in":
            return bool(value in values) == (item.operator == "in")
        case "between" | "not-between":
            return bool(values[0] <= value <= values[1]) == (item.operator == "between")
        case _:
            return bool(COMPARISONS[item.operator](value, values[0]))


# --- dates -----------------------------------------------------------------------------------------------------------


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _months(at: datetime, number: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + number, 12)
    for day in (at.day, 30, 29, 28):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def _month(now: datetime, first: int) -> Any:
    begin = _months(_day(now).replace(day=1), first)
    return begin, _months(begin, 1), False


def _quarter(now: datetime, first: int) -> Any:
    begin = _months(_day(now).replace(day=1, month=(now.month - 1) // 3 * 3 + 1), 3 * first)
    return begin, _months(begin, 3), False


def _week(now: datetime) -> Any:
    begin = _day(now) - timedelta(days=(now.weekday() + 1) % 7)
    return begin, begin + timedelta(days=7), False


def _year(now: datetime, number: int) -> Any:
    return datetime(number, 1, 1, tzinfo=now.tzinfo), datetime(number + 1, 1, 1, tzinfo=now.tzinfo), False


def _on(now: datetime, text: str) -> datetime:
    return datetime.fromisoformat(text[:10]).replace(tzinfo=now.tzinfo)


ONE = timedelta(days=1)
DATED: Mapping[str, Callable[..., Any]] = {
    "today": lambda now: (_day(now), _day(now) + ONE, False),
    "yesterday": lambda now: (_day(now) - ONE, _day(now), False),
    "tomorrow": lambda now: (_day(now) + ONE, _day(now) + 2 * ONE, False),
    "this-week": _week,
    "last-month": lambda now: _month(now, -1),
    "this-month": lambda now: _month(now, 0),
    "this-year": lambda now: _year(now, now.year),
    "last-fiscal-period": lambda now: _quarter(now, -1),
    "on": lambda now, text: (_on(now, text), _on(now, text) + ONE, False),
    "on-or-after": lambda now, text: (_on(now, text), None, False),
    "on-or-before": lambda now, text: (None, _on(now, text) + ONE, False),
    "in-fiscal-year": lambda now, text: _year(now, int(text)),
}
COUNTED: Mapping[str, Callable[[datetime, int], Any]] = {
    "last-x-hours": lambda now, number: (now - timedelta(hours=number), now, True),
    "last-x-days": lambda now, number: (_day(now - number * ONE), now, True),
    "last-x-weeks": lambda now, number: (_day(now - 7 * number * ONE), now, True),
    "last-x-months": lambda now, number: (_day(_months(now, -number)), now, True),
    "last-x-years": lambda now, number: (_day(_months(now, -12 * number)), now, True),
    "next-x-days": lambda now, number: (now, _day(now + (number + 1) * ONE), False),
    "next-x-months": lambda now, number: (now, _day(_months(now, number)) + ONE, False),
    "olderthan-x-days": lambda now, number: (None, now - number * ONE, False),
    "olderthan-x-years": lambda now, number: (None, _months(now, -12 * number), False),
    "in-fiscal-period": lambda _, number: ("quarter", number, False),
}
"""Operator → from when, to when, and whether the last moment counts. [QF-10] to [QF-18]"""


def _date(value: str) -> date:
    return date.fromisoformat(value[:10])


def _week_number(value: str) -> int:
    at = _date(value)
    first = at.replace(month=1, day=1)
    return ((at - first).days + (first.weekday() + 1) % 7) // 7 + 1


DATE_PARTS: Mapping[str, Callable[[str], int]] = {
    "day": lambda value: _date(value).day,
    "week": _week_number,
    "month": lambda value: _date(value).month,
    "quarter": lambda value: (_date(value).month + 2) // 3,
    "year": lambda value: _date(value).year,
    "fiscal-period": lambda value: (_date(value).month + 2) // 3,
    "fiscal-year": lambda value: _date(value).year,
}


# --- aggregates ------------------------------------------------------------------------------------------------------


def _aggregate(item: Attribute, found: list[Any], column: Column) -> Any:
    values = [value for value in found if value is not None]
    match item.aggregate:
        case "count":
            return len(found)
        case "countcolumn":
            return len({_comparable(value) for value in values}) if item.distinct else len(values)
        case "min" | "max" if values:
            return min(values) if item.aggregate == "min" else max(values)
        case "sum" if values:
            return sum(Decimal(value) for value in values)
        case "avg" if values:
            return _average(values, column)
    return None


def _average(values: list[Any], column: Column) -> Any:
    """Cut to a whole number for whole numbers, with four digits more than the column for decimals. [A-6]"""
    total = Decimal(sum(Decimal(value) for value in values)) / len(values)
    if isinstance(column, FloatColumn):
        return total
    digits = column.precision + 4 if isinstance(column, DecimalColumn | MoneyColumn) else 0
    # Nothing is less than zero by less than a digit.
    return Decimal(total.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN) + 0)
