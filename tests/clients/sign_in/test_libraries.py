"""azure-identity and msal as they come, against our own authority. [AU-2] to [AU-10]"""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Iterator

import msal
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    ClientSecretCredential,
    DefaultAzureCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
)
from PowerPlatform.Dataverse.client import DataverseClient

from tests.clients.manual import Running
from tests.clients.sign_in.callers import user_of
from tests.clients.sign_in.person import Person
from tests.sign_in_world import APPLICATION, PUBLIC_CLIENT, REGISTRAR, REGISTRAR_NAME, SECRET, SYNC_USER

TENANT = "70000000-0000-4000-8000-000000000001"


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """The connections of msal, which it never closes itself."""
    with requests.Session() as opened:
        yield opened


@pytest.mark.parametrize(("tenant", "switch"), [(TENANT, True), ("verselet.example", True), ("adfs", False)])
def test_azure_identity_signs_in_with_a_client_secret(sign_in_server: Running, tenant: str, switch: bool) -> None:
    """With instance discovery off, or with the tenant `adfs` and no switch at all. [AU-3], [AU-10]"""
    with ClientSecretCredential(
        tenant, APPLICATION, SECRET, authority=sign_in_server.tls_url, disable_instance_discovery=switch
    ) as credential:
        token = credential.get_token(f"{sign_in_server.tls_url}/.default").token
    assert SYNC_USER == user_of(sign_in_server, token)


def test_azure_identity_reports_a_wrong_secret(sign_in_server: Running) -> None:
    """It finds the number it shows in our answer. [AU-4]"""
    credential = ClientSecretCredential("adfs", APPLICATION, "wrong", authority=sign_in_server.tls_url)
    with credential, pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token(f"{sign_in_server.tls_url}/.default")


@pytest.mark.parametrize("credential_type", [EnvironmentCredential, DefaultAzureCredential])
def test_four_variables_are_enough(
    sign_in_server: Running,
    monkeypatch: pytest.MonkeyPatch,
    credential_type: type[EnvironmentCredential | DefaultAzureCredential],
) -> None:
    """A program made for the cloud runs unchanged. [AU-10]"""
    monkeypatch.setenv("AZURE_TENANT_ID", "adfs")
    monkeypatch.setenv("AZURE_CLIENT_ID", APPLICATION)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", sign_in_server.tls_url)
    with credential_type() as credential:
        token = credential.get_token(f"{sign_in_server.tls_url}/.default").token
    assert SYNC_USER == user_of(sign_in_server, token)


@pytest.mark.parametrize(("client_id", "expected"), [(None, None), (APPLICATION, SYNC_USER)])
def test_a_managed_identity_signs_in_over_plain_http(
    sign_in_server: Running, monkeypatch: pytest.MonkeyPatch, client_id: str | None, expected: str | None
) -> None:
    """The machine's own identity is the administrator; one that is named is that application user. [AU-6]"""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{sign_in_server.plain_url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "any")
    with ManagedIdentityCredential(client_id=client_id) as credential:
        token = credential.get_token(f"{sign_in_server.plain_url}/.default").token
    administrator = user_of(sign_in_server, "dev-admin")
    assert (expected or administrator) == user_of(sign_in_server, token, plain=True)


def test_a_device_signs_in(sign_in_server: Running) -> None:
    """Its person types the code on the page that the device names. [AU-8]"""
    person = Person(REGISTRAR, sign_in_server.authority)
    credential = DeviceCodeCredential(
        client_id=PUBLIC_CLIENT,
        tenant_id="adfs",
        authority=sign_in_server.tls_url,
        prompt_callback=lambda address, code, _expires_on: person.let_in(address, code),
        timeout=60,
    )
    with credential:
        token = credential.get_token(f"{sign_in_server.tls_url}/user_impersonation").token
    assert REGISTRAR == user_of(sign_in_server, token)


def browse_as(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever opens a browser now has this person at it."""

    def open_page(address: str, *_arguments: object, **_options: object) -> bool:
        threading.Thread(target=person.sign_in, args=(address,), daemon=True).start()
        return True

    monkeypatch.setattr(webbrowser, "open", open_page)
    # On a machine with WSL's marks msal would start a program instead.
    monkeypatch.setattr("msal.oauth2cli.authcode._browse", lambda address, **_options: open_page(address))


def test_azure_identity_signs_in_through_a_browser(sign_in_server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page, choice, code, proof key, tokens. [AU-9]"""
    browse_as(Person(REGISTRAR, sign_in_server.authority), monkeypatch)
    credential = InteractiveBrowserCredential(
        client_id=PUBLIC_CLIENT,
        tenant_id="common",
        authority=sign_in_server.tls_url,
        disable_instance_discovery=True,
    )
    with credential:
        token = credential.get_token(f"{sign_in_server.tls_url}/.default").token
    assert REGISTRAR == user_of(sign_in_server, token)


def test_msal_signs_in_through_a_browser_and_renews(
    sign_in_server: Running, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account it remembers renews its token without the page. [AU-9], [SEC-123]"""
    browse_as(Person(REGISTRAR, sign_in_server.authority), monkeypatch)
    application = msal.PublicClientApplication(
        PUBLIC_CLIENT, authority=f"{sign_in_server.tls_url}/common", instance_discovery=False, http_client=session
    )
    scopes = [f"{sign_in_server.tls_url}/user_impersonation"]
    told = application.acquire_token_interactive(scopes, timeout=60)
    assert REGISTRAR == user_of(sign_in_server, told["access_token"])
    account = application.get_accounts()[0]
    renewed = application.acquire_token_silent(scopes, account=account, force_refresh=True)
    assert (REGISTRAR_NAME, REGISTRAR) == (account["username"], user_of(sign_in_server, renewed["access_token"]))


@pytest.mark.filterwarnings("ignore:This API has been deprecated")
def test_msal_signs_in_by_name_and_password(sign_in_server: Running, session: requests.Session) -> None:
    """With the tenant `adfs` the port is kept. [AU-12]"""
    application = msal.PublicClientApplication(
        PUBLIC_CLIENT, authority=f"{sign_in_server.tls_url}/adfs", http_client=session
    )
    told = application.acquire_token_by_username_password(REGISTRAR_NAME, "any", [f"{sign_in_server.tls_url}/.default"])
    assert REGISTRAR == user_of(sign_in_server, told["access_token"])


@pytest.mark.parametrize("path", ["verselet.example/v2.0", "adfs", "some.example/b2c_1_x/v2.0"])
def test_msal_signs_in_with_an_oidc_authority(sign_in_server: Running, session: requests.Session, path: str) -> None:
    """The issuer equals the authority. [AU-2]"""
    application = msal.ConfidentialClientApplication(
        APPLICATION,
        client_credential=SECRET,
        oidc_authority=f"{sign_in_server.tls_url}/{path}",
        http_client=session,
    )
    told = application.acquire_token_for_client([f"{sign_in_server.tls_url}//.default"])
    assert SYNC_USER == user_of(sign_in_server, told["access_token"])


def test_the_official_sdk_works_with_a_real_credential(sign_in_server: Running) -> None:
    """As in its own samples, only the addresses differ. [AU-3]"""
    credential = ClientSecretCredential("adfs", APPLICATION, SECRET, authority=sign_in_server.tls_url)
    with credential, DataverseClient(sign_in_server.tls_url, credential) as client:
        assert client.tables.get("account") is not None
