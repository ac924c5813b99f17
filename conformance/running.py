"""Run cases against a server.

In:        cases, fixture sets, a server's address and a token
Out:       an `Outcome` for each case
Not here:  starting a server (server), telling anybody (run, page)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import httpx
import msgspec

from conformance.cases import Case, FixtureSet, Step, Unmet
from conformance.fixture_sets import FixtureSets
from conformance.sending import Sender
from conformance.steps import take
from conformance.variables import Variables, now

NOBODY = "00000000-0000-0000-0000-000000000000"


class Told(Protocol):
    """What is told of a case or a scenario."""

    @property
    def id(self) -> str:
        """Its unique name."""

    @property
    def title(self) -> str:
        """What it says, in a line."""

    @property
    def rules(self) -> list[str]:
        """The ids of the rules it is about."""


class Outcome(msgspec.Struct, frozen=True):
    """How a case ended; `reason` is None when it passed. `lacks` names what the server does not have."""

    case: Told
    reason: str | None
    lacks: str | None = None

    @property
    def has_passed(self) -> bool:
        """Everything was as expected."""
        return self.reason is None


def run_cases(base_url: str, token: str, cases: Sequence[Case], sets: Mapping[str, FixtureSet]) -> list[Outcome]:
    """Run the cases in order.

    Some cases speak of today. A run that sees midnight says nothing about them, so it is done again.
    """
    while True:
        day = now().date()
        outcomes = _run_once(base_url, token, cases, sets)
        if day == now().date():
            return outcomes


def _run_once(base_url: str, token: str, cases: Sequence[Case], sets: Mapping[str, FixtureSet]) -> list[Outcome]:
    with contextlib.closing(Sender(base_url, token)) as sender:
        variables = Variables({"base": sender.base_url, "api": sender.root, **_caller(sender)})
        fixtures = FixtureSets(sets, sender, variables)
        return [Outcome(case, _why_not(case, sender, variables.child(), fixtures)) for case in cases]


def _caller(sender: Sender) -> dict[str, str]:
    """The ids of the caller, its business unit and its organization; nobody's where the server does not say."""
    answer = sender.send({"method": "GET", "path": "WhoAmI()"})
    if answer.status_code != 200:
        return {"me": NOBODY, "bu": NOBODY, "org": NOBODY}
    told = answer.json()
    names = {"me": "UserId", "bu": "BusinessUnitId", "org": "OrganizationId"}
    return {name: str(told[member]).lower() for name, member in names.items()}


def _why_not(case: Case, sender: Sender, variables: Variables, fixtures: FixtureSets) -> str | None:
    try:
        for name in case.setup:
            fixtures.load(name)
        _run_steps(case, sender, variables)
    except (Unmet, httpx.HTTPError) as error:
        return str(error)
    except (LookupError, TypeError, ValueError) as error:
        # An answer of another shape than any step expects; one bad answer must not end the run.
        return f"{type(error).__name__}: {error}"
    finally:
        for request in case.cleanup:
            with contextlib.suppress(Unmet, httpx.HTTPError, LookupError):
                sender.send(variables.fill(request))
    return None


def _run_steps(case: Case, sender: Sender, variables: Variables) -> None:
    for step in case.before:
        with _saying("before"):
            take(sender, step, variables)
    if case.request is not None:
        take(sender, Step(case.request, case.expect, case.save), variables)
    for index, step in enumerate(case.after):
        with _saying(f"after[{index}]"):
            take(sender, step, variables)


@contextlib.contextmanager
def _saying(where: str) -> Iterator[None]:
    try:
        yield
    except Unmet as error:
        raise Unmet(f"{where}: {error}") from error
