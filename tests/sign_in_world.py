"""An organization with its own authority, and ways to talk to it without a network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.scenarios.harness import Answer, new_organization
from tests.unit.server.calls import call
from verselet.auth.keys import SigningKeys
from verselet.auth.tokens import sign
from verselet.organization import Organization
from verselet.seeding import seed
from verselet.server.application import Application

BASE = "http://127.0.0.1:8765"
SCOPE = f"{BASE}/.default"
FORM = {"content-type": "application/x-www-form-urlencoded"}

APPLICATION = "f0000000-0000-4000-8000-0000000000a1"
SECRET = "a secret of the sync application"
OPEN_APPLICATION = "f0000000-0000-4000-8000-0000000000a2"
DISABLED_APPLICATION = "f0000000-0000-4000-8000-0000000000a3"
SYNC_USER = "a0000000-0000-4000-8000-0000000000a1"
REGISTRAR = "a0000000-0000-4000-8000-0000000000b1"
REGISTRAR_NAME = "registrar@verselet.example"
GUARDED_NAME = "guarded@verselet.example"
PASSWORD = "correct horse battery staple"
LEAVER = "a0000000-0000-4000-8000-0000000000b3"
ADMINISTRATOR_NAME = "administrator@verselet.example"

PUBLIC_CLIENT = "51f81489-12ee-4a9e-aaae-a2591f45987d"
REDIRECT = "http://localhost:4000/answer"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def _user(number: str, name: str, **more: object) -> dict[str, object]:
    return {
        "key": name,
        "systemuserid": f"a0000000-0000-4000-8000-0000000000{number}",
        "azureactivedirectoryobjectid": f"e0000000-0000-4000-8000-0000000000{number}",
        "fullname": f"A {name}",
        "internalemailaddress": f"{name}@verselet.example",
        "businessunit": "root",
        **more,
    }


FIXTURE = {
    "businessunits": [{"key": "root", "name": "dev", "parent": None}],
    "roles": [
        {
            "key": "reader",
            "roleid": "d0000000-0000-4000-8000-0000000000a1",
            "name": "Reader of accounts",
            "isinherited": 1,
            "grants": [{"tables": ["account"], "verbs": ["Read"], "depth": "Global"}],
        }
    ],
    "users": [
        _user("a1", "sync", applicationid=APPLICATION, clientsecret=SECRET, roles=["reader"]),
        _user("a2", "open", applicationid=OPEN_APPLICATION),
        _user("a3", "off", applicationid=DISABLED_APPLICATION, clientsecret=SECRET, isdisabled=True),
        _user("b1", "registrar"),
        _user("b2", "guarded", password=PASSWORD),
        _user("b3", "leaver"),
    ],
}


class World:
    """One organization behind its application."""

    def __init__(self, folder: Path, build: Callable[[Organization], Application]) -> None:
        self.organization = new_organization()
        file = folder / "people.json"
        file.write_text(json.dumps(FIXTURE), encoding="utf-8")
        seed(self.organization, str(file), lambda _done, _total, _what: None)
        self.application = build(self.organization)
        self.tenant = self.organization.id

    def close(self) -> None:
        """Let threads and rows go."""
        self.application.close()
        self.organization.close()

    def get(
        self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """GET."""
        return call(self.application, "GET", path, headers=headers, query=urlencode(query or {}))

    def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """POST of a form."""
        body = urlencode(form).encode()
        return call(self.application, "POST", path, headers={**FORM, **(headers or {})}, body=body)

    def token(self, path: str = "/common/oauth2/v2.0/token", **form: str) -> Answer:
        """A request to the token endpoint."""
        return self.post(path, form)

    def refused(self, path: str = "/common/oauth2/v2.0/token", **form: str) -> tuple[int, str, int]:
        """Status, error and number of a refusal at the token endpoint."""
        answer = self.token(path, **form)
        assert "access_token" not in answer.json
        return answer.status, answer.json["error"], answer.json["error_codes"][0]

    def who(self, token: str) -> Answer:
        """Whom the Web API takes the bearer of a token for."""
        return self.get("/api/data/v9.2/WhoAmI", headers={"authorization": f"Bearer {token}"})

    def signed(self, claims: Mapping[str, object]) -> str:
        """A token that says so, signed by the organization's own key."""
        return sign(claims, SigningKeys(self.organization.credentials, self.organization.clock).current())

    def user_of(self, token: str) -> str:
        """The id of the user behind a token."""
        answer = self.who(token)
        assert 200 == answer.status, answer.body
        return str(answer.json["UserId"])

    def asks(self, **changes: str) -> dict[str, str]:
        """What a good client brings to the authorization endpoint; an empty text leaves a part away."""
        asked = {
            "client_id": PUBLIC_CLIENT,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": f"{SCOPE} openid offline_access",
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value}

    def authorize(self, choice: Mapping[str, str], **changes: str) -> Answer:
        """Open the page, and answer it."""
        asked = self.asks(**changes)
        page = self.get("/common/oauth2/v2.0/authorize", asked)
        assert 200 == page.status, page.body
        form = {**hidden_fields(page), **choice}
        return self.post("/common/oauth2/v2.0/authorize", form, {"cookie": cookie_of(page), "origin": BASE})

    def code(self, user: str = REGISTRAR, **changes: str) -> str:
        """A code for a user who chose."""
        return sent(self.authorize({"user": user}, **changes))["code"]

    def redeem(self, code: str, **changes: str) -> Answer:
        """Redeem a code as the client that asked for it."""
        form = {
            "grant_type": "authorization_code",
            "client_id": PUBLIC_CLIENT,
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.token(**form)


def hidden_fields(page: Answer) -> dict[str, str]:
    """What a page's form carries."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.body.decode()))


def cookie_of(page: Answer) -> str:
    """The cookie a page sets, as a browser sends it back."""
    return page.headers["set-cookie"].partition(";")[0]


def sent(answer: Answer) -> dict[str, str]:
    """What a redirect tells the client."""
    assert 303 == answer.status, answer.body
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    return dict(json.loads(_decoded(token.split(".")[1])))


def header_of(token: str) -> dict[str, Any]:
    """How a token is signed."""
    return dict(json.loads(_decoded(token.split(".", maxsplit=1)[0])))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
