"""Every refusal has a fixed code and status, and a line in the manual. [architecture.md §8]"""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import modules
from tests.places import ROOT
from verselet.errors import ServiceError


def refusals(root: type[ServiceError] = ServiceError) -> list[type[ServiceError]]:
    """`root` and everything below it."""
    return [root, *(found for child in root.__subclasses__() for found in refusals(child))]


every_refusal = pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.__name__)


@every_refusal
def test_a_refusal_has_a_code_and_a_status(refusal: type[ServiceError]) -> None:
    """The code is a failure of 32 bits, the status a refusal of HTTP. [invariant 8]"""
    assert 0x80000000 <= refusal.code <= 0xFFFFFFFF
    assert 400 <= refusal.status < 600


@every_refusal
def test_a_refusal_is_in_the_manual(refusal: type[ServiceError]) -> None:
    """A code that somebody meets can be looked up. [invariant 8]"""
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")

    assert f"| {refusal.status} | `0x{refusal.code:08x}` | {refusal.__name__} |" in page


def test_a_code_of_the_terminal_belongs_to_one_room() -> None:
    """A code is given out once; two rooms cannot mean two things by it. [invariant 8]"""
    rooms: dict[str, set[str]] = {}
    for module in modules():
        for code in re.findall(r'"(VS\d{4})"', module.text):
            rooms.setdefault(code, set()).add(module.name.split(".")[1])

    assert {} == {code: found for code, found in rooms.items() if len(found) > 1}
    assert len(rooms) > 20
