"""Where things are: the repository, and the reference material that lies beside it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The root of the repository."""

SOURCE = ROOT / "src" / "verselet"
"""The product."""

SHARED = ROOT.parent / "shared"
"""Specifications, reference tables and conformance cases; the product itself never needs them."""
