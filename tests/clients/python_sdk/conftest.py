"""The official SDK's synchronous client on a TLS server, trusting the server's own authority. [CC-1], [CC-2]"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.config import DataverseConfig

from tests.clients.manual import Running
from tests.clients.python_sdk.connection import Credential, Sdk


@pytest.fixture(scope="session")
def credential() -> Credential:
    """The credential of the shared client."""
    return Credential()


@pytest.fixture(scope="session")
def client(client_server: Running, credential: Credential) -> Iterator[DataverseClient]:
    """One client for all cases, as a program would have it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(client_server.authority))
        config = DataverseConfig(http_retries=1, http_timeout=60)
        with DataverseClient(client_server.tls_url, credential, config) as opened:
            yield opened


@pytest.fixture
def sdk(client: DataverseClient, client_server: Running) -> Sdk:
    """The client with a mark of the case's own."""
    return Sdk(client, client_server.tls_url, uuid.uuid4().hex[:8])
