"""Clients that keep their connections do not keep the server. contract.md §2"""

from __future__ import annotations

import ssl
import time
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

import pytest

from tests.clients.manual import Running, running_server
from verselet.server.listen import DRAIN_S


@pytest.mark.parametrize("kind", ["plain", "encrypted"])
def test_a_server_ends_while_a_client_keeps_an_idle_connection(kind: str) -> None:
    """Only requests in flight are waited for; there are none. contract.md §2, [CC-6]"""
    with running_server() as running:
        connection = _connection(running, kind)
        connection.request("GET", "/_verselet/health")
        assert 200 == connection.getresponse().status
        told = time.monotonic()
    ended = time.monotonic()
    connection.close()

    # So long it would take if the connection were waited for.
    assert ended - told < DRAIN_S


def _connection(running: Running, kind: str) -> HTTPConnection:
    if kind == "plain":
        return HTTPConnection(str(urlsplit(running.plain_url).netloc))
    trusting = ssl.create_default_context(cafile=str(running.authority))
    return HTTPSConnection(str(urlsplit(running.tls_url).netloc), context=trusting)
