"""Load the rows and tables that cases stand on.

In:        fixture sets by name
Out:       rows and tables in the server under test; why a set cannot be loaded
Not here:  what the sets hold (fixtures.json)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import msgspec

from conformance.cases import FixtureRow, FixtureSet, Generated, Json, Unmet
from conformance.sending import Sender
from conformance.steps import take
from conformance.variables import Variables

WRITTEN = (200, 201, 204)
LINKED = (*WRITTEN, 412)
PER_REQUEST = 1000


class FixtureSets:
    """Loads each set when the first case asks for it, once."""

    def __init__(self, sets: Mapping[str, FixtureSet], sender: Sender, variables: Variables) -> None:
        self._sets = sets
        self._sender = sender
        self._variables = variables
        self._outcomes: dict[str, str | None] = {}

    def load(self, name: str) -> None:
        """See that a set is there, and the sets it needs.

        Raises:
            Unmet: it cannot be loaded, now or when it was tried before.
        """
        if name not in self._outcomes:
            self._outcomes[name] = self._why_not(name)
        outcome = self._outcomes[name]
        if outcome is not None:
            raise Unmet(f"fixture {name}: {outcome}")

    def _why_not(self, name: str) -> str | None:
        try:
            self._load(self._sets[name])
        except (Unmet, httpx.HTTPError, KeyError) as error:
            return str(error)
        return None

    def _load(self, fixtures: FixtureSet) -> None:
        for needed in fixtures.needs:
            self.load(needed)
        for group in fixtures.groups:
            if group.unless is None or self._status(group.unless) != 200:
                for step in group.steps:
                    take(self._sender, step, self._variables)
        self._make_rows(msgspec.convert(self._variables.fill(fixtures.rows), list[FixtureRow]))
        for step in fixtures.links:
            take(self._sender, step, self._variables, otherwise=LINKED)
        if fixtures.generate is not None:
            self._generate(fixtures.generate)

    def _make_rows(self, rows: list[FixtureRow]) -> None:
        """Make the rows anew, whatever they were before."""
        for row in reversed(rows):
            self._sender.send({"method": "DELETE", "path": f"{row.set}({row.id})"})
        for row in rows:
            for body in (row.body, *row.then):
                self._write("PATCH", f"{row.set}({row.id})", body)

    def _generate(self, wanted: Generated) -> None:
        """Make many rows, unless the last of them is there."""
        if self._status({"method": "GET", "path": f"{wanted.set}({wanted.id(wanted.count)})"}) == 200:
            return
        for targets in _chunks(wanted):
            self._write("POST", f"{wanted.set}/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets})

    def _status(self, request: Json) -> int:
        return self._sender.send(self._variables.fill(request)).status_code

    def _write(self, method: str, path: str, body: Json) -> None:
        answer = self._sender.send({"method": method, "path": path, "body": body})
        if answer.status_code not in WRITTEN:
            raise Unmet(f"{path}: status {answer.status_code}: {answer.text[:300]}")


def _chunks(wanted: Generated) -> Iterator[list[Json]]:
    for start in range(1, wanted.count + 1, PER_REQUEST):
        yield [_target(wanted, number) for number in range(start, min(start + PER_REQUEST, wanted.count + 1))]


def _target(wanted: Generated, number: int) -> Json:
    values = {
        name: number if text == "${#n}" else text.replace("${n}", f"{number:05d}") for name, text in wanted.body.items()
    }
    return {**values, wanted.key: wanted.id(number), "@odata.type": f"Microsoft.Dynamics.CRM.{wanted.table}"}
