"""Answer the token endpoint: one grant, one method.

In:        the form of a request, and the place it came to
Out:       `Grants`: the answer, or a refusal
Not here:  HTTP (server.sign_in), what a token says (auth.issued)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from verselet.auth.clients import Clients
from verselet.auth.codes import Authorization, Codes, ReusedCode
from verselet.auth.devices import INTERVAL_S, LIFETIME, Devices
from verselet.auth.issued import Issuer
from verselet.auth.people import People, Person
from verselet.auth.places import Place
from verselet.auth.refusals import SignInRefused, disabled_user, missing, wrong_code, wrong_user
from verselet.auth.resources import Wanted, read_wanted
from verselet.auth.sessions import Sessions
from verselet.security.credentials import PASSWORD, CredentialBook, is_same, new_secret

Form: TypeAlias = Mapping[str, str]
Answer: TypeAlias = dict[str, Any]

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


class _SignIn(msgspec.Struct, frozen=True):
    """A user who was recognized, and the client that gets the tokens."""

    user: Person
    client_id: str
    session: str
    wanted: Wanted
    nonce: str = ""


class Grants:
    """The ways to a token of one organization.

    `permissive`: users and applications without a kept secret need none. Only where a developer's token is no secret.
    """

    def __init__(self, issuer: Issuer, people: People, book: CredentialBook, *, permissive: bool) -> None:
        self.issuer = issuer
        self.people = people
        self.permissive = permissive
        self.devices = Devices(book, issuer.clock)
        self._book = book
        self._clients = Clients(people, book, permissive=permissive)
        self._codes = Codes(book, issuer.clock)
        self._sessions = Sessions(book, issuer.clock)

    def answer(self, form: Form, place: Place) -> Answer:
        """The answer of the token endpoint. [SEC-121] to [SEC-125]

        Raises:
            SignInRefused: in the words of OAuth.
            NotSupportedHere: a grant or a way to prove who asks that the service has and this server has not.
        """
        match form.get("grant_type", ""):
            case "":
                raise missing("grant_type")
            case "client_credentials":
                return self._client_credentials(form, place)
            case "authorization_code":
                return self._authorization_code(form, place)
            case "refresh_token":
                return self._refresh_token(form, place)
            case "password":
                return self._password(form, place)
            case "device_code" if "device_code" in form or "code" in form:
                return self._device_code({"device_code": form.get("code", ""), **form}, place)
            case grant if grant == DEVICE_GRANT:
                return self._device_code(form, place)
            case grant:
                raise SignInRefused("unsupported_grant_type", 70003, f"The grant type '{grant[:80]}' is not supported.")

    def give_code(self, authorization: Authorization, user: Person) -> str:
        """An authorization code for a user who was asked."""
        return self._codes.give(authorization, user.id)

    def start_device(self, form: Form, place: Place) -> Answer:
        """The codes of a device. [SEC-124], [AU-8]"""
        client = self._clients.read(form)
        made = self.devices.start(client.id, self._wanted(form))
        address = f"{place.base_url}/{place.authority}/oauth2/deviceauth"
        return {
            "user_code": made.user_code,
            "device_code": made.device_code,
            "verification_uri": address,
            "verification_url": address,
            "expires_in": int(LIFETIME.total_seconds()),
            "interval": INTERVAL_S,
            "message": f"To sign in, open {address} in a browser and enter the code {made.user_code}.",
        }

    def person(self, name: str, password: str) -> Person:
        """The user with that name, if the password is right; where nothing is a secret, one without needs none.

        Raises:
            SignInRefused: unknown, wrong password, disabled, or an application.
        """
        person = self.people.find(name) if name else None
        kept = None if person is None else self._book.read(PASSWORD, person.id)
        if not (self.permissive and person is not None and kept is None) and not is_same(password, kept):
            raise wrong_user()
        if person is None or not person.is_interactive:
            raise wrong_user()
        if person.is_disabled:
            raise disabled_user()
        return person

    def needs_password(self, person: Person) -> bool:
        """The user has to prove who is there."""
        return not self.permissive or self._book.read(PASSWORD, person.id) is not None

    def _client_credentials(self, form: Form, place: Place) -> Answer:
        application = self._clients.application(form)
        wanted = self._wanted(form)
        if not wanted.is_default:
            why = "A client without a user asks for everything it may have: <address>/.default."
            raise SignInRefused("invalid_scope", 1002012, why)
        return self.issuer.application_answer(application, wanted, place)

    def _authorization_code(self, form: Form, place: Place) -> Answer:
        client = self._clients.read(form)
        try:
            redeemed = self._codes.redeem({**form, "client_id": client.id})
        except ReusedCode as reused:
            self._sessions.end(reused.session)
            raise
        asked = redeemed.authorization
        user = self._still_there(redeemed.user_id)
        return self._user_answer(form, _SignIn(user, client.id, redeemed.session, asked.wanted, asked.nonce), place)

    def _refresh_token(self, form: Form, place: Place) -> Answer:
        client = self._clients.read(form)
        refresh = self._sessions.read(form.get("refresh_token", ""), client.id)
        user = self._still_there(refresh.user_id)
        wanted = self._wanted(form) if form.get("scope") or form.get("resource") else refresh.wanted
        return self._user_answer(form, _SignIn(user, client.id, refresh.session, wanted), place)

    def _password(self, form: Form, place: Place) -> Answer:
        client = self._clients.read(form)
        for name in ("username", "password"):
            if not form.get(name):
                raise missing(name)
        wanted = self._wanted(form)
        user = self.person(form["username"], form["password"])
        return self._user_answer(form, _SignIn(user, client.id, new_secret(), wanted), place)

    def _device_code(self, form: Form, place: Place) -> Answer:
        client = self._clients.read(form)
        pending = self.devices.redeem(form.get("device_code", ""), client.id)
        user = self._still_there(pending.user_id)
        return self._user_answer(form, _SignIn(user, client.id, pending.session, pending.wanted), place)

    def _user_answer(self, form: Form, signed_in: _SignIn, place: Place) -> Answer:
        """The answer for a user; what goes beside the token depends on what was asked for."""
        user, client_id, wanted = signed_in.user, signed_in.client_id, signed_in.wanted
        answer = self.issuer.user_answer(user, client_id, wanted, place)
        # The older form has no scopes to ask with.
        if place.version == 1 or "offline_access" in wanted.about_user:
            answer["refresh_token"] = self._sessions.give(client_id, user.id, signed_in.session, wanted)
        if place.version == 1 or "openid" in wanted.about_user:
            answer["id_token"] = self.issuer.id_token(user, client_id, signed_in.nonce, place)
        if form.get("client_info") == "1":
            answer["client_info"] = self.issuer.client_info(user)
        return answer

    def _wanted(self, form: Form) -> Wanted:
        return read_wanted(form.get("scope", ""), form.get("resource", ""), self.issuer.is_own_address)

    def _still_there(self, user_id: str) -> Person:
        user = self.people.find(user_id)
        if user is None:
            raise wrong_code("its user is gone")
        if user.is_disabled:
            raise disabled_user()
        return user
