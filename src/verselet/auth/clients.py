"""Find out which client asks, and whether it is who it says.

In:        the form of a request to the token endpoint
Out:       `Client`, `Clients`
Not here:  what it gets (auth.grants), reading forms (server.sign_in)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from verselet.auth.people import People, Person
from verselet.auth.refusals import SignInRefused, missing, unknown_application, wrong_secret
from verselet.errors import NotSupportedHere
from verselet.security.credentials import CLIENT_SECRET, CredentialBook, is_same


class Client(msgspec.Struct, frozen=True):
    """Who asks: an id, and the application user behind it where the client has shown that it is that one."""

    id: str
    application: Person | None


class Clients:
    """The clients of one organization.

    `permissive`: an application user without a kept secret may say any. Where a developer's token is no secret either,
    that lets a program sign in as an application user that was made through the Web API a moment ago.
    """

    def __init__(self, people: People, book: CredentialBook, *, permissive: bool) -> None:
        self._people = people
        self._book = book
        self._permissive = permissive

    def read(self, form: Mapping[str, str]) -> Client:
        """The client of a request; a secret that is given must be right. [SEC-121], [AU-4]

        Raises:
            SignInRefused: no client id, or a wrong secret.
        """
        client_id = form.get("client_id", "")
        if not client_id:
            raise missing("client_id")
        if "client_assertion" in form:
            raise NotSupportedHere("client_assertion")
        secret = form.get("client_secret", "")
        if not secret:
            return Client(client_id, None)
        application = self._people.find_application(client_id)
        kept = self._book.read(CLIENT_SECRET, client_id.lower())
        if application is None and self._permissive:
            return Client(client_id, None)
        if kept is None and application is not None and self._permissive:
            return Client(client_id, application)
        if not is_same(secret, kept) or application is None:
            raise wrong_secret()
        return Client(client_id, application)

    def application(self, form: Mapping[str, str]) -> Person:
        """The application that works in its own name. [SEC-121], [SEC-127]

        Raises:
            SignInRefused: unknown, without the right secret, or disabled.
        """
        client_id = form.get("client_id", "")
        if client_id and self._people.find_application(client_id) is None:
            raise unknown_application(client_id)
        client = self.read(form)
        if client.application is None:
            raise SignInRefused("invalid_client", 7000216, "The client secret is required.", status=401)
        if client.application.is_disabled:
            raise SignInRefused("unauthorized_client", 7000112, "The application is disabled.")
        return client.application
