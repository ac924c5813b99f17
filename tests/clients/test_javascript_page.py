"""The page about JavaScript does what it says. [architecture.md §13]"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.javascript import must_be_installed, run_node
from tests.clients.manual import Running, blocks, commands

PAGE = "docs/how-to/javascript-and-typescript.md"


@pytest.mark.parametrize(
    ("number", "library", "expected"),
    [
        (0, "dynamics-web-api", "Session Registrant\n"),
        (1, "@azure/identity", "BusinessUnitId UserId OrganizationId\n"),
    ],
)
def test_its_programs_run(client_server: Running, tmp_path: Path, number: int, library: str, expected: str) -> None:
    """As they stand there, with the variables that the page sets. [DW-1], [AU-6]"""
    must_be_installed(library)
    program = tmp_path / "program.js"
    program.write_text(client_server.here(blocks(PAGE, "javascript")[number]), encoding="utf-8")
    set_before = [line.removeprefix("export ").split("=", 1) for line in commands(PAGE) if "IDENTITY_" in line]

    done = run_node(
        client_server,
        str(program),
        variables={name: client_server.here(value) for name, value in set_before},
    )

    assert (expected, 0) == (done.stdout, done.returncode), done.stderr
