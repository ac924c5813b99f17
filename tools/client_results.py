"""Write the page that says what the clients can do.

In:        the cases under tests/clients, and the refusals they are expected to meet
Out:       the text of docs/reference/clients.md
Not here:  running the cases (`make test`)
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

CLIENTS = Path(__file__).resolve().parent.parent / "tests" / "clients"
JAVASCRIPT_CASE = re.compile(r'^  "(.+)": async \(\) => \{$', re.MULTILINE)
RULES = re.compile(r"\s*(\[[A-Z]+-\d+\](,? (to |and )?)?)+$")

HEAD = """# Clients

Real client libraries, unchanged, drive verselet in its tests.
These are their cases, and whether they pass today.
A case that does not is refused with the status 501 and the name given here; its test sees to it that the refusal says
exactly that, and fails when the case begins to pass.
"""


class Case(msgspec.Struct, frozen=True):
    """What a client does, and the refusal it meets, if any."""

    says: str
    refusal: str | None


def clients_page() -> str:
    """The whole page."""
    expected: Mapping[str, Mapping[str, str]] = tomllib.loads((CLIENTS / "expected.toml").read_text(encoding="utf-8"))
    python = list(_python_cases("python_sdk/test_*.py", expected["python_sdk"]))
    javascript = list(_javascript_cases(expected["dynamics_web_api"]))
    signing_in = [*_python_cases("sign_in/test_libraries.py", {}), *_python_cases("sign_in/test_node_libraries.py", {})]
    generators = list(_python_cases("generators/test_*.py", {}))
    lines = [
        HEAD,
        *_section("The official Python SDK, `powerplatform-dataverse-client` 1.1.0", python),
        *_section("DynamicsWebApi for JavaScript, `dynamics-web-api` 2.5.0", javascript),
        *_section("Sign-in: `azure-identity` and `msal` for Python, `@azure/identity` for Node", signing_in),
        *_section("Generators of typed clients: `dataverse-gen` 2.0.15, `@odata2ts/odata2ts` 0.34.0", generators),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(title: str, cases: list[Case]) -> Iterator[str]:
    passing = sum(case.refusal is None for case in cases)
    yield from (f"## {title}", "", f"{passing} of {len(cases)} cases pass.", "", "| Case | Today |", "| --- | --- |")
    yield from (f"| {case.says} | {_today(case)} |" for case in cases)
    yield ""


def _today(case: Case) -> str:
    return "passes" if case.refusal is None else f"not yet: {case.refusal}"


def _python_cases(files: str, refusals: Mapping[str, str]) -> Iterator[Case]:
    for file in sorted(CLIENTS.glob(files)):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield Case(_sentence(node), refusals.get(node.name))


def _sentence(case: ast.FunctionDef) -> str:
    """The case's name and what its first line adds, without the ids of the rules."""
    name = case.name.removeprefix("test_").replace("_", " ")
    law = RULES.sub("", (ast.get_docstring(case) or "").partition("\n")[0])
    return f"**{name[:1].upper()}{name[1:]}.** {law}"


def _javascript_cases(refusals: Mapping[str, str]) -> Iterator[Case]:
    text = (CLIENTS / "dynamics_web_api" / "cases.js").read_text(encoding="utf-8")
    for name in JAVASCRIPT_CASE.findall(text):
        yield Case(f"**{name[:1].upper()}{name[1:]}.**", refusals.get(name))
