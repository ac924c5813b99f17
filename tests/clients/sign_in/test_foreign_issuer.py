"""Two servers: one issues tokens, the other trusts it. contract.md §3"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from pathlib import Path

import httpx

from tests.clients.manual import Running, running_server
from tests.places import ROOT
from tests.sign_in_world import APPLICATION, FIXTURE, SECRET, SYNC_USER


def test_a_token_of_another_server_is_good_here(sign_in_server: Running, tmp_path: Path) -> None:
    """Discovery and keys come over TLS, trusted through the environment. [SEC-126]"""
    issuer = f"{sign_in_server.tls_url}/common/v2.0"
    file = tmp_path / "people.json"
    file.write_text(json.dumps(FIXTURE), encoding="utf-8")
    trusted = ssl.create_default_context(cafile=sign_in_server.authority)
    with running_server("--auth", "oidc", "--oidc-issuer", issuer, "--seed", str(file)) as here:
        form = {"grant_type": "client_credentials", "client_id": APPLICATION, "client_secret": SECRET}
        told = httpx.post(
            f"{sign_in_server.tls_url}/common/oauth2/v2.0/token",
            data={**form, "scope": f"{here.plain_url}/.default"},
            verify=trusted,
        ).json()
        address = f"{here.plain_url}/api/data/v9.2/WhoAmI"
        known = httpx.get(address, headers={"Authorization": f"Bearer {told['access_token']}"})
        unknown = httpx.get(address, headers={"Authorization": "Bearer dev-admin"})
    challenge = f"Bearer authorization_uri={sign_in_server.tls_url}/common/oauth2/authorize"
    assert SYNC_USER == known.json()["UserId"]
    assert (401, challenge) == (unknown.status_code, unknown.headers["www-authenticate"].partition(",")[0])


def test_an_issuer_that_does_not_answer_is_refused_at_the_start(sign_in_server: Running) -> None:
    """In three lines, with exit code 3, before anything is loaded. product.md §6"""
    issuer = f"{sign_in_server.plain_url}/nobody/here/v2.0"
    arguments = [sys.executable, "-m", "verselet", "serve", "--port", "0", "--auth", "oidc", "--oidc-issuer", issuer]
    ended = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (3, "") == (ended.returncode, ended.stdout)
    assert ended.stderr.startswith(f"error VS1035  the issuer {issuer} cannot be used\n")


def test_secrets_do_not_come_into_the_log(tmp_path: Path) -> None:
    """Neither forms nor queries nor tokens are written, whatever happens. product.md §8"""
    file = tmp_path / "people.json"
    file.write_text(json.dumps(FIXTURE), encoding="utf-8")
    arguments = [
        *(sys.executable, "-m", "verselet", "serve", "--port", "0", "--auth", "token-issuer"),
        *("--log-requests", "--seed", str(file)),
    ]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base = next(line.split()[1] for line in process.stdout if line.startswith("ready "))
        form = {"grant_type": "client_credentials", "client_id": APPLICATION, "client_secret": SECRET}
        told = httpx.post(f"{base}/common/oauth2/token", data={**form, "resource": base}).json()
        httpx.post(f"{base}/common/oauth2/token", data={**form, "client_secret": "a wrong secret"})
        httpx.get(f"{base}/common/oauth2/authorize?code_challenge=a-challenge")
        httpx.get(f"{base}/api/data/v9.2/WhoAmI", headers={"Authorization": f"Bearer {told['access_token']}"})
        process.terminate()
        _, log = process.communicate(timeout=60)
    secrets = (SECRET, SECRET.replace(" ", "+"), "a wrong secret", "a-challenge", told["access_token"][:40])
    assert 4 == log.count('"what":"Answered"')
    assert [] == [secret for secret in secrets if secret in log]
