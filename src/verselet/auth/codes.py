"""Give authorization codes, and take each of them once.

In:        what a browser brings to the authorization endpoint; a code at the token endpoint
Out:       `read_authorization`, `Authorization`; `Codes`
Not here:  the page that asks which user (server.sign_in_pages), refresh tokens (auth.sessions)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from verselet.auth.redirects import is_allowed_redirect
from verselet.auth.refusals import (
    RefusedAtClient,
    SignInRefused,
    expired_code,
    missing,
    used_code,
    wrong_code,
    wrong_verifier,
)
from verselet.auth.resources import OwnAddress, Wanted, read_wanted
from verselet.clock import Clock, wire_form
from verselet.security.credentials import CODE, CredentialBook, digest, new_secret

LIFETIME: Final = timedelta(minutes=10)
CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
MODES: Final = ("query", "fragment", "form_post")


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks a user's consent for; `challenge` binds the code to the client that asked. RFC 7636"""

    client_id: str
    redirect_uri: str
    mode: Literal["query", "fragment", "form_post"]
    state: str
    challenge: str
    wanted: Wanted
    nonce: str = ""
    login_hint: str = ""
    is_silent: bool = False


class _Kept(msgspec.Struct, frozen=True):
    """A code as the book has it; `session` is what its tokens belong to."""

    authorization: Authorization
    user_id: str
    session: str
    expires_at: str
    is_used: bool = False


class Redeemed(msgspec.Struct, frozen=True):
    """What a code stood for."""

    authorization: Authorization
    user_id: str
    session: str


def read_authorization(form: Mapping[str, str], is_own_address: OwnAddress) -> Authorization:
    """What the authorization endpoint is asked for. [SEC-123]

    Raises:
        RefusedAtClient: refused, and the client may be told.
        SignInRefused: refused, and nobody may be sent anywhere.
    """
    client_id, redirect = form.get("client_id", ""), form.get("redirect_uri", "")
    if not client_id:
        raise missing("client_id")
    if not is_allowed_redirect(redirect):
        why = f"The redirect address '{redirect[:200]}' is not one of this machine, such as http://localhost."
        raise SignInRefused("invalid_request", 50011, why)
    mode = form.get("response_mode", "query")
    if mode not in MODES:
        raise SignInRefused("invalid_request", 900144, f"The response mode '{mode[:40]}' is not known.")
    if form.get("response_type") != "code":
        raise RefusedAtClient("unsupported_response_type", 700051, "Only the response type 'code' is supported.")
    if form.get("code_challenge_method") != "S256" or not CHALLENGE.match(form.get("code_challenge", "")):
        why = "A proof key is required: code_challenge with code_challenge_method=S256."
        raise RefusedAtClient("invalid_request", 9002325, why)
    try:
        wanted = read_wanted(form.get("scope", ""), form.get("resource", ""), is_own_address)
    except SignInRefused as refusal:
        raise RefusedAtClient(refusal.error, refusal.number, refusal.why) from refusal
    return Authorization(
        client_id=client_id,
        redirect_uri=redirect,
        mode=mode,  # type: ignore[arg-type]  # one of MODES, which are the literals
        state=form.get("state", ""),
        challenge=form["code_challenge"],
        wanted=wanted,
        nonce=form.get("nonce", ""),
        login_hint=form.get("login_hint", ""),
        is_silent=form.get("prompt") == "none",
    )


class Codes:
    """The authorization codes of one organization: good once, for ten minutes, for the client that asked."""

    def __init__(self, book: CredentialBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def give(self, authorization: Authorization, user_id: str) -> str:
        """A code for that user."""
        code = new_secret()
        now = self._clock.now()
        self._book.remove_expired(wire_form(now - timedelta(days=1)))
        kept = _Kept(authorization, user_id, new_secret(), wire_form(now + LIFETIME))
        self._book.write(CODE, digest(code), _text(kept), kept.expires_at)
        return code

    def redeem(self, form: Mapping[str, str]) -> Redeemed:
        """What the code in a form stands for; from now on it stands for nothing. [SEC-123]

        Raises:
            ReusedCode: it was redeemed before, by whomever.
            SignInRefused: unknown, too old, or not this client's.
        """
        code, client_id = form.get("code", ""), form.get("client_id", "")
        if not code:
            raise missing("code")
        name = digest(code)
        text = self._book.read(CODE, name)
        if text is None:
            raise wrong_code("the code is not known")
        kept = msgspec.json.decode(text, type=_Kept)
        self._check(kept, form, client_id)
        if not self._book.swap(CODE, name, text, _text(msgspec.structs.replace(kept, is_used=True))):
            raise ReusedCode(kept.session)
        return Redeemed(kept.authorization, kept.user_id, kept.session)

    def _check(self, kept: _Kept, form: Mapping[str, str], client_id: str) -> None:
        if kept.is_used:
            raise ReusedCode(kept.session)
        if self._clock.now() >= datetime.fromisoformat(kept.expires_at):
            raise expired_code()
        if client_id != kept.authorization.client_id:
            raise wrong_code("the code was given to another client")
        if form.get("redirect_uri", "") != kept.authorization.redirect_uri:
            raise wrong_code("the redirect address differs from the one the code was sent to")
        verifier = form.get("code_verifier", "")
        if not VERIFIER.match(verifier) or not _fits(verifier, kept.authorization.challenge):
            raise wrong_verifier()


class ReusedCode(SignInRefused):
    """The code came a second time: somebody else may have it, so what it led to ends. RFC 6749 §4.1.2"""

    def __init__(self, session: str) -> None:
        told = used_code()
        super().__init__(told.error, told.number, told.why)
        self.session = session


def _fits(verifier: str, challenge: str) -> bool:
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode())


def _text(kept: _Kept) -> str:
    return msgspec.json.encode(kept).decode()
