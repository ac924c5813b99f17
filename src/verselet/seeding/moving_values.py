"""Fill in what the values of a set depend on: the time of loading, and answers before.

In:        a document with `${names}`
Out:       the document with values in their place
Not here:  the rest of the format (seeding.sets)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from verselet.clock import Clock, wire_form

Json: TypeAlias = object

WITHIN: Final = re.compile(r"\$\{([^}]+)\}")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class MovingValues:
    """Names and their values. `noon:-3`, `dt:2h` and `mid:week:1` follow from the moment they are first asked for."""

    def __init__(self, clock: Clock, given: Mapping[str, str]) -> None:
        self._clock = clock
        self._values = dict(given)

    def keep(self, name: str, value: str) -> None:
        """Give a name a value."""
        self._values[name] = value

    def fill(self, node: Json) -> Json:
        """The document with every name in it replaced.

        Raises:
            KeyError: a name nobody knows.
        """
        if isinstance(node, str):
            return WITHIN.sub(lambda found: self._value(found[1]), node)
        if isinstance(node, list):
            return [self.fill(item) for item in node]
        if isinstance(node, dict):
            return {name: self.fill(item) for name, item in node.items()}
        return node

    def _value(self, name: str) -> str:
        if name not in self._values:
            kind, _, argument = name.partition(":")
            self._values[name] = wire_form(TIMES[kind](self._clock.now(), argument))
        return self._values[name]


def _from_now(now: datetime, argument: str) -> datetime:
    """`-2h`: as far from now."""
    return now + timedelta(**{UNITS[argument[-1]]: int(argument[:-1])})


def _noon(now: datetime, argument: str) -> datetime:
    """`-3`: noon, so many days from now."""
    return now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=int(argument))


def _middle(now: datetime, argument: str) -> datetime:
    """`week:1`: the middle of a week (it begins on Sunday), month, quarter or year, so many periods from now."""
    unit, _, distance = argument.partition(":")
    count, noon = int(distance), _noon(now, "0")
    if unit == "week":
        return noon + timedelta(days=3 - (noon.weekday() + 1) % 7 + 7 * count)
    if unit == "year":
        return noon.replace(year=noon.year + count, month=7, day=1)
    month = noon.year * 12 + noon.month - 1
    month = month + count if unit == "month" else (month // 3 + count) * 3 + 1
    return noon.replace(year=month // 12, month=month % 12 + 1, day=15)


TIMES: Final[Mapping[str, Callable[[datetime, str], datetime]]] = {
    "dt": _from_now,
    "noon": _noon,
    "mid": _middle,
}
"""Kind of a name → the point in time it stands for."""
