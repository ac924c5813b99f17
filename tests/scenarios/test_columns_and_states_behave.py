"""The behaviour scenarios about columns and states, on a server of each store. [JOB-60], [MSG-45]"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import cast

import pytest

from conformance.cases import HERE
from conformance.people import FIXTURES
from conformance.scenarios import Scenario, ScenarioRunner, read_scenarios
from conformance.server import running_server
from tests.postgres import PostgresqlServer
from tests.scenarios.stores import STORES

pytestmark = pytest.mark.slow

FAMILIES = [HERE / "behaviour" / f"{name}.jsonl" for name in ("columns", "state")]
TOKENS = "dev:{oid}"


@pytest.fixture(scope="module", params=STORES)
def runner(request: pytest.FixtureRequest) -> Iterator[ScenarioRunner]:
    """Runs scenarios on a server that holds their fixture."""
    flags = ["--seed", str(FIXTURES)]
    if request.param == "postgresql":
        flags += ["--database", cast("PostgresqlServer", request.getfixturevalue("postgresql")).fresh()]
    with running_server(*flags) as address, contextlib.closing(ScenarioRunner(address, TOKENS)) as found:
        yield found


@pytest.mark.parametrize("scenario", read_scenarios(FAMILIES), ids=lambda scenario: scenario.id)
def test_a_scenario_holds(runner: ScenarioRunner, scenario: Scenario) -> None:
    """Every step answers as the specification says. [conformance/behaviour]"""
    assert None is runner.why_not(scenario)
