"""Fill in `${variables}`.

In:        a case's JSON with `${name}` and `${kind:argument}` in its strings
Out:       `Variables.fill`, and the built-in kinds
Not here:  the users and teams of the scenarios (scenarios)
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.cases import Json, Unmet

WHOLE = re.compile(r"\$\{#([^}]+)\}")
"""A variable that stands for the value itself, not for its text."""

WITHIN = re.compile(r"\$\{([^}]+)\}")

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Variables:
    """Names with values; what is saved in one case is not seen by the next."""

    def __init__(self, given: Mapping[str, Json]) -> None:
        self._values = dict(given)

    def child(self) -> Variables:
        """A copy for one case."""
        return Variables(self._values)

    def set(self, name: str, value: Json) -> None:
        """Give a name a value."""
        self._values[name] = value

    def value(self, name: str) -> Json:
        """What a name stands for: a saved value, else a built-in one."""
        if name in self._values:
            return self._values[name]
        kind, _, argument = name.partition(":")
        if kind == "uuid":
            return self._values.setdefault(name, str(uuid.uuid4()))
        if kind not in BUILT_IN:
            raise Unmet(f"unknown variable ${{{name}}}")
        return BUILT_IN[kind](argument)

    def fill(self, node: Json) -> Json:
        """The document with every variable in it replaced, in names too."""
        if isinstance(node, str):
            whole = WHOLE.fullmatch(node)
            return self.value(whole[1]) if whole else WITHIN.sub(lambda found: str(self.value(found[1])), node)
        if isinstance(node, list):
            return [self.fill(item) for item in node]
        if isinstance(node, dict):
            return {self.fill(name): self.fill(item) for name, item in node.items()}
        return node


def now() -> datetime:
    """This second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def _on_wire(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _in_days(argument: str) -> datetime:
    return now() + timedelta(days=int(argument))


def _from_now(argument: str) -> str:
    """`dt:-5h`: a point in time as far from now."""
    return _on_wire(now() + timedelta(**{UNITS[argument[-1]]: int(argument[:-1])}))


def _middle(argument: str) -> str:
    """`mid:week:1`: the middle of a week (which begins on Sunday), month, quarter or year, so many periods from now."""
    unit, _, distance = argument.partition(":")
    count = int(distance)
    noon = now().replace(hour=12, minute=0, second=0)
    if unit == "week":
        days_since_sunday = (noon.weekday() + 1) % 7
        return _on_wire(noon + timedelta(days=3 - days_since_sunday + 7 * count))
    if unit == "year":
        return _on_wire(noon.replace(year=noon.year + count, month=7, day=1))
    month = noon.year * 12 + noon.month - 1
    month = month + count if unit == "month" else (month // 3 + count) * 3 + 1
    return _on_wire(noon.replace(year=month // 12, month=month % 12 + 1, day=15))


def _quarter(argument: str) -> int:
    """Quarters since the year 0, so many quarters from now."""
    today = now()
    return today.year * 4 + (today.month - 1) // 3 + int(argument)


def _repeat(argument: str) -> str:
    text, _, times = argument.rpartition(":")
    return text * int(times)


BUILT_IN: Final[Mapping[str, Callable[[str], str]]] = {
    "day": lambda argument: _in_days(argument).strftime("%Y-%m-%d"),
    "noon": lambda argument: _in_days(argument).strftime("%Y-%m-%dT12:00:00Z"),
    "dt": _from_now,
    "mid": _middle,
    "year": lambda argument: str(now().year + int(argument)),
    "quarter": lambda argument: str(_quarter(argument) % 4 + 1),
    "qyear": lambda argument: str(_quarter(argument) // 4),
    "repeat": _repeat,
}
