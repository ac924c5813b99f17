"""Find the users who sign in.

In:        ids and names
Out:       `People`, `Person`
Not here:  what they may do (security), how they prove who they are (auth.grants)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.ids import GUID
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.operations.naming import NAMES_OF_A_USER
from verselet.organization import Organization
from verselet.query.tree import And, Comparison, Literal, Or, Ordering, Path, Query
from verselet.values import Row

SHOWN_PEOPLE: Final = 100
COLUMNS: Final = (
    "systemuserid", "fullname", "domainname", "internalemailaddress", "azureactivedirectoryobjectid", "applicationid",
    "isdisabled", "accessmode",
)  # fmt: skip
SUPPORT, NON_INTERACTIVE = 3, 4
"""Access modes of users who meet nobody's page."""


class Person(msgspec.Struct, frozen=True):
    """A user who could sign in. `application_id` is empty for people of flesh and blood. [SEC-127]"""

    id: str
    object_id: str
    application_id: str
    full_name: str
    name: str
    is_disabled: bool
    is_interactive: bool


class People:
    """The users of one organization, as sign-in sees them."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def find_application(self, application_id: str) -> Person | None:
        """The application user with that application id. [SEC-127]"""
        if not GUID.match(application_id):
            return None
        return self._only(Comparison("eq", _path("applicationid"), _guid(application_id)))

    def find(self, name: str) -> Person | None:
        """The user with that systemuserid, Entra object id, domain name, e-mail address or fixture key."""
        is_id = GUID.match(name) is not None
        value = _guid(name) if is_id else _text(name)
        return self._only(Or(tuple(Comparison("eq", _path(column), value) for column in NAMES_OF_A_USER[is_id])))

    def interactive(self) -> tuple[Person, ...]:
        """The first users by name who may meet a page: enabled, and no applications."""
        wanted = And(
            (
                Comparison("eq", _path("isdisabled"), Literal("yesno", "false", 0, 0)),
                Comparison("eq", _path("applicationid"), Literal("null", "null", 0, 0)),
                Comparison("ne", _path("accessmode"), Literal("number", str(SUPPORT), 0, 0)),
                Comparison("ne", _path("accessmode"), Literal("number", str(NON_INTERACTIVE), 0, 0)),
            )
        )
        return self._all(wanted)

    def _only(self, wanted: And | Or | Comparison) -> Person | None:
        found = self._all(wanted)
        return found[0] if len(found) == 1 else None

    def _all(self, wanted: And | Or | Comparison) -> tuple[Person, ...]:
        query = Query(
            table="systemuser",
            select=COLUMNS,
            filter=wanted,
            orderby=(Ordering(_path("fullname"), descending=False),),
            top=SHOWN_PEOPLE,
        )
        response = self._organization.execute(RetrieveMultiple(query), self._organization.administrator)
        return tuple(map(_person, response.rows)) if isinstance(response, RetrieveMultipleResponse) else ()


def _person(row: Row) -> Person:
    values = row.values
    row_id = str(row.id)
    application_id = str(values["applicationid"] or "")
    return Person(
        id=row_id,
        object_id=str(values["azureactivedirectoryobjectid"] or row_id),
        application_id=application_id,
        full_name=str(values["fullname"] or ""),
        name=str(values["domainname"] or values["internalemailaddress"] or row_id),
        is_disabled=bool(values["isdisabled"]),
        is_interactive=not application_id and values["accessmode"] not in {SUPPORT, NON_INTERACTIVE},
    )


def _path(column: str) -> Path:
    return Path((column,), 0, 0)


def _guid(value: str) -> Literal:
    return Literal("guid", value.lower(), 0, 0)


def _text(value: str) -> Literal:
    return Literal("text", value, 0, 0)
