"""Ask a person which user signs in, and send the browser on.

In:        requests of browsers for the authorization page and the device page
Out:       pages, and redirects with a code
Not here:  the HTML (ui.sign_in), the codes (auth.codes, auth.devices)

The pages keep nothing on the server: what the client asked for goes into the form and is checked again when it comes
back. A cookie and its digest in the form show that the form is ours.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from verselet.auth.codes import Authorization, read_authorization
from verselet.auth.devices import Pending
from verselet.auth.grants import Grants
from verselet.auth.people import Person
from verselet.auth.places import Place
from verselet.auth.redirects import answer_address, is_allowed_redirect
from verselet.auth.refusals import RefusedAtClient, SignInRefused
from verselet.security.credentials import digest, new_secret
from verselet.server.forms import Asked
from verselet.server.sign_in import Reply
from verselet.ui.sign_in import Choice, Drawn, SignInPages

COOKIE: Final = "verselet_sign_in"
GUARD: Final = "guard"
OURS: Final = re.compile(rf"(?:^|;\s*){COOKIE}=([\w-]{{43}})(?:;|$)", re.ASCII)
CARRIED: Final = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "resource", "state", "nonce",
    "code_challenge", "code_challenge_method", "login_hint",
)  # fmt: skip
"""What a client may ask with; anything else it sends does not come back."""


class SignInFlow:
    """The pages of one organization at work."""

    def __init__(self, grants: Grants, pages: SignInPages) -> None:
        self._grants = grants
        self._pages = pages

    def authorize(self, asked: Asked, _place: Place) -> Reply:
        """Which user works with this client? [SEC-123], [AU-9]"""
        given = asked.form if asked.method == "POST" else asked.query
        try:
            return self._authorize(asked, read_authorization(given, self._grants.issuer.is_own_address))
        except RefusedAtClient as refusal:
            return self._refuse_at_client(given, refusal)
        except SignInRefused as refusal:
            return _shown(self._pages.tell("That did not work", refusal.why), refusal.status)

    def _authorize(self, asked: Asked, wanted: Authorization) -> Reply:
        if wanted.is_silent:
            raise RefusedAtClient("login_required", 50058, "The user has to be asked.")
        if GUARD not in asked.form:
            return self._choice(asked, wanted)
        _check_guard(asked)
        if "cancel" in asked.form:
            raise RefusedAtClient("access_denied", 65004, "The user declined.")
        try:
            user = self._chosen(asked.form)
        except SignInRefused as refusal:
            return self._choice(asked, wanted, refusal.why)
        answer = {"code": self._grants.give_code(wanted, user)}
        return self._send_on(wanted.redirect_uri, wanted.mode, _with_state(answer, wanted.state))

    def device(self, asked: Asked, _place: Place) -> Reply:
        """Which user does the device work as? [SEC-124], [AU-8]"""
        code = (asked.form if asked.method == "POST" else asked.query).get("user_code", "")[:40]
        try:
            if asked.method == "POST":
                _check_guard(asked)
            pending = self._grants.devices.find(code) if code else None
            if pending is None:
                return self._ask_code(asked, code)
            return self._decide(asked, code, pending)
        except SignInRefused as refusal:
            return _shown(self._pages.tell("That did not work", refusal.why), refusal.status)

    def _decide(self, asked: Asked, code: str, pending: Pending) -> Reply:
        if "cancel" in asked.form:
            self._grants.devices.decide(code, None)
            return _shown(self._pages.tell("Declined", "The program was turned away. You can close this window."))
        if not ({"user", "username"} & set(asked.form)):
            return self._choose(asked, {"user_code": code}, pending.client_id)
        try:
            user = self._chosen(asked.form)
        except SignInRefused as refusal:
            return self._choose(asked, {"user_code": code}, pending.client_id, refusal.why)
        if not self._grants.devices.decide(code, user.id):
            return self._ask_code(asked, code)
        text = f"The program works as {user.full_name or user.name} now. You can close this window."
        return _shown(self._pages.tell("Signed in", text))

    def _chosen(self, form: Mapping[str, str]) -> Person:
        """The user who was chosen, or who gave name and password."""
        if "user" in form:
            return self._grants.person(form["user"], "")
        return self._grants.person(form.get("username", ""), form.get("password", ""))

    def _ask_code(self, asked: Asked, code: str) -> Reply:
        problem = "No program waits under this code. Look again, or start over." if code else ""
        cookie = _cookie(asked)
        page = self._pages.enter_code(hidden={GUARD: digest(cookie)}, code=code, problem=problem)
        return _shown(page, cookie=_set_cookie(asked, cookie))

    def _choice(self, asked: Asked, wanted: Authorization, problem: str = "") -> Reply:
        given = asked.form if asked.method == "POST" else asked.query
        hidden = {name: given[name] for name in CARRIED if name in given}
        return self._choose(asked, hidden, wanted.client_id, problem, wanted.redirect_uri)

    def _choose(
        self, asked: Asked, hidden: Mapping[str, str], client_id: str, problem: str = "", target: str = ""
    ) -> Reply:
        hint = hidden.get("login_hint", "").lower()
        people = self._grants.people.interactive() if self._grants.permissive else ()
        free = [person for person in people if not self._grants.needs_password(person)]
        free.sort(key=lambda person: person.name.lower() != hint)
        choices = [Choice(person.id, person.full_name, person.name) for person in free]
        cookie = _cookie(asked)
        guarded = {**hidden, GUARD: digest(cookie)}
        page = self._pages.choose(choices, hidden=guarded, client=client_id, problem=problem, target=target)
        return _shown(page, cookie=_set_cookie(asked, cookie))

    def _refuse_at_client(self, given: Mapping[str, str], refusal: RefusedAtClient) -> Reply:
        """The client's own address was found good before anything was refused this way."""
        told = {"error": refusal.error, "error_description": f"AADSTS{refusal.number}: {refusal.why}"}
        redirect, mode = given["redirect_uri"], given.get("response_mode", "query")
        assert is_allowed_redirect(redirect)
        return self._send_on(redirect, mode, _with_state(told, given.get("state", "")))

    def _send_on(self, redirect: str, mode: str, answer: Mapping[str, str]) -> Reply:
        if mode == "form_post":
            return _shown(self._pages.pass_on(redirect, answer))
        headers = {
            "Location": answer_address(redirect, answer, mode),
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return Reply(HTTPStatus.SEE_OTHER, b"", headers)


def _check_guard(asked: Asked) -> None:
    """The form was drawn here, for this browser.

    Raises:
        SignInRefused: it came from a page of somebody else.
    """
    found = OURS.search(asked.headers.get("cookie", ""))
    is_ours = found is not None and hmac.compare_digest(digest(found[1]).encode(), asked.form.get(GUARD, "").encode())
    if not is_ours or asked.headers.get("origin", asked.base_url) != asked.base_url:
        raise SignInRefused("access_denied", 90014, "This form is not ours, or too old. Start over.", status=403)


def _cookie(asked: Asked) -> str:
    found = OURS.search(asked.headers.get("cookie", ""))
    return found[1] if found is not None else new_secret()


def _set_cookie(asked: Asked, cookie: str) -> str:
    secure = "; Secure" if asked.base_url.startswith("https:") else ""
    return f"{COOKIE}={cookie}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax{secure}"


def _with_state(answer: dict[str, str], state: str) -> dict[str, str]:
    return {**answer, "state": state} if state else answer


def _shown(page: Drawn, status: int = HTTPStatus.OK, *, cookie: str = "") -> Reply:
    headers = {**page.headers, **({"Set-Cookie": cookie} if cookie else {})}
    return Reply(status, page.html.encode(), headers)
