"""Wildcards of the service as patterns of the databases."""

from __future__ import annotations

import pytest

from verselet.errors import QueryRefused
from verselet.query.binding import Form
from verselet.sql.dialects import POSTGRESQL, SQLITE
from verselet.sql.patterns import pattern_of

PLAIN: list[tuple[Form, str, str]] = [
    ("contains", "ab", "%ab%"),
    ("startswith", "ab", "ab%"),
    ("endswith", "ab", "%ab"),
    ("contains", "", "%%"),
    ("startswith", "a%_", "a%_%"),
]


@pytest.mark.parametrize(("form", "text", "pattern"), PLAIN)
def test_a_text_without_classes_is_one_pattern_for_both(form: Form, text: str, pattern: str) -> None:
    """[F-9]"""
    for dialect in (SQLITE, POSTGRESQL):
        assert pattern == pattern_of(form, dialect, classes=False)(text)


CLASSES: list[tuple[Form, str, str, str]] = [
    ("contains", "[a-d]x", "*[a-d]x*", "[a-d]x"),
    ("startswith", "[abc]", "[abc]*", "^[a-ab-bc-c]"),
    ("endswith", "[^a-d]", "*[^a-d]", "[^a-d]$"),
    ("contains", "[%]_%", "*[%]?**", "[%-%]..*"),
    ("contains", "[_]*?", "*[_][*][?]*", r"[_-_]\*\?"),
    ("contains", "[-]", "*[-]*", r"[\--\-]"),
    ("contains", "[a^]", "*[a^]*", r"[a-a\^-\^]"),
    ("contains", "[b-]", "*[-b]*", r"[b-b\--\-]"),
    ("contains", "[^^]", "*[^^]*", r"[^\^-\^]"),
    ("contains", "[\\]", "*[\\]*", r"[\\-\\]"),
    ("contains", "[[]", "*[[]*", r"[\[-\[]"),
    ("contains", "[]", "*[[]]*", r"\[\]"),
    ("contains", "[^]", "*[[]^]*", r"\[\^\]"),
    ("contains", "[", "*[[]*", r"\["),
    ("startswith", "[A-B]C", "[a-b]c*", "^[A-B]C"),
]


@pytest.mark.parametrize(("form", "text", "glob", "expression"), CLASSES)
def test_classes_are_spelled_for_each_database(form: Form, text: str, glob: str, expression: str) -> None:
    """A bracket that opens no class stands for itself. [F-9]"""
    assert glob == pattern_of(form, SQLITE, classes=True)(text)
    assert expression == pattern_of(form, POSTGRESQL, classes=True)(text)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("text", ["[z-a]", "[ab9-0]", "[a]" + "x" * 16_000])
def test_what_no_database_takes_is_refused_for_both(dialect: object, text: str) -> None:
    """A range that runs backwards; a text that is too long."""
    chosen = SQLITE if dialect is SQLITE else POSTGRESQL
    with pytest.raises(QueryRefused):
        pattern_of("contains", chosen, classes=True)(text)
