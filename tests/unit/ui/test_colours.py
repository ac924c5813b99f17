"""The colours of the pages can be read by everybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import verselet.ui

STYLE = (Path(verselet.ui.__file__).parent / "static" / "verselet.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in STYLE.split("@media", 2)[:2])

TEXTS = ("text", "quiet", "link")
GROUNDS = ("ground", "card", "bar", "code", "hover", "tip")


def luminance(colour: str) -> float:
    """How bright a colour is. WCAG 2.2, relative luminance"""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21. WCAG 2.2, contrast ratio"""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_right() -> None:
    """Black on white is 21 to 1."""
    assert 21 == round(contrast("#000000", "#ffffff"), 3)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_stands_out_from_its_ground(scheme: dict[str, str], text: str, ground: str) -> None:
    """At least 4.5 to 1, light and dark: WCAG AA. product.md §6"""
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_mark_of_the_focus_stands_out(scheme: dict[str, str], ground: str) -> None:
    """At least 3 to 1, so that whoever uses the keyboard sees where they are. WCAG 2.2, 1.4.11"""
    assert contrast(scheme["accent"], scheme[ground]) >= 3


def test_no_colour_stands_outside_the_table() -> None:
    """A colour written elsewhere would exist in one scheme only."""
    rules = STYLE.partition("*, *::before")[2]
    assert [] == re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;, ])", rules)
