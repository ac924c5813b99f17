"""`@azure/identity` for Node as it comes, against our own authority. [AU-3], [AU-6], [AU-10], [OC-16]"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.clients.javascript import must_be_installed, run_node
from tests.clients.manual import Running
from tests.clients.sign_in.callers import user_of
from tests.sign_in_world import APPLICATION, SECRET, SYNC_USER

PROGRAM = str(Path(__file__).parent / "azure_identity.js")


class SignedIn(msgspec.Struct, frozen=True):
    """What the program said."""

    token: str | None
    error: str | None


def signed_in(server: Running, *arguments: str, **variables: str) -> SignedIn:
    """How a sign-in ends."""
    must_be_installed("@azure/identity")
    done = run_node(server, PROGRAM, *arguments, variables=variables)
    assert 0 == done.returncode, done.stderr
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=SignedIn)


@pytest.mark.parametrize(("tenant", "switch"), [("verselet.example", ("no-discovery",)), ("adfs", ())])
def test_node_signs_in_with_a_client_secret(sign_in_server: Running, tenant: str, switch: tuple[str, ...]) -> None:
    """With instance discovery off, or with the tenant `adfs` and no switch at all. [AU-3], [AU-10]"""
    found = signed_in(sign_in_server, "secret", sign_in_server.tls_url, tenant, APPLICATION, SECRET, *switch)

    assert None is found.error
    assert SYNC_USER == user_of(sign_in_server, str(found.token))


def test_node_is_told_of_a_wrong_secret(sign_in_server: Running) -> None:
    """It shows the number of our answer. [AU-4]"""
    found = signed_in(sign_in_server, "secret", sign_in_server.tls_url, "adfs", APPLICATION, "wrong")

    assert None is found.token
    assert "AADSTS7000215" in str(found.error)


@pytest.mark.parametrize("way", ["environment", "default"])
def test_four_variables_are_enough_for_node(sign_in_server: Running, way: str) -> None:
    """A program made for the cloud runs unchanged. [AU-10]"""
    found = signed_in(
        sign_in_server,
        way,
        sign_in_server.tls_url,
        AZURE_TENANT_ID="adfs",
        AZURE_CLIENT_ID=APPLICATION,
        AZURE_CLIENT_SECRET=SECRET,
        AZURE_AUTHORITY_HOST=sign_in_server.tls_url,
    )

    assert None is found.error
    assert SYNC_USER == user_of(sign_in_server, str(found.token))


@pytest.mark.parametrize(("named", "expected"), [((), None), ((APPLICATION,), SYNC_USER)])
def test_a_managed_identity_of_node_signs_in_over_plain_http(
    sign_in_server: Running, named: tuple[str, ...], expected: str | None
) -> None:
    """The machine's own identity is the administrator; one that is named is that application user. [AU-6]"""
    address = sign_in_server.plain_url

    found = signed_in(
        sign_in_server, "managed", address, *named, IDENTITY_ENDPOINT=f"{address}/msi/token", IDENTITY_HEADER="any"
    )

    assert None is found.error
    administrator = user_of(sign_in_server, "dev-admin")
    assert (expected or administrator) == user_of(sign_in_server, str(found.token), plain=True)
