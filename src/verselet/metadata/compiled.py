"""Load the schema.

In:        solution folders
Out:       `Schema`
Not here:  reading and assembling (metadata.files, metadata.assembly)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from verselet.metadata.assembly import assemble
from verselet.metadata.files import read_solution
from verselet.metadata.schema import Schema

BUILTIN = ("platform", "activities", "omnichannel", "eventmanagement")


def builtin_solution_dirs() -> tuple[Path, ...]:
    """The folders of the built-in solutions."""
    folder = Path(__file__).resolve().parent.parent / "solutions"
    return tuple(folder / name for name in BUILTIN)


def load_schema(solution_dirs: Iterable[Path] | None = None, cache_dir: Path | None = None) -> Schema:
    """The schema of these solutions."""
    dirs = builtin_solution_dirs() if solution_dirs is None else tuple(solution_dirs)
    return assemble(read_solution(folder) for folder in dirs)
