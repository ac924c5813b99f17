"""The server keeps the rules that it kept before. [contract.md §6]"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.cases import read_families, read_fixture_sets
from conformance.memory import passing, remembered
from conformance.page import read_rules, results_page
from conformance.run import PAGE, run_families, told_as_behaviour
from conformance.running import Outcome, Told
from conformance.scenarios import FLAGS, read_behaviour, run_behaviour
from conformance.server import TOKEN, running_server

Outcomes = dict[str, list[Outcome]]

HOW = "run `make conformance` and commit what it writes"


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """Every case against a server on loopback without a seed, every scenario against one that holds their fixtures."""
    with running_server() as base_url:
        cases = run_families(base_url, TOKEN, read_families())
    with running_server(*FLAGS) as base_url:
        return cases | told_as_behaviour(run_behaviour(base_url, read_behaviour()))


def everything() -> list[Told]:
    """All cases and scenarios."""
    families: list[Sequence[Told]] = [*read_families().values(), *read_behaviour().values()]
    return [one for family in families for one in family]


def test_no_case_fails_that_passed_before(outcomes: Outcomes) -> None:
    """What was kept once is kept from then on. [contract.md §6]"""
    failing = {
        outcome.case.id: outcome.reason for family in outcomes.values() for outcome in family if not outcome.has_passed
    }

    assert {} == {name: failing[name] for name in sorted(remembered()) if name in failing}


def test_every_case_that_passes_is_remembered(outcomes: Outcomes) -> None:
    """A case that begins to pass is written down, so that it cannot be lost unseen. [contract.md §6]"""
    passed = {name for family in outcomes.values() for name in passing(family)}

    assert set() == passed - remembered(), HOW


def test_the_results_page_says_what_is_so(outcomes: Outcomes) -> None:
    """The page in the manual is that of this source. [contract.md §6]"""
    assert results_page(outcomes, read_rules()) == PAGE.read_text(encoding="utf-8"), HOW


def test_only_cases_that_exist_are_remembered() -> None:
    """A case that was renamed or taken out is forgotten. [contract.md §6]"""
    assert set() == remembered() - {one.id for one in everything()}


def test_every_case_is_about_rules_that_exist() -> None:
    """A case without a rule, or with a misspelt one, would be missing on the results page. [contract.md §6]"""
    known = set(read_rules())

    assert {} == {one.id: one.rules for one in everything() if not one.rules or set(one.rules) - known}


def test_no_two_are_called_alike() -> None:
    """The memory knows cases and scenarios by their ids. [contract.md §6]"""
    ids = [one.id for one in everything()]

    assert len(set(ids)) == len(ids)


def test_every_fixture_set_that_a_case_stands_on_exists() -> None:
    """A case cannot fail for a misspelt set alone. [contract.md §6]"""
    known = set(read_fixture_sets())
    cases = [case for family in read_families().values() for case in family]

    assert set() == {name for case in cases for name in case.setup} - known


@pytest.mark.postgresql
@pytest.mark.slow
def test_postgresql_behaves_as_memory_does(postgresql_url: str, tmp_path: Path) -> None:
    """What a scenario shows on one store it shows on the other. [contract.md §6]"""
    known = remembered()
    chosen = {name: [one for one in family if one.id in known] for name, family in read_behaviour().items()}
    with running_server(*FLAGS, "--database", postgresql_url, "--lake", str(tmp_path)) as base_url:
        outcomes = run_behaviour(base_url, chosen)

    assert {} == {one.case.id: one.reason for family in outcomes.values() for one in family if not one.has_passed}
