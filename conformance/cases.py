"""Read cases, scenarios and fixture sets from their files.

In:        the `*.jsonl` and `fixtures.json` files of this folder
Out:       `Case`, `Step`, `FixtureSet`, and `Unmet`, what is said about an answer that is not as expected
Not here:  the values of `${variables}` (variables), what is sent (sending), what is checked (checks)
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

HERE = Path(__file__).resolve().parent

Json: TypeAlias = Any
"""A document as it travels: what comes from a case file or from a server under test may hold anything."""


class Unmet(Exception):
    """What was expected did not happen; the message says what did."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request and what its answer must hold; `wait` seconds may pass until it does."""

    request: dict[str, Json]
    expect: dict[str, Json] = {}
    save: dict[str, str] = {}
    wait: float = 0


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a case file. `request`, `expect` and `save` are its main step."""

    id: str
    rule: str | list[str]
    title: str
    setup: list[str] = []
    before: list[Step] = []
    request: dict[str, Json] | None = None
    expect: dict[str, Json] = {}
    save: dict[str, str] = {}
    after: list[Step] = []
    cleanup: list[dict[str, Json]] = []

    @property
    def rules(self) -> list[str]:
        """The ids of the rules that the case is about."""
        return [self.rule] if isinstance(self.rule, str) else self.rule


class FixtureRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row with a fixed id: its body, and the bodies that follow, such as a change of state."""

    set: str
    id: str
    body: dict[str, Json]
    then: list[dict[str, Json]] = []


class FixtureGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps that are left out when `unless` answers 200."""

    steps: list[Step]
    unless: dict[str, Json] | None = None


class Generated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many alike rows, made in bulk; `${n}` in a value is the row's number."""

    set: str
    table: str
    key: str
    count: int
    id_prefix: str
    body: dict[str, str]

    def id(self, number: int) -> str:
        """The id of a row."""
        return f"{self.id_prefix}{number:012x}"


class FixtureSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a case may stand on: sets it needs, steps, rows that are made anew, links between them, generated rows."""

    about: str = ""
    needs: list[str] = []
    groups: list[FixtureGroup] = []
    rows: list[Json] = []
    links: list[Step] = []
    generate: Generated | None = None


class FixtureFile(msgspec.Struct, frozen=True):
    """A file of named sets."""

    sets: dict[str, FixtureSet]


def read_families(folder: Path = HERE / "webapi") -> dict[str, list[Case]]:
    """The cases of a folder by the name of their file, in their order; an id is used once only."""
    families = {file.stem: _read_cases(file) for file in sorted(folder.glob("*.jsonl"))}
    twice = [
        name for name, times in Counter(case.id for cases in families.values() for case in cases).items() if times > 1
    ]
    if twice:
        raise ValueError(f"more than one case is called {', '.join(twice)}")
    return families


def _read_cases(file: Path) -> list[Case]:
    return [msgspec.json.decode(line, type=Case) for line in file.read_bytes().splitlines() if line.strip()]


def read_fixture_sets(file: Path = HERE / "fixtures.json") -> dict[str, FixtureSet]:
    """The fixture sets by name."""
    return msgspec.json.decode(file.read_bytes(), type=FixtureFile).sets
