"""A server with applications and people, over TLS with its own authority, for clients that are used unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.clients.manual import Running, running_server
from tests.sign_in_world import FIXTURE


@pytest.fixture(scope="session")
def sign_in_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server."""
    file = tmp_path_factory.mktemp("people") / "people.json"
    file.write_text(json.dumps(FIXTURE), encoding="utf-8")
    with running_server("--seed", str(file)) as running:
        yield running


@pytest.fixture(autouse=True)
def trusting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client trusts its authority through the environment, as the manual says, for the time of one test."""
    if "sign_in_server" in request.fixturenames:
        server: Running = request.getfixturevalue("sign_in_server")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
