"""Write small solution folders for tests."""

from __future__ import annotations

from pathlib import Path

from verselet.metadata.assembly import assemble
from verselet.metadata.files import read_solution
from verselet.metadata.schema import Schema

SOLUTION = 'unique_name = "trial"\nlabel = "Trial"\nversion = "1.0.0"\ncustom_prefixes = ["new_"]\n'
SMALL = 'label = "Book"\nlabel_plural = "Books"\nownership = "none"\n'


def write(folder: Path, **files: str) -> Path:
    """A solution folder; `tables__new_book="…"` becomes `tables/new_book.toml`."""
    for name, text in {"solution": SOLUTION, **files}.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, **files: str) -> Schema:
    """The schema of one such folder."""
    return assemble([read_solution(write(folder, **files))])
