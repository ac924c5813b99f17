"""The product as text and as syntax, for the tests that hold the house to its rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from tests.places import ROOT, SOURCE

SKIPPED_FOLDERS = frozenset({"node_modules", "site", "build", "dist", "__pycache__"})
"""Folders that tools make."""


class Module(msgspec.Struct, frozen=True):
    """One Python file of the product."""

    name: str
    text: str
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product, by dotted name."""
    return tuple(_read(path) for path in sorted(SOURCE.rglob("*.py")))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, text, ast.parse(text))


def project_files() -> Iterator[Path]:
    """Every file that belongs to the project: no environment, no cache, no build."""
    return _files_under(ROOT)


def _files_under(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != ".git":
            yield path
        elif path.name == ".ci" or not (path.name.startswith(".") or path.name in SKIPPED_FOLDERS):
            yield from _files_under(path)
