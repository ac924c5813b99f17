"""The page about signing in does what it says. [architecture.md §13]"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.clients.manual import Running, blocks, commands, running_server

PAGE = "docs/how-to/sign-in.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server with the fixture of the page."""
    file = tmp_path_factory.mktemp("page") / "people.json"
    (fixture,) = blocks(PAGE, "json")
    file.write_text(fixture, encoding="utf-8")
    with running_server("--seed", str(file)) as running:
        yield running


@pytest.mark.parametrize(("number", "expected"), [(0, "account\n"), (1, "Bearer\n")])
def test_its_programs_run(server: Running, number: int, expected: str) -> None:
    """azure-identity with the official SDK, and msal. [AU-3], [AU-10]"""
    program = blocks(PAGE, "python")[number]
    done = subprocess.run(
        [sys.executable, "-c", server.here(program)],
        env={**os.environ, "REQUESTS_CA_BUNDLE": str(server.authority)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (expected, 0) == (done.stdout, done.returncode), done.stderr


def test_its_request_by_hand_gets_a_token(server: Running) -> None:
    """[SEC-121]"""
    (line,) = [line for line in commands(PAGE) if line.startswith("curl ")]
    _, _, form, address = shlex.split(server.here(line))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}  # What curl says when it sends data.
    assert "access_token" in httpx.post(address, content=form, headers=headers).json()


def test_its_machine_needs_no_secret(server: Running) -> None:
    """[AU-6]"""
    words = [line.partition("=")[2] for line in commands(PAGE) if "IDENTITY_" in line]
    endpoint, header = server.here(words[0]), words[1]
    query = {"api-version": "2019-08-01", "resource": server.plain_url}
    assert 200 == httpx.get(endpoint, params=query, headers={"X-IDENTITY-HEADER": header}).status_code
