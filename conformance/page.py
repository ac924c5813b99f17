"""Write the page that says which rules are kept.

In:        outcomes by family, the ids of the rules
Out:       the text of docs/reference/conformance.md; nothing in it changes from run to run
Not here:  running (running), remembering (memory)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from conformance.cases import HERE
from conformance.running import Outcome
from conformance.shown import shown_by_tests
from conformance.unshown import UNSHOWN

REFUSED = re.compile(r"status 501, expected [^:]*: (.+?) is not supported by this server yet")

HEAD = """<!-- Written by `make conformance`; edit the cases instead. -->

# Conformance

verselet keeps cases for the rules of the Microsoft Dataverse Web API: requests, and what their answers must hold; and
scenarios of several callers for what lies behind it: security, sharing, cascades, jobs.
`make conformance` runs them all against servers on loopback and writes this page; `make test` fails when a case that
passed before fails now.
"""


def read_rules() -> list[str]:
    """The ids of the rules, in the order of the specification."""
    return (HERE / "rules.txt").read_text(encoding="utf-8").split()


def results_page(
    families: Mapping[str, Sequence[Outcome]],
    rules: Sequence[str],
    shown: Callable[[Sequence[str]], Mapping[str, str]] = shown_by_tests,
) -> str:
    """The whole page; `shown` finds the tests for rules that have no case."""
    outcomes = [outcome for family in families.values() for outcome in family]
    by_rule = _by_rule(outcomes)
    uncased = [rule for rule in rules if rule not in by_rule]
    tests = shown(uncased)
    unshown = [rule for rule in uncased if rule in UNSHOWN]
    without = [rule for rule in uncased if rule not in tests and rule not in UNSHOWN]
    passed = sum(outcome.has_passed for outcome in outcomes)
    lacking = sum(outcome.lacks is not None for outcome in outcomes)
    lines = [
        HEAD,
        f"**{passed} of {len(outcomes)} cases pass**, {lacking} are not run: the server lacks what they are about. "
        f"Of {len(rules)} rules, {len(rules) - len(uncased)} have cases, {len(tests)} more are shown by tests, "
        f"{len(unshown)} cannot be shown; shown by nothing yet: {len(without)}.",
        "",
        *_family_lines(families),
        *_failing_lines(outcomes),
        *_lacking_lines(outcomes),
        *_rule_lines(rules, by_rule),
        *_test_lines(uncased, tests),
        *_unshown_lines(unshown),
        "## Rules that nothing shows yet",
        "",
        f"{', '.join(without)}." if without else "None.",
    ]
    return "\n".join(lines) + "\n"


def _test_lines(rules: Sequence[str], tests: Mapping[str, str]) -> Iterator[str]:
    yield from ("## Rules that a test shows", "", "| Rule | One test of it |", "| --- | --- |")
    yield from (f"| {rule} | `{tests[rule]}` |" for rule in rules if rule in tests)
    yield ""


def _unshown_lines(rules: Sequence[str]) -> Iterator[str]:
    yield from ("## Rules that nothing can show", "", "| Rule | What it says |", "| --- | --- |")
    yield from (f"| {rule} | {UNSHOWN[rule]} |" for rule in rules)
    yield ""


def _by_rule(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    by_rule: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for rule in outcome.case.rules:
            by_rule[rule].append(outcome)
    return dict(by_rule)


def _family_lines(families: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    yield from ("## Families", "", "| Cases about | Passing | Failing | Not run |", "| --- | --- | --- | --- |")
    for name, outcomes in families.items():
        passed = sum(outcome.has_passed for outcome in outcomes)
        lacking = sum(outcome.lacks is not None for outcome in outcomes)
        yield f"| {name.replace('_', ' ')} | {passed} | {len(outcomes) - passed - lacking} | {lacking} |"
    yield ""


def _failing_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from ("## Failing cases", "")
    yield "A case that meets something unsupported is refused with the status 501 and the name given here."
    yield from ("", "| Case | It says | Rules | Meets |", "| --- | --- | --- | --- |")
    for outcome in sorted(outcomes, key=lambda outcome: outcome.case.id):
        if outcome.reason is not None and outcome.lacks is None:
            yield f"| {_told(outcome)} | {_meets(outcome.reason)} |"
    yield ""


def _lacking_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What is not run, by the name of what the server does not have."""
    yield from ("## Cases that are not run", "", "| Case | It says | Rules | The server lacks |")
    yield "| --- | --- | --- | --- |"
    for outcome in sorted(outcomes, key=lambda outcome: outcome.case.id):
        if outcome.lacks is not None:
            yield f"| {_told(outcome)} | {outcome.lacks} |"
    yield ""


def _told(outcome: Outcome) -> str:
    case = outcome.case
    title = case.title.replace("|", "\\|")
    return f"`{case.id}` | {title} | {', '.join(case.rules)}"


def _meets(reason: str) -> str:
    """The name of a refusal; any other reason may hold ids and times, which have no place on a page."""
    found = REFUSED.search(reason)
    return f"refused: {found[1]}" if found else "another answer"


def _rule_lines(rules: Sequence[str], by_rule: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    yield from ("## Rules", "", "| Rule | Passing | Failing, not run | Which |", "| --- | --- | --- | --- |")
    for rule in rules:
        if rule in by_rule:
            failing = sorted(outcome.case.id for outcome in by_rule[rule] if not outcome.has_passed)
            passed = len(by_rule[rule]) - len(failing)
            yield f"| {rule} | {passed} | {len(failing)} | {', '.join(f'`{name}`' for name in failing)} |"
    yield ""
