"""Count results by the values of a column.

In:        the definition of a facet, the values of all results
Out:       its buckets
Not here:  which results there are (operations.searching), JSON (web.searching)

`column,count:10,sort:-count`, `column,values:1|10|100`, `column,interval:month,timeoffset:+01:00`; before the column
may stand a table, `account:name` or `account.name`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from itertools import pairwise
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

from verselet.errors import InvalidArgument

Point: TypeAlias = Decimal | datetime
Plain: TypeAlias = str | bool | Decimal | datetime
"""What a column holds, for counting: texts, ids and options as texts."""

TABLE: Final = frozenset({"entityname", "@search.entityname"})
"""The names of the facet that counts results by their tables."""

_SORTS: Final = ("count", "-count", "value", "-value")
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})?\Z")
_MINUTES: Final[Mapping[str, int]] = MappingProxyType({"minute": 1, "hour": 60})
_DAYS: Final = frozenset({"day", "week", "month", "quarter", "year"})


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """One facet; `name` as it was asked for."""

    name: str
    column: str
    table: str | None = None
    count: int = 10
    sort: str = "count"
    values: tuple[Point, ...] = ()
    interval: str = ""
    offset: timedelta = timedelta()


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """So many results have the value, or one from `low` up to, and without, `high`; `label` is how people know it."""

    count: int
    value: Plain | None = None
    label: str | None = None
    low: Point | None = None
    high: Point | None = None
    is_range: bool = False


def parse_facet(text: str) -> Facet:
    """One definition.

    Raises:
        InvalidArgument: it is none.
    """
    name, *parts = [part.strip() for part in text.split(",")]
    table, column = _place(name)
    given: dict[str, str] = {}
    for part in parts:
        word, colon, value = part.partition(":")
        if not colon or word in given or word not in {"count", "sort", "values", "interval", "timeoffset"}:
            raise _broken(text)
        given[word] = value.strip()
    if _clash(given) or not column:
        raise _broken(text)
    return Facet(
        name=name,
        column=column,
        table=table,
        count=_count(given.get("count", "10"), text),
        sort=given.get("sort", "count"),
        values=tuple([_point(value, text) for value in given["values"].split("|")]) if "values" in given else (),
        interval=given.get("interval", ""),
        offset=_offset(given.get("timeoffset", "+00"), text),
    )


def buckets(facet: Facet, values: Sequence[Plain]) -> tuple[Bucket, ...]:
    """The buckets of a facet, in the order asked for; ranges from low to high.

    Raises:
        InvalidArgument: ranges or intervals of another kind than the values.
    """
    if facet.values:
        return _ranges(facet, [_as_point(facet, value) for value in values])
    if facet.interval:
        counted = Counter(_floor(facet, _as_point(facet, value)) for value in values)
        return tuple([Bucket(value=value, count=counted[value]) for value in sorted(counted, key=_by_kind)])
    plain = Counter(values)
    by_value = sorted(plain, key=_by_kind, reverse=facet.sort == "-value")
    if facet.sort.endswith("count"):
        by_value.sort(key=plain.__getitem__, reverse=facet.sort == "count")
    return tuple([Bucket(value=value, count=plain[value]) for value in by_value[: facet.count]])


def moment_of(text: str) -> datetime:
    """A point in time or a date as the store gives it.

    Raises:
        ValueError: it is none.
    """
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _place(name: str) -> tuple[str | None, str]:
    if name in TABLE:
        return None, name
    for sign in ":.":
        table, found, column = name.partition(sign)
        if found:
            return table, column
    return None, name


def _clash(given: Mapping[str, str]) -> bool:
    listed = {"count", "sort"} & given.keys()
    return bool(
        (listed and {"values", "interval"} & given.keys())
        or {"values", "interval"} <= given.keys()
        or ("timeoffset" in given and "interval" not in given)
        or given.get("sort", "count") not in _SORTS
    )


def _count(text: str, whole: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise _broken(whole)
    return int(text)


def _point(text: str, whole: str) -> Point:
    for read in (_number, moment_of):
        try:
            return read(text.strip())
        except (ValueError, InvalidOperation):
            continue
    raise _broken(whole)


def _number(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite() or abs(found.adjusted()) > 40:
        raise ValueError
    return found


def _offset(text: str, whole: str) -> timedelta:
    found = _OFFSET.match(text)
    if found is None:
        raise _broken(whole)
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -size if found[1] == "-" else size


def _as_point(facet: Facet, value: Plain) -> Point:
    if isinstance(value, bool | str):
        raise InvalidArgument(f"The facet '{facet.name[:80]}' counts neither numbers nor dates.")
    return value


def _ranges(facet: Facet, points: Sequence[Point]) -> tuple[Bucket, ...]:
    bounds: list[Point | None] = [None, *facet.values, None]
    for point in points:
        if any(isinstance(bound, datetime) != isinstance(point, datetime) for bound in facet.values):
            raise InvalidArgument(f"The values of the facet '{facet.name[:80]}' are of another kind than its column's.")
    found = []
    for low, high in pairwise(bounds):
        inside = sum(
            (low is None or _by_kind(low) <= _by_kind(point)) and (high is None or _by_kind(point) < _by_kind(high))
            for point in points
        )
        found.append(Bucket(low=low, high=high, count=inside, is_range=True))
    return tuple(found)


def _floor(facet: Facet, point: Point) -> Point:
    """Where the interval begins that the point lies in."""
    if isinstance(point, datetime):
        if facet.interval in _MINUTES:
            return _floor_time(
                point,
                facet.offset,
                lambda local: local.replace(
                    second=0, microsecond=0, minute=local.minute if facet.interval == "minute" else 0
                ),
            )
        if facet.interval in _DAYS:
            return _floor_time(point, facet.offset, lambda local: _first_day(local, facet.interval))
    elif _is_size(facet.interval):
        size = int(facet.interval)
        return (point / size).to_integral_value(ROUND_FLOOR) * size
    raise InvalidArgument(
        f"The interval '{facet.interval[:40]}' does not fit the column of the facet '{facet.name[:80]}'."
    )


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) <= 10**9


def _floor_time(point: datetime, offset: timedelta, cut: Callable[[datetime], datetime]) -> datetime:
    try:
        return cut(point + offset) - offset
    except OverflowError:
        return point


def _first_day(local: datetime, interval: str) -> datetime:
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match interval:
        case "week":
            return day - timedelta(days=(day.weekday() + 1) % 7)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case "year":
            return day.replace(day=1, month=1)
        case _:
            return day


def _by_kind(value: Plain) -> tuple[int, Decimal | str]:
    """Numbers, then dates, then texts; values of one column are of one kind."""
    if isinstance(value, bool):
        return 0, Decimal(value)
    if isinstance(value, Decimal):
        return 0, value
    if isinstance(value, datetime):
        return 1, Decimal(str(value.timestamp()))
    return 2, value


def _broken(text: str) -> InvalidArgument:
    return InvalidArgument(f"'{text[:80]}' is no definition of a facet.")
