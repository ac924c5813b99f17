"""What the manual tells a reader to do works as it is written. [architecture.md §13]"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import httpx
import pytest

from tests.clients.manual import Running, blocks, commands, curl, running_server
from tests.places import ROOT
from verselet.cli import verselet

README = "README.md"
TUTORIAL = "docs/tutorials/first-server.md"
SDK_PAGE = "docs/how-to/python-sdk.md"
SEED_PAGE = "docs/how-to/seed-your-own-data.md"
FIXTURE_PAGE = "docs/reference/fixtures.md"

PAGES = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
VERSELET_LINES = sorted({line for page in PAGES for line in commands(page) if "bin/verselet " in line})

TOKEN = {"Authorization": "Bearer dev-admin"}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The demo organization, as the tutorial starts it, and with TLS, as the guides do."""
    with running_server("--seed", "demo") as running:
        yield running


def _curl_lines(page: str) -> list[str]:
    return [line for line in commands(page) if line.startswith("curl ")]


def test_the_official_sdk_runs_as_the_manual_says(server: Running) -> None:
    """The block of the README creates a contact and reads its composed name. [CC-1], [CC-2]"""
    (program,) = blocks(README, "python")

    done = subprocess.run(
        [sys.executable, "-c", server.here(program)],
        env={**os.environ, "REQUESTS_CA_BUNDLE": str(server.authority)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("Session Registrant\n", 0) == (done.stdout, done.returncode), done.stderr


def test_the_guide_and_the_readme_show_the_same_program() -> None:
    """One program, held by one test."""
    assert blocks(README, "python") == blocks(SDK_PAGE, "python")


def test_the_first_command_of_the_readme_says_who_one_is(server: Running) -> None:
    """WhoAmI answers the built-in administrator's token. [MSG-1]"""
    (line,) = _curl_lines(README)

    answer = curl(server.here(line), {})

    assert 200 == answer.status_code
    assert {"UserId", "BusinessUnitId", "OrganizationId"} <= answer.json().keys()


def test_the_tutorial_goes_as_it_says(server: Running) -> None:
    """Who am I, three sessions, a new contact, and a refusal that names the column. [E-6]"""
    who, sessions, create, refused = [curl(server.here(line), {}) for line in _curl_lines(TUTORIAL)]

    assert [200, 200, 204, 400] == [answer.status_code for answer in (who, sessions, create, refused)]
    assert 3 == len(sessions.json()["value"])
    assert "fistname" in refused.json()["error"]["message"]

    row = httpx.get(create.headers["OData-EntityId"], headers=TOKEN)
    assert "Session Registrant" == row.json()["fullname"]


@pytest.mark.parametrize("page", [SEED_PAGE, FIXTURE_PAGE])
def test_a_fixture_of_the_manual_loads_twice_with_one_result(server: Running, page: str) -> None:
    """All of the file is loaded; loading it again changes nothing. contract.md §4"""
    (fixture,) = blocks(page, "json")
    (line,) = _curl_lines(SEED_PAGE)
    contacts = f"{server.plain_url}/api/data/v9.2/contacts?$filter=lastname eq 'Registrant'&$count=true"

    counts = []
    for _ in range(2):
        answer = curl(server.here(line), {"contour.json": fixture})
        assert 200 == answer.status_code, answer.text
        counts.append(httpx.get(contacts, headers=TOKEN).json()["@odata.count"])

    assert counts[0] == counts[1]
    assert counts[0] > 0


@pytest.mark.parametrize("line", VERSELET_LINES)
def test_a_command_of_the_manual_is_a_command(line: str) -> None:
    """Every flag that the manual shows exists. contract.md §2"""
    name, *arguments = shlex.split(line.partition("bin/verselet ")[2], comments=True)
    if name.startswith("-"):
        return
    command = verselet.get_command(click.Context(verselet), name)

    assert command is not None
    with command.make_context(name, arguments):
        pass


def test_the_manual_shows_commands() -> None:
    """The test above looks at something."""
    assert len(VERSELET_LINES) >= 5
