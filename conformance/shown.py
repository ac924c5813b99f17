"""Find the rules that tests show.

In:        the tests of this project, whose first lines end with the ids of the rules they are about
Out:       rule → the name of a test
Not here:  cases (cases), the page (page)

Some rules no single request can show: limits of a hundred megabytes, or what happens in a week.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container
from pathlib import Path

from conformance.server import ROOT

RULE = re.compile(r"\[([A-Z]+-\d+[a-z]?)\]")


def shown_by_tests(wanted: Container[str], folder: Path = ROOT / "tests") -> dict[str, str]:
    """For each wanted rule the first test that names it, in the order of files and lines."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if not any(rule in wanted for rule in RULE.findall(text)):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for rule in RULE.findall(ast.get_docstring(node) or ""):
                    if rule in wanted:
                        found.setdefault(rule, f"{file.relative_to(folder.parent).as_posix()}::{node.name}")
    return found
