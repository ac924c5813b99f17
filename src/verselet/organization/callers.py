"""Find those who call, and remember them until anybody's rights change.

In:        an organization, names of users
Out:       `Callers`
Not here:  how they prove who they are (auth), where they stand (operations.standings)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import structs

from verselet.errors import UserDisabled
from verselet.messages.request import Request, Response, RetrieveMultiple, RetrieveMultipleResponse
from verselet.operations.calendars import read_calendar, read_language
from verselet.operations.founding import Founding
from verselet.operations.naming import users_named
from verselet.operations.request_limits import keep_limit, kept_limits
from verselet.security.caller import Caller
from verselet.security.standing import Standing
from verselet.store.engine import Store
from verselet.store.session import Session
from verselet.values import Reference, Row


class Home(Protocol):
    """What callers are found in."""

    id: str
    founding: Founding
    store: Store
    administrator: Caller

    def execute(self, request: Request, caller: Caller, /) -> Response:
        """Run one message."""

    def standing_of(self, user_id: str, session: Session, /) -> Standing:
        """Where a user stands at this moment."""


class Callers:
    """The callers of one organization by the names they came with; the administrator has the empty one."""

    def __init__(self, organization: Home, generation: Callable[[], int]) -> None:
        """`generation` is the number of the last change of anybody's rights that this process knows of."""
        self._organization = organization
        self._generation = generation
        self._found: dict[str, Caller] = {}
        self.request_limits: dict[str, int] = {}

    def limit_requests(self, user_id: str, requests: int) -> None:
        """Let a user send so many requests in a window, whatever others may send. [LIM-7]"""
        with self._organization.store.begin() as session:
            keep_limit(session, user_id, requests)
        self.request_limits[user_id] = requests

    def read_limits(self) -> None:
        """Learn anew which users have a limit of their own."""
        with self._reading() as session:
            self.request_limits.update(kept_limits(session))

    def forget(self) -> None:
        """Look everybody up anew."""
        self._found = {}

    def find(self, name: str) -> Caller | None:
        """The user with that id, Entra object id, domain name or e-mail address; None where there is none.

        Raises:
            UserDisabled: the user is there but disabled. [E-17]
        """
        found = self._found.get(name)
        if found is None:
            generation = self._generation()
            found = self._read(name)
            if found is not None and generation == self._generation():
                self._found[name] = found
        return found

    def developer(self) -> Caller:
        """The administrator as somebody who asks: with a calendar and a language of the user's own. contract.md §3"""
        found = self._found.get("")
        if found is None:
            generation = self._generation()
            administrator = self._organization.administrator
            with self._reading() as session:
                calendar = read_calendar(administrator.user_id, session)
                language = read_language(administrator.user_id, session)
            found = structs.replace(administrator, calendar=calendar, language=language)
            if generation == self._generation():
                self._found[""] = found
        return found

    def named(self, name: str) -> str | None:
        """The id of the one user with that id, Entra object id, domain name, e-mail address or nickname."""
        found = self._rows(name)
        return found[0].id if len(found) == 1 else None

    def _rows(self, name: str) -> Sequence[Row]:
        response = self._organization.execute(RetrieveMultiple(users_named(name)), self._organization.administrator)
        return response.rows if isinstance(response, RetrieveMultipleResponse) else ()

    def _read(self, name: str) -> Caller | None:
        organization = self._organization
        users = self._rows(name)
        if len(users) != 1:
            return None
        user, user_id = users[0].values, str(users[0].id)
        if user["isdisabled"]:
            raise UserDisabled(user_id)
        unit = user["businessunitid"]
        with self._reading() as session:
            standing = organization.standing_of(user_id, session)
            calendar, language = read_calendar(user_id, session), read_language(user_id, session)
        return Caller(
            user_id=user_id,
            business_unit_id=unit.id if isinstance(unit, Reference) else organization.founding.root_unit_id,
            organization_id=organization.id,
            full_name=str(user["fullname"] or ""),
            is_administrator=standing.is_administrator,
            standings=(standing,),
            calendar=calendar,
            language=language,
        )

    def _reading(self) -> AbstractContextManager[Session]:
        return self._organization.store.read()
