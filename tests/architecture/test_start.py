"""What is not needed is not imported. [invariant 12]"""

from __future__ import annotations

import subprocess
import sys

from tests.places import ROOT

HEAVY = (
    "apsw", "arro3", "asyncio", "cryptography", "deltalake", "httptools", "jinja2", "psycopg", "rich",
    "starlette", "uvicorn", "uvloop", "verselet.organization", "verselet.server", "verselet.store", "verselet.web",
)  # fmt: skip

PROBE = """
import sys
from verselet.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print("imported", *sorted(sys.modules))
"""


def test_help_imports_click_and_nothing_heavy() -> None:
    """`verselet --help` answers at once, because it loads no server. [invariant 12]"""
    probe = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(probe.stdout.rpartition("imported ")[2].split())

    assert set() == imported & set(HEAVY)
    assert "click" in imported
