"""Run the behaviour scenarios against a server that holds their fixtures.

In:        behaviour/*.jsonl, a server's address, how users sign in
Out:       how each scenario ended
Not here:  the fixtures' way into the server: `verselet serve --seed conformance/behaviour/fixtures.json`
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
import msgspec
from typing_extensions import override

from conformance.answers import Expected, check_answer, check_document, document_of, saved
from conformance.cases import HERE, Json, Unmet
from conformance.checks import GUID, check_pointer, check_text, lookup
from conformance.people import FIXTURES, People
from conformance.running import Outcome
from conformance.sending import SAFE_IN_SCENARIO_PATHS, Request, Sender
from conformance.sink import Post, Sink
from conformance.steps import PATIENCE
from conformance.variables import Variables

BEHAVIOUR = HERE / "behaviour"
FLAGS = ("--seed", str(FIXTURES), "--throttle")
"""What a server for the scenarios is started with."""

LACKING: Final[Mapping[str, str]] = {
    "elastic": "elastic tables",
}
"""Capability that scenarios ask for and the server does not have → what it is. They are told, not run."""

PAUSE_S = 0.25
SETTLE_S = 0.7
SINK_WAIT_S = 20.0
PEOPLE = ("user", "team", "role", "bu", "profile")
DOCUMENT_CHECKS = ("json", "body_subset", "code")


class PostExpected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one post must hold."""

    index: int | None = None
    headers: dict[str, Json] = {}
    query: dict[str, Json] = {}
    json: list[list[Json]] = []


class ScenarioStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"caller": "as"}):
    """A request of one caller, a look at a sink, or a pause."""

    caller: str | dict[str, str] | None = None
    request: dict[str, Json] | None = None
    expect: dict[str, Json] = {}
    save: dict[str, str] = {}
    wait: float | None = None
    note: str = ""
    sink: str | None = None
    respond: list[int] | None = None
    count: int | list[int] = 1
    settle: float = SETTLE_S
    posts: list[PostExpected] = []
    all: list[list[Json]] = []
    sleep: float | None = None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a scenario file. `basis` says how sure what it asserts is."""

    id: str
    rule: str | list[str]
    title: str
    steps: list[ScenarioStep]
    cleanup: list[ScenarioStep] = []
    basis: str = "D"
    requires: list[str] = []

    @property
    def rules(self) -> list[str]:
        """The ids of the rules it is about."""
        return [self.rule] if isinstance(self.rule, str) else self.rule


class ScenarioVariables(Variables):
    """The variables of one run of one scenario; `{"$repeat": n, "item": …}` becomes a list."""

    def __init__(self, people: People, sender: Sender, sink: Sink) -> None:
        authority = f"{sender.base_url}/{people.tenant_id}"
        given = {"base": sender.base_url, "api": sender.root, "org": people.organization_id, "authority": authority}
        super().__init__({**given, "sid": uuid.uuid4().hex[:8]})
        self._people = people
        self._sink = sink

    @override
    def value(self, name: str) -> Json:
        """People and sinks beside the built-in kinds."""
        kind, _, argument = name.partition(":")
        if kind == "sink":
            return f"{self._sink.address}/{self.value('sid')}{argument}"
        return self._people.value(kind, argument) if argument and kind in PEOPLE else super().value(name)

    @override
    def fill(self, node: Json) -> Json:
        """As for cases, with repeated items."""
        if isinstance(node, dict) and "$repeat" in node:
            return [self._item(node["item"], number) for number in range(node["$repeat"])]
        return super().fill(node)

    def _item(self, item: Json, number: int) -> Json:
        self.set("i", number)
        return self.fill(item)


class ScenarioRunner:
    """Runs scenarios on one server; `token_template` makes a user's token from its key, id or Entra object id."""

    def __init__(self, base_url: str, token_template: str) -> None:
        self._people = People()
        self._template = token_template
        self._sender = Sender(base_url, None, safe_in_paths=SAFE_IN_SCENARIO_PATHS)
        self._sink = Sink()

    def close(self) -> None:
        """Let go of connections and the sink."""
        self._sender.close()
        self._sink.close()

    def why_not(self, scenario: Scenario) -> str | None:
        """Where and why a scenario fails; None when it holds."""
        variables = ScenarioVariables(self._people, self._sender, self._sink)
        reason = None
        for number, step in enumerate(scenario.steps, 1):
            try:
                self._take(step, variables)
            except (Unmet, httpx.HTTPError, LookupError, TypeError, ValueError) as error:
                reason = f"step {number}{f' ({step.note})' if step.note else ''}: {error}"
                break
        for step in scenario.cleanup:
            with contextlib.suppress(Unmet, httpx.HTTPError, LookupError, TypeError, ValueError):
                self._take(step, variables)
        return reason

    def _take(self, step: ScenarioStep, variables: ScenarioVariables) -> None:
        if step.sleep is not None:
            time.sleep(step.sleep)
        elif step.sink is not None and step.respond is not None:
            self._sink.plan(f"{variables.value('sid')}{step.sink}", step.respond)
        elif step.sink is not None:
            self._check_sink(step, variables)
        else:
            self._ask(step, variables)

    def _ask(self, step: ScenarioStep, variables: ScenarioVariables) -> None:
        """Send until the expectations hold or the time is over."""
        request = msgspec.convert(variables.fill(step.request), Request)
        wanted = variables.fill(step.expect)
        for_document = {name: _lowered(wanted.pop(name)) for name in DOCUMENT_CHECKS if name in wanted}
        further = self._identity(step.caller, variables)
        deadline = time.monotonic() + PATIENCE * (step.wait or 0)
        while True:
            answer = self._sender.send_request(request, further)
            try:
                check_answer(answer, msgspec.convert(wanted, Expected), self._follow)
                check_document(_lowered(document_of(answer)), msgspec.convert(for_document, Expected))
                break
            except Unmet:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(PAUSE_S)
        for name, value in saved(answer, step.save).items():
            variables.set(name, value)

    def _follow(self, link: str) -> httpx.Response:
        return self._sender.send_request(Request(method="GET", path=link), {})

    def _identity(self, caller: str | dict[str, str] | None, variables: ScenarioVariables) -> dict[str, str]:
        """The header that says who asks; none for nobody."""
        if caller is None:
            return {}
        if isinstance(caller, dict):
            return {"Authorization": f"Bearer {variables.fill(caller['token'])}"}
        facts = {"key": caller, "id": self._people.user(caller), "oid": self._people.user(caller, "oid")}
        return {"Authorization": f"Bearer {self._template.format(**facts)}"}

    def _check_sink(self, step: ScenarioStep, variables: ScenarioVariables) -> None:
        """Wait for posts, then for more than there should be, then look at them."""
        name = f"{variables.value('sid')}{step.sink}"
        least, most = (step.count, step.count) if isinstance(step.count, int) else step.count
        deadline = time.monotonic() + PATIENCE * (SINK_WAIT_S if step.wait is None else step.wait)
        while len(self._sink.posts(name)) < least and time.monotonic() < deadline:
            time.sleep(PAUSE_S)
        time.sleep(step.settle)
        posts = self._sink.posts(name)
        if not least <= len(posts) <= most:
            raise Unmet(f"{len(posts)} posts came, expected {step.count}")
        for number, expected in enumerate(step.posts):
            filled = msgspec.convert(variables.fill(msgspec.to_builtins(expected)), PostExpected)
            _check_post(posts[number if expected.index is None else expected.index], filled)
        documents = _lowered([post.json for post in posts])
        for pointer, check, *value in _lowered(variables.fill(step.all)):
            check_pointer(pointer, check, value[0] if value else None, lookup(documents, f"/*{pointer}"))


def _check_post(post: Post, expected: PostExpected) -> None:
    for name, want in expected.headers.items():
        check_text(want, post.headers.get(name.lower()), f"post's header {name}")
    for name, want in expected.query.items():
        check_text(want, post.query.get(name), f"post's option {name}")
    check_document(_lowered(post.json), Expected(json=_lowered(expected.json)))


def _lowered(node: Json) -> Json:
    """The document with its GUIDs in lower case: they compare without regard to it."""
    if isinstance(node, str):
        return node.lower() if GUID.fullmatch(node) else node
    if isinstance(node, list):
        return [_lowered(item) for item in node]
    if isinstance(node, dict):
        return {name: _lowered(value) for name, value in node.items()}
    return node


def read_behaviour(folder: Path = BEHAVIOUR) -> dict[str, list[Scenario]]:
    """The scenarios of a folder by the name of their file, in their order."""
    return {file.stem: read_scenarios([file]) for file in sorted(folder.glob("*.jsonl"))}


def run_behaviour(base_url: str, families: Mapping[str, Sequence[Scenario]]) -> dict[str, list[Outcome]]:
    """Run every family on one server that holds the fixtures."""
    with contextlib.closing(ScenarioRunner(base_url, "dev:{oid}")) as runner:
        return {name: [_outcome(runner, scenario) for scenario in family] for name, family in families.items()}


def _outcome(runner: ScenarioRunner, scenario: Scenario) -> Outcome:
    lacking = [LACKING[name] for name in scenario.requires if name in LACKING]
    if lacking:
        return Outcome(scenario, f"not run: the server lacks {' and '.join(lacking)}", lacking[0])
    return Outcome(scenario, runner.why_not(scenario))


def read_scenarios(files: Sequence[Path]) -> list[Scenario]:
    """The scenarios of files, in their order."""
    decoder = msgspec.json.Decoder(Scenario)
    return [decoder.decode(line) for file in files for line in file.read_bytes().splitlines() if line.strip()]


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 when a scenario fails."""
    options = _parser().parse_args(arguments)
    scenarios = read_scenarios(options.files or sorted(BEHAVIOUR.glob("*.jsonl")))
    lacking = set(options.lack.split(","))
    chosen = [found for found in scenarios if _is_chosen(found, options.only, options.basis)]
    failed = left_out = 0
    with contextlib.closing(ScenarioRunner(options.server, options.token_template)) as runner:
        for scenario in chosen:
            if lacking & set(scenario.requires):
                left_out += 1
                continue
            reason = runner.why_not(scenario)
            if reason is not None:
                failed += 1
                print(f"FAIL {scenario.id} [{', '.join(scenario.rules)}] {scenario.title}\n     {reason}")
    print(f"{len(chosen) - failed - left_out} passed, {failed} failed, {left_out} left out")
    return 1 if failed else 0


def _is_chosen(scenario: Scenario, only: str | None, basis: str) -> bool:
    names = [scenario.id, *scenario.rules]
    return scenario.basis in basis and (only is None or any(re.search(only, name) for name in names))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scenarios", description="Run the behaviour scenarios.")
    parser.add_argument("server", metavar="URL", help="a server that holds behaviour/fixtures.json")
    parser.add_argument("files", nargs="*", type=Path, help="scenario files; all of behaviour/ unless given")
    parser.add_argument("--token-template", default="dev:{oid}", help="a user's token, of {key}, {id} and {oid}")
    parser.add_argument("--only", metavar="REGEX", help="only scenarios whose id or rule matches")
    parser.add_argument("--basis", default="SDMOKV", help="only scenarios of these grounds")
    parser.add_argument("--lack", default=",".join(LACKING), help="capabilities the server does not have")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
