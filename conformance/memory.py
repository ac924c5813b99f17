"""Remember which cases pass.

In:        outcomes of a whole run
Out:       `passing.txt`, sorted; what has changed since
Not here:  the page for readers (page)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from conformance.cases import HERE
from conformance.running import Outcome

PASSING = HERE / "passing.txt"


def remembered(file: Path = PASSING) -> set[str]:
    """The ids of the cases that passed when it was last written down."""
    return set(file.read_text(encoding="utf-8").split()) if file.exists() else set()


def passing(outcomes: Iterable[Outcome]) -> set[str]:
    """The ids of the cases that pass now."""
    return {outcome.case.id for outcome in outcomes if outcome.has_passed}


def remember(ids: Iterable[str], file: Path = PASSING) -> None:
    """Write the ids down."""
    file.write_text("".join(f"{name}\n" for name in sorted(ids)), encoding="utf-8")
