"""Check an answer's document against what a case expects.

In:        a document, a JSON pointer, the name of a check and its value
Out:       nothing, or `Unmet` with what was found
Not here:  status and headers (answers)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from conformance.cases import Json, Unmet

ABSENT: Final = "<absent>"
"""Stands for a member that is not there."""

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
INDEX = re.compile(r"-?\d+")
LONGEST_MESSAGE = 600

Check = Callable[[Json, Json], bool]
"""Takes what is wanted and what was got."""


def lookup(document: Json, pointer: str) -> Json:
    """What a JSON pointer points to; `*` maps over a list."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return _follow(document, steps)


def _follow(node: Json, steps: list[str]) -> Json:
    if not steps:
        return node
    step, *rest = steps
    if step == "*":
        return [_follow(item, rest) for item in node] if isinstance(node, list) else ABSENT
    if isinstance(node, list) and INDEX.fullmatch(step) and -len(node) <= int(step) < len(node):
        return _follow(node[int(step)], rest)
    if isinstance(node, dict) and step in node:
        return _follow(node[step], rest)
    return ABSENT


def same(want: Json, got: Json) -> bool:
    """Equal: numbers by value, yes/no and null strictly, texts letter by letter."""
    if isinstance(want, bool) or isinstance(got, bool):
        return want is got
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return abs(want - got) < 1e-9 * max(1, abs(want))
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(same(want[name], got[name]) for name in want)
    return type(want) is type(got) and bool(want == got)


def check_subset(want: Json, got: Json, where: str = "") -> None:
    """Every member named is there with that value; lists are of the same length."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            raise Unmet(_short(f"{where or '/'}: an object was expected, got {got!r}"))
        for name, value in want.items():
            if name not in got:
                raise Unmet(f"{where}/{name}: absent")
            check_subset(value, got[name], f"{where}/{name}")
    elif isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            raise Unmet(_short(f"{where}: {len(want)} items expected, got {got!r}"))
        for index, (wanted, found) in enumerate(zip(want, got, strict=True)):
            check_subset(wanted, found, f"{where}/{index}")
    elif not same(want, got):
        raise Unmet(_short(f"{where}: expected {want!r}, got {got!r}"))


def fits(want: Json, got: Json) -> bool:
    """Whether a document holds what is named, as `check_subset` sees it."""
    try:
        check_subset(want, got)
    except Unmet:
        return False
    return True


def check_pointer(pointer: str, check: str, want: Json, got: Json) -> None:
    """Hold what a pointer found against a check."""
    if check not in CHECKS:
        raise Unmet(f"unknown check {check!r}")
    if got is ABSENT and check not in ("absent", "nothing"):
        is_met = False
    elif check in ("absent", "present") and "*" in pointer and isinstance(got, list):
        is_met = all((item is ABSENT) == (check == "absent") for item in got)
    else:
        is_met = CHECKS[check](want, got)
    if not is_met:
        said = msgspec.json.encode(got).decode()
        raise Unmet(_short(f"{pointer} {check} {msgspec.json.encode(want).decode()}; got {said}"))


def check_text(want: Json, got: str | None, where: str) -> None:
    """Hold a header or a body of text against `"exact"`, `{"match":…}`, `{"ieq":…}` or `{"absent":true}`."""
    if isinstance(want, dict) and "absent" in want:
        if got is not None:
            raise Unmet(f"{where}: should be absent, got {got!r}")
        return
    if got is None:
        raise Unmet(f"{where}: absent")
    if not isinstance(want, dict):
        is_met = got == want
    elif "match" in want:
        is_met = re.search(want["match"], got, re.DOTALL) is not None
    else:
        is_met = got.lower() == want["ieq"].lower()
    if not is_met:
        raise Unmet(_short(f"{where}: expected {want!r}, got {got!r}"))


def _short(text: str) -> str:
    return text[:LONGEST_MESSAGE]


def _is_number(got: Json) -> bool:
    return isinstance(got, (int, float)) and not isinstance(got, bool)


TYPES: Final[Mapping[str, Check]] = {
    "string": lambda _, got: isinstance(got, str),
    "array": lambda _, got: isinstance(got, list),
    "object": lambda _, got: isinstance(got, dict),
    "boolean": lambda _, got: isinstance(got, bool),
    "null": lambda _, got: got is None,
    "number": lambda _, got: _is_number(got),
    "integer": lambda _, got: _is_number(got) and float(got).is_integer(),
}


def _contains(want: Json, got: Json) -> bool:
    return want in got if isinstance(got, str) else any(same(want, item) for item in got)


def _matches(want: str, got: Json) -> bool:
    return isinstance(got, str) and re.search(want, got, re.DOTALL) is not None


def _is_ordered(compare: Callable[[Json, Json], bool]) -> Check:
    return lambda want, got: type(got) in (int, float, str) and compare(got, want)


def _bag(items: list[Json]) -> Counter[str]:
    return Counter(msgspec.json.encode(item, order="sorted").decode() for item in items)


def _has(want: Json, got: Json) -> bool:
    return isinstance(got, list) and any(fits(want, item) for item in got)


def _flags(text: Json) -> set[str]:
    return {part.strip() for part in str(text).split(",") if part.strip()}


def _is_near_now(seconds: float, got: Json) -> bool:
    try:
        at = datetime.fromisoformat(str(got))
    except ValueError:
        return False
    return abs((datetime.now(UTC) - at).total_seconds()) <= seconds


CHECKS: Final[Mapping[str, Check]] = {
    "eq": same,
    "ne": lambda want, got: not same(want, got),
    "ieq": lambda want, got: isinstance(got, str) and got.lower() == want.lower(),
    "in": lambda want, got: any(same(item, got) for item in want),
    "contains": _contains,
    "ncontains": lambda want, got: not _contains(want, got),
    "any": _has,
    "none": lambda want, got: isinstance(got, list) and not _has(want, got),
    "match": _matches,
    "nmatch": lambda want, got: isinstance(got, str) and not _matches(want, got),
    "each": lambda want, got: isinstance(got, list) and len(got) > 0 and all(_matches(want, item) for item in got),
    "len": lambda want, got: hasattr(got, "__len__") and len(got) == want,
    "gt": _is_ordered(lambda got, want: got > want),
    "ge": _is_ordered(lambda got, want: got >= want),
    "lt": _is_ordered(lambda got, want: got < want),
    "le": _is_ordered(lambda got, want: got <= want),
    "set": lambda want, got: isinstance(got, list) and _bag(want) == _bag(got),
    "approx": lambda want, got: _is_number(got) and abs(got - want[0]) <= want[1],
    "type": lambda want, got: TYPES[want](want, got),
    "present": lambda _, got: got is not ABSENT,
    "absent": lambda _, got: got is ABSENT,
    "nothing": lambda _, got: got is ABSENT or got is None,
    "flags": lambda want, got: _flags(got) == _flags(want),
    "hasflags": lambda want, got: _flags(want) <= _flags(got),
    "noflags": lambda want, got: not _flags(want) & _flags(got),
    "nearnow": _is_near_now,
}
"""Every check by its name in the cases."""
