"""Fill an organization with rows: the demo, or a fixture file.

In:        `demo` or the path of a file, an organization
Out:       `seed()` and its `SeedReport`; all or nothing
Not here:  the rows every organization has (operations.builtin), who asks for it (cli, server)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from verselet.organization import Organization
from verselet.seeding.demo import demo_batches
from verselet.seeding.fixture import DEMO, read_file, read_fixture
from verselet.seeding.loading import Loaded, load_fixture
from verselet.seeding.sets import Web, load_sets
from verselet.seeding.writing import Progress, write

__all__ = ["DEMO", "Progress", "SeedReport", "seed", "seed_content"]

MakeWeb: TypeAlias = Callable[[Organization], Web]


class SeedReport(msgspec.Struct, frozen=True):
    """What was written: table → rows, and how long it took. Rows that were there already are not counted.

    `notes` say what was left out, in sentences.
    """

    rows: Mapping[str, int]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Rows of all tables together."""
        return sum(self.rows.values())


def seed(organization: Organization, name_or_file: str, progress: Progress, web: MakeWeb | None = None) -> SeedReport:
    """Load the demo (`demo`) or a file: an organization fixture, or named sets. [contract.md §4]

    Args:
        organization: gets the rows; nothing is kept when one is refused.
        name_or_file: `demo`, or a path.
        progress: told how many of how many steps are done, and what is being written.
        web: makes the Web API that the requests of named sets are asked of; without it they are refused.

    Raises:
        OperatorError: no such file, or something in it is refused; says where and why.
    """
    if name_or_file != DEMO:
        return seed_content(organization, read_file(name_or_file), Path(name_or_file).name, progress, web)
    started = time.perf_counter()
    batches = demo_batches(organization.schema, organization.administrator.business_unit_id)
    return SeedReport(dict(write(organization, batches, progress)), time.perf_counter() - started)


def seed_content(
    organization: Organization, content: bytes, name: str, progress: Progress, web: MakeWeb | None = None
) -> SeedReport:
    """Load what a file holds; `name` is for refusals."""
    started = time.perf_counter()
    if _has_sets(content):
        loaded = Loaded(load_sets(organization, content, name, progress, web and web(organization)))
    else:
        loaded = load_fixture(organization, read_fixture(content, name), name, progress)
    return SeedReport(dict(loaded.rows), time.perf_counter() - started, loaded.notes)


def _has_sets(content: bytes) -> bool:
    """Whether the file is one of named sets. Anything that is no JSON object is left to the stricter reader."""
    try:
        return "sets" in msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
