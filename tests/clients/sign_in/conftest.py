"""A server with applications and people, over TLS with its own authority, for clients that are used unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.clients.manual import Running, running_server
from tests.sign_in_world import FIXTURE


@pytest.fixture(scope="session")
def sign_in_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server; every client trusts its authority through the environment, as the manual says."""
    file = tmp_path_factory.mktemp("people") / "people.json"
    file.write_text(json.dumps(FIXTURE), encoding="utf-8")
    with running_server("--seed", str(file)) as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(running.authority))
        environment.setenv("SSL_CERT_FILE", str(running.authority))
        yield running
