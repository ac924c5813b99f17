"""Where the JavaScript cases are, what they are called, and where their libraries were installed."""

from __future__ import annotations

from pathlib import Path

from tests.places import ROOT
from tools.client_results import JAVASCRIPT_CASE

HERE = Path(__file__).parent / "dynamics_web_api"
LIBRARIES = ROOT / ".venv" / "node" / "node_modules"
"""Where `make test` puts what `package-lock.json` asks for."""


def case_names() -> list[str]:
    """The names of the cases, in their order."""
    return JAVASCRIPT_CASE.findall((HERE / "cases.js").read_text(encoding="utf-8"))
