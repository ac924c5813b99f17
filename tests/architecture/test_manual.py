"""The manual says what the code says. [architecture.md §13]"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.places import ROOT
from tools.generate_docs import generated_pages

PAGES = sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize(("path", "text"), generated_pages(), ids=lambda value: str(value)[:60] if value else "")
def test_a_generated_page_is_fresh(path: str, text: str) -> None:
    """What is written by a tool is written again when the code changes: `make docs`. [architecture.md §13]"""
    assert text == (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*PAGES, *sorted(ROOT.glob("*.md"))], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A link to a page or picture of ours finds it."""
    broken = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link.strip()).exists()
    ]

    assert [] == broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_is_in_the_navigation(page: Path) -> None:
    """Nobody has to guess an address."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert f": {page.relative_to(ROOT / 'docs')}\n" in navigation


def test_the_architecture_leads_to_every_decision_and_names_every_room() -> None:
    """Whoever reads it finds why things are so, and where they are. [architecture.md §13]"""
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    decisions = {f"decisions/{found.name}" for found in (ROOT / "docs" / "explanation" / "decisions").glob("*.md")}
    rooms = {found.name for found in (ROOT / "src" / "verselet").iterdir() if (found / "__init__.py").exists()}
    assert decisions == decisions & set(LINK.findall(page))
    assert rooms == {room for room in rooms if f"`{room}`" in page.partition("## Rooms")[2]}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "how-to").glob("*.md")), ids=lambda page: page.name)
def test_a_guide_can_be_found_from_the_start(page: Path) -> None:
    """Whoever wants to do something sees it there. [architecture.md §13]"""
    assert f"(how-to/{page.name})" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
