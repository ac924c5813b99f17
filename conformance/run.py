"""Run the cases and the scenarios: `make conformance`, or against a server that runs already.

In:        the command line
Out:       failing cases on standard output; after a whole run also the results page and the memory
Not here:  what a case is (README.md beside this file)
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TypeVar

from conformance.cases import Case, read_families, read_fixture_sets
from conformance.memory import passing, remember, remembered
from conformance.page import read_rules, results_page
from conformance.running import Outcome, Told, run_cases
from conformance.scenarios import FLAGS, read_behaviour, run_behaviour
from conformance.server import ROOT, TOKEN, running_server

_T = TypeVar("_T", bound=Told)

PAGE = ROOT / "docs" / "reference" / "conformance.md"


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 when a case fails that passed before, or any in a run of some cases only."""
    options = _parser().parse_args(arguments)
    outcomes = _run(options)
    ended = [outcome for family in outcomes.values() for outcome in family]
    for outcome in ended:
        if outcome.reason is not None and (options.verbose or options.only or options.server):
            print(
                f"FAIL {outcome.case.id} [{', '.join(outcome.case.rules)}] {outcome.case.title}\n     {outcome.reason}"
            )
    passed = passing(ended)
    lacking = sum(outcome.lacks is not None for outcome in ended)
    print(f"{len(passed)} passed, {len(ended) - len(passed) - lacking} failed, {lacking} not run")
    if options.only or options.server:
        return 0 if len(passed) + lacking == len(ended) else 1
    return _write_down(outcomes, passed)


def _run(options: argparse.Namespace) -> dict[str, list[Outcome]]:
    """The chosen cases on one server, the chosen scenarios on another, which holds their fixtures."""
    families = {name: _chosen(cases, options.only) for name, cases in read_families().items()}
    scenarios = {name: _chosen(found, options.only) for name, found in read_behaviour().items()}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in families}
    if any(families.values()):
        with nullcontext(options.server) if options.server else running_server() as base_url:
            outcomes = run_families(base_url, options.token, families)
    if any(scenarios.values()) and not options.server:
        with running_server(*FLAGS) as base_url:
            outcomes |= told_as_behaviour(run_behaviour(base_url, scenarios))
    return outcomes


def told_as_behaviour(outcomes: dict[str, list[Outcome]]) -> dict[str, list[Outcome]]:
    """Families of scenarios under names that no family of cases has."""
    return {f"behaviour: {name}": family for name, family in outcomes.items()}


def run_families(base_url: str, token: str, families: dict[str, list[Case]]) -> dict[str, list[Outcome]]:
    """Run every family on one server; fixture sets are loaded once."""
    cases = [case for family in families.values() for case in family]
    outcomes = iter(run_cases(base_url, token, cases, read_fixture_sets()))
    return {name: [next(outcomes) for _ in family] for name, family in families.items()}


def _write_down(outcomes: dict[str, list[Outcome]], passed: set[str]) -> int:
    known = {outcome.case.id for family in outcomes.values() for outcome in family}
    lost = (remembered() & known) - passed
    for name in sorted(lost):
        print(f"LOST {name} passed before and fails now; it stays in passing.txt until it passes or is taken out")
    remember(passed | lost)
    PAGE.write_text(results_page(outcomes, read_rules()), encoding="utf-8")
    return 1 if lost else 0


def _chosen(cases: list[_T], only: str | None) -> list[_T]:
    return [case for case in cases if only is None or re.search(only, case.id)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conformance", description="Run the conformance cases.")
    parser.add_argument("--server", metavar="URL", help="a server that runs already; nothing is written down")
    parser.add_argument("--token", default=TOKEN, help="bearer token of an administrator")
    parser.add_argument("--only", metavar="REGEX", help="only cases whose id matches; nothing is written down")
    parser.add_argument("-v", "--verbose", action="store_true", help="say why a case fails")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
