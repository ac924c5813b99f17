"""What is expected of the clients is expected of cases that exist. [contract.md §6]"""

from __future__ import annotations

import re
from pathlib import Path

from tests.clients.expectations import expected_refusals
from tests.clients.javascript import case_names

PYTHON_CASE = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


def test_every_expected_refusal_is_that_of_a_case_of_the_sdk() -> None:
    """A case that was renamed or taken out is not expected any more. [PS-1]"""
    files = (Path(__file__).parent / "python_sdk").glob("test_*.py")
    cases = {name for file in files for name in PYTHON_CASE.findall(file.read_text(encoding="utf-8"))}

    assert set() == expected_refusals("python_sdk").keys() - cases


def test_every_expected_refusal_is_that_of_a_case_in_javascript() -> None:
    """The same for DynamicsWebApi. [DW-1]"""
    assert set() == expected_refusals("dynamics_web_api").keys() - set(case_names())
