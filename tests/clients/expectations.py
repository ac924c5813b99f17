"""Which cases of the clients do not pass yet, and what they meet instead."""

from __future__ import annotations

import tomllib
from pathlib import Path

FILE = Path(__file__).parent / "expected.toml"


def expected_refusals(client: str) -> dict[str, str]:
    """The refusal that each case of a client meets, by the case's name; a case that passes is not among them."""
    refusals: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))[client]
    return refusals
