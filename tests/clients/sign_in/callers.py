"""Whom the server takes the bearer of a token for."""

from __future__ import annotations

import ssl

import httpx

from tests.clients.manual import Running


def user_of(server: Running, token: str, *, plain: bool = False) -> str:
    """The id of the user."""
    address = server.plain_url if plain else server.tls_url
    answer = httpx.get(
        f"{address}/api/data/v9.2/WhoAmI",
        headers={"Authorization": f"Bearer {token}"},
        verify=ssl.create_default_context(cafile=server.authority),
    )
    assert 200 == answer.status_code, answer.text
    return str(answer.json()["UserId"])
